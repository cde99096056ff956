import type { Feed, Sink } from './program.ts'
import type { Ring } from './ring.ts'

/** A reader this far behind where it should be is moved forward: old pictures are worth less than present ones. */
export const LAG_LIMIT_MS = 4_000
/** UDP and SRT receivers lose a whole group of pictures sent at once; four times real time they take (measured). */
const PACE = 4
/** FFmpeg swallows this much before its first byte, so it may have it at once: the receiver gets no larger a burst. */
const HEAD_START_MS = 500

export type Cursor = Feed & {
  /** Writes what is due; called after every push and on every tick. */
  pump(nowMs: number): void
  /** The chunk it reads next while it is still catching up from its start; null once it is at the live edge. */
  neededSeq(nowMs: number): number | null
}

/**
 * One output's place in the ring. Nothing is queued per output: a sink that is full leaves its cursor standing, and a
 * cursor that lags more than `LAG_LIMIT_MS` jumps to the newest keyframe, or to the live edge if none came since.
 * Lag is counted from where the cursor would be had it kept pace from its start, so that a start deep in a long group
 * of pictures is no lag.
 */
export function createCursor(
  ring: Ring,
  sink: Sink,
  options: { paced: boolean; nowMs(): number; ended(): void },
): Cursor {
  const startMs = options.nowMs()
  let seq = ring.startSeq(startMs)
  const firstAtMs = ring.at(seq)?.atMs ?? startMs
  const backlogMs = startMs - firstAtMs
  let skips = 0
  let bytesWritten = 0
  let busySinceMs: number | null = null
  let attached = true

  const allowedAgeMs = (nowMs: number) => Math.max(0, backlogMs - (PACE - 1) * (nowMs - startMs))

  function lagMs(nowMs: number): number {
    if (seq < ring.tail) return Number.POSITIVE_INFINITY
    const next = ring.at(seq)
    return next ? Math.max(0, nowMs - next.atMs - allowedAgeMs(nowMs)) : 0
  }

  /** Past the head start a chunk is due when its distance from the first one has passed at `PACE` times real time. */
  function isDue(atMs: number, nowMs: number): boolean {
    return !options.paced || HEAD_START_MS + (nowMs - startMs) * PACE >= atMs - firstAtMs
  }

  function end(): void {
    if (!attached) return
    attached = false
    options.ended()
  }

  function pump(nowMs: number): void {
    // A jump waits until there is room again: it should land on what is newest then.
    if (!attached || busySinceMs !== null) return
    if (lagMs(nowMs) > LAG_LIMIT_MS) {
      seq = ring.jumpSeq(seq)
      skips++
    }
    while (attached && busySinceMs === null) {
      const chunk = ring.at(seq)
      if (!chunk || !isDue(chunk.atMs, nowMs)) return
      let full: Promise<unknown> | null
      try {
        full = sink.write(chunk.data)
      } catch {
        // The child is gone; its own exit is described by the process that owned it.
        return end()
      }
      seq++
      bytesWritten += chunk.data.byteLength
      if (full) {
        busySinceMs = nowMs
        full.then(() => {
          busySinceMs = null
          pump(options.nowMs())
        }, end)
      }
    }
  }

  return {
    pump,
    detach: end,
    lagMs,
    neededSeq: (nowMs) => (attached && allowedAgeMs(nowMs) > 0 && lagMs(nowMs) <= LAG_LIMIT_MS ? seq : null),
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
}
