import type { VideoFormat } from '../program/units.ts'
import { type PictureParser, prepend } from './picture.ts'

/** What H.264 and HEVC do not share of their byte streams (ISO 14496-10 and 23008-2, annex B). */
export type NalCodec = {
  /** With its four-byte start code. */
  delimiter: Uint8Array
  typeOf(firstByte: number): number
  delimiterType: number
  /** In the order a decoder wants them. The sequence parameter set is `sequenceType`. */
  parameterTypes: number[]
  sequenceType: number
  isSlice(type: number): boolean
  /** Does the first slice `[at, end)`, from its NAL header on, open a picture to start at? */
  isStart(bytes: Uint8Array, at: number, end: number, hints: StartHints): boolean
  /** H.264's SEI type, where recovery points are; -1 for HEVC, which does not need them. */
  seiType: number
  parseSequence(nal: Uint8Array): VideoFormat | null
}

export type StartHints = { randomAccess: boolean; recoveryPoint: boolean; hasSequence: boolean }

const START_CODE = [0, 0, 0, 1]

/** Parses access units of H.264 or HEVC; only what lies before the first slice is looked at. */
export function createAnnexBParser(codec: NalCodec): PictureParser {
  /** By type: start code and NAL of each set in the newest picture that brought that type. */
  const kept = new Map<number, Uint8Array[]>()
  let keptSequence: Uint8Array | null = null
  let format: VideoFormat | null = null

  function keep(found: Map<number, Uint8Array[]>): void {
    for (const [type, sets] of found) kept.set(type, sets)
    const sequence = found.get(codec.sequenceType)?.[0]
    if (!sequence || (keptSequence && Buffer.compare(keptSequence, sequence) === 0)) return
    keptSequence = sequence
    const parsed = codec.parseSequence(sequence.subarray(START_CODE.length))
    if (parsed && !(format && Bun.deepEquals(parsed, format))) format = parsed
  }

  return {
    parse(bytes, randomAccess) {
      const size = bytes.length
      let found: Map<number, Uint8Array[]> | null = null
      let afterDelimiter = 0
      const hints = { randomAccess, recoveryPoint: false, hasSequence: false }
      let key = false
      let nal = nextNal(bytes, 0, size)
      const first = nal
      while (nal < size) {
        const type = codec.typeOf(bytes[nal] as number)
        if (codec.isSlice(type)) {
          if (found) keep(found)
          key = codec.isStart(bytes, nal, size, hints)
          break
        }
        const next = nextNal(bytes, nal, size)
        const end = next < size ? trimmedEnd(bytes, nal, next - 3) : size
        if (type === codec.delimiterType && nal === first) afterDelimiter = end
        else if (type === codec.seiType) hints.recoveryPoint ||= bytes[nal + 1] === 6
        else if (codec.parameterTypes.includes(type)) {
          found ??= new Map()
          const set = prepend([Uint8Array.from(START_CODE)], bytes.subarray(nal, end))
          found.set(type, [...(found.get(type) ?? []), set])
          hints.hasSequence ||= type === codec.sequenceType
        }
        nal = next
      }
      key &&= codec.parameterTypes.every((type) => kept.has(type))
      const complete = !key || codec.parameterTypes.every((type) => found?.has(type))
      if (complete && afterDelimiter > 0) return { key, data: bytes }
      const front = afterDelimiter > 0 ? [bytes.subarray(0, afterDelimiter)] : [codec.delimiter]
      if (!complete) for (const type of codec.parameterTypes) front.push(...(kept.get(type) ?? []))
      return { key, data: prepend(front, bytes.subarray(afterDelimiter)) }
    },
    format: () => format,
  }
}

/** First byte after the next start code behind `from`; `size` when there is none. */
function nextNal(bytes: Uint8Array, from: number, size: number): number {
  for (let i = from + 2; i < size - 1; i++) {
    const byte = bytes[i] as number
    if (byte > 1) i += 2
    else if (byte === 1 && bytes[i - 1] === 0 && bytes[i - 2] === 0) return i + 1
  }
  return size
}

/** Zeros before a start code belong to the start code. */
function trimmedEnd(bytes: Uint8Array, from: number, end: number): number {
  let trimmed = end
  while (trimmed > from && bytes[trimmed - 1] === 0) trimmed--
  return trimmed
}
