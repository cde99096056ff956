import { afterAll, beforeAll, expect, test } from 'bun:test'
import { visit } from '../support/browser.ts'
import { upToDate } from '../support/page-acts.ts'
import { freeTcpPort } from '../support/ports.ts'
import type { Output } from '../support/resources.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, type Weir } from '../support/weir.ts'

const SECRET = 'logkey-51c2a7'
let weir: Weir
let output: Output
beforeAll(async () => {
  weir = await startWeir()
  await weir.createInput({ name: 'Main stage', kind: 'test' })
  output = await weir.createOutput(1, {
    ...{ name: 'Nobody there', url: `rtmp://127.0.0.1:${await freeTcpPort()}/live`, stream_key: SECRET },
    ...{ reconnect_delay: 0.2, max_reconnect_delay: 0.2 },
  })
  await weir.outputIs(output, 'failing', ({ status }) => status === 'reconnecting')
})
afterAll(() => weir[Symbol.asyncDispose]())

test('the log of a failing output opens in a drawer, grows by itself and outlives every update of its line', async () => {
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto('/inputs/1')
  const button = page.getByRole('button', { name: 'Log of Nobody there' })
  await button.click()
  const drawer = page.locator(`#output-${output.id}-drawer`)
  const lines = drawer.locator('.log li')
  await lines.first().waitFor()
  await drawer.locator('li[data-tone="bad"]').first().waitFor()
  const count = await lines.count()
  await eventually(20_000, 'the log grows', async () => (await lines.count()) > count)
  const { attempt } = await weir.output(1, output.id)
  await weir.outputIs(output, 'two more tries', (now) => now.attempt > attempt + 1)
  expect([await drawer.isVisible(), await button.getAttribute('aria-expanded')]).toEqual([true, 'true'])
  await drawer.getByText('Connection refused').first().waitFor()
  expect(await page.content()).not.toContain(SECRET)

  await drawer.getByRole('radio', { name: 'Warnings' }).check()
  await eventually(
    5_000,
    'only what matters is shown',
    async () => (await drawer.locator('li:not([data-tone]):visible').count()) === 0,
  )
  await button.click()
  await drawer.waitFor({ state: 'hidden' })
})

test('a history shows all, faults or what people did, and so do the lines that come; equal ones are one on the wall', async () => {
  await weir.outputIs(output, 'more failures than a page of lines', ({ attempt }) => attempt > 22, 60_000)
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto('/inputs/1')
  await upToDate(page)
  const history = page.locator('#input-1-events')
  const lines = history.locator('li[id]')
  /** How many lines there are, and what the count says. */
  const counted = () =>
    history.evaluate((list) => [
      list.querySelectorAll('li[id]').length,
      ...(list.querySelector('[data-earlier]')?.textContent ?? '').split(' of ').map(Number),
    ])
  const filter = (name: string) => page.getByRole('group', { name: 'Which events' }).getByRole('radio', { name })
  await filter('Faults').check()
  await page.waitForURL('**/inputs/1?show=faults')
  await eventually(20_000, 'faults alone', async () => (await history.locator('li[data-kinds=""]').count()) === 0)
  const [shown = 0, said, total = 0] = await counted()
  expect([said, shown >= 20, total > shown]).toEqual([shown, true, true])
  expect(await filter('Faults').evaluate((it) => it.matches(':focus'))).toBe(true)
  await eventually(20_000, 'another fault', async () => (await lines.count()) > shown)
  const [more = 0, ...now] = await counted()
  expect(now).toEqual([more, more + total - shown])

  // Who comes to a part of it, and whose stream is lost and found, sees that part.
  await page.reload()
  await upToDate(page)
  expect([await filter('Faults').isChecked(), (await lines.count()) > 0]).toEqual([true, true])
  await weir.ok('POST', `/api/inputs/1/outputs/${output.id}/stop`)
  await page.locator(`#output-${output.id}[data-state="stopped"]`).waitFor()
  await weir.ok('POST', `/api/inputs/1/outputs/${output.id}/start`)
  const before = await lines.first().getAttribute('id')
  await eventually(20_000, 'the next fault', async () => (await lines.first().getAttribute('id')) !== before)
  expect(await history.getByText('The output was stopped.').count()).toBe(0)
  await filter('By people').check()
  await history.getByText('The output was stopped.').waitFor()
  expect(await history.locator('li[data-kinds="faults"]').count()).toBe(0)
  await weir.ok('POST', `/api/inputs/1/outputs/${output.id}/stop`)
  await eventually(20_000, 'what is done now', async () => (await history.getByText('was stopped.').count()) === 2)

  await page.goto('/')
  await page
    .locator('#events')
    .getByText(/\d\d times, first/)
    .waitFor()
})

test('without JavaScript a history shows what is asked for', async () => {
  await using visitor = await visit(weir, { script: false })
  const { page } = visitor
  await page.goto('/inputs/1')
  const history = page.locator('#input-1-events')
  expect(await history.locator('li[data-kinds="faults"]').count()).toBeGreaterThan(5)
  await page.getByRole('radio', { name: 'By people' }).check()
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await history.getByText('The input Main stage was created.').waitFor()
  expect(await history.locator('li:not([data-kinds="people"])').count()).toBe(0)
  expect(await page.getByRole('radio', { name: 'By people' }).isChecked()).toBe(true)
})
