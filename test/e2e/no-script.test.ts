import { expect, test } from 'bun:test'
import { visit } from '../support/browser.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'
import { startWeir, TEST_KEY } from '../support/weir.ts'

test('without JavaScript: sign in, an input, an output, stop and start, a refused form', async () => {
  await using weir = await startWeir()
  await using receiver = await openUdpReceiver()
  await using visitor = await visit(weir, { script: false, signedIn: false })
  const { page } = visitor
  visitor.expectTrouble(/422/)
  await page.goto('/')
  await page.getByLabel('API key').fill(TEST_KEY)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'Receive SRT' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Plain')
  await page.getByRole('radio', { name: 'Test pattern' }).check()
  await page.getByRole('button', { name: 'Add input' }).click()
  await page.getByRole('heading', { level: 1, name: 'Plain' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/inputs/1')

  await page.getByRole('link', { name: 'Add output' }).click()
  await page.locator('noscript').getByRole('link', { name: 'UDP' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Recorder')
  await page.getByLabel('Server', { exact: true }).fill('udp://127.0.0.1')
  await page.getByRole('button', { name: 'Add output' }).click()
  await page.locator('[name="url"][aria-invalid="true"]').waitFor()
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Recorder')
  await page.getByLabel('Server', { exact: true }).fill(`udp://127.0.0.1:${receiver.port}`)
  await page.getByRole('button', { name: 'Add output' }).click()
  await page.locator('#output-1').waitFor()
  await receiver.more(1)
  await weir.outputIs(await weir.output(1, 1), 'running', ({ status }) => status === 'running')
  await page.reload()
  await page.locator('#output-1[data-state="running"]').waitFor()

  await page.getByRole('button', { name: 'Stop Recorder' }).click()
  await page.locator('#output-1:is([data-state="stopped"], [data-state="stopping"])').waitFor()
  await weir.outputIs(await weir.output(1, 1), 'stopped', ({ status }) => status === 'stopped')
  await page.reload()
  await page.getByRole('button', { name: 'Start Recorder' }).click()
  await page.locator('#output-1:not([data-state="stopped"])').waitFor()
  await weir.outputIs(await weir.output(1, 1), 'running', ({ status }) => status === 'running')
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await page.locator('#input-1-state:is([data-state="stopped"], [data-state="stopping"])').waitFor()
  await weir.inputIs(1, 'stopped', ({ status }) => status === 'stopped')
  await page.reload()
  await page.locator('#input-1-state[data-state="stopped"]').waitFor()
})
