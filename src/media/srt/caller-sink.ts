import type { Sink } from '../program/program.ts'
import type { SrtLinkSocket } from './sockets.ts'

/**
 * A link with more than this of the program unacknowledged is full until most of that is gone, so that its cursor stands and in
 * the end skips to a keyframe. libsrt alone would go on for ever and drop single packets, those older than 1.02 s or than the
 * latency where that is more (SRTO_TLPKTDROP of the API documentation; measured).
 */
const FULL_MS = 700
const EMPTY_PART = 1 / 4
/** Of a program with few bytes a second a burst is no sign of anything. */
const FULL_MIN_BYTES = 128 * 1024

export type CallerSink = Sink & {
  /** Every few milliseconds: goes on with what had no room. */
  tick(): void
}

/** Puts a program into one caller's link, packet by packet. `bytesPerSecond`: what the program has now. */
export function createCallerSink(
  link: SrtLinkSocket,
  options: { packetBytes: number; latencyMs: number; bytesPerSecond(): number },
): CallerSink {
  const fullMs = Math.max(FULL_MS, options.latencyMs)
  let rest = new Uint8Array(0)
  let room: PromiseWithResolvers<void> | null = null
  let wasFull = false

  function isFull(): boolean {
    const { ms, bytes } = link.backlog()
    const part = wasFull ? EMPTY_PART : 1
    // By size too: what was sent in one burst spans no time, however much it is.
    const fullBytes = Math.max(FULL_MIN_BYTES, (options.bytesPerSecond() * fullMs) / 1_000)
    wasFull = ms > fullMs * part || bytes > fullBytes * part
    return wasFull
  }

  /** True once all is sent. @throws Error when the link is over */
  function send(): boolean {
    if (isFull()) return false
    while (rest.length > 0) {
      const packet = rest.subarray(0, options.packetBytes)
      const result = link.send(packet)
      if (result === 'over') throw new Error('the link is over')
      if (result === 'full') return false
      rest = rest.subarray(packet.length)
    }
    return true
  }

  return {
    write(chunk) {
      rest = chunk as Uint8Array<ArrayBuffer>
      if (send()) return null
      room = Promise.withResolvers()
      return room.promise
    },
    tick() {
      if (!room) return
      try {
        if (!send()) return
        room.resolve()
      } catch (error) {
        room.reject(error)
      }
      room = null
    },
  }
}
