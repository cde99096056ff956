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
  const hall = await weir.createOutput(1, { name: 'Hall', url: 'udp://127.0.0.1:9', enabled: false })
  let changes = 0
  const change = () => weir.ok('PATCH', `/api/inputs/1/outputs/${hall.id}`, { name: `Hall ${hall.id}, ${++changes}` })
  while (changes < 22) await change()
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto('/inputs/1')
  await upToDate(page)
  const history = page.locator('#input-1-events')
  const lines = history.locator('li[id]')
  const [faults, people] = ['faults', 'people'].map((kind) => history.locator(`li[data-kinds="${kind}"]`))
  /** How many lines there are, and what the count says. */
  const counted = () =>
    history.evaluate((list) => [
      list.querySelectorAll('li[id]').length,
      ...(list.querySelector('[data-earlier]')?.textContent ?? '').split(' of ').map(Number),
    ])
  const filter = (name: string) => page.getByRole('group', { name: 'Which events' }).getByRole('radio', { name })
  await filter('By people').check()
  await page.waitForURL('**/inputs/1?show=people')
  await eventually(20_000, 'people alone', async () => (await people?.count()) === (await lines.count()))
  const [shown, said, total = 0] = await counted()
  expect([shown, said, total >= 25]).toEqual([20, 20, true])
  expect(await filter('By people').evaluate((it) => it.matches(':focus'))).toBe(true)
  await change()
  await eventually(20_000, 'the next change', async () => String(await counted()) === String([21, 21, total + 1]))

  // Whoever comes to a part of it is told that part.
  await page.reload()
  await upToDate(page)
  expect(await filter('By people').isChecked()).toBe(true)
  const { attempt } = await weir.output(1, output.id)
  await weir.outputIs(output, 'two more failures', (now) => now.attempt > attempt + 1)
  await change()
  await eventually(20_000, 'what came after them', async () => (await counted()).includes(total + 2))
  expect([await faults?.count(), await lines.count()]).toEqual([0, await people?.count()])

  await filter('Faults').check()
  await page.waitForURL('**/inputs/1?show=faults')
  await faults?.first().waitFor()
  const newest = await lines.first().getAttribute('id')
  await eventually(20_000, 'the next fault', async () => (await lines.first().getAttribute('id')) !== newest)
  expect(await people?.count()).toBe(0)

  await page.goto('/')
  await page
    .locator('#events')
    .getByText(/\d times, first/)
    .first()
    .waitFor()
})

test('without JavaScript a history shows what is asked for', async () => {
  await using visitor = await visit(weir, { script: false })
  const { page } = visitor
  await page.goto('/inputs/1')
  const history = page.locator('#input-1-events')
  expect(await history.locator('li[id]:not([data-kinds="people"])').count()).toBeGreaterThan(1)
  await page.getByRole('radio', { name: 'By people' }).check()
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await history.getByText('Changed: name.').first().waitFor()
  expect(await history.locator('li[id]:not([data-kinds="people"])').count()).toBe(0)
  expect(await page.getByRole('radio', { name: 'By people' }).isChecked()).toBe(true)
})
