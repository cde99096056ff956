import type { Amf, AmfObject } from './amf0.ts'
import type { RtmpMessage } from './chunk-reader.ts'
import { isSequenceHeader } from './codecs.ts'
import { fromAggregate, toFlvHeader, toFlvMetadata, toFlvTag, toldTracks } from './flv.ts'
import { AGGREGATE, AUDIO, VIDEO } from './messages.ts'

export type FlvWriter = {
  /** Data of the encoder about its stream; counts until the file begins. */
  data(values: Amf[]): void
  /** Audio, video or an aggregate of both; answers why it cannot be taken, in words, or null. */
  media(message: RtmpMessage): string | null
}

/** How long the file waits for a track that the encoder has told of, ... */
const TOLD_WAIT_MS = 3_000
/** ... and for one that may come, where it has told of none. In the time of the stream. */
const UNTOLD_WAIT_MS = 1_000
const WAIT_BYTES = 2 * 1024 * 1024

type Track = typeof AUDIO | typeof VIDEO

/**
 * Writes what a publisher sends as FLV without an end. FFmpeg goes on with the tracks that it has seen in the first half
 * second, so the file waits for both, and begins with their sequence headers. A track that comes later still begins it
 * anew: `again` is called, and what follows is another file.
 */
export function createFlvWriter(deps: {
  write(bytes: Uint8Array): void
  again(words: string): void
  refuse(type: number, payload: Uint8Array): string | null
}): FlvWriter {
  let told: AmfObject | null = null
  /** The last tag of each that a decoder needs before all others. */
  const headers = new Map<Track, Uint8Array>()
  const seen = new Set<Track>()
  let held: Uint8Array[] | null = []
  let heldBytes = 0
  let firstMs: number | null = null

  const isComplete = () => {
    const { audio, video } = toldTracks(told)
    return seen.has(AUDIO) >= audio && seen.has(VIDEO) >= video
  }

  function begin(): void {
    deps.write(toFlvHeader({ audio: seen.has(AUDIO), video: seen.has(VIDEO) }))
    if (told) deps.write(toFlvMetadata(told))
    for (const header of headers.values()) deps.write(header)
    for (const tag of held ?? []) deps.write(tag)
    held = null
  }

  function take(type: Track, timestampMs: number, payload: Uint8Array): string | null {
    // OBS ends a track so; there is nothing in it to look at.
    if (payload.length === 0) return null
    const words = deps.refuse(type, payload)
    if (words) return words
    const tag = toFlvTag(type, timestampMs, payload)
    const isHeader = isSequenceHeader(type, payload)
    const isLate = held === null && !seen.has(type)
    seen.add(type)
    if (isHeader) headers.set(type, tag)
    if (isLate) {
      deps.again(
        `The publisher's ${type === VIDEO ? 'pictures' : 'sound'} began late. The stream starts anew with both.`,
      )
      begin()
    }
    if (held === null) {
      if (!isHeader || !isLate) deps.write(tag)
      return null
    }
    if (!isHeader) {
      held.push(tag)
      heldBytes += tag.length
    }
    firstMs ??= timestampMs
    const waitMs = told ? TOLD_WAIT_MS : UNTOLD_WAIT_MS
    if (isComplete() || timestampMs - firstMs >= waitMs || heldBytes >= WAIT_BYTES) begin()
    return null
  }

  return {
    data(values) {
      // `@setDataFrame` stands before it when it is meant for the server to keep.
      const at = values.indexOf('onMetaData')
      const about = at < 0 ? null : values[at + 1]
      if (held && about instanceof Map) told = about
    },
    media({ type, timestampMs, payload }) {
      if (type !== AGGREGATE) return take(type as Track, timestampMs, payload)
      for (const part of fromAggregate(timestampMs, payload)) {
        const words = take(part.type, part.timestampMs, part.payload)
        if (words) return words
      }
      return null
    },
  }
}
