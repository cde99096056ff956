import { createSocket } from 'node:dgram'
import { writeFileSync } from 'node:fs'
import { createContinuityCounter } from './continuity.ts'
import { within } from './waiting.ts'

const MAX_RECORDED_BYTES = 64 * 1024 * 1024

export type UdpReceiver = AsyncDisposable & {
  port: number
  packets(): number
  /** Continuity errors so far, by PID (ISO 13818-1 2.4.3.3). */
  errors(): ReadonlyMap<number, number>
  errorCount(): number
  /** Resolves when this many further TS packets have come. */
  more(packets: number, deadlineMs?: number): Promise<void>
  /** Monotonic time of the first datagram, or of the first after `from`. */
  firstAt(): number | null
  /** Longest silence in milliseconds between two datagrams since the last call. */
  longestGapMs(): number
  lastAt(): number | null
  /** Forgets what was recorded and counted, as if just opened. */
  reset(): void
  /** Writes what was recorded (at most 64 MiB) and answers the path. */
  save(path: string): string
}

/** A destination of a UDP output: counts continuity errors of every PID and keeps the bytes. */
export async function openUdpReceiver(
  o: { port?: number; group?: string; record?: boolean } = {},
): Promise<UdpReceiver> {
  const socket = createSocket({ type: 'udp4', reuseAddr: o.group !== undefined, recvBufferSize: 8 << 20 })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(o.port ?? 0, o.group ?? '127.0.0.1', resolve)
  })
  if (o.group) socket.addMembership(o.group, '127.0.0.1')

  let counter = createContinuityCounter()
  let chunks: Uint8Array[] = []
  let recordedBytes = 0
  let firstAt: number | null = null
  let lastAt: number | null = null
  let longestGapMs = 0
  const waiting = new Set<{ target: number; done: () => void }>()

  socket.on('message', (datagram) => {
    const now = performance.now()
    if (lastAt !== null) longestGapMs = Math.max(longestGapMs, now - lastAt)
    firstAt ??= now
    lastAt = now
    counter.push(datagram)
    if (o.record !== false && recordedBytes < MAX_RECORDED_BYTES) {
      chunks.push(new Uint8Array(datagram))
      recordedBytes += datagram.byteLength
    }
    for (const wait of waiting) if (counter.packets() >= wait.target) wait.done()
  })

  return {
    port: socket.address().port,
    packets: () => counter.packets(),
    errors: () => counter.errors(),
    errorCount: () => [...counter.errors().values()].reduce((sum, n) => sum + n, 0),
    async more(packets, deadlineMs = 20_000) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const wait = { target: counter.packets() + packets, done: resolve }
      waiting.add(wait)
      const what = `${packets} more TS packets at port ${socket.address().port}`
      await within(deadlineMs, what, promise).finally(() => waiting.delete(wait))
    },
    firstAt: () => firstAt,
    lastAt: () => lastAt,
    longestGapMs() {
      const gap = longestGapMs
      longestGapMs = 0
      return gap
    },
    reset() {
      counter = createContinuityCounter()
      chunks = []
      recordedBytes = 0
      firstAt = null
      lastAt = null
      longestGapMs = 0
    },
    save(path) {
      writeFileSync(path, Buffer.concat(chunks))
      return path
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  }
}
