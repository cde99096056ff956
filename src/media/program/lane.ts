import type { Aired } from './aired.ts'
import { createGopCache, isJump } from './gop-cache.ts'
import { toBrokenLink } from '../mpegts/broken-link.ts'
import type { Timeline } from './timeline.ts'
import { type AudioUnit, type Format, TICKS_PER_SECOND, type Ticks, type Unit, type VideoUnit } from './units.ts'

/** Sound that steps so far back or ahead of itself has jumped. */
const BESIDE: Ticks = TICKS_PER_SECOND / 2
/** Sound further from the pictures belongs to another timeline. */
const MAX_APART: Ticks = 5 * TICKS_PER_SECOND
/** A source that comes back this near to where its clock should be is the same timeline: an outage, not a restart. */
const SAME_CLOCK: Ticks = TICKS_PER_SECOND / 2
/** Sound that jumped while pictures did not is believed after this. */
const STRAY_MS = 1000
/** Sound that waits for its keyframe: frames, and ticks from first to last. */
const MAX_HELD_FRAMES = 256
const MAX_HELD: Ticks = 2 * TICKS_PER_SECOND
/** Silence is written once sound is so far behind the pictures, up to so far, and none came for so long. */
const MAX_BEHIND: Ticks = 0.6 * TICKS_PER_SECOND
const KEEP_BEHIND: Ticks = 0.3 * TICKS_PER_SECOND
const SOUND_GONE_MS = 500
/** A cached group leaves at this speed behind a head start: UDP and SRT receivers lose one that comes at once. */
const BURST_SPEED = 4
const BURST_HEAD_MS = 500
/** Further ahead of the wall clock nothing is sent: it would all have to be worked off. */
const MAX_LEAD: Ticks = 2.5 * TICKS_PER_SECOND

export type Cut = {
  format: Format
  /** Time of the first picture on the program's timeline. */
  ptsOut: Ticks
  /** What outputs miss between the last picture and this one. */
  gapMs: number
  /** Why the source's own clock broke; null where it did not. */
  jump: 'clock_back' | 'clock_ahead' | null
}

/** What a lane sees of its program. */
export type Stage = {
  readonly timeline: Timeline
  readonly aired: Aired
  lossMs(): number
  /** `on`: what it brings is written. `next`: its next keyframe puts it on. */
  role(lane: Lane): 'on' | 'next' | 'off'
  /** The lane goes on the air, or begins anew there. */
  enter(lane: Lane, cut: Cut, nowMs: number): void
  wrote(unit: Unit, nowMs: number): void
  /** False: the timeline has sound there already. */
  sound(unit: AudioUnit, offset: Ticks, leads: boolean, nowMs: number): boolean
  /** Sound of a lane that has left: it may still be wanted up to the cut. */
  lateSound(lane: Lane, unit: AudioUnit, offset: Ticks, nowMs: number): void
}

export type Lane = {
  readonly told: Format | null
  format(format: Format): void
  /** A unit on the source's own timeline. */
  unit(unit: Unit, nowMs: number): void
  /** Goes on the air at once, with what has come since the last keyframe. False: that is too long ago, or there is none. */
  begin(nowMs: number): boolean
  /** Writes what is due of a cached group. */
  drain(nowMs: number): void
  /** Goes off the air. `forAnother`: something else is written meanwhile, so its clock cannot simply be taken up again. */
  leave(forAnother: boolean): void
  isAlive(nowMs: number): boolean
  healthyMs(nowMs: number): number
}

/**
 * One source on its way to the program's timeline. It comes in at a keyframe, with the offset that keeps outputs in step with
 * the wall clock, and again at a keyframe whenever its own clock jumps; its sound is moved by the same offset as its pictures.
 */
