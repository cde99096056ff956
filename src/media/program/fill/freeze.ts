import { toBrokenLink } from '../../mpegts/broken-link.ts'
import { toIdr } from '../../mpegts/h264-idr.ts'
import { TICKS_PER_SECOND, type VideoUnit } from '../units.ts'
import type { FillPictures } from './player.ts'

/** A receiver that joins meanwhile waits for so long at most. */
const FREEZE_TICKS = TICKS_PER_SECOND / 2

/** One keyframe again and again: no encoder is needed, and its parameter sets are the feed's own. */
export function toFrozen(key: VideoUnit): FillPictures {
  const { kind, codec } = key
  return { pictures: alone(key).map((data) => ({ kind, codec, key: true, data })), ticks: FREEZE_TICKS, isStill: true }
}

/** The keyframe as a picture that counts on from no other, not even from its own copy. */
function alone({ codec, data }: VideoUnit): Uint8Array[] {
  if (codec === 'hevc') return [toBrokenLink(data)]
  const pair = codec === 'h264' ? [toIdr(data, 0), toIdr(data, 1)] : []
  const [first, second] = pair
  return first && second ? [first, second] : [data]
}
