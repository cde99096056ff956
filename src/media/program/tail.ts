import type { Lane } from './lane.ts'
import type { Timeline } from './timeline.ts'
import type { AudioUnit, Ticks } from './units.ts'

/** Sound lies up to so much later in a multiplex than its picture. */
const TAIL_MS = 400

/**
 * At a planned cut the sound of the source that leaves still lacks what belongs to its last pictures: it is written up to the
 * cut, and the successor's waits so long, each frame with the offset that it came with.
 */
export type Tail = {
  begin(from: Lane, untilOut: Ticks, nowMs: number): void
  /** Silence for what is still missing, then what has waited. */
  end(nowMs: number): void
  readonly isOpen: boolean
  /** Sound of the source that left; it ends the tail when it reaches the cut. */
  late(lane: Lane, unit: AudioUnit, offset: Ticks, nowMs: number): void
  wait(unit: AudioUnit, offset: Ticks): void
  tick(nowMs: number): void
}

export function createTail(timeline: Timeline): Tail {
  let open: { from: Lane; untilOut: Ticks; deadlineMs: number } | null = null
  let waiting: { unit: AudioUnit; offset: Ticks }[] = []

  function end(nowMs: number): void {
    if (!open) return
    timeline.soundFrom(open.untilOut, nowMs)
    open = null
    for (const { unit, offset } of waiting) timeline.sound(unit, offset, false, nowMs)
    waiting = []
  }

  return {
    begin(from, untilOut, nowMs) {
      open = { from, untilOut, deadlineMs: nowMs + TAIL_MS }
    },
    end,
    get isOpen() {
      return open !== null
    },
    late(lane, unit, offset, nowMs) {
      if (open?.from !== lane) return
      if (unit.pts + offset < open.untilOut - unit.durationTicks / 2) timeline.sound(unit, offset, false, nowMs)
      else end(nowMs)
    },
    wait(unit, offset) {
      waiting.push({ unit, offset })
    },
    tick(nowMs) {
      if (open && nowMs >= open.deadlineMs) end(nowMs)
    },
  }
}