export function createLane(stage: Stage): Lane {
  const { timeline } = stage
  let told: Format | null = null
  const cache = createGopCache({ lossMs: stage.lossMs, leads: () => (told && !told.video ? 'audio' : 'video') })
  /** Nothing is written before the next keyframe. */
  let waiting = true
  let jumped = false
  let hasLeft = false
  let offset: Ticks | null = null
  let lead: Ticks = 0
  /** Last decoding time that was looked at. */
  let lastIn: Ticks | null = null
  /** Pictures shown before it refer to what was cut away. */
  let leadingUntil: Ticks = Number.NEGATIVE_INFINITY
  let held: AudioUnit[] = []
  let lastSoundIn: Ticks | null = null
  let strayMs: number | null = null
  /** Sound has jumped and no picture came since: then what is held is already of the new timeline. */
  let soundJumpedFirst = false
  let lastSoundMs = 0
  /** A cached group on its way out, and what came behind it. */
  let backlog: { units: Unit[]; next: number; from: Ticks; ahead: Ticks; sinceMs: number } | null = null

  function watchJump(dts: Ticks): void {
    if (lastIn !== null && isJump(dts - lastIn)) {
      jumped = true
      waiting = true
      if (!soundJumpedFirst) held = []
    }
    lastIn = dts
  }

  const stepTo = (dts: Ticks) => timeline.stepTo(dts, offset ?? 0) ?? 0

  /** Brings the source on the timeline at `start`, a keyframe or the first sound of a program without pictures. */
  function cut(start: { dts: Ticks; pts: Ticks }, format: Format, nowMs: number): void {
    const ahead = backlog?.ahead ?? 0
    const due = timeline.dueAt(nowMs) - ahead
    const place = start.dts + (offset ?? 0)
    const isBehindAll = !hasLeft && offset !== null && offset >= timeline.offsetFor(start, Number.NEGATIVE_INFINITY)
    const isSameClock = isBehindAll && place >= due - SAME_CLOCK && place <= due + lead + SAME_CLOCK
    const before = stepTo(start.dts)
    if (!isSameClock) offset = timeline.offsetFor(start, due)
    const gap = stepTo(start.dts) - timeline.pictureTicks()
    lead = Math.max(0, start.dts + (offset ?? 0) - due)
    stage.enter(
      self,
      {
        format,
        ptsOut: start.pts + (offset ?? 0),
        gapMs: Math.max(0, Math.round(gap / 90)),
        jump: !jumped || isSameClock ? null : before > 0 ? 'clock_ahead' : 'clock_back',
      },
      nowMs,
    )
    waiting = false
    jumped = false
    hasLeft = false
    lastSoundMs = nowMs
  }

  /** Told by a live picture where the source's clock stands; what is sent late tells nothing. */
  function written(unit: Unit, nowMs: number): void {
    if (!backlog) timeline.follow(lead, nowMs)
    stage.wrote(unit, nowMs)
  }

  function picture(unit: VideoUnit, format: Format, nowMs: number): void {
    if (unit.codec !== format.video?.codec) return
    watchJump(unit.dts)
    soundJumpedFirst = false
    const role = stage.role(self)
    const cuts = unit.key && role !== 'off' && (waiting || stepTo(unit.dts) <= 0 || !stage.aired.isSame(format))
    if (cuts) {
      cut(unit, format, nowMs)
      leadingUntil = unit.pts
    } else if (waiting) return
    else if (unit.key) leadingUntil = Number.NEGATIVE_INFINITY
    else if (unit.pts < leadingUntil) return
    // What an open keyframe counts on from is not what was written before it.
    const isOpen = cuts && unit.codec === 'hevc'
    timeline.picture(isOpen ? { ...unit, data: toBrokenLink(unit.data) } : unit, offset ?? 0, nowMs)
    written(unit, nowMs)
    if (cuts) releaseHeld(unit.pts, nowMs)
    if (nowMs - lastSoundMs > SOUND_GONE_MS) timeline.followPicture(MAX_BEHIND, KEEP_BEHIND, nowMs)
  }

  /** Sound beside pictures. */
  function sound(unit: AudioUnit, nowMs: number): void {
    const step = lastSoundIn === null ? 0 : unit.pts - lastSoundIn
    const apart = lastIn === null ? 0 : Math.abs(unit.pts - lastIn)
    lastSoundIn = unit.pts
    // A pause in the sound ends beside the pictures.
    const hasJumped = isJump(step) && (step < 0 || apart > BESIDE)
    if (hasJumped || (apart > MAX_APART && strayMs === null)) {
      strayMs = nowMs
      soundJumpedFirst = true
      held = []
    }
    if (waiting && strayMs === null) stage.lateSound(self, unit, offset ?? 0, nowMs)
    if (waiting || strayMs !== null) {
      hold(unit)
      if (waiting || strayMs === null || nowMs - strayMs < STRAY_MS || apart > MAX_APART) return
      releaseHeld(lastIn ?? unit.pts, nowMs)
    } else write(unit, false, nowMs)
  }

  function hold(unit: AudioUnit): void {
    held.push(unit)
    while (held.length > MAX_HELD_FRAMES || unit.pts - (held[0] as AudioUnit).pts > MAX_HELD) held.shift()
  }

  function releaseHeld(aroundIn: Ticks, nowMs: number): void {
    const units = held
    held = []
    strayMs = null
    lastSoundIn = null
    for (const unit of units) {
      if (Math.abs(unit.pts - aroundIn) > MAX_APART) continue
      lastSoundIn = unit.pts
      write(unit, false, nowMs)
    }
  }

  function soundAlone(unit: AudioUnit, format: Format, nowMs: number): void {
    watchJump(unit.pts)
    const role = stage.role(self)
    if (role === 'off') return
    const cuts = waiting || stepTo(unit.pts) <= 0 || !stage.aired.isSame(format)
    if (cuts) cut({ dts: unit.pts, pts: unit.pts }, format, nowMs)
    if (write(unit, true, nowMs)) written(unit, nowMs)
  }

  function write(unit: AudioUnit, leads: boolean, nowMs: number): boolean {
    const audio = stage.aired.format?.audio
    if (!audio || audio.codec !== unit.codec) return false
    // Another AAC configuration waits for the cut that restarts the outputs.
    const fits = audio.sampleRate === unit.sampleRate && (audio.channels ?? 0) === unit.channels
    if (audio.codec === 'aac' && !fits) return false
    if (!stage.sound(unit, offset ?? 0, leads, nowMs)) return false
    lastSoundMs = nowMs
    return true
  }

  function take(unit: Unit, nowMs: number): void {
    if (!told) return
    if (unit.kind === 'video') picture(unit, told, nowMs)
    else if (told.video) sound(unit, nowMs)
    else soundAlone(unit, told, nowMs)
  }

  function drain(nowMs: number): void {
    while (backlog) {
      const unit = backlog.units[backlog.next]
      if (!unit) {
        backlog = null
        return
      }
      const time = unit.kind === 'video' ? unit.dts : unit.pts
      const isDue = time - backlog.from <= (BURST_HEAD_MS + (nowMs - backlog.sinceMs) * BURST_SPEED) * 90
      // A clock that jumped meanwhile says nothing of when a unit is due.
      if (!isDue && !isJump(time - (lastIn ?? time))) return
      backlog.next++
      take(unit, nowMs)
    }
  }

  function forget(): void {
    waiting = true
    jumped = false
    held = []
    backlog = null
    lastIn = null
    lastSoundIn = null
    strayMs = null
    soundJumpedFirst = false
  }

  const self: Lane = {
    get told() {
      return told
    },
    format(format) {
      told = format
    },
    unit(unit, nowMs) {
      cache.add(unit, nowMs)
      if (!backlog) return take(unit, nowMs)
      backlog.units.push(unit)
      drain(nowMs)
    },
    begin(nowMs) {
      const group = cache.group()
      if (!group || !told) return false
      const place = timeline.offsetFor(group.key, timeline.dueAt(nowMs) - group.ticks) + group.key.dts
      if (place + group.ticks - timeline.dueAt(nowMs) > MAX_LEAD) return false
      forget()
      backlog = { units: [...group.units], next: 0, from: group.key.dts, ahead: group.ticks, sinceMs: nowMs }
      drain(nowMs)
      return true
    },
    drain,
    leave(forAnother) {
      hasLeft = forAnother
      waiting = true
      jumped = false
      backlog = null
    },
    isAlive: cache.isAlive,
    healthyMs: cache.healthyMs,
  }
  return self
}
