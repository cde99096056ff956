import type { Sink } from '../program.ts'
import type { SrtLinkSocket } from './sockets.ts'

/**
 * A link with more than this unacknowledged is full, so that its cursor stands and skips to a keyframe; libsrt would drop
 * single packets of old pictures from 1.02 s, or the latency where that is more (SRT_TLPKTDROP of the API documentation).
 */
const FULL_MS = 700

/** Puts a program into one caller's link, packet by packet. */
export function createCallerSink(
  link: SrtLinkSocket,
  options: { packetBytes: number; latencyMs: number },
): Sink & { /** Every few milliseconds: goes on with what had no room. */ tick(): void } {
  const fullMs = Math.max(FULL_MS, options.latencyMs)
  let rest = new Uint8Array(0)
  let room: PromiseWithResolvers<void> | null = null

  /** True once all is sent. @throws Error when the link is over */
  function send(): boolean {
    if (link.backlogMs() > fullMs) return false
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
