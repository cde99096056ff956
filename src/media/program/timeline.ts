import { silentAdtsFrame } from '../mpegts/adts.ts'
import { type AudioFormat, type AudioUnit, TICKS_PER_SECOND, type Ticks, type Unit, type VideoUnit } from './units.ts'

/** Where the first picture goes: far enough from zero that the clock reference before it is positive. */
const START: Ticks = 2 * TICKS_PER_SECOND
const FIRST_PICTURE_TICKS: Ticks = TICKS_PER_SECOND / 25
/** Longer holes stay holes: FFmpeg removes jumps beyond 10 s by itself. */
const MAX_FILL: Ticks = 10 * TICKS_PER_SECOND
/** A hole in the sound of more frames is filled with silence. */
const HOLE_FRAMES = 1.5

/** The one clock that outputs see: decoding times only grow, whatever source is written. `offset` is out minus in. */
export type Timeline = {
  /** Offset that puts `start` (its times as the source has them) at `place` or, at the least, behind all that was shown. */
  offsetFor(start: { dts: Ticks; pts: Ticks }, place: Ticks): Ticks
  /** How far `dts` of the source, moved by `offset`, lies behind the last picture written; null before the first. */
  stepTo(dts: Ticks, offset: Ticks): Ticks | null
  picture(unit: VideoUnit, offset: Ticks, nowMs: number): void
  /**
   * Sound beside pictures, or alone (`leads`): then it is what the timeline is measured by. False: it came too late, the
   * timeline has sound there already.
   */
  sound(unit: AudioUnit, offset: Ticks, leads: boolean, nowMs: number): boolean
  /** Silence, if this sound has it, up to `until` (out); sound before that comes too late from now on. */
  soundFrom(until: Ticks, nowMs: number): void
  /** Silence up to `keepBehind` behind the last picture if the sound is more than `maxBehind` behind it. */
  followPicture(maxBehind: Ticks, keepBehind: Ticks, nowMs: number): void
  /** Silence up to `until` (out); `leads` where it is all there is. */
  silenceTo(until: Ticks, leads: boolean, nowMs: number): void
  /** A picture that no source sent, at `at` (out). */
  fillPicture(unit: Omit<VideoUnit, 'pts' | 'dts'>, at: Ticks, nowMs: number): void
  /** What the outputs know of the sound; decides what silence is made of. */
  setAudio(format: AudioFormat | null): void
  /** Silence for a sound whose frames are no constants of ours: one encoded frame of it. */
  setSilence(unit: AudioUnit): void
  /** Usual distance of pictures. */
  pictureTicks(): Ticks
  /** Where something written now belongs so that outputs stay in step with the wall clock. */
  dueAt(nowMs: number): Ticks
  /** The last picture came straight from a live source, `lead` ahead of the wall clock: the source's clock is followed. */
  follow(lead: Ticks, nowMs: number): void
}

export function createTimeline(emit: (unit: Unit, nowMs: number) => void): Timeline {
  let lastDts: Ticks | null = null
  let maxPts: Ticks = 0
  let pictureTicks = FIRST_PICTURE_TICKS
  let soundEnd: Ticks | null = null
  let audio: AudioFormat | null = null
  let silence: Omit<AudioUnit, 'pts'> | null = null
  /** Out minus wall clock, for what is neither late nor ahead. */
  let phase: Ticks | null = null

  function advance(dts: Ticks, pts: Ticks): void {
    lastDts = dts
    maxPts = Math.max(maxPts, pts)
  }

  function fill(until: Ticks, nowMs: number): void {
    if (!silence || soundEnd === null || until - soundEnd > MAX_FILL) return
    for (let frames = Math.round((until - soundEnd) / silence.durationTicks); frames > 0; frames--) {
      emit({ ...silence, pts: soundEnd }, nowMs)
      soundEnd += silence.durationTicks
    }
  }

  return {
    offsetFor(start, place) {
      if (lastDts === null) return START - start.dts
      return Math.ceil(
        Math.max(place - start.dts, lastDts + pictureTicks - start.dts, maxPts + pictureTicks - start.pts),
      )
    },
    stepTo: (dts, offset) => (lastDts === null ? null : dts + offset - lastDts),
    picture(unit, offset, nowMs) {
      // Two fields of one picture may come with one time.
      const dts = lastDts === null ? unit.dts + offset : Math.max(unit.dts + offset, lastDts + 1)
      const pts = Math.max(unit.pts + offset, dts)
      const step = lastDts === null ? 0 : dts - lastDts
      if (step > 1 && step < TICKS_PER_SECOND) pictureTicks = step
      advance(dts, pts)
      emit({ ...unit, dts, pts }, nowMs)
    },
    sound(unit, offset, leads, nowMs) {
      const wanted = unit.pts + offset
      if (soundEnd !== null) {
        if (wanted < soundEnd - unit.durationTicks / 2) return false
        if (wanted - soundEnd > HOLE_FRAMES * unit.durationTicks) fill(wanted, nowMs)
      }
      const pts = soundEnd === null ? wanted : Math.max(wanted, soundEnd)
      soundEnd = pts + unit.durationTicks
      if (leads) {
        pictureTicks = unit.durationTicks
        advance(pts, pts)
      }
      emit({ ...unit, pts }, nowMs)
      return true
    },
    soundFrom(until, nowMs) {
      fill(until, nowMs)
      const half = (silence?.durationTicks ?? 0) / 2
      soundEnd = soundEnd === null ? until : Math.max(soundEnd, until - half)
    },
    followPicture(maxBehind, keepBehind, nowMs) {
      if (lastDts !== null && soundEnd !== null && lastDts - soundEnd > maxBehind) fill(lastDts - keepBehind, nowMs)
    },
    silenceTo(until, leads, nowMs) {
      soundEnd ??= until
      fill(until, nowMs)
      if (leads && silence && soundEnd > (lastDts ?? 0)) advance(soundEnd - silence.durationTicks, soundEnd)
    },
    fillPicture(unit, at, nowMs) {
      advance(at, at)
      phase ??= at - nowMs * (TICKS_PER_SECOND / 1000)
      emit({ ...unit, dts: at, pts: at }, nowMs)
    },
    setAudio(format) {
      audio = format
      const data = format?.codec === 'aac' ? silentAdtsFrame(format) : null
      const sampleRate = format?.sampleRate ?? 0
      const durationTicks = (1024 * TICKS_PER_SECOND) / sampleRate
      silence =
        data && format
          ? { kind: 'audio', codec: 'aac', data, durationTicks, sampleRate, channels: format.channels ?? 0 }
          : null
    },
    setSilence(unit) {
      const fits = audio && audio.codec === unit.codec && audio.sampleRate === unit.sampleRate
      if (fits && (audio?.channels ?? 0) === unit.channels) silence = unit
    },
    pictureTicks: () => pictureTicks,
    dueAt: (nowMs) => (phase === null ? START : nowMs * (TICKS_PER_SECOND / 1000) + phase),
    follow(lead, nowMs) {
      if (lastDts !== null) phase = lastDts - lead - nowMs * (TICKS_PER_SECOND / 1000)
    },
  }
}
