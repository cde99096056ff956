import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Locator, Page } from 'playwright-core'
import { axeFaults } from '../support/axe.ts'
import { SIZES, visit } from '../support/browser.ts'
import { feedIn, overflowPx, upToDate } from '../support/page-acts.ts'
import { freeTcpPort } from '../support/ports.ts'
import { startWeir, type Weir } from '../support/weir.ts'

const PASSPHRASE = 'correct horse battery'
let weir: Weir
let closedPort: number
beforeAll(async () => {
  weir = await startWeir()
  closedPort = await freeTcpPort()
})
afterAll(() => weir[Symbol.asyncDispose]())

/** A kind as a person chooses it, what they fill in, and what the page of the new input then says. */
type Case = {
  tile: RegExp
  fill: Record<string, string>
  more?: Record<string, string>
  says: string
  has: Record<string, unknown>
}
const CASES: Record<string, () => Case> = {
  rtmp: () => ({ tile: /^RTMP OBS/, fill: {}, says: 'Stream key', has: { on_second_publisher: 'refuse' } }),
  srt_listener: () => ({
    tile: /^SRT sent/,
    fill: { Latency: '300', Passphrase: PASSPHRASE },
    more: { 'Allowed senders': '127.0.0.1' },
    says: 'The link is encrypted',
    has: { latency_ms: 300, has_passphrase: true, allow_from: ['127.0.0.1'] },
  }),
  udp: () => ({
    tile: /^UDP/,
    fill: { 'UDP port': '' },
    more: { 'Listen on': '127.0.0.1', Program: '2' },
    says: 'Custom Output (FFmpeg)',
    has: { bind_address: '127.0.0.1', program: 2 },
  }),
  srt_caller: () => ({
    tile: /^SRT server/,
    fill: { Address: `srt://127.0.0.1:${closedPort}?streamid=cam`, Latency: '' },
    says: 'stream ID',
    has: { url: `srt://127.0.0.1:${closedPort}`, latency_ms: 200, has_stream_id: true },
  }),
  rtsp: () => ({
    tile: /^RTSP/,
    fill: { Address: `rtsp://127.0.0.1:${closedPort}/ch1`, 'User name': 'admin', Password: 'geheim' },
    says: 'user name, password',
    has: { has_username: true, has_password: true, rtsp_transport: 'tcp' },
  }),
  hls: () => ({
    tile: /^HLS/,
    fill: { Address: `http://127.0.0.1:${closedPort}/live.m3u8` },
    says: 'Where Weir fetches the feed',
    has: { url: `http://127.0.0.1:${closedPort}/live.m3u8` },
  }),
  test: () => ({ tile: /^Test pattern/, fill: {}, says: 'Nothing has to be sent', has: {} }),
}

const textOf = async (locator: Locator) => ((await locator.textContent()) ?? '').replace(/\s+/g, ' ')

/** What is of this kind alone: axe finds nothing, 390 px are enough. The frame around it is looked at with other pages. */
async function expectGood(page: Page, within: string): Promise<void> {
  await page.setViewportSize(SIZES.phone)
  expect([within, await axeFaults(page, within), await overflowPx(page)]).toEqual([within, [], 0])
  await page.setViewportSize(SIZES.desktop)
}

async function openForm(page: Page): Promise<Locator> {
  await page.goto('/')
  await page.getByRole('link', { name: 'Add input' }).first().click()
  return page.getByRole('dialog', { name: 'Add input' })
}

