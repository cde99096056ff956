import type { VideoFormat } from '../program/units.ts'

/** What one video PES turned out to be. */
export type Picture = {
  /** A receiver can start here; parameter sets are in `data`. */
  key: boolean
  /** As `VideoUnit.data` wants it: the payload itself where nothing had to be put in front. */
  data: Uint8Array
}

/** Knows one video codec: where pictures can start, what they need in front, how large they are. */
export type PictureParser = {
  /** The payload of one PES. */
  parse(bytes: Uint8Array, randomAccess: boolean): Picture
  /** From the newest parameter set; `fps` as it claims. Null until one was seen. The same object until it changes. */
  format(): VideoFormat | null
}

/** Puts `front` before the rest of a picture, in a buffer of its own. */
export function prepend(front: Uint8Array[], rest: Uint8Array): Uint8Array {
  let size = rest.length
  for (const part of front) size += part.length
  const joined = new Uint8Array(size)
  let at = 0
  for (const part of front) {
    joined.set(part, at)
    at += part.length
  }
  joined.set(rest, at)
  return joined
}
