import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Locator, Page } from 'playwright-core'
import { axeFaults, expectGoodForAll } from '../support/axe.ts'
import { type Visit, type VisitOptions, visit } from '../support/browser.ts'
import { lineIn, openMenu, overflowPx, upToDate } from '../support/page-acts.ts'
import { HAVE } from '../support/peers.ts'
import { freeTcpPort } from '../support/ports.ts'
import type { Output } from '../support/resources.ts'
import { startRtspRecorder } from '../support/rtsp-recorder.ts'
import { startSrtReceiver } from '../support/srt-peers.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'
import { startWeir, type Weir } from '../support/weir.ts'

const USER = 'publisher'
const PASSWORD = 'p@ss:w/d'
let weir: Weir
beforeAll(async () => {
  weir = await startWeir()
  await weir.createInput({ name: 'Main stage', kind: 'test' })
})
afterAll(() => weir[Symbol.asyncDispose]())

async function byName(name: string): Promise<Output> {
  const output = (await weir.ok<Output[]>('GET', '/api/inputs/1/outputs')).find((each) => each.name === name)
  if (!output) throw new Error(`no output ${name}`)
  return output
}

async function inputPage(o: VisitOptions = {}): Promise<Visit> {
  const visitor = await visit(weir, o)
  await visitor.page.goto('/inputs/1')
  await upToDate(visitor.page)
  return visitor
}

/** The sheet of a new output, with the fields of this kind. */
async function addSheet(page: Page, tile: string): Promise<Locator> {
  await page.getByRole('link', { name: 'Add output' }).locator('visible=true').first().click()
  const sheet = page.getByRole('dialog', { name: 'Add output' })
  await sheet.locator('.tile', { hasText: tile }).click()
  await sheet.locator(`input[name="fields_of"]`).waitFor({ state: 'attached' })
  return sheet
}

async function add(sheet: Locator): Promise<void> {
  await sheet.getByRole('button', { name: 'Add output' }).click()
  await sheet.waitFor({ state: 'detached' })
}

describe('RTSP', () => {
  test('is added with a login that is never shown again, and runs', async () => {
    await using server = await startRtspRecorder({ auth: 'digest' })
    await using visitor = await inputPage()
    const { page } = visitor
    const sheet = await addSheet(page, 'media servers')
    await sheet.getByText('Server and path.').waitFor()
    await sheet.getByLabel('Name', { exact: true }).fill('Media server')
    await sheet.getByLabel('Server', { exact: true }).fill(`rtsp://127.0.0.1:${server.port}/live`)
    await sheet.getByLabel('User name', { exact: true }).fill(USER)
    await sheet.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await add(sheet)
    const output = await byName('Media server')
    await lineIn(page, output, 'running').waitFor()
    expect(output.url).toBe(`rtsp://127.0.0.1:${server.port}/live`)
    const list = await openMenu(page.locator(`#output-${output.id}`), 'More for Media server')
    await list.getByRole('link', { name: 'Edit' }).click()
    const edit = page.getByRole('dialog', { name: 'Edit Media server' })
    const password = edit.getByLabel('Password', { exact: true })
    const shown = [await password.inputValue(), await password.getAttribute('placeholder')]
    expect(shown).toEqual(['', 'set, leave empty to keep'])
    expect(await page.content()).not.toContain(PASSWORD)
    await edit.getByRole('button', { name: 'Close' }).click()
    await weir.ok('DELETE', `/api/inputs/1/outputs/${output.id}`)
  })

  test('what a check found stands by its button and has the focus; on a phone the buttons stand in one row', async () => {
    for (const size of ['desktop', 'phone'] as const) {
      await using visitor = await inputPage({ size })
      const { page } = visitor
      const sheet = await addSheet(page, 'media servers')
      await sheet.getByText('Server and path.').waitFor()
      await sheet.getByLabel('Name', { exact: true }).fill('Nobody there')
      await sheet.getByLabel('Server', { exact: true }).fill(`rtsp://127.0.0.1:${await freeTcpPort()}/live`)
      await sheet.getByRole('button', { name: 'Check' }).click()
      const found = sheet.locator('#output-form-check.check-found')
      await found.getByText('It will not work like this').waitFor()
      expect(await page.evaluate('document.activeElement?.id')).toBe('output-form-check')
      await found.getByText('Whether the server asks for one was not tried.').waitFor({ state: 'attached' })
      const buttons = ['Check', 'Cancel', 'Add output'].map((name) => sheet.getByRole('button', { name, exact: true }))
      const tops = await Promise.all(buttons.map(async (button) => Math.round((await button.boundingBox())?.y ?? -1)))
      expect(new Set(tops).size).toBe(1)
      const box = await found.boundingBox()
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(tops[0] ?? 0)
      expect(await overflowPx(page)).toBe(0)
    }
  })

  test('where nothing listens, the row says so and a check says it beforehand', async () => {
    const port = await freeTcpPort()
    await using visitor = await inputPage()
    const { page } = visitor
    const sheet = await addSheet(page, 'media servers')
    await sheet.getByText('Server and path.').waitFor()
    await sheet.getByLabel('Name', { exact: true }).fill('Nobody there')
    await sheet.getByLabel('Server', { exact: true }).fill(`rtsp://127.0.0.1:${port}/live`)
    await sheet.getByRole('button', { name: 'Check' }).click()
    await sheet.getByText('It will not work like this').waitFor()
    await sheet.getByText(`Nothing listens on port ${port} there.`).waitFor()
    expect(await weir.ok<Output[]>('GET', '/api/inputs/1/outputs')).toEqual([])
    await add(sheet)
    const output = await byName('Nobody there')
    await lineIn(page, output, 'reconnecting').waitFor()
    const list = await openMenu(page.locator(`#output-${output.id}`), 'More for Nobody there')
    await list.getByRole('link', { name: 'Check' }).click()
    const check = page.getByRole('dialog', { name: 'Check Nobody there' })
    await check.getByText(`Nothing listens on port ${port} there.`).waitFor()
    await check.getByText('goes out as it comes').first().waitFor()
    await check.getByRole('button', { name: 'Close' }).first().click()
    await check.waitFor({ state: 'detached' })
    await weir.ok('DELETE', `/api/inputs/1/outputs/${output.id}`)
  })
})

