import { silentAdtsFrame } from './mpegts/adts.ts'
import type { AudioFormat, Format } from './units.ts'

/**
 * Can outputs that were started for `aired` go on with `next`? Codecs must be the same, and the configuration of AAC, which
 * receivers are told only once. Size, frame rate and profile may change. Sound that vanishes may if we can write silence.
 */
export function isSameProgram(aired: Format | null, next: Format): boolean {
  return aired !== null && aired.video?.codec === next.video?.codec && isSameSound(aired.audio, next.audio)
}

function isSameSound(aired: AudioFormat | null, next: AudioFormat | null): boolean {
  if (!next) return aired === null || (aired.codec === 'aac' && silentAdtsFrame(aired) !== null)
  if (aired?.codec !== next.codec) return false
  if (next.codec !== 'aac') return true
  return (
    aired.sampleRate === next.sampleRate && aired.channels === next.channels && aired.objectType === next.objectType
  )
}
