import { type AudioUnit, TICKS_PER_SECOND, type Ticks, type Unit, type VideoUnit } from './units.ts'

/** Sound lies later in a multiplex than its picture: so much of it from before the keyframe belongs to the group. */
const SOUND_BEFORE: Ticks = 0.3 * TICKS_PER_SECOND
/** Longer or larger groups are not worth being sent late. */
const MAX_TICKS: Ticks = 12 * TICKS_PER_SECOND
const MAX_BYTES = 24 * 1024 * 1024

/** Decoding time that steps back further or ahead further is another timeline of the source. */
const MAX_BACK: Ticks = TICKS_PER_SECOND / 10
const MAX_AHEAD: Ticks = TICKS_PER_SECOND

export const isJump = (step: Ticks) => step < -MAX_BACK || step > MAX_AHEAD

export type Group = { key: VideoUnit; units: Unit[] /** From the keyframe to the newest picture. */; ticks: Ticks }

/** What one feed could go on air with at once: everything since its newest keyframe, and for how long it has been well. */
export type GopCache = {
  /** In order of arrival. Behind a jump, or a hole of the loss limit, all begins anew: what was kept cannot be joined. */
  add(unit: Unit, nowMs: number): void
  /** The newest group; null where there is none, or only one that is too long. */
  group(): Group | null
  /** Whole pictures come, behind a keyframe of the same timeline. */
  isAlive(nowMs: number): boolean
  /** For how long it has been alive without a jump or a hole; 0 while it is not. */
  healthyMs(nowMs: number): number
}

export function createGopCache(o: {
  /** So long without a picture (a sound, where there are no pictures) is a loss. */
  lossMs(): number
  /** What the feed is measured by. */
  leads(): Unit['kind']
}): GopCache {
  let group: Group | null = null
  let sizeBytes = 0
  /** Sound of the last moments, for the next keyframe. */
  let sound: AudioUnit[] = []
  let sinceMs: number | null = null
  let lastMs = 0
  let lastIn: Ticks = 0

  function clear(): void {
    group = null
    sound = []
    sinceMs = null
  }

  function begin(key: VideoUnit): void {
    group = { key, units: [...sound], ticks: 0 }
    sizeBytes = 0
  }

  const isAlive = (nowMs: number) => sinceMs !== null && nowMs - lastMs <= o.lossMs()

  return {
    add(unit, nowMs) {
      if (unit.kind === o.leads()) {
        const time = unit.kind === 'video' ? unit.dts : unit.pts
        // What came since the last jump already belongs to the new timeline.
        if (sinceMs !== null && (!isAlive(nowMs) || isJump(time - lastIn))) clear()
        lastIn = time
        if (sinceMs === null && unit.kind === 'video' && !unit.key) return
        sinceMs ??= nowMs
        lastMs = nowMs
      }
      if (unit.kind === 'audio') {
        sound.push(unit)
        while (Math.abs(unit.pts - (sound[0] as AudioUnit).pts) > SOUND_BEFORE) sound.shift()
      } else if (unit.key) begin(unit)
      if (!group) return
      group.units.push(unit)
      if (unit.kind === 'video') group.ticks = unit.dts - group.key.dts
      sizeBytes += unit.data.length
      if (sizeBytes > MAX_BYTES || group.ticks > MAX_TICKS) group = null
    },
    group: () => group,
    isAlive,
    healthyMs: (nowMs) => (isAlive(nowMs) ? nowMs - (sinceMs as number) : 0),
  }
}
