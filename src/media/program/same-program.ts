import type { DIFFERENCES } from '../actual.ts'
import type { AudioFormat, Format } from './units.ts'

/**
 * Can outputs that were started for `aired` go on with `next`? Codecs must be the same, and the configuration of AAC, which
 * receivers are told only once. Size, frame rate and profile may change. Sound that vanishes may if we can write silence.
 */
export function isSameProgram(aired: Format | null, next: Format, canBeSilent: boolean): boolean {
  if (aired === null || aired.video?.codec !== next.video?.codec) return false
  return next.audio ? isSameSound(aired.audio, next.audio) : aired.audio === null || canBeSilent
}

function isSameSound(aired: AudioFormat | null, next: AudioFormat): boolean {
  if (aired?.codec !== next.codec) return false
  if (next.codec !== 'aac') return true
  return (
    aired.sampleRate === next.sampleRate && aired.channels === next.channels && aired.objectType === next.objectType
  )
}

export type Difference = (typeof DIFFERENCES)[number]

/** What a receiver would notice of a cut from `from` to `to`. */
export function differencesOf(from: Format, to: Format): Difference[] {
  const [a, b] = [from.video, to.video]
  const found: Difference[] = []
  if (a && b && (a.width !== b.width || a.height !== b.height)) found.push('size')
  // Measured rates differ in the third decimal.
  if (a?.fps && b?.fps && Math.abs(a.fps - b.fps) > 0.05) found.push('fps')
  if (from.audio !== null && to.audio !== null && !isSameSound(from.audio, to.audio)) found.push('audio')
  if (from.audio === null && to.audio !== null) found.push('audio')
  if (a?.codec !== b?.codec) found.push('codec')
  return found
}
