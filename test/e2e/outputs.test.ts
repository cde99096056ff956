import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Visit, visit } from '../support/browser.ts'
import { lineIn, openMenu } from '../support/page-acts.ts'
import { HAVE, sharedRtmp } from '../support/peers.ts'
import type { Output } from '../support/resources.ts'
import { udpOutput } from '../support/stage.ts'
import { startWeir, type Weir } from '../support/weir.ts'

const SECRET = 'qvkey-9d0f7c41'
let weir: Weir
beforeAll(async () => {
  weir = await startWeir()
  await weir.createInput({ name: 'Main stage', kind: 'test' })
})
afterAll(() => weir[Symbol.asyncDispose]())

const outputs = () => weir.ok<Output[]>('GET', '/api/inputs/1/outputs')
const byName = async (name: string) => {
  const output = (await outputs()).find((each) => each.name === name)
  if (!output) throw new Error(`no output ${name}`)
  return output
}

/** The page of the input, up to date. */
async function inputPage(): Promise<Visit> {
  const visitor = await visit(weir)
  await visitor.page.goto('/inputs/1')
  await visitor.page.locator('#link[data-tone="ok"]').waitFor()
  return visitor
}

describe('an output over RTMP', () => {
  test.skipIf(!HAVE.rtmp)('is added by its kind, runs, fails in words, counts down and recovers', async () => {
    const rtmp = await sharedRtmp()
    await using visitor = await inputPage()
    const { page } = visitor
    await page.getByText('No outputs yet').waitFor()
    await page.getByRole('link', { name: 'Add output' }).click()
    const sheet = page.getByRole('dialog', { name: 'Add output' })
    expect(await sheet.getByLabel('Server', { exact: true }).inputValue()).toContain('youtube.com')
    await sheet.locator('.tile', { hasText: 'any server' }).click()
    await sheet.getByText('Server and application, without the key').waitFor()
    expect(await sheet.getByLabel('Server', { exact: true }).inputValue()).toBe('')
    await sheet.getByLabel('Name', { exact: true }).fill('Website')
    await sheet.getByLabel('Server', { exact: true }).fill(`rtmp://127.0.0.1:${rtmp.port}/live`)
    await sheet.getByLabel('Stream key', { exact: true }).fill(SECRET)
    await sheet.getByText('When it fails').click()
    await sheet.getByLabel('First retry after').fill('2')
    await sheet.getByRole('button', { name: 'Add output' }).click()
    await sheet.waitFor({ state: 'detached' })

    const output = await byName('Website')
    await lineIn(page, output, 'running').waitFor()
    const line = page.locator(`#output-${output.id}`)
    await line.locator('.output-rate .unit').waitFor()
    await line
      .locator('.num', { hasText: 'fps' })
      .getByText(/^2[0-9]\.\d$/)
      .waitFor()
    await page.locator('#input-1-outputs').getByText('1 of 1 running').waitFor()
    await rtmp.called('publish', ({ call, name }) => call === 'publish' && name === SECRET)
    expect(await page.content()).not.toContain(SECRET)

    await rtmp.kill('SIGKILL')
    await lineIn(page, output, 'reconnecting').waitFor()
    await line.locator('.countdown').waitFor()
    const words = (await line.locator('.output-note p').textContent()) ?? ''
    expect(words).toMatch(/\w+.*Next try (in|now)/)
    expect(words).not.toMatch(/exit|code \d/)
    await rtmp.start()
    await lineIn(page, output, 'running').waitFor()
    await line.locator('.output-note').waitFor({ state: 'detached' })
    expect(await page.content()).not.toContain(SECRET)
  })

  test.skipIf(!HAVE.rtmp)(
    'is edited: its key is not shown, an empty field keeps it, live updates keep what is typed',
    async () => {
      await using visitor = await inputPage()
      const { page } = visitor
      visitor.expectTrouble(/422/)
      const output = await byName('Website')
      const list = await openMenu(page.locator(`#output-${output.id}`), 'More for Website')
      await list.getByRole('link', { name: 'Edit' }).click()
      const sheet = page.getByRole('dialog', { name: 'Edit Website' })
      const key = sheet.getByLabel('Stream key', { exact: true })
      expect([await key.inputValue(), await key.getAttribute('placeholder')]).toEqual(['', 'set, leave empty to keep'])
      await sheet.getByLabel('Server', { exact: true }).fill('https://example.org/watch')
      await sheet.getByRole('button', { name: 'Save' }).click()
      await sheet.locator('[name="url"][aria-invalid="true"]').waitFor()
      expect(await sheet.getByLabel('Server', { exact: true }).inputValue()).toBe('https://example.org/watch')
      await sheet.getByLabel('Server', { exact: true }).fill(output.url)
      await sheet.getByLabel('Name', { exact: true }).fill('Club website')

      // The line behind the sheet goes through a whole restart; the form stays as typed.
      await weir.ok('POST', `/api/inputs/1/outputs/${output.id}/stop`)
      await lineIn(page, output, 'stopped').waitFor({ state: 'attached' })
      await weir.ok('POST', `/api/inputs/1/outputs/${output.id}/start`)
      await lineIn(page, output, 'running').waitFor({ state: 'attached' })
      expect(await sheet.getByLabel('Name', { exact: true }).inputValue()).toBe('Club website')
      expect(await sheet.locator('[name="name"]:focus').count()).toBe(1)
      await sheet.getByRole('button', { name: 'Save' }).click()
      await sheet.waitFor({ state: 'detached' })
      await page.locator(`#output-${output.id}`).getByText('Club website', { exact: true }).waitFor()
      const saved = await weir.output(1, output.id)
      expect([saved.name, saved.has_stream_key, saved.status]).toEqual(['Club website', true, 'running'])
    },
  )
})

