import { silentAdtsFrame } from '../mpegts/adts.ts'
import { isSameProgram } from './same-program.ts'
import type { Timeline } from './timeline.ts'
import type { AudioUnit, Format } from './units.ts'

/** What outputs were started with, and so what they can go on with. */
export type Aired = {
  /** Null before the first program. */
  readonly format: Format | null
  isSame(format: Format): boolean
  canBeSilent(): boolean
  /** Another program from here on: outputs start anew. */
  begin(format: Format): void
  /** A silent frame for a sound that has no constant one. */
  setSilence(frame: AudioUnit): void
}

export function createAired(timeline: Timeline, onProgramChange: (format: Format) => void): Aired {
  let format: Format | null = null
  let silence: AudioUnit | null = null

  function canBeSilent(): boolean {
    const sound = format?.audio
    if (!sound) return false
    if (sound.codec === 'aac' && silentAdtsFrame(sound) !== null) return true
    return silence !== null && sound.codec === silence.codec && sound.sampleRate === silence.sampleRate
  }

  return {
    get format() {
      return format
    },
    isSame: (next) => isSameProgram(format, next, canBeSilent()),
    canBeSilent,
    begin(next) {
      onProgramChange(next)
      format = next
      timeline.setAudio(next.audio)
      if (silence) timeline.setSilence(silence)
    },
    setSilence(frame) {
      silence = frame
      timeline.setSilence(frame)
    },
  }
}
