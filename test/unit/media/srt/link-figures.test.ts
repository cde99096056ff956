import { expect, test } from 'bun:test'
import { fromStats, STATS_BYTES } from '../../../../src/media/srt/link-figures.ts'

/** `SRT_TRACEBSTATS` as a C compiler lays it out from srt.h of libsrt 1.5.1 (offsetof on x86-64), filled with known values. */
function toStats(): Uint8Array {
  const bytes = new Uint8Array(STATS_BYTES)
  const view = new DataView(bytes.buffer)
  const long = (at: number, value: number) => view.setBigInt64(at, BigInt(value), true)
  const int = (at: number, value: number) => view.setInt32(at, value, true)
  const double = (at: number, value: number) => view.setFloat64(at, value, true)
  long(8, 1_060) // pktSentTotal
  long(16, 2_040) // pktRecvTotal
  int(24, 50) // pktSndLossTotal
  int(28, 40) // pktRcvLossTotal
  int(32, 60) // pktRetransTotal
  int(64, 7) // pktSndDropTotal
  int(68, 5) // pktRcvDropTotal
  int(164, 35) // pktRcvRetrans
  double(328, 12.3456) // msRTT
  double(336, 98.7654) // mbpsBandwidth
  int(376, 300) // msSndTsbPdDelay
  int(392, 200) // msRcvTsbPdDelay
  long(432, 1_000) // pktSentUniqueTotal
  long(440, 1_995) // pktRecvUniqueTotal
  return bytes
}

test('what a receiver sees', () => {
  expect(fromStats(toStats(), 'receiver')).toMatchObject({
    link: { rttMs: 12.35, latencyMs: 200, bandwidthKbps: 98_765, packetsLost: 40, packetsDropped: 5, lossPercent: 2 },
    packets: 2_040,
    recentRetransmitted: 35,
  })
})

test('what a sender sees', () => {
  expect(fromStats(toStats(), 'sender').link).toEqual({
    rttMs: 12.35,
    latencyMs: 300,
    bandwidthKbps: 98_765,
    packetsLost: 50,
    packetsRetransmitted: 60,
    packetsDropped: 7,
    lossPercent: 5,
  })
})

test('a link on which nothing has passed has lost nothing', () => {
  expect(fromStats(new Uint8Array(STATS_BYTES), 'sender').link.lossPercent).toBe(0)
})
