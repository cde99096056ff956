import { cpuSeconds, memoryBytes } from '../support/processes.ts'
import { portRange } from '../support/ports.ts'
import { active, running } from '../support/stage.ts'
import { startWeir, type Weir } from '../support/weir.ts'
import type { FromReceivers, ToReceivers } from './fanout-receivers.ts'
import type { ToSenders } from './inputs-senders.ts'

/**
 * What many inputs cost, each a feed of 2.7 Mbit/s by UDP with one output by UDP: Weir's own processor time (receiving,
 * reading, routing, pages) beside its FFmpegs', and continuity errors at the receivers. Every feed begins anew each 20 s, as
 * its recording does. Usage: bun run bench:inputs [inputs ...]
 */
const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 20, 101]
const MEASURE_SECONDS = 15

type Row = {
  inputs: number
  'Weir CPU %': string
  'per input %': string
  'FFmpeg CPU %': string
  'Weir RSS MB': string
  'packets in/s': number
  'packets out/s': number
  'continuity errors out': number
  skips: number
  'loop lag ms': number
}

function openThread<Question, Answer>(file: string) {
  const worker = new Worker(new URL(file, import.meta.url).href)
  return {
    ask: (question: Question) =>
      new Promise<Answer>((resolve) => {
        worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data)
        worker.postMessage(question)
      }),
    end: () => worker.terminate(),
  }
}

const receivers = openThread<ToReceivers, FromReceivers>('./fanout-receivers.ts')
const senders = openThread<ToSenders, 'done'>('./inputs-senders.ts')
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)

type Status = { workers?: { loop_lag_ms?: number | null }[] }

async function loopLagMs(weir: Weir): Promise<number> {
  const status = await weir.ok<Status>('GET', '/api/system/status')
  return Math.max(0, ...(status.workers ?? []).map((worker) => worker.loop_lag_ms ?? 0))
}

async function measure(count: number): Promise<Row> {
  const first = portRange(200)
  const range = { UDP_PORT_RANGE_START: String(first), UDP_PORT_RANGE_END: String(first + 199) }
  await using weir = await startWeir({ env: range })
  const { ports = [] } = await receivers.ask({ t: 'open', count })
  const inputs = await Promise.all(
    ports.map((_, n) => weir.createInput({ name: `i${n}`, kind: 'udp', bind_address: '127.0.0.1' })),
  )
  await senders.ask({ t: 'start', ports: inputs.map((input) => input.udp_port ?? 0) })
  const outputs = []
  for (const [n, input] of inputs.entries()) {
    await weir.inputIs(input.id, 'active', active, 60_000)
    const made = await weir.createOutput(input.id, { name: 'o', url: `udp://127.0.0.1:${ports[n]}` })
    outputs.push(await weir.outputIs(made, 'running', running, 120_000))
  }
  const pids = weir.children().map((child) => child.pid)
  const usage = () => ({ at: performance.now(), weir: cpuSeconds(weir.pid()), ffmpeg: sum(pids.map(cpuSeconds)) })
  const bytesIn = async () => {
    const now = await Promise.all(inputs.map((input) => weir.input(input.id)))
    return sum(now.map((input) => input.stats.bytes_total))
  }
  const bytesBefore = await bytesIn()
  await receivers.ask({ t: 'reset' })
  const before = usage()
  await Bun.sleep(MEASURE_SECONDS * 1000)
  const after = usage()
  const { packets = 0, errors = 0 } = await receivers.ask({ t: 'figures' })
  const bytesAfter = await bytesIn()
  const seconds = (after.at - before.at) / 1000
  const weirCpu = ((after.weir - before.weir) / seconds) * 100
  const final = await Promise.all(outputs.map((output) => weir.output(output.input_id, output.id)))
  const row: Row = {
    inputs: count,
    'Weir CPU %': weirCpu.toFixed(1),
    'per input %': (weirCpu / count).toFixed(2),
    'FFmpeg CPU %': (((after.ffmpeg - before.ffmpeg) / seconds) * 100).toFixed(1),
    'Weir RSS MB': (memoryBytes(weir.pid()).rss / 1e6).toFixed(1),
    'packets in/s': Math.round((bytesAfter - bytesBefore) / 188 / seconds),
    'packets out/s': Math.round(packets / seconds),
    'continuity errors out': errors,
    skips: sum(final.map((output) => output.stats.skips)),
    'loop lag ms': await loopLagMs(weir),
  }
  await senders.ask({ t: 'stop' })
  await receivers.ask({ t: 'close' })
  return row
}

const rows: Row[] = []
for (const count of SIZES) {
  console.error(`${count} inputs ...`)
  rows.push(await measure(count))
}
receivers.end()
senders.end()

const names = Object.keys(rows[0] ?? {}) as (keyof Row)[]
console.log(`| ${names.join(' | ')} |\n|${'---|'.repeat(names.length)}`)
for (const row of rows) console.log(`| ${names.map((name) => row[name]).join(' | ')} |`)
process.exit(0)
