import type { Amf, AmfObject } from './amf0.ts'
import type { RtmpMessage } from './chunk-reader.ts'
import { fromAggregate, toFlvHeader, toFlvMetadata, toFlvTag, toldTracks } from './flv.ts'
import { AGGREGATE } from './messages.ts'

export type FlvWriter = {
  /** Data of the encoder about its stream; counts until the first picture or sound. */
  data(values: Amf[]): void
  /** Audio, video or an aggregate of both; answers why it cannot be taken, in words, or null. */
  media(message: RtmpMessage): string | null
}

/**
 * Writes what a publisher sends as one FLV file without an end. Its header waits for the first picture or sound, because
 * it says which tracks come, and FFmpeg waits for all of them.
 */
export function createFlvWriter(
  write: (bytes: Uint8Array) => void,
  refuse: (type: number, payload: Uint8Array) => string | null,
): FlvWriter {
  let told: AmfObject | null = null
  let begun = false

  function tag(type: number, timestampMs: number, payload: Uint8Array): string | null {
    // OBS ends a track so; there is nothing in it to look at.
    if (payload.length === 0) return null
    const words = refuse(type, payload)
    if (words) return words
    if (!begun) {
      begun = true
      write(toFlvHeader(toldTracks(told)))
      if (told) write(toFlvMetadata(told))
    }
    write(toFlvTag(type, timestampMs, payload))
    return null
  }

  return {
    data(values) {
      // `@setDataFrame` stands before it when it is meant for the server to keep.
      const at = values.indexOf('onMetaData')
      const about = at < 0 ? null : values[at + 1]
      if (!begun && about instanceof Map) told = about
    },
    media({ type, timestampMs, payload }) {
      if (type !== AGGREGATE) return tag(type, timestampMs, payload)
      for (const part of fromAggregate(timestampMs, payload)) {
        const words = tag(part.type, part.timestampMs, part.payload)
        if (words) return words
      }
      return null
    },
  }
}