describe('an output over UDP', () => {
  test('is stopped, started, restarted and duplicated in place', async () => {
    const { output, receiver } = await udpOutput(weir, 1, 'Recorder')
    await using _receiver = receiver
    await using visitor = await inputPage()
    const { page } = visitor
    const line = page.locator(`#output-${output.id}`)
    await page.getByRole('button', { name: 'Stop Recorder' }).click()
    await lineIn(page, output, 'stopped').waitFor()
    await page.getByRole('button', { name: 'Start Recorder' }).click()
    await lineIn(page, output, 'running').waitFor()
    const before = (await weir.output(1, output.id)).process_id
    await page.getByRole('button', { name: 'Restart Recorder' }).click()
    await weir.outputIs(output, 'another process', (now) => now.status === 'running' && now.process_id !== before)
    await lineIn(page, output, 'running').waitFor()
    await (await openMenu(line, 'More for Recorder')).getByRole('button', { name: 'Duplicate' }).click()
    await page.locator('.output-line[data-state="stopped"]', { hasText: 'Recorder' }).waitFor()
  })

  test('is deleted after a question that Escape answers with no; the focus comes back', async () => {
    const { output, receiver } = await udpOutput(weir, 1, 'Hall')
    await using _receiver = receiver
    await using visitor = await inputPage()
    const { page } = visitor
    const line = page.locator(`#output-${output.id}`)
    await (await openMenu(line, 'More for Hall')).getByRole('button', { name: 'Delete' }).click()
    const question = page.getByRole('dialog', { name: 'Delete the output “Hall”?' })
    await question.getByText('It goes dark now').waitFor()
    await question.locator('button:focus', { hasText: 'Keep it' }).waitFor()
    await page.keyboard.press('Escape')
    await question.waitFor({ state: 'hidden' })
    await line.locator(':focus').waitFor()
    expect((await weir.output(1, output.id)).status).toBe('running')

    await (await openMenu(line, 'More for Hall')).getByRole('button', { name: 'Delete' }).click()
    await question.getByRole('button', { name: 'Delete output' }).click()
    await line.waitFor({ state: 'detached' })
    expect((await outputs()).map(({ name }) => name)).not.toContain('Hall')
  })
})

test('an input is deleted after a question that says how many outputs go dark', async () => {
  const made = await weir.createInput({ name: 'Short life', kind: 'test' })
  const { receiver } = await udpOutput(weir, made.id, 'Only one')
  await using _receiver = receiver
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto(`/inputs/${made.id}`)
  const head = page.locator(`#input-${made.id}-head`)
  await (await openMenu(head, 'More for this input')).getByRole('button', { name: 'Delete' }).click()
  const question = page.getByRole('dialog', { name: 'Delete the input “Short life”?' })
  await question.getByText('1 output goes dark.').waitFor()
  await question.getByRole('button', { name: 'Delete input' }).click()
  await page.waitForURL(`${weir.url}/`)
  await page.locator('#input-1').waitFor()
  expect(await page.locator(`#input-${made.id}`).count()).toBe(0)
})