describe('each kind of feed', () => {
  test.each(Object.entries(CASES))(
    '%s is added in the browser, and its page says what comes next',
    async (kind, make) => {
      const { tile, fill, more = {}, says, has } = make()
      await using visitor = await visit(weir)
      const { page } = visitor
      // The first input of a server is added from the empty page, where the button is another.
      if ((await weir.ok<unknown[]>('GET', '/api/inputs')).length === 0) await weir.createInput({ name: 'First' })
      const sheet = await openForm(page)
      await sheet.getByLabel('Name', { exact: true }).fill(`A ${kind}`)
      await sheet.getByRole('radio', { name: tile }).check()
      for (const [label, value] of Object.entries(fill))
        await sheet.getByLabel(label).locator('visible=true').fill(value)
      if (Object.keys(more).length > 0) await sheet.getByText('More about this feed').click()
      for (const [label, value] of Object.entries(more)) await sheet.getByLabel(label).fill(value)
      await expectGood(page, 'dialog[open]')
      await sheet.getByRole('button', { name: 'Add input' }).click()
      await page.getByRole('heading', { level: 1, name: `A ${kind}` }).waitFor()
      const id = Number(new URL(page.url()).pathname.split('/').at(-1))
      expect(await weir.input(id)).toMatchObject({ kind, ...has } as never)
      await upToDate(page)
      expect(await textOf(page.locator(`#input-${id}-send`))).toContain(says)
      expect(await page.content()).not.toMatch(/geheim|correct horse/)
      for (const summary of await page.locator(`#input-${id}-send summary`).all()) await summary.click()
      await expectGood(page, `#input-${id}-send`)

      await page.goto(`/inputs/${id}/edit`)
      expect(await page.locator(`[name="kind"][value="${kind}"]`).isChecked()).toBe(true)
      expect(await page.content()).not.toMatch(/geheim|correct horse/)
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('heading', { level: 1, name: `A ${kind}` }).waitFor()
      expect(await weir.input(id)).toMatchObject({ kind, ...has } as never)
    },
  )

  test('a change of mind loses nothing, and only the chosen kind counts', async () => {
    await using visitor = await visit(weir)
    visitor.expectTrouble(/422/)
    const { page } = visitor
    const sheet = await openForm(page)
    await sheet.getByLabel('Name', { exact: true }).fill('Changed')
    await sheet.getByRole('radio', { name: /^UDP/ }).check()
    await sheet.getByLabel('UDP port').fill('99999')
    await sheet.getByRole('radio', { name: /^RTSP/ }).check()
    expect(await sheet.getByLabel('UDP port').isVisible()).toBe(false)
    await sheet.getByLabel('Address').fill('rtmp://camera/stream')
    await sheet.getByLabel('Password').fill('geheim')
    await sheet.getByRole('button', { name: 'Add input' }).click()
    await sheet.locator('[name="url"][aria-invalid="true"]:focus').waitFor()
    expect(await textOf(sheet.getByRole('alert'))).toContain('Address: The address begins with rtsp:// or rtsps://.')
    expect(await page.content()).not.toContain('geheim')
    await sheet.getByRole('radio', { name: /^RTMP/ }).check()
    await sheet.getByRole('button', { name: 'Add input' }).click()
    await page.getByRole('heading', { level: 1, name: 'Changed' }).waitFor()
  })
})

describe('the key of a publisher', () => {
  test('is closed until asked for, copied as it is, and made anew after a question', async () => {
    const { id, publish_key: key } = await weir.createInput({ name: 'Keyed', kind: 'rtmp' })
    await using visitor = await visit(weir)
    const { page, context } = visitor
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto(`/inputs/${id}`)
    await feedIn(page, { id }, 'inactive').waitFor()
    const send = page.locator(`#input-${id}-send`)
    const shown = send.getByText(key ?? '', { exact: true })
    expect(await shown.isVisible()).toBe(false)
    await send.getByRole('button', { name: 'Copy: Stream key' }).click()
    await send.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(key)
    await send.locator('summary', { hasText: 'Stream key' }).click()
    await shown.waitFor()

    await send.getByRole('button', { name: 'New stream key' }).click()
    const question = page.getByRole('dialog', { name: 'Make a new stream key for “Keyed”?' })
    await question.getByRole('button', { name: 'Keep the old one' }).click()
    await question.waitFor({ state: 'hidden' })
    expect((await weir.input(id)).publish_key).toBe(key)
    await send.getByRole('button', { name: 'New stream key' }).click()
    await question.getByRole('button', { name: 'Make a new stream key' }).click()
    await question.waitFor({ state: 'hidden' })
    await shown.waitFor({ state: 'detached' })
    const { publish_key: next } = await weir.input(id)
    expect(next).not.toBe(key)
    await send.getByText(next ?? '', { exact: true }).waitFor({ state: 'attached' })
    await page.locator(`#input-${id}-events`).getByText('A new publish key was made.').waitFor()
  })

  test('the first page leads to one with one press', async () => {
    await using fresh = await startWeir()
    await using visitor = await visit(fresh)
    const { page } = visitor
    await page.goto('/')
    await page.getByRole('button', { name: 'Get server and key' }).click()
    const send = page.locator('#input-1-send')
    await send.getByRole('button', { name: 'Copy: Stream key' }).waitFor()
    const { publish_server: server } = await fresh.input(1)
    expect(await send.locator('.copy code').first().textContent()).toBe(server)
    await page.goto('/inputs/new?kind=hls')
    expect(await page.locator('[name="kind"][value="hls"]').isChecked()).toBe(true)
  })
})
