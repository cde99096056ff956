import { expect, test } from 'bun:test'
import { visit } from '../support/browser.ts'
import { freeTcpPort } from '../support/ports.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir } from '../support/weir.ts'

const SECRET = 'logkey-51c2a7'

test('the log of a failing output opens in a drawer, grows by itself and outlives every update of its line', async () => {
  await using weir = await startWeir()
  const input = await weir.createInput({ name: 'Main stage', kind: 'test' })
  const output = await weir.createOutput(input.id, {
    ...{ name: 'Nobody there', url: `rtmp://127.0.0.1:${await freeTcpPort()}/live`, stream_key: SECRET },
    ...{ reconnect_delay: 0.5, max_reconnect_delay: 0.5 },
  })
  await weir.outputIs(output, 'failing', ({ status }) => status === 'reconnecting')
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto(`/inputs/${input.id}`)
  const button = page.getByRole('button', { name: 'Log of Nobody there' })
  await button.click()
  const drawer = page.locator(`#output-${output.id}-drawer`)
  const lines = drawer.locator('.log li')
  await lines.first().waitFor()
  await drawer.locator('li[data-tone="bad"]').first().waitFor()
  const count = await lines.count()
  await eventually(20_000, 'the log grows', async () => (await lines.count()) > count)
  const { attempt } = await weir.output(input.id, output.id)
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
