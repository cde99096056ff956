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

const LIMITS = { addedMb: 150, lagMs: 10 }
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
await using weir = await startWeir({ env: { BUN_OPTIONS: `--preload=${probe}`, LAG_FILE: lagFile } })
const { key } = await weir.ok<{ key: string }>('POST', '/api/streams', { title: 'Bench' })

const send = async (bytes: Buffer) => {
  const headers = { authorization: `Bearer ${TEST_KEY}` }
  const answer = await fetch(`${weir.url}/api/streams/${key}/images`, { method: 'POST', headers, body: bytes })
  if (answer.status !== 201) throw new Error(`an upload answered ${answer.status}: ${await answer.text()}`)
}

/** How late the main thread's timers were since the last time, in ms. */
async function lateness(): Promise<{ p50: number; p99: number; worst: number }> {
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

/** The most that the server took meanwhile, in MB. */
async function peakWhile(work: () => Promise<unknown>): Promise<{ server: number; child: number }> {
  const most = { server: 0, child: 0 }
  const watch = setInterval(() => {
    most.server = Math.max(most.server, memoryBytes(weir.pid()).rss / MB)
    for (const { pid } of weir.children()) most.child = Math.max(most.child, memoryBytes(pid).rss / MB)
  }, 20)
  await work()
  clearInterval(watch)
  return most
}

const small = Array.from({ length: 50 }, () => noise(400, 300))
const big = Array.from({ length: 20 }, () => noise(2640, 2640))
await send(noise(64, 64))
const restingMb = memoryBytes(weir.pid()).rss / MB
await lateness()
await Bun.sleep(2_000)
const resting = await lateness()

const peak = await peakWhile(() => Promise.all(big.map(send)))
for (const { id } of (await weir.ok<{ items: { id: string }[] }>('GET', `/api/streams/${key}/images`)).items)
  await weir.call('DELETE', `/api/images/${id}`)
await lateness()
await Promise.all(small.map(send))
const busy = await lateness()

const addedMb = peak.server - restingMb
const shown = (lag: { p50: number; p99: number; worst: number }) =>
  `p50 ${lag.p50.toFixed(1)}, p99 ${lag.p99.toFixed(1)}, worst ${lag.worst.toFixed(1)} ms`
console.log(
  `20 uploads of ${(big[0]?.length ?? 0) / MB} MB at once: +${addedMb.toFixed(0)} MB (at most ${LIMITS.addedMb})`,
)
console.log(`  the image child at its most: ${peak.child.toFixed(0)} MB`)
console.log(`main thread at rest: ${shown(resting)}`)
console.log(`main thread during 50 uploads at once: ${shown(busy)} (p99 under ${LIMITS.lagMs} more than at rest)`)
if (addedMb > LIMITS.addedMb || busy.p99 - resting.p99 >= LIMITS.lagMs) process.exitCode = 1
