import type { VideoFormat } from '../units.ts'

/** What one video PES turned out to be. */
export type Picture = {
  /** A receiver can start here; parameter sets are in `data`. */
  key: boolean
  /** A copy of its own, as `VideoUnit.data` wants it. */
  data: Uint8Array
}

/** Knows one video codec: where pictures can start, what they need in front, how large they are. */
export type PictureParser = {
  /** `bytes[0, size)` is the payload of one PES, on loan. */
  parse(bytes: Uint8Array, size: number, randomAccess: boolean): Picture
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
