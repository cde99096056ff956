import { toBrokenLink } from '../mpegts/broken-link.ts'
import { TICKS_PER_SECOND, type VideoUnit } from '../units.ts'
import type { FillPictures } from './player.ts'

/** A receiver that joins meanwhile waits for so long at most. */
const FREEZE_TICKS = TICKS_PER_SECOND / 2

/** One keyframe again and again: no encoder is needed, and its parameter sets are the feed's own. */
export function toFrozen(key: VideoUnit): FillPictures {
  const { kind, codec } = key
  const data = codec === 'hevc' ? toBrokenLink(key.data) : key.data
  return { pictures: [{ kind, codec, key: true, data }], ticks: FREEZE_TICKS }
}
