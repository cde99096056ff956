import { isSameProgram } from './same-program.ts'
import { createTimeline } from './timeline.ts'
import { type AudioUnit, type Format, TICKS_PER_SECOND, type Ticks, type Unit, type VideoUnit } from './units.ts'

/** Decoding time that steps back further or ahead further is another timeline of the source. */
const MAX_BACK: Ticks = TICKS_PER_SECOND / 10
const MAX_AHEAD: Ticks = TICKS_PER_SECOND
/** Sound further from the pictures belongs to another timeline. */
const MAX_APART: Ticks = 5 * TICKS_PER_SECOND
/** Sound so near to the pictures belongs to theirs. */
const BESIDE: Ticks = TICKS_PER_SECOND / 2
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

export type Splice = {
  /** What the source carries from now on; before its first unit, and at every change. */
  format(format: Format, nowMs: number): void
  /** A unit on the source's own timeline. */
  unit(unit: Unit, nowMs: number): void
  /** Every 20 ms or so: finds the loss. */
  tick(nowMs: number): void
  setLossMs(lossMs: number): void
}

/**
 * Puts one source on one timeline that never steps back. A source that restarts, jumps or was away comes in again at a keyframe,
 * after a gap as long as the hole; its sound is moved by the same offset as its pictures. `lossMs` without a whole picture
 * written (sound frame, where there are no pictures) is a loss: nothing is on air until the next keyframe.
 */
export function createSplice(o: {
  lossMs: number
  /** Times are those of the timeline. */
  emit(unit: Unit, nowMs: number): void
  onAir(state: 'main' | 'none', reason: 'lost' | 'returned' | 'restarted' | null, nowMs: number): void
  /** The source came back on another timeline without a loss. `gapMs`: the gap outputs see. */
  onRestarted(event: { reason: string; gapMs: number }, nowMs: number): void
  /** Before the first unit of a program that outputs cannot go on with: the first, other codecs, other AAC configuration. */
  onProgramChange(format: Format): void
}): Splice {
  const timeline = createTimeline(o.emit)
  let lossMs = o.lossMs
  let told: Format | null = null
  let aired: Format | null = null
  let onAir = false
  let wasOnAir = false
  /** Nothing is written before the next keyframe. */
  let waiting = true
  let jumped = false
  let offset: Ticks = 0
  /** Last decoding time of the source, and when the last picture was written. */
  let lastIn: Ticks | null = null
  let lastWrittenMs = 0
  /** Pictures shown before it refer to what was cut away. */
  let leadingUntil: Ticks = Number.NEGATIVE_INFINITY
  let held: AudioUnit[] = []
  let lastSoundIn: Ticks | null = null
  let strayMs: number | null = null
  /** Sound has jumped and no picture came since: then what is held is already of the new timeline. */
  let soundJumpedFirst = false
  let lastSoundMs = 0

  function watchJump(dts: Ticks): void {
    const step = lastIn === null ? 0 : dts - lastIn
    if (step < -MAX_BACK || step > MAX_AHEAD) {
      jumped = true
      waiting = true
      if (!soundJumpedFirst) held = []
    }
    lastIn = dts
  }

  /** Brings the source on the timeline at `start`, a keyframe or the first sound of a program without pictures. */
  function cut(start: { dts: Ticks; pts: Ticks }, format: Format, nowMs: number): void {
    const hole = wasOnAir ? ((nowMs - lastWrittenMs) * TICKS_PER_SECOND) / 1000 : 0
    const step = timeline.stepTo(start.dts, offset)
    const isSameClock = step !== null && step > 0 && Math.abs(step - hole) <= SAME_CLOCK
    if (!isSameClock) offset = timeline.offsetFor(start, hole)
    const gap = (timeline.stepTo(start.dts, offset) ?? 0) - timeline.pictureTicks()
    if (!aired || !isSameProgram(aired, format)) {
      o.onProgramChange(format)
      aired = format
      timeline.setAudio(format.audio)
    }
    if (!onAir) {
      onAir = true
      o.onAir('main', wasOnAir ? 'returned' : null, nowMs)
    } else if (jumped && !isSameClock) {
      const reason = step !== null && step > 0 ? 'clock_ahead' : 'clock_back'
      o.onRestarted({ reason, gapMs: Math.max(0, Math.round(gap / 90)) }, nowMs)
      o.onAir('main', 'restarted', nowMs)
    }
    wasOnAir = true
    waiting = false
    jumped = false
    lastSoundMs = nowMs
    if (format.audio) timeline.soundFrom(start.pts + offset, nowMs)
  }

  function picture(unit: VideoUnit, format: Format, nowMs: number): void {
    if (unit.codec !== format.video?.codec) return
    watchJump(unit.dts)
    soundJumpedFirst = false
    const cuts = unit.key && (waiting || (timeline.stepTo(unit.dts, offset) ?? 0) <= 0 || !isSameProgram(aired, format))
    if (cuts) {
      cut(unit, format, nowMs)
      leadingUntil = unit.pts
    } else if (waiting) return
    else if (unit.key) leadingUntil = Number.NEGATIVE_INFINITY
    else if (unit.pts < leadingUntil) return
    timeline.picture(unit, offset, nowMs)
    lastWrittenMs = nowMs
    if (cuts) releaseHeld(unit.pts, nowMs)
    if (nowMs - lastSoundMs > SOUND_GONE_MS) timeline.followPicture(MAX_BEHIND, KEEP_BEHIND, nowMs)
  }

  /** Sound beside pictures. */
  function sound(unit: AudioUnit, nowMs: number): void {
    const step = lastSoundIn === null ? 0 : unit.pts - lastSoundIn
    const apart = lastIn === null ? 0 : Math.abs(unit.pts - lastIn)
    lastSoundIn = unit.pts
    // A pause in the sound ends beside the pictures.
    const isAhead = step > MAX_AHEAD && apart > BESIDE
    if (step < -MAX_BACK || isAhead || (apart > MAX_APART && strayMs === null)) {
      strayMs = nowMs
      soundJumpedFirst = true
      held = []
    }
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
    const cuts = waiting || (timeline.stepTo(unit.pts, offset) ?? 0) <= 0 || !isSameProgram(aired, format)
    if (cuts) cut({ dts: unit.pts, pts: unit.pts }, format, nowMs)
    if (write(unit, true, nowMs)) lastWrittenMs = nowMs
  }

  function write(unit: AudioUnit, leads: boolean, nowMs: number): boolean {
    const audio = aired?.audio
    if (!audio || audio.codec !== unit.codec) return false
    // Another AAC configuration waits for the cut that restarts the outputs.
    const fits = audio.sampleRate === unit.sampleRate && (audio.channels ?? 0) === unit.channels
    if (audio.codec === 'aac' && !fits) return false
    if (!timeline.sound(unit, offset, leads, nowMs)) return false
    lastSoundMs = nowMs
    return true
  }

  function tick(nowMs: number): void {
    if (!onAir || nowMs - lastWrittenMs <= lossMs) return
    onAir = false
    waiting = true
    o.onAir('none', 'lost', nowMs)
  }

  return {
    format(format) {
      told = format
    },
    unit(unit, nowMs) {
      tick(nowMs)
      if (!told) return
      if (unit.kind === 'video') picture(unit, told, nowMs)
      else if (told.video) sound(unit, nowMs)
      else soundAlone(unit, told, nowMs)
    },
    tick,
    setLossMs(next) {
      lossMs = next
    },
  }
}
