/**
 * The dashboard with 20 live inputs, each with outputs: how soon Chromium paints it, and what it costs to send.
 *
 * What is measured is the page, not the browser: the window is there, its first process has started, and nothing comes from a cache. In
 * turn with it a line of text of the same server is loaded, which is the floor: what this machine takes at that moment for any page. How
 * soon the dashboard comes as the first page of a new window, whose own making takes both processors, is told beside it.
 *
 *   bun run bench:pages
 */
import { gunzipSync } from 'node:zlib'
import { sharedBrowser, type Visit, visit } from '../support/browser.ts'
import { fixture } from '../support/fixtures.ts'
import { startProgram } from '../support/processes.ts'
import { active } from '../support/stage.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'
import { within } from '../support/waiting.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

const INPUTS = 20
const OUTPUTS_EACH = 4
const LOADS = 10
/** A page that is one word. */
const LINE = '/healthz'
const LIMITS = { paintMs: 200, htmlBytes: 60_000, scriptBytes: 40_000, styleBytes: 15_000 }

/** One FFmpeg that copies a recording to all of them: 20 encoders would measure themselves. */
async function feedAll(ports: number[]) {
  const to = ports.map((port) => `[f=mpegts]udp\\://127.0.0.1\\:${port}?pkt_size=1316`).join('|')
  const from = ['-re', '-stream_loop', '-1', '-i', await fixture('main'), '-map', '0', '-c', 'copy']
  return startProgram(['ffmpeg', '-hide_banner', '-nostdin', '-v', 'error', ...from, '-f', 'tee', to])
}

async function fill(weir: Weir, receiverPort: number) {
  const ports: number[] = []
  for (let i = 1; i <= INPUTS; i++) {
    const made = await weir.createInput({ name: `Camera ${i}`, kind: 'udp', bind_address: '127.0.0.1' })
    ports.push(made.udp_port ?? 0)
    // They stand on the wall but do not run: 80 processes would be another bench.
    for (let j = 1; j <= OUTPUTS_EACH; j++)
      await weir.createOutput(made.id, {
        ...{ name: `Place ${j}`, url: `udp://127.0.0.1:${receiverPort}`, enabled: false },
      })
  }
  const feed = await feedAll(ports)
  for (let id = 1; id <= INPUTS; id++) await weir.inputIs(id, 'active', active)
  return feed
}

type Tab = Visit & { firstPaintMs(path: string): Promise<number> }

/** A window that keeps nothing in a cache. */
async function openTab(weir: Weir): Promise<Tab> {
  const visitor = await visit(weir)
  const { page, context } = visitor
  const session = await context.newCDPSession(page)
  await session.send('Page.enable')
  await session.send('Page.setLifecycleEventsEnabled', { enabled: true })
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  /** From the navigation to the first contentful paint. Nothing asks the page before it is painted: that would delay it. */
  async function firstPaintMs(path: string) {
    const { promise: painted, resolve } = Promise.withResolvers<void>()
    const hear = ({ name }: { name: string }) => name === 'firstContentfulPaint' && resolve()
    session.on('Page.lifecycleEvent', hear)
    await page.goto(path, { waitUntil: 'commit' })
    await within(20_000, `the first paint of ${path}`, painted)
    session.off('Page.lifecycleEvent', hear)
    return page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime")
  }
  return { ...visitor, firstPaintMs }
}

const toMedian = (values: number[]) => Math.round(values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN)
const toText = (values: number[]) =>
  values
    .toSorted((a, b) => a - b)
    .map(Math.round)
    .join(' ')

async function compressedBytes(url: string): Promise<{ bytes: number; text: string }> {
  const headers = { authorization: `Bearer ${TEST_KEY}`, 'accept-encoding': 'gzip', accept: 'text/html,*/*' }
  const raw = Buffer.from(await (await fetch(url, { headers, decompress: false })).arrayBuffer())
  const isGzip = raw[0] === 0x1f && raw[1] === 0x8b
  return { bytes: raw.byteLength, text: (isGzip ? gunzipSync(raw) : raw).toString() }
}

await using receiver = await openUdpReceiver({ record: false })
await using weir = await startWeir()
await using _feed = await fill(weir, receiver.port)
const html = await compressedBytes(`${weir.url}/`)
const urlOf = (pattern: RegExp) => weir.url + (pattern.exec(html.text)?.[1] ?? '')
const script = await compressedBytes(urlOf(/<script src="([^"]+)"/))
const style = await compressedBytes(urlOf(/rel="stylesheet" href="([^"]+)"/))
const floors: number[] = []
const paints: number[] = []
const firsts: number[] = []
{
  await using tab = await openTab(weir)
  // The first load starts Chromium and the stills.
  await tab.firstPaintMs('/')
  for (let i = 0; i < LOADS; i++) {
    floors.push(await tab.firstPaintMs(LINE))
    paints.push(await tab.firstPaintMs('/'))
  }
}
for (let i = 0; i < LOADS; i++) {
  await using tab = await openTab(weir)
  firsts.push(await tab.firstPaintMs('/'))
}
await (await sharedBrowser()).close()

const measured = {
  paintMs: toMedian(paints),
  htmlBytes: html.bytes,
  scriptBytes: script.bytes,
  styleBytes: style.bytes,
}
console.log(`dashboard with ${INPUTS} live inputs and ${INPUTS * OUTPUTS_EACH} outputs, ${LOADS} loads without a cache`)
console.log(`first contentful paint: ${toText(paints)} ms`)
console.log(`of a line of text, the floor: ${toText(floors)} ms, median ${toMedian(floors)}`)
console.log(`as the first page of a new window: ${toText(firsts)} ms, median ${toMedian(firsts)}`)
let isOver = false
for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
  isOver ||= measured[name] > LIMITS[name]
  console.log(`${name.padEnd(12)} ${String(measured[name]).padStart(7)}   limit ${LIMITS[name]}`)
}
process.exitCode = isOver ? 1 : 0
