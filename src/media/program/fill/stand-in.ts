import type { Timeline } from '../timeline.ts'
import type { Format, VideoUnit } from '../units.ts'
import { toFrozen } from './freeze.ts'
import { createFill, type Fill, type FillPictures } from './player.ts'

/** A picture of our own that can stand in for the feed. */
export type Slate = FillPictures & { format: Format }

/** What is shown for want of a feed: the slate, or the last keyframe that was on air. */
export type StandIn = {
  slate: Slate | null
  /** A keyframe has been on air. */
  keyframe(unit: VideoUnit): void
  /** False: there is no such picture that outputs started for `aired` could show. */
  can(what: 'slate' | 'freeze', aired: Format | null, canBeSilent: boolean): boolean
  /** Shows what was last found possible. */
  start(nowMs: number): void
  stop(nowMs: number): void
  tick(nowMs: number): void
  /** For how long one has been on air without a break, 0 = none is. */
  onAirMs(nowMs: number): number
  totalMs(nowMs: number): number
}

/** `isSounding`: sound of the feed is still being written. */
export function createStandIn(timeline: Timeline, isSounding: () => boolean): StandIn {
  let lastKey: VideoUnit | null = null
  let show: FillPictures | null = null
  let fill: Fill | null = null
  let sinceMs = 0
  let pastMs = 0

  function find(what: 'slate' | 'freeze', aired: Format | null, canBeSilent: boolean): FillPictures | null {
    if (what === 'slate') {
      const fits = !aired || self.slate?.format.video?.codec === aired.video?.codec
      return fits ? self.slate : null
    }
    if (aired && !aired.video) return canBeSilent ? { pictures: [], ticks: 0 } : null
    return lastKey && lastKey.codec === aired?.video?.codec ? toFrozen(lastKey) : null
  }

  const self: StandIn = {
    slate: null,
    keyframe(unit) {
      lastKey = unit
    },
    can(what, aired, canBeSilent) {
      show = find(what, aired, canBeSilent)
      return show !== null
    },
    start(nowMs) {
      if (!show) return
      if (!fill) sinceMs = nowMs
      fill = createFill({ timeline, show, isSounding, startMs: nowMs })
    },
    stop(nowMs) {
      if (fill) pastMs += nowMs - sinceMs
      fill = null
    },
    tick: (nowMs) => fill?.tick(nowMs),
    onAirMs: (nowMs) => (fill ? nowMs - sinceMs : 0),
    totalMs: (nowMs) => pastMs + (fill ? nowMs - sinceMs : 0),
  }
  return self
}
