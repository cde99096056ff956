import type { AudioFormat, Format, Unit, VideoFormat } from '../program/units.ts'

/** After so long a format is told with what is known; details follow. */
const DEADLINE_MS = 2000
/** Units that wait for the format: beyond, all are given up, and the next keyframe is the first. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024

/** What is announced: null = no such track; `format` null = nothing seen of it yet. */
export type Tracks = {
  video: { format: VideoFormat | null; known: boolean } | null
  audio: { format: AudioFormat | null; known: boolean } | null
}

export type FormatGate = {
  /** Other tracks: units wait until these are known. */
  open(nowMs: number): void
  /** A detail of a track, or the list of them, changed: told before the next unit. */
  changed(): void
  deliver(unit: Unit, nowMs: number): void
  /** Lets the waiting units go once every track is known, or at the deadline those that are there. */
  settle(nowMs: number): void
  isWaiting(): boolean
  format(): Format | null
  reset(): void
}

/** Sees to it that a format comes before the units it describes. */
export function createFormatGate(o: {
  tracks(): Tracks
  onUnit(unit: Unit, nowMs: number): void
  onFormat(format: Format): void
}): FormatGate {
  let format: Format | null = null
  let hasChanged = false
  let waiting: { units: Unit[]; sizeBytes: number; sinceMs: number } | null = null

  function tell(): void {
    hasChanged = false
    const { video, audio } = o.tracks()
    const next: Format = { video: video?.format ?? null, audio: audio?.format ?? null }
    if (format && Bun.deepEquals(next, format)) return
    format = next
    o.onFormat(next)
  }

  return {
    open(nowMs) {
      waiting = { units: [], sizeBytes: 0, sinceMs: nowMs }
    },
    changed() {
      hasChanged = true
    },
    deliver(unit, nowMs) {
      if (!waiting) {
        if (hasChanged) tell()
        o.onUnit(unit, nowMs)
        return
      }
      waiting.units.push(unit)
      waiting.sizeBytes += unit.data.length
      if (waiting.sizeBytes > MAX_WAITING_BYTES) {
        waiting.units = []
        waiting.sizeBytes = 0
      }
    },
    settle(nowMs) {
      if (!waiting) return
      const { video, audio } = o.tracks()
      const some = video?.format || audio?.format
      const complete = (video?.known ?? true) && (audio?.known ?? true)
      if (!some || !(complete || nowMs - waiting.sinceMs >= DEADLINE_MS)) return
      const { units } = waiting
      waiting = null
      tell()
      for (const unit of units) o.onUnit(unit, nowMs)
    },
    isWaiting: () => waiting !== null,
    format: () => format,
    reset() {
      format = null
      hasChanged = false
      waiting = null
    },
  }
}
