import type { StreamRow } from '../db/tables/streams.ts'
import { isAppError } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { StreamFeeds, StreamPictures } from './streams.resource.ts'
import type { Streams } from './streams.service.ts'

export type SnapshotDeps = {
  streams: Pick<Streams, 'snapped'>
  feeds: Pick<StreamFeeds, 'still' | 'isLive'>
  pictures: Pick<StreamPictures, 'addAutomatic'>
  clock: Clock
  log: Log
}

const LOOK_MS = 1_000
/** Wider than any feed: the frame as it is. */
export const CAPTURE_WIDTH = 8192

/**
 * Takes the live frame of each stream that wants it, at its interval, from the moment that it is live. One at a time for
 * all of them: who waits is late, and nobody is taken twice for it. What cannot be taken is left out. The answer ends it.
 */
export function startSnapshots({ streams, feeds, pictures, clock, log }: SnapshotDeps): () => void {
  /** When the next one of a stream is due, by its id. */
  const due = new Map<number, number>()
  let isAtWork = false

  async function take(row: StreamRow): Promise<void> {
    try {
      const { inputId } = row
      // The last picture of a lost feed is none of now.
      const still = inputId !== null && feeds.isLive(inputId) ? await feeds.still(inputId, CAPTURE_WIDTH) : null
      // It may have ended, or have been told otherwise, meanwhile.
      const now = streams.snapped().find(({ id }) => id === row.id)
      if (still && now) await pictures.addAutomatic(now, { jpeg: still.jpeg, atMs: still.at })
    } catch (error) {
      const code = isAppError(error) ? error.code : null
      // A stream that is full of what people sent takes no more of these, and says so to whoever sends.
      if (code !== 'stream.full') log.warn('a picture of a stream could not be taken', { stream: row.key, code, error })
    }
  }

  async function look(): Promise<void> {
    const wanted = streams.snapped()
    const ids = new Set(wanted.map(({ id }) => id))
    for (const id of due.keys()) if (!ids.has(id)) due.delete(id)
    for (const row of wanted) {
      const intervalMs = (row.snapshotIntervalSeconds ?? 0) * 1_000
      const nowMs = clock.now()
      const dueMs = due.get(row.id) ?? nowMs
      if (dueMs > nowMs && dueMs <= nowMs + intervalMs) continue
      due.set(row.id, nowMs + intervalMs)
      await take(row)
    }
  }

  return clock.every(LOOK_MS, () => {
    if (isAtWork) return
    isAtWork = true
    void look().finally(() => {
      isAtWork = false
    })
  })
}
