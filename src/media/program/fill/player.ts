import type { Timeline } from '../timeline.ts'
import { TICKS_PER_SECOND, type Ticks, type VideoUnit } from '../units.ts'

/** What is shown while there is no feed: pictures that are played round and round, the first a keyframe. */
export type FillPictures = {
  pictures: Omit<VideoUnit, 'pts' | 'dts'>[]
  /** From picture to picture. */
  ticks: Ticks
  /** They do not move, so they may come as often as is wanted. */
  isStill?: boolean
}

export type Fill = { tick(nowMs: number): void }

/** While the program is ahead of the wall clock its fill runs slower until it is not. */
const SLOW = 0.5

/** Plays pictures and silence by the wall clock; without pictures (a program of sound) silence alone. */
export function createFill(o: {
  timeline: Timeline
  show: FillPictures
  /** Sound of the feed is still being written. */
  isSounding(): boolean
  startMs: number
}): Fill {
  const { timeline, show } = o
  let index = 0
  /** Where the fill stands, and where its next picture goes. */
  let clock = timeline.offsetFor({ dts: 0, pts: 0 }, timeline.dueAt(o.startMs))
  let nextAt = clock
  let lastMs = o.startMs

  /** FFmpeg sends a picture, and the sound before it, when the next one comes: that must not take longer while the fill is slow. */
  const step = (isAhead: boolean) => (isAhead && show.isStill ? show.ticks * SLOW : show.ticks)

  function tick(nowMs: number): void {
    const passed = (nowMs - lastMs) * (TICKS_PER_SECOND / 1000)
    const due = timeline.dueAt(nowMs)
    clock = Math.max(due, clock + passed * SLOW)
    lastMs = nowMs
    while (show.pictures.length > 0 && nextAt <= clock) {
      timeline.fillPicture(show.pictures[index] as FillPictures['pictures'][number], Math.round(nextAt), nowMs)
      index = (index + 1) % show.pictures.length
      nextAt += step(clock > due)
    }
    if (!o.isSounding()) timeline.silenceTo(clock, show.pictures.length === 0, nowMs)
  }

  tick(o.startMs)
  return { tick }
}
