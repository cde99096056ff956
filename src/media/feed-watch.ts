import type { FeedSource } from './feed-source.ts'
import { feedWarnings } from './input-warnings.ts'
import type { TsReader } from './mpegts/reader.ts'
import type { Warning } from './protocol.ts'
import { createRecentCount } from './recent-count.ts'

/** Packets this recent make a feed active. */
const ACTIVE_MS = 2_000
/** So much without one packet in its place, and it is no transport stream. */
const FOREIGN_BYTES = 20_000
const CONTINUITY_WINDOW_MS = 10_000
const LOSS_WINDOW_MS = 300_000

export type Look = { active: boolean; activeForMs: number; warnings: Omit<Warning, 'since'>[] }

/** Looks at a feed several times a second and says whether it is there and what is wrong with it. */
export function createFeedWatch() {
  const losses = createRecentCount(LOSS_WINDOW_MS)
  let continuity = createRecentCount(CONTINUITY_WINDOW_MS)
  let continuitySeen = 0
  let foreignFrom = 0
  let activeSinceMs: number | null = null

  return {
    /** A new reader: its counters begin at zero. */
    begin(): void {
      continuity = createRecentCount(CONTINUITY_WINDOW_MS)
      continuitySeen = 0
      foreignFrom = 0
      activeSinceMs = null
    },
    lost: (nowMs: number): void => losses.add(1, nowMs),
    look(
      feed: {
        reader: TsReader
        source: FeedSource
        hasVideo: boolean
        hasAudio: boolean
        receiveBufferBytes: number | null
      },
      nowMs: number,
    ): Look {
      const { health } = feed.reader
      const isRecent = (atMs: number | null) => atMs !== null && nowMs - atMs < ACTIVE_MS
      const active = isRecent(health.lastProgramMs)
      activeSinceMs = active ? (activeSinceMs ?? nowMs) : null
      continuity.add(health.continuityErrors - continuitySeen, nowMs)
      continuitySeen = health.continuityErrors
      const hasPackets = isRecent(health.lastPacketMs)
      if (hasPackets) foreignFrom = health.foreignBytes
      const warnings = feedWarnings(
        {
          active,
          recentContinuityErrors: continuity.sum(nowMs),
          hasVideo: feed.hasVideo,
          hasAudio: feed.hasAudio,
          activeSinceMs: activeSinceMs ?? nowMs,
          lastKeyframeMs: health.lastKeyframeMs,
          lastAudioMs: health.lastAudioMs,
          foreign: !hasPackets && health.foreignBytes - foreignFrom > FOREIGN_BYTES,
          other: feed.source.other(),
          receiveBufferBytes: feed.receiveBufferBytes,
          losses: losses.sum(nowMs),
        },
        nowMs,
      )
      return { active, activeForMs: activeSinceMs === null ? 0 : nowMs - activeSinceMs, warnings }
    },
  }
}
