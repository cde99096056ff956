import { cpuSeconds, memoryBytes } from '../support/processes.ts'
import type { Output } from '../support/resources.ts'
import { liveInput, running } from '../support/stage.ts'
import { startWeir, type Weir } from '../support/weir.ts'
import type { FromReceivers, ToReceivers } from './fanout-receivers.ts'

/**
 * What many outputs of one input cost: Weir's own processor time beside its FFmpegs', memory, continuity errors at the
 * receivers, and how soon the first byte arrives after the start on a feed that runs. Usage:
 * bun run bench:fanout [ffmpeg|direct|transparent ...] [outputs ...]
 */
const ENGINES = ['ffmpeg', 'direct', 'transparent'] as const
type Engine = (typeof ENGINES)[number]
const asked = process.argv.slice(2)
const engines = ENGINES.filter((engine) => asked.includes(engine))
const SIZES = asked.map(Number).filter(Number.isInteger)
if (SIZES.length === 0) SIZES.push(1, 20, 100)
if (engines.length === 0) engines.push('ffmpeg', 'direct')
const MEASURE_SECONDS = 10
/** A feed that runs has more than one group of pictures behind it. */
const FEED_SECONDS = 5

type Row = {
  engine: Engine
  outputs: number
  'Weir CPU %': string
  'FFmpeg CPU %': string
  /** Weir's own and its FFmpegs' together. */
  'per output %': string
  'Weir RSS MB': string
  'Weir anonymous MB': string
  'FFmpeg anonymous MB': string
  'packets/s': number
  'continuity errors': number
  skips: number
  'start to first byte p50 ms': number
  'p95 ms': number
}

const receivers = new Worker(new URL('./fanout-receivers.ts', import.meta.url).href)

/** One question to the receivers' thread; they keep out of this one so that its work delays no datagram's time. */
function ask(question: ToReceivers): Promise<FromReceivers> {
  return new Promise((resolve) => {
    receivers.onmessage = ({ data }: MessageEvent<FromReceivers>) => resolve(data)
    receivers.postMessage(question)
  })
}

function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)

/** One after the other and never ahead of the spawn gate, so that the time to the first byte is a start's, not a queue's. */
async function createOutputs(weir: Weir, inputId: number, engine: Engine, ports: number[]): Promise<Output[]> {
  const how = engine === 'ffmpeg' ? {} : { engine: 'direct', options: { transparent: engine === 'transparent' } }
  const made: Output[] = []
  for (const [n, port] of ports.entries()) {
    const output = await weir.createOutput(inputId, { name: `o${n}`, url: `udp://127.0.0.1:${port}`, ...how })
    made.push(await weir.outputIs(output, 'running', running, 60_000))
  }
  return made
}

async function measure(engine: Engine, outputs: number): Promise<Row> {
  await using weir = await startWeir({ env: { MAX_OUTPUTS_PER_INPUT: '1000' } })
  const { input, feed } = await liveInput(weir)
  const { ports = [] } = await ask({ t: 'open', count: outputs })
  await Bun.sleep(FEED_SECONDS * 1000)
  const made = await createOutputs(weir, input.id, engine, ports)
  const { firstAt = [] } = await ask({ t: 'figures' })
  const waits = firstAt.map((at, n) => at - Date.parse(made[n]?.started_at ?? ''))

  const pids = weir.children().map((child) => child.pid)
  const usage = () => ({ at: performance.now(), weir: cpuSeconds(weir.pid()), ffmpeg: sum(pids.map(cpuSeconds)) })
  await ask({ t: 'reset' })
  const before = usage()
  await Bun.sleep(MEASURE_SECONDS * 1000)
  const after = usage()
  const { packets = 0, errors = 0 } = await ask({ t: 'figures' })
  const seconds = (after.at - before.at) / 1000
  const weirCpu = ((after.weir - before.weir) / seconds) * 100
  const ffmpegCpu = ((after.ffmpeg - before.ffmpeg) / seconds) * 100
  const memory = memoryBytes(weir.pid())
  const final = await Promise.all(made.map((o) => weir.output(input.id, o.id)))

  await feed.stop()
  await ask({ t: 'close' })
  return {
    engine,
    outputs,
    'Weir CPU %': weirCpu.toFixed(1),
    'FFmpeg CPU %': ffmpegCpu.toFixed(1),
    'per output %': ((weirCpu + ffmpegCpu) / outputs).toFixed(2),
    'Weir RSS MB': megabytes(memory.rss),
    'Weir anonymous MB': megabytes(memory.anonymous),
    'FFmpeg anonymous MB': megabytes(sum(pids.map((pid) => memoryBytes(pid).anonymous))),
    'packets/s': Math.round(packets / seconds),
    'continuity errors': errors,
    skips: sum(final.map((o) => o.stats.skips)),
    'start to first byte p50 ms': percentile(waits, 0.5),
    'p95 ms': percentile(waits, 0.95),
  }
}

const rows: Row[] = []
for (const outputs of SIZES) {
  for (const engine of engines) {
    console.error(`${outputs} outputs by ${engine} ...`)
    rows.push(await measure(engine, outputs))
  }
}
receivers.terminate()

const names = Object.keys(rows[0] ?? {}) as (keyof Row)[]
console.log(`| ${names.join(' | ')} |\n|${'---|'.repeat(names.length)}`)
for (const row of rows) console.log(`| ${names.map((name) => row[name]).join(' | ')} |`)
process.exit(0)
