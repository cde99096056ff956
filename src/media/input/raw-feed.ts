import type { Feed, Program, Sink } from '../program/program.ts'

/** As long as an input counts as active without a packet. */
const SILENCE_MS = 2_000
const PACKET_BYTES = 188
/** Seven packets, the most that fit into one Ethernet frame. */
const PIECE_BYTES = 7 * PACKET_BYTES

export type RawFeed = {
  readonly program: Program
  /** `isDatagram`: leaves as it came; else a part of a stream, which is cut into datagrams of seven packets. */
  push(bytes: Uint8Array, isDatagram: boolean, nowMs: number): void
  tick(nowMs: number): void
  /** What was half read belongs to a stream that is over. */
  reset(): void
}

type Reader = Feed & { push(bytes: Uint8Array, nowMs: number): void }

/**
 * The feed as it came, every byte of it, for outputs that want it untouched. On air while anything comes, whatever the
 * program does. There is nothing to catch up with here: a reader that is full loses what comes meanwhile.
 */
export function createRawFeed(changed: () => void): RawFeed {
  const readers = new Set<Reader>()
  let onAir = false
  let lastMs = 0
  /** Of a stream: how far into a packet the next byte stands, and the packet's beginning if somebody reads. */
  let offset = 0
  let carry = new Uint8Array(0)

  function createReader(sink: Sink): Reader {
    let skips = 0
    let bytesWritten = 0
    let busySinceMs: number | null = null
    let isLosing = false
    const reader: Reader = {
      push(bytes, nowMs) {
        if (busySinceMs !== null) {
          if (!isLosing) skips++
          isLosing = true
          return
        }
        try {
          const full = sink.write(bytes)
          bytesWritten += bytes.length
          if (!full) return
          busySinceMs = nowMs
          full.then(() => {
            busySinceMs = null
            isLosing = false
          }, reader.detach)
        } catch {
          // The sink has ended; whoever owns it tells why.
          reader.detach()
        }
      },
      detach: () => void readers.delete(reader),
      lagMs: () => 0,
      get skips() {
        return skips
      },
      get busySinceMs() {
        return busySinceMs
      },
      get bytesWritten() {
        return bytesWritten
      },
    }
    return reader
  }

  function give(bytes: Uint8Array, nowMs: number): void {
    for (const reader of readers) reader.push(bytes, nowMs)
  }

  function cut(bytes: Uint8Array, nowMs: number): void {
    // Whoever comes in the middle of a packet begins with the next one.
    const rest = carry.length === 0 && offset > 0 ? bytes.subarray(PACKET_BYTES - offset) : bytes
    const all = carry.length === 0 ? rest : Buffer.concat([carry, rest])
    const whole = all.length - (all.length % PACKET_BYTES)
    for (let at = 0; at < whole; at += PIECE_BYTES) give(all.subarray(at, Math.min(at + PIECE_BYTES, whole)), nowMs)
    carry = all.slice(whole)
  }

  return {
    program: {
      get onAir() {
        return onAir
      },
      version: 0,
      soundVersion: 0,
      format: null,
      attach(sink) {
        const reader = createReader(sink)
        readers.add(reader)
        return reader
      },
    },
    push(bytes, isDatagram, nowMs) {
      lastMs = nowMs
      if (!onAir) {
        onAir = true
        changed()
      }
      if (isDatagram) return give(bytes, nowMs)
      if (readers.size > 0) cut(bytes, nowMs)
      else carry = new Uint8Array(0)
      offset = (offset + bytes.length) % PACKET_BYTES
    },
    tick(nowMs) {
      if (!onAir || nowMs - lastMs < SILENCE_MS) return
      onAir = false
      changed()
    },
    reset() {
      offset = 0
      carry = new Uint8Array(0)
    },
  }
}
