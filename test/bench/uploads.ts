/**
 * Many big pictures at once: what they cost the server in memory, and how long its main thread keeps others waiting.
 *
 *   bun run bench:uploads
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { memoryBytes } from '../support/processes.ts'
import { tempDir } from '../support/temp.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, TEST_KEY } from '../support/weir.ts'

/** By raw bodies nothing but chunks is in memory; the parts of a form are told apart on their way. */
const LIMITS = { rawMb: 20, formMb: 150, withChildMb: 150, lagMs: 10 }
const MB = 1024 * 1024

/** A Windows bitmap of noise: as big as it may be, and cheap to decode. */
function noise(width: number, height: number): Buffer {
  const head = Buffer.alloc(54)
  const size = head.length + width * height * 3
  head.write('BM')
  head.writeUInt32LE(size, 2)
  head.writeUInt32LE(head.length, 10)
  head.writeUInt32LE(40, 14)
  head.writeInt32LE(width, 18)
  head.writeInt32LE(height, 22)
  head.writeUInt16LE(1, 26)
  head.writeUInt16LE(24, 28)
  return Buffer.concat([head, randomBytes(size - head.length)])
}

const lagFile = join(tempDir('lag'), 'late.json')
const probe = new URL('../fixtures/lag-probe.ts', import.meta.url).pathname

/** A server of its own for each measurement, which has had a few pictures, as one that is in use. */
async function openStage() {
  const weir = await startWeir({
    env: { BUN_OPTIONS: `--preload=${probe}`, LAG_FILE: lagFile, MAX_STREAM_IMAGES_PER_STREAM: '100' },
  })
  const { key } = await weir.ok<{ key: string }>('POST', '/api/streams', { title: 'Bench' })
  async function send(body: Buffer | FormData): Promise<void> {
    const headers = { authorization: `Bearer ${TEST_KEY}` }
    const answer = await fetch(`${weir.url}/api/streams/${key}/images`, { method: 'POST', headers, body })
    if (answer.status !== 201) throw new Error(`an upload answered ${answer.status}: ${await answer.text()}`)
  }
  for (let i = 0; i < 3; i++) await send(noise(2640, 2640))
  return { weir, send, [Symbol.asyncDispose]: () => weir[Symbol.asyncDispose]() }
}
type Stage = Awaited<ReturnType<typeof openStage>>

function toForm(bytes: Buffer): FormData {
  const form = new FormData()
  form.append('file', new Blob([Uint8Array.from(bytes)]), 'noise.bmp')
  return form
}

/** How late the main thread's timers were since the last time, in ms. */
async function lateness({ weir }: Stage): Promise<{ p50: number; p99: number; worst: number }> {
  rmSync(lagFile, { force: true })
  process.kill(weir.pid(), 'SIGUSR2')
  const late = await eventually(10_000, 'the probe answers', () => {
    try {
      return JSON.parse(readFileSync(lagFile, 'utf8')) as number[]
    } catch {
      // Not written yet, or half.
      return null
    }
  })
  late.sort((a, b) => a - b)
  const at = (part: number) => late[Math.floor((late.length - 1) * part)] ?? 0
  return { p50: at(0.5), p99: at(0.99), worst: at(1) }
}

type Memory = { server: number; withChild: number }

/** What the server takes more at its most while all of these come in at once, in MB: alone, and with the child that decodes. */
async function addedBy(bodies: (Buffer | FormData)[]): Promise<Memory> {
  await using stage = await openStage()
  const { weir, send } = stage
  const now = (): Memory => {
    const server = memoryBytes(weir.pid()).rss / MB
    return { server, withChild: weir.children().reduce((sum, { pid }) => sum + memoryBytes(pid).rss / MB, server) }
  }
  const resting = now()
  const most = { ...resting }
  const watch = setInterval(() => {
    const { server, withChild } = now()
    most.server = Math.max(most.server, server)
    most.withChild = Math.max(most.withChild, withChild)
  }, 20)
  await Promise.all(bodies.map(send))
  clearInterval(watch)
  return { server: most.server - resting.server, withChild: most.withChild - resting.withChild }
}

async function lateWhileBusy() {
  const small = Array.from({ length: 50 }, () => noise(400, 300))
  await using stage = await openStage()
  await lateness(stage)
  await Bun.sleep(2_000)
  const resting = await lateness(stage)
  await Promise.all(small.map(stage.send))
  return { resting, busy: await lateness(stage) }
}

const big = () => Array.from({ length: 20 }, () => noise(2640, 2640))
const raw = await addedBy(big())
const form = await addedBy(big().map(toForm))
const { resting, busy } = await lateWhileBusy()

const shown = (lag: { p50: number; p99: number; worst: number }) =>
  `p50 ${lag.p50.toFixed(1)}, p99 ${lag.p99.toFixed(1)}, worst ${lag.worst.toFixed(1)} ms`
let missed = 0
function hold(what: string, value: number, most: number, unit: string): void {
  if (value > most) missed++
  console.log(`${value <= most ? 'ok    ' : 'MISSED'} ${what}: ${value.toFixed(1)} ${unit} (at most ${most})`)
}
console.log(
  `20 uploads of ${(noise(2640, 2640).length / MB).toFixed(1)} MB at once, memory that the server takes more:`,
)
hold('raw bodies', raw.server, LIMITS.rawMb, 'MB')
hold('raw bodies, with the child that decodes', raw.withChild, LIMITS.withChildMb, 'MB')
hold('forms', form.server, LIMITS.formMb, 'MB')
hold('forms, with the child that decodes', form.withChild, LIMITS.withChildMb, 'MB')
console.log(`timers of the main thread late, at rest: ${shown(resting)}`)
console.log(`timers of the main thread late, 50 uploads at once: ${shown(busy)}`)
hold('late during 50 uploads, p99', busy.p99, LIMITS.lagMs, 'ms')
process.exitCode = missed > 0 ? 1 : 0