describe('an SRT listener', () => {
  test.skipIf(!HAVE.srt)('says where receivers call; one calls, is listed, and is disconnected', async () => {
    await using visitor = await inputPage()
    const { page } = visitor
    const sheet = await addSheet(page, 'receivers call')
    await sheet.getByLabel('Passphrase', { exact: true }).waitFor()
    expect(await sheet.getByLabel('Server', { exact: true }).count()).toBe(0)
    await sheet.getByLabel('Name', { exact: true }).fill('Hall')
    await sheet.getByLabel('Passphrase', { exact: true }).fill('0123456789')
    await add(sheet)
    const output = await byName('Hall')
    const line = page.locator(`#output-${output.id}`)
    await line.getByText('Waits for a caller').waitFor()
    const port = output.srt_port ?? 0
    await line.getByText(`srt://127.0.0.1:${port}?mode=caller`, { exact: true }).waitFor()
    await line.getByText('with the passphrase').waitFor()

    await using receiver = startSrtReceiver({ port, passphrase: '0123456789' })
    await lineIn(page, output, 'running').waitFor()
    await receiver.received(10_000)
    await line.getByText('1 caller', { exact: true }).click()
    const row = line.locator('.callers tbody tr')
    await row.locator('code', { hasText: '127.0.0.1:' }).waitFor()
    await row.locator('[data-label="Bitrate"] .unit').waitFor()
    await row.getByRole('button', { name: 'Disconnect 127.0.0.1' }).click()
    const question = page.getByRole('dialog', { name: 'Disconnect 127.0.0.1' })
    await question.getByText('The others go on.').waitFor()
    await question.getByRole('button', { name: 'Disconnect' }).click()
    await receiver.program.exited
    await line.getByText('Waits for a caller').waitFor()
    await weir.ok('DELETE', `/api/inputs/1/outputs/${output.id}`)
    await line.waitFor({ state: 'detached' })
  })

  test('its port is taken: the form says so at its field', async () => {
    const first = await weir.createOutput(1, { name: 'First', protocol: 'srt_listener' })
    await using visitor = await inputPage()
    const { page } = visitor
    visitor.expectTrouble(/409/)
    const sheet = await addSheet(page, 'receivers call')
    await sheet.getByLabel('Name', { exact: true }).fill('Second')
    await sheet.getByLabel('Port').fill(String(first.srt_port))
    await sheet.getByRole('button', { name: 'Add output' }).click()
    await sheet.locator('[name="srt_port"][aria-invalid="true"]').waitFor()
    await weir.ok('DELETE', `/api/inputs/1/outputs/${first.id}`)
  })
})

