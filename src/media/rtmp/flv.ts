import { toAmf, type Amf, type AmfObject } from './amf0.ts'
import { uint32 } from './chunk-reader.ts'
import { AUDIO, DATA, VIDEO } from './messages.ts'

/** FLV, as FFmpeg reads it from a pipe (Adobe Flash Video File Format Specification 10.1, annex E). */

const HAS_AUDIO = 4
const HAS_VIDEO = 1
const TAG_HEADER_BYTES = 11

/** The beginning of a file: which tracks to wait for, and the size of the tag before the first. */
export function toFlvHeader(has: { audio: boolean; video: boolean }): Uint8Array {
  const flags = (has.audio ? HAS_AUDIO : 0) | (has.video ? HAS_VIDEO : 0)
  return new Uint8Array([0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0])
}

/** One tag with the size that follows it. `type` is the message's: RTMP has FLV's numbers. */
export function toFlvTag(type: number, timestampMs: number, payload: Uint8Array): Uint8Array {
  const tag = new Uint8Array(TAG_HEADER_BYTES + payload.length + 4)
  const view = new DataView(tag.buffer)
  view.setUint32(0, payload.length)
  tag[0] = type
  // The low 24 bits, then the high 8.
  view.setUint32(4, ((timestampMs << 8) | (timestampMs >>> 24)) >>> 0)
  tag.set(payload, TAG_HEADER_BYTES)
  view.setUint32(TAG_HEADER_BYTES + payload.length, TAG_HEADER_BYTES + payload.length)
  return tag
}

export type SubMessage = { type: typeof AUDIO | typeof VIDEO; timestampMs: number; payload: Uint8Array }

/**
 * Takes an aggregate message apart (RTMP 1.0, 7.1.6): FLV tags whose times count from the first of them. What is cut off
 * is left out.
 */
export function fromAggregate(timestampMs: number, bytes: Uint8Array): SubMessage[] {
  const found: SubMessage[] = []
  let firstMs: number | null = null
  let at = 0
  while (bytes.length - at >= TAG_HEADER_BYTES) {
    const length = uint32(bytes, at) & 0xffffff
    const ownMs = (uint32(bytes, at + 4) >>> 8) + (bytes[at + 7] as number) * 0x1000000
    const start = at + TAG_HEADER_BYTES
    if (length > bytes.length - start) break
    firstMs ??= ownMs
    const type = bytes[at] as number
    if (type === AUDIO || type === VIDEO)
      found.push({
        type,
        timestampMs: (timestampMs + ownMs - firstMs) >>> 0,
        payload: bytes.subarray(start, start + length),
      })
    at = start + length + 4
  }
  return found
}

/** What FFmpeg makes use of; all else that encoders tell of themselves stays here. */
const NUMBERS = [
  'width',
  'height',
  'framerate',
  'videocodecid',
  'videodatarate',
  'audiocodecid',
  'audiodatarate',
  'audiosamplerate',
  'audiosamplesize',
]

/** Says what comes, in a script tag of our own: numbers alone, none of the text or the tables of the encoder's. */
export function toFlvMetadata(told: AmfObject): Uint8Array {
  const kept = NUMBERS.flatMap((name): [string, Amf][] => {
    const value = told.get(name)
    return typeof value === 'number' && Number.isFinite(value) ? [[name, value]] : []
  })
  return toFlvTag(DATA, 0, toAmf('onMetaData', new Map(kept)))
}

/** Which tracks an encoder says it will send; both where it does not say. */
export function toldTracks(told: AmfObject | null): { audio: boolean; video: boolean } {
  const audio = told?.has('audiocodecid') ?? false
  const video = told?.has('videocodecid') ?? false
  return audio || video ? { audio, video } : { audio: true, video: true }
}
