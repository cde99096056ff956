import { availableParallelism } from 'node:os'

/** What choices cost this machine, as shares of one core, in words that stand beside the choice. */

/**
 * Measured with test pictures at 25 fps on one core of an AMD EPYC server: H.264 made with x264 `veryfast` (720p, 2.5
 * Mbit/s) and `superfast` (480p, 1 Mbit/s), from a feed of 720 and of 1080 lines.
 */
const TRANSCODES = {
  '720p': { small: 0.22, large: 0.58 },
  // Measured from 720 lines alone; decoding and shrinking grow with the picture.
  '480p': { small: 0.14, large: 0.32 },
}
const SMALL_LINES = 720
/** Pictures of real cameras and games took 1.5 to 2 times as much. */
const REAL_PICTURES = 1.75

const AMOUNTS: readonly [share: number, words: string][] = [
  [0.25, 'a quarter'],
  [0.33, 'a third'],
  [0.5, 'half'],
  [0.67, 'two thirds'],
  [0.75, 'three quarters'],
  [1, 'all'],
]

/** Share of one core that an encoder takes for a feed of this height; null is not known, and taken for a large one. */
export function transcodeShare(video: '720p' | '480p', feedHeight: number | null): number {
  const isSmall = feedHeight !== null && feedHeight <= SMALL_LINES
  return TRANSCODES[video][isSmall ? 'small' : 'large'] * REAL_PICTURES
}

/** Of one core: `a third`. */
export function shareWords(share: number): string {
  const [, words] = AMOUNTS.reduce((best, each) =>
    Math.abs(each[0] - share) < Math.abs(best[0] - share) ? each : best,
  )
  return words
}

/** What the choices of the picture cost, before one is made. */
export function pictureCostWords(feedHeight: number | null, cores: number = availableParallelism()): string {
  const cost = (video: '720p' | '480p') => shareWords(transcodeShare(video, feedHeight))
  const core = cores === 1 ? "this server's one core" : `one of this server's ${cores} cores`
  return `While it sends, 720p takes about ${cost('720p')} of ${core}, and 480p about ${cost('480p')}. As it comes takes next to nothing.`
}

/** AAC at 128 kbit/s: 2 % of a core. */
export const SOUND_COST_WORDS = 'Making AAC takes about a fiftieth of a core. Copying takes next to nothing.'

/** At 2.7 Mbit/s: FFmpeg 0.35 % of a core and 13 MB, direct 0.1 %. */
export const ENGINE_COST_WORDS =
  'FFmpeg is a process of its own: about 0.35 % of a core and 13 MB. Direct sends without one: about 0.1 % and no memory to speak of.'
