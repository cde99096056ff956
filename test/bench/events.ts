import { memoryBytes } from '../support/processes.ts'
import type { Output } from '../support/resources.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'
import type { FromClients, ToClients } from './events-clients.ts'

/**
 * What many open pages cost: how soon a change of state in the media worker is at the last of them, memory for each, and
 * whether the API answers as before. Usage: bun run bench:events [pages]
 */
const PAGES = Number(process.argv[2] ?? 500)
const OUTPUTS = 10
const ROUNDS = 20
const CALLS = 200

const clients = new Worker(new URL('./events-clients.ts', import.meta.url).href)

/** One question to the clients' thread; they keep out of this one so that their work delays no call. */
function ask(question: ToClients): Promise<FromClients> {
  return new Promise((resolve) => {
    clients.onmessage = ({ data }: MessageEvent<FromClients>) => resolve(data)
    clients.postMessage(question)
  })
}

function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

async function timeApi(weir: Weir): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < CALLS; i++) {
    const began = performance.now()
    await weir.ok('GET', '/api/inputs')
    times.push(performance.now() - began)
    await Bun.sleep(20)
  }
  return times
}

/** What is held once the garbage is collected: the least of some looks, because the allocator gives back with a delay. */
async function heldBytes(weir: Weir): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let look = 0; look < 20; look++) {
    process.kill(weir.pid(), 'SIGUSR2')
    await Bun.sleep(250)
    least = Math.min(least, memoryBytes(weir.pid()).anonymous)
  }
  return least
}

/** Stops and starts outputs one after the other; each is several changes of state. */
async function stir(weir: Weir, outputs: Output[]): Promise<void> {
  for (let i = 0; i < ROUNDS; i++) {
    const output = outputs[i % outputs.length] as Output
    const path = `/api/inputs/${output.input_id}/outputs/${output.id}`
    await weir.ok('POST', `${path}/stop`)
    await weir.outputIs(output, 'stopped', (each) => each.status === 'stopped')
    await weir.ok('POST', `${path}/start`)
    await weir.outputIs(output, 'running', (each) => each.status === 'running')
  }
}

const preload = new URL('../support/collect-on-signal.ts', import.meta.url).pathname
await using weir = await startWeir({ env: { BUN_OPTIONS: `--preload ${preload}` } })
const input = await weir.createInput({ name: 'Bench', kind: 'test' })
const outputs: Output[] = []
for (let n = 0; n < OUTPUTS; n++)
  outputs.push(await weir.createOutput(input.id, { name: `o${n}`, url: `udp://127.0.0.1:${30_000 + n}` }))
for (const output of outputs) await weir.outputIs(output, 'running', (each) => each.status === 'running')

const { hostname, port } = new URL(weir.url)
const pages = { hostname, port: Number(port), key: TEST_KEY, page: `input:${input.id}` }
// What the first page makes once is not what a page costs.
await ask({ t: 'open', ...pages, count: 1 })
const quiet = { times: await timeApi(weir), memory: await heldBytes(weir) }
await ask({ t: 'open', ...pages, count: PAGES - 1 })
await ask({ t: 'reset' })
const busy = { times: await timeApi(weir), memory: await heldBytes(weir) }
const began = performance.now()
await ask({ t: 'reset' })
await stir(weir, outputs)
const seconds = (performance.now() - began) / 1000
const { delaysMs = [], bytes = 0, dropped = 0 } = await ask({ t: 'figures' })
await ask({ t: 'close' })

const row = {
  pages: PAGES,
  'changes seen': delaysMs.length,
  'change to page p50 ms': percentile(delaysMs, 0.5),
  'p99 ms': percentile(delaysMs, 0.99),
  'KiB for each page': ((busy.memory - quiet.memory) / 1024 / (PAGES - 1)).toFixed(1),
  'kB/s to each': (bytes / seconds / PAGES / 1000).toFixed(1),
  dropped,
  'API p50 / p99 ms alone': `${percentile(quiet.times, 0.5).toFixed(1)} / ${percentile(quiet.times, 0.99).toFixed(1)}`,
  'API p50 / p99 ms with pages': `${percentile(busy.times, 0.5).toFixed(1)} / ${percentile(busy.times, 0.99).toFixed(1)}`,
}
console.log(`| ${Object.keys(row).join(' | ')} |\n|${'---|'.repeat(Object.keys(row).length)}`)
console.log(`| ${Object.values(row).join(' | ')} |`)
clients.terminate()
