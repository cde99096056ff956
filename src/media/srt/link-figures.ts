import type { SrtLink } from '../actual.ts'

/** Bytes of `SRT_TRACEBSTATS` in libsrt 1.5; later versions add to its end, so there is room for more. */
export const STATS_BYTES = 1024

/** Offsets of `struct CBytePerfMon` (srt.h of libsrt 1.5.0 and newer) on 64-bit machines. */
const AT = {
  sentLost: 24,
  receivedLost: 28,
  retransmitted: 32,
  sentDropped: 64,
  receivedDropped: 68,
  receivedTotal: 16,
  receivedRetransmitted: 164,
  rttMs: 328,
  bandwidthMbps: 336,
  sendLatencyMs: 376,
  receiveLatencyMs: 392,
  sentUnique: 432,
  receivedUnique: 440,
} as const

export type LinkStats = {
  link: SrtLink
  /** Media packets that came or went so far, those sent again among them. */
  packets: number
  /** Received again since the figures were cleared; libsrt keeps no total of it. */
  recentRetransmitted: number
}

/** Reads what `srt_bistats` wrote. `side`: which way the media go, for libsrt counts both. */
export function fromStats(bytes: Uint8Array, side: 'sender' | 'receiver'): LinkStats {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const int = (at: number) => view.getInt32(at, true)
  const long = (at: number) => Number(view.getBigInt64(at, true))
  const sends = side === 'sender'
  const lost = int(sends ? AT.sentLost : AT.receivedLost)
  const dropped = int(sends ? AT.sentDropped : AT.receivedDropped)
  const unique = sends ? long(AT.sentUnique) : long(AT.receivedUnique) + dropped
  return {
    link: {
      rttMs: round(view.getFloat64(AT.rttMs, true)),
      latencyMs: int(sends ? AT.sendLatencyMs : AT.receiveLatencyMs),
      bandwidthKbps: Math.round(view.getFloat64(AT.bandwidthMbps, true) * 1000),
      packetsLost: lost,
      packetsRetransmitted: int(AT.retransmitted),
      packetsDropped: dropped,
      lossPercent: unique > 0 ? Math.min(100, round((100 * lost) / unique)) : 0,
    },
    packets: sends ? long(AT.sentUnique) : long(AT.receivedTotal),
    recentRetransmitted: int(AT.receivedRetransmitted),
  }
}

const round = (value: number) => Math.round(value * 100) / 100
