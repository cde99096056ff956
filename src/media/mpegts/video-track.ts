import { TICKS_PER_SECOND, type Ticks, type VideoCodec, type VideoFormat, type VideoUnit } from '../program/units.ts'
import { createH264Parser } from './h264.ts'
import { createHevcParser } from './hevc.ts'
import { createMpeg2Parser } from './mpeg2.ts'
import { createPesAssembler, type PesAssembler } from './pes.ts'

/** Larger than any picture of a live feed. */
const MAX_PICTURE_BYTES = 8 * 1024 * 1024
const SLAB_BYTES = 512 * 1024
/** A step of decoding time beyond is another timeline (an outage, a restart). */
export const MAX_STEP: Ticks = TICKS_PER_SECOND
/** Pictures over which the frame rate is measured when the stream does not tell. */
const MEASURED_PICTURES = 40

const PARSERS = { h264: createH264Parser, hevc: createHevcParser, mpeg2video: createMpeg2Parser }

export type VideoTrack = {
  pes: PesAssembler
  /** Details as far as known; null until a PES arrived. */
  format(): VideoFormat | null
  /** A parameter set was seen. */
  known(): boolean
}

/**
 * Pictures out of one PID. Every timeline starts at a keyframe: after the first packet, and after a jump, nothing is
 * delivered before one, nor the pictures that would be shown before it (leading pictures of an open GOP).
 */
export function createVideoTrack(o: {
  codec: VideoCodec
  unwrap(raw: number): Ticks
  deliver(unit: VideoUnit): void
  onJump(): void
  /** `format()` has changed. */
  onFormat(): void
}): VideoTrack {
  const parser = PARSERS[o.codec]()
  let seen = false
  let claimed: VideoFormat | null = null
  let measuredFps: number | null = null
  let lastDts: Ticks | null = null
  let measureFrom: Ticks | null = null
  let measured = 0
  let waitingForKey = true
  let leadingUntil: Ticks | null = null
  let joins = false

  function jump(): void {
    waitingForKey = true
    lastDts = null
    measureFrom = null
    o.onJump()
  }

  function measure(dts: Ticks): void {
    if (measuredFps !== null || claimed?.fps) return
    if (measureFrom === null) {
      measureFrom = dts
      measured = 0
    } else if (++measured === MEASURED_PICTURES) {
      measuredFps = Math.round((measured * TICKS_PER_SECOND * 1000) / (dts - measureFrom)) / 1000
      o.onFormat()
    }
  }

  const pes = createPesAssembler({
    maxBytes: MAX_PICTURE_BYTES,
    slabBytes: SLAB_BYTES,
    onHeader(dts) {
      if (dts === null) {
        joins = true
        return 'join'
      }
      if (lastDts === null) return 'finish'
      const step = o.unwrap(dts) - lastDts
      if (step >= 0 && step <= MAX_STEP) return 'finish'
      jump()
      return 'discard'
    },
    onPes(done) {
      if (done.pts === null || done.dts === null) return
      const first = !seen
      seen = true
      const dts = o.unwrap(done.dts)
      const pts = Math.max(o.unwrap(done.pts), dts)
      lastDts = dts
      const { key, data } = parser.parse(done.data, done.randomAccess)
      const format = parser.format()
      if (first || format !== claimed) {
        claimed = format
        o.onFormat()
      }
      measure(dts)
      if (waitingForKey) {
        if (!key) return
        waitingForKey = false
        leadingUntil = pts
      } else if (key) leadingUntil = null
      else if (leadingUntil !== null && pts < leadingUntil) return
      o.deliver({ kind: 'video', codec: o.codec, key, pts, dts, data })
    },
    waitsForNext: () => joins,
  })

  return {
    pes,
    format() {
      if (!seen) return null
      if (!claimed) return { codec: o.codec, profile: null, width: null, height: null, fps: measuredFps }
      return { ...claimed, fps: claimed.fps ?? measuredFps }
    },
    known: () => claimed !== null,
  }
}
