import type { ChildExit } from '../actual.ts'
import type { InputSource } from '../specs.ts'

export type Verdict = { class: ChildExit['class']; words: string }

export type IngestExit = {
  kind: InputSource['kind']
  code: number | null
  signal: string | null
  /** Its last lines, oldest first. */
  lines: readonly string[]
  /** Media had come from it. */
  hasGiven: boolean
  /** Milliseconds of silence for which it was killed; null where it was not. */
  silentFor: number | null
}

/**
 * What ended the FFmpeg that brought a feed in, for programs and for people; `goodbye`: the other side said that this is
 * the end. As with outputs the code says next to nothing, so its last lines decide.
 */
export function classifyIngestExit(exit: IngestExit): Verdict & { goodbye: boolean } {
  const { kind, signal, silentFor } = exit
  const no = { goodbye: false }
  if (silentFor !== null) {
    const from = kind === 'test' || kind === 'rtmp' ? 'FFmpeg gave' : 'The server sent'
    return { class: 'hung', words: `${from} nothing for ${silentFor / 1000} s.`, ...no }
  }
  if (signal !== null) return { class: 'killed', words: `FFmpeg was ended from outside (${signal}).`, ...no }
  return { class: 'unknown', words: 'FFmpeg ended by itself.', ...no }
}
