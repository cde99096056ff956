import { expect, test } from 'bun:test'
import { visit } from '../support/browser.ts'
import { feedIn, lineIn, openMenu, upToDate } from '../support/page-acts.ts'
import { startWeir } from '../support/weir.ts'

test('the focus stays where it was while Start and Stop take each other’s place', async () => {
  await using weir = await startWeir()
  const input = await weir.createInput({ name: 'Main stage', kind: 'test' })
  const output = await weir.createOutput(input.id, { name: 'Recorder', url: 'udp://127.0.0.1:9', enabled: true })
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto(`/inputs/${input.id}`)
  await lineIn(page, output, 'running').waitFor()
  const line = page.locator(`#output-${output.id}`)
  for (const [act, state] of [
    ['Stop', 'stopped'],
    ['Start', 'running'],
  ] as const) {
    await line.getByRole('button', { name: `${act} Recorder` }).focus()
    await page.keyboard.press('Enter')
    await lineIn(page, output, state).waitFor()
    await page.locator(`#output-${output.id}-run:focus`).waitFor()
  }
  for (const [act, state, next] of [
    ['Stop', 'stopped', 'Start'],
    ['Start', 'active', 'Stop'],
  ] as const) {
    await page.getByRole('button', { name: act, exact: true }).focus()
    await page.keyboard.press('Enter')
    await feedIn(page, input, state).waitFor()
    const focused = page.locator(`#input-${input.id}-run:focus`)
    await focused.filter({ hasText: next }).waitFor()
    expect(await focused.count()).toBe(1)
  }
})

test('after an output is deleted the focus is on the heading of the outputs, and a toast says so', async () => {
  await using weir = await startWeir()
  const input = await weir.createInput({ name: 'Main stage', kind: 'test' })
  const output = await weir.createOutput(input.id, { name: 'Recorder', url: 'udp://127.0.0.1:9', enabled: false })
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto(`/inputs/${input.id}`)
  await upToDate(page)
  const menu = await openMenu(page.locator(`#output-${output.id}`), 'More for Recorder')
  await menu.getByRole('button', { name: 'Delete…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete output' }).click()
  await page.locator(`#output-${output.id}-item`).waitFor({ state: 'detached' })
  await page.locator(`#input-${input.id}-outputs-box-title:focus`).waitFor()
  await page.locator('body > #toasts').getByText('Recorder was deleted').waitFor()
})
