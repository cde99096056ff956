/**
 * The dashboard with 20 live inputs, each with outputs: how soon Chromium paints it, and what it costs to send.
 *
 *   bun run bench:pages
 */
import { gunzipSync } from 'node:zlib'
import { sharedBrowser, visit } from '../support/browser.ts'
import { fixture } from '../support/fixtures.ts'
import { startProgram } from '../support/processes.ts'
import { active } from '../support/stage.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

const INPUTS = 20
const OUTPUTS_EACH = 4
const LOADS = 10
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

/** Milliseconds from the navigation to the first contentful paint, with an empty cache. */
async function firstPaintMs(weir: Weir, path = '/'): Promise<number> {
  await using visitor = await visit(weir, { signedIn: path === '/' })
  await visitor.page.goto(path)
  const asked = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
  return await eventually(10_000, 'the first paint', () => visitor.page.evaluate<number | undefined>(asked))
}

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
// The first load starts Chromium and the stills.
await firstPaintMs(weir)
const paints: number[] = []
for (let i = 0; i < LOADS; i++) paints.push(await firstPaintMs(weir))
paints.sort((a, b) => a - b)
// What Chromium takes on this machine for a page that has nothing to tell.
const bareMs = Math.round(await firstPaintMs(weir, '/login'))
await (await sharedBrowser()).close()

const measured = {
  paintMs: Math.round(paints[LOADS / 2]!),
  htmlBytes: html.bytes,
  scriptBytes: script.bytes,
  styleBytes: style.bytes,
}
console.log(`dashboard with ${INPUTS} live inputs and ${INPUTS * OUTPUTS_EACH} outputs, ${LOADS} loads without a cache`)
console.log(`first contentful paint, all: ${paints.map(Math.round).join(' ')} ms; of the sign-in page ${bareMs} ms`)
let isOver = false
for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
  isOver ||= measured[name] > LIMITS[name]
  console.log(`${name.padEnd(12)} ${String(measured[name]).padStart(7)}   limit ${LIMITS[name]}`)
}
process.exitCode = isOver ? 1 : 0
