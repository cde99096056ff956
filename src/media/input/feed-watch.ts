import type { FeedSource } from './feed-source.ts'
import { type FeedFacts, feedWarnings } from './input-warnings.ts'
import type { TsReader } from '../mpegts/reader.ts'
import type { Warning } from '../actual.ts'
import { createRecentCount } from './recent-count.ts'

/** Packets this recent make a feed active. */
const ACTIVE_MS = 2_000
/** So much of something else within `FOREIGN_WINDOW_MS`, and more of it than of packets: no transport stream. */
const FOREIGN_BYTES = 20_000
const FOREIGN_WINDOW_MS = 3_000
const CONTINUITY_WINDOW_MS = 10_000
const LOSS_WINDOW_MS = 300_000

export type Look = { active: boolean; activeForMs: number; warnings: Omit<Warning, 'since'>[] }

/** How much a counter grew within the last `windowMs`. */
function createGrowth(windowMs: number): (total: number, nowMs: number) => number {
  const recent = createRecentCount(windowMs)
  let seen = 0
  return (total, nowMs) => {
    recent.add(total - seen, nowMs)
    seen = total
    return recent.sum(nowMs)
  }
}

/** Looks at a feed several times a second and says whether it is there and what is wrong with it. */
export function createFeedWatch() {
  const losses = createRecentCount(LOSS_WINDOW_MS)
  const begun = () => ({
    continuityErrors: createGrowth(CONTINUITY_WINDOW_MS),
    foreignBytes: createGrowth(FOREIGN_WINDOW_MS),
    bytes: createGrowth(FOREIGN_WINDOW_MS),
    activeSinceMs: null as number | null,
    endedMs: Number.NEGATIVE_INFINITY,
  })
  let recent = begun()

  return {
    /** A new reader: its counters begin at zero. */
    begin(): void {
      recent = begun()
    },
    /** The sender said goodbye: what came until now makes no feed any more. */
    ended(nowMs: number): void {
      recent.endedMs = nowMs
      recent.activeSinceMs = null
    },
    lost: (nowMs: number): void => losses.add(1, nowMs),
    look(
      feed: {
        reader: TsReader
        source: FeedSource
        /** The program number that is wanted, null = the first. */
        program: number | null
        hasVideo: boolean
        hasAudio: boolean
        receiveBufferBytes: number | null
      },
      nowMs: number,
    ): Look {
      const { health } = feed.reader
      const lastMs = health.lastProgramMs
      const active = lastMs !== null && lastMs > recent.endedMs && nowMs - lastMs < ACTIVE_MS
      recent.activeSinceMs = active ? (recent.activeSinceMs ?? nowMs) : null
      const foreign = recent.foreignBytes(health.foreignBytes, nowMs)
      const bytes = recent.bytes(health.bytesTotal, nowMs)
      const warnings = feedWarnings(
        {
          active,
          recentContinuityErrors: recent.continuityErrors(health.continuityErrors, nowMs),
          hasVideo: feed.hasVideo,
          hasAudio: feed.hasAudio,
          activeSinceMs: recent.activeSinceMs ?? nowMs,
          lastKeyframeMs: health.lastKeyframeMs,
          lastAudioMs: health.lastAudioMs,
          foreign: foreign > FOREIGN_BYTES && foreign > bytes / 2,
          missingProgram: active || bytes === 0 ? null : missingProgram(feed.program, feed.reader),
          other: feed.source.other(),
          receiveBufferBytes: feed.receiveBufferBytes,
          losses: losses.sum(nowMs),
        },
        nowMs,
      )
      return { active, activeForMs: recent.activeSinceMs === null ? 0 : nowMs - recent.activeSinceMs, warnings }
    },
  }
}

function missingProgram(wanted: number | null, reader: TsReader): FeedFacts['missingProgram'] {
  const present = reader.programs().map((program) => program.number)
  return wanted === null || present.length === 0 || present.includes(wanted) ? null : { wanted, present }
}
