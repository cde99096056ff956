import type { LogLine } from '../../actual.ts'
import { silenceArguments } from '../../ffmpeg/fill.ts'
import { silentAdtsFrame } from '../../mpegts/adts.ts'
import type { AudioFormat, AudioUnit } from '../units.ts'
import { type EncodeDeps, encodeUnits } from './encode.ts'

export type SilenceMaker = {
  /** Makes a silent frame of this sound where there is no constant one. */
  want(audio: AudioFormat | null): void
  close(): Promise<void>
}

/** Silence for sounds whose frames must be encoded: AAC of more than two channels, MPEG audio, Dolby. */
export function createSilenceMaker(
  deps: EncodeDeps & { ready(frame: AudioUnit): void; note(level: LogLine['level'], text: string): void },
): SilenceMaker {
  const leaving = new AbortController()
  let wantedKey = ''
  let making = Promise.resolve()

  async function make(args: string[]): Promise<void> {
    try {
      const { units } = await encodeUnits(deps, { args, text: null, signal: leaving.signal })
      // Encoders need some frames to begin with.
      const frame = units[units.length >> 1]
      if (frame?.kind === 'audio') deps.ready({ ...frame, data: frame.data.slice() })
    } catch (error) {
      if (!leaving.signal.aborted)
        deps.note('warning', `no silence for this sound could be made: ${(error as Error).message}`)
    }
  }

  return {
    want(audio) {
      const args = audio && !(audio.codec === 'aac' && silentAdtsFrame(audio)) ? silenceArguments(audio) : null
      const key = args ? args.join(' ') : ''
      if (key === wantedKey) return
      wantedKey = key
      if (args) making = making.then(() => make(args))
    },
    close() {
      leaving.abort()
      return making
    },
  }
}
