import { createSocket } from 'node:dgram'
import { type FixtureName, fixture } from './fixtures.ts'

const PACKET_BYTES = 188
const DATAGRAM_BYTES = 7 * PACKET_BYTES

/** Bytes up to `end` are due `seconds` after the start. */
export type Step = { end: number; seconds: number }

export type TsSender = AsyncDisposable & {
  /** From now on this fixture, from `fromSeconds` of it; the socket stays the same. */
  play(name: FixtureName, fromSeconds?: number): Promise<void>
  /** As `play`, with a file. */
  playFile(path: string, fromSeconds?: number): Promise<void>
  /** What becomes of each datagram; null = it is lost. */
  through(change: (datagram: Buffer) => Buffer | null): void
  /** How often it came to the end of what it plays and began again, which is a jump back in time. */
  loops(): number
}

/**
 * An encoder on one socket that can be told to change in any way, at any moment: sends transport streams at the pace of
 * their clock references (ISO 13818-1 2.4.2.2), round and round.
 */
export function startTsSender(port: number): TsSender {
  const socket = createSocket('udp4')
  let bytes = Buffer.alloc(0)
  let steps: Step[] = []
  let next = 0
  let at = 0
  let startedMs = 0
  let loops = 0
  let change = (datagram: Buffer): Buffer | null => datagram

  const timer = setInterval(() => {
    const elapsed = (performance.now() - startedMs) / 1_000
    for (;;) {
      const step = steps[next]
      if (!step || step.seconds > elapsed) break
      for (; at < step.end; at += DATAGRAM_BYTES) {
        const datagram = change(bytes.subarray(at, Math.min(step.end, at + DATAGRAM_BYTES)))
        if (datagram) socket.send(datagram, port, '127.0.0.1')
      }
      at = step.end
      next++
      if (next === steps.length) {
        startedMs = performance.now()
        loops++
        next = 0
        at = 0
        break
      }
    }
  }, 10)

  async function playFile(path: string, fromSeconds = 0): Promise<void> {
    const loaded = Buffer.from(await Bun.file(path).arrayBuffer())
    const clock = readSteps(loaded)
    const first = Math.max(
      0,
      clock.findIndex((step) => step.seconds >= fromSeconds),
    )
    bytes = loaded
    steps = clock
    next = first
    at = clock[first - 1]?.end ?? 0
    startedMs = performance.now() - (clock[first]?.seconds ?? 0) * 1_000
  }

  return {
    playFile,
    play: async (name, fromSeconds) => playFile(await fixture(name), fromSeconds),
    through(next) {
      change = next
    },
    loops: () => loops,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await new Promise<void>((resolve) => socket.close(() => resolve()))
    },
  }
}

/** When which bytes of a transport stream are due, by its clock references. */
export function readSteps(bytes: Buffer): Step[] {
  const steps: Step[] = []
  let first: number | null = null
  for (let at = 0; at + PACKET_BYTES <= bytes.length; at += PACKET_BYTES) {
    if (((bytes[at + 3] as number) & 0x20) === 0 || bytes[at + 4] === 0) continue
    if (((bytes[at + 5] as number) & 0x10) === 0) continue
    const clock = bytes.readUInt32BE(at + 6) * 2 + ((bytes[at + 10] as number) >> 7)
    first ??= clock
    steps.push({ end: at, seconds: (clock - first) / 90_000 })
  }
  steps.push({ end: bytes.length, seconds: (steps.at(-1)?.seconds ?? 0) + 0.04 })
  return steps
}