describe('UDP', () => {
  test('sent by Weir itself, and made 720p by FFmpeg: each says what it costs before it starts', async () => {
    await using plain = await openUdpReceiver()
    await using small = await openUdpReceiver()
    await using visitor = await inputPage()
    const { page } = visitor
    const direct = await addSheet(page, 'one or many')
    await direct.getByLabel('Hops at most').waitFor()
    await direct.getByLabel('Name', { exact: true }).fill('Direct')
    await direct.getByLabel('Server', { exact: true }).fill(`udp://127.0.0.1:${plain.port}`)
    await direct.getByText('Picture, sound and more').click()
    await direct.getByText('about 0.35 % of a core').waitFor()
    await direct.getByLabel('Sent by').selectOption('direct')
    await add(direct)
    const one = await byName('Direct')
    await lineIn(page, one, 'running').waitFor()
    await plain.more(10)
    expect((await weir.output(1, one.id)).process_id).toBeNull()
    await page.locator(`#output-${one.id}`).getByText('· direct').waitFor()

    const transcode = await addSheet(page, 'one or many')
    await transcode.getByLabel('Hops at most').waitFor()
    await transcode.getByLabel('Name', { exact: true }).fill('Small')
    await transcode.getByLabel('Server', { exact: true }).fill(`udp://127.0.0.1:${small.port}`)
    await transcode.getByText('Picture, sound and more').click()
    await transcode.getByText(/While it sends, 720p takes about .* of .* core/).waitFor()
    await transcode.getByLabel('Picture', { exact: true }).selectOption('720p')
    await add(transcode)
    const two = await byName('Small')
    await lineIn(page, two, 'running').waitFor()
    await small.more(10)
    await page.locator(`#output-${two.id}`).getByText('· 720p').waitFor()
    for (const { id } of [one, two]) await weir.ok('DELETE', `/api/inputs/1/outputs/${id}`)
  })

  test('direct with a picture made here is refused at its field, and what was typed stays', async () => {
    await using visitor = await inputPage()
    const { page } = visitor
    visitor.expectTrouble(/422/)
    const sheet = await addSheet(page, 'one or many')
    await sheet.getByLabel('Hops at most').waitFor()
    await sheet.getByLabel('Name', { exact: true }).fill('Both')
    await sheet.getByLabel('Server', { exact: true }).fill('udp://127.0.0.1:9')
    await sheet.getByText('Picture, sound and more').click()
    await sheet.getByLabel('Sent by').selectOption('direct')
    await sheet.getByLabel('Picture', { exact: true }).selectOption('480p')
    await sheet.getByRole('button', { name: 'Add output' }).click()
    await sheet.locator('[name="engine"][aria-invalid="true"]').locator('visible=true').waitFor()
    const typed = [
      await sheet.getByLabel('Sent by').inputValue(),
      await sheet.getByLabel('Picture', { exact: true }).inputValue(),
    ]
    expect(typed).toEqual(['direct', '480p'])
  })
})

describe('axe finds nothing', () => {
  test('in the form of each kind; 390 px are enough', async () => {
    await using visitor = await visit(weir, { size: 'phone' })
    const { page } = visitor
    for (const preset of ['srt_listener', 'rtsp', 'udp', 'twitch']) {
      await page.goto(`/inputs/1/outputs/new?preset=${preset}`)
      for (const summary of await page.locator('details.disclose > summary').all()) await summary.click()
      const faults = await axeFaults(page, 'main form')
      expect({ preset, faults, overflow: await overflowPx(page) }).toEqual({ preset, faults: [], overflow: 0 })
    }
  })

  test.skipIf(!HAVE.srt)('in a row with a caller, and in a check', async () => {
    const output = await weir.createOutput(1, { name: 'Seen', protocol: 'srt_listener' })
    await weir.outputIs(output, 'waiting for a caller', (now) => now.status === 'waiting' && now.process_id !== null)
    await using receiver = startSrtReceiver({ port: output.srt_port ?? 0 })
    await receiver.received(1000)
    await using visitor = await inputPage()
    const { page } = visitor
    const line = page.locator(`#output-${output.id}`)
    await line.getByText('1 caller', { exact: true }).click()
    await line.locator('.callers [data-label="Bitrate"] .unit').waitFor()
    await expectGoodForAll(page, 'a row', '#input-1-outputs-box')
    await (await openMenu(line, 'More for Seen')).getByRole('link', { name: 'Check' }).click()
    await page.locator('.check-found').waitFor()
    await expectGoodForAll(page, 'a check', 'dialog[open]')
  })
})
