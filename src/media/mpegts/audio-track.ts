import { TICKS_PER_SECOND, type AudioCodec, type AudioFormat, type AudioUnit, type Ticks } from '../program/units.ts'
import { ADTS_HEADER_BYTES, type AdtsHeader, aacFrameTicks, parseAdts } from './adts.ts'
import { type AudioDetails, parseAudioFrame } from './audio-frame.ts'
import { prepend } from './picture.ts'
import { createPesAssembler, type Pes, type PesAssembler } from './pes.ts'

const MAX_PES_BYTES = 128 * 1024
const SLAB_BYTES = 32 * 1024
/** Headers that must agree before a changed configuration is believed: one flipped bit must not restart outputs. */
const CONFIRMATIONS = 4
/** A frame that began in one PES is at most 128 ms long (8 kHz). */
const MAX_CARRY_STEP: Ticks = TICKS_PER_SECOND / 5
/** Length of a PES while only one was seen. */
const GUESSED_TICKS: Ticks = 2160

export type AudioTrack = {
  pes: PesAssembler
  /** Null until a frame was seen. */
  format(): AudioFormat | null
}

/** Sound frames out of one PID: AAC split frame by frame, other codecs one unit for each PES. */
export function createAudioTrack(o: {
  codec: AudioCodec
  unwrap(raw: number): Ticks
  deliver(unit: AudioUnit): void
  /** `format()` has changed. */
  onFormat(): void
}): AudioTrack {
  let format: AudioFormat | null = null
  const onPes = o.codec === 'aac' ? createAdtsSplitter() : passWhole

  function setFormat(next: AudioFormat): void {
    if (format && Bun.deepEquals(format, next)) return
    format = next
    o.onFormat()
  }

  let lastPts: Ticks | null = null
  let lastDuration: Ticks = GUESSED_TICKS
  let otherLayers = 0

  /** The layer of MPEG audio: the first that is seen, or another that is seen often enough. */
  function layerOf(details: AudioDetails): AudioCodec {
    const isNews = format !== null && format.sampleRate !== null && format.codec !== details.codec
    otherLayers = isNews ? otherLayers + 1 : 0
    return isNews && otherLayers < CONFIRMATIONS ? (format?.codec ?? o.codec) : details.codec
  }

  function passWhole(pes: Pes): void {
    if (pes.pts === null || !pes.whole) return
    const pts = o.unwrap(pes.pts)
    const step = lastPts === null ? 0 : pts - lastPts
    if (step > 0 && step <= TICKS_PER_SECOND / 2) lastDuration = step
    lastPts = pts
    const data = pes.data
    const details = parseAudioFrame(o.codec, data)
    if (details) {
      const { sampleRate, channels } = details
      setFormat({ codec: layerOf(details), sampleRate, channels, objectType: null })
    } else {
      otherLayers = 0
      if (!format) setFormat({ codec: o.codec, sampleRate: null, channels: null, objectType: null })
    }
    o.deliver({
      kind: 'audio',
      codec: format?.codec ?? o.codec,
      pts,
      durationTicks: lastDuration,
      data,
      sampleRate: format?.sampleRate ?? 0,
      channels: format?.channels ?? 0,
    })
  }

  /** Frames may straddle PES: the tail is carried. The time of a PES is that of the first frame that begins in it. */
  function createAdtsSplitter(): (pes: Pes) => void {
    let carry: Uint8Array = new Uint8Array(0)
    /** Time of the frame in `carry`. */
    let nextPts: Ticks | null = null
    let confirmed: AdtsHeader | null = null
    let candidate: AdtsHeader | null = null
    let agreed = 0

    /** Is this the configuration we know, or a new one that was seen often enough? */
    function believe(header: AdtsHeader): boolean {
      if (confirmed && sameConfig(header, confirmed)) {
        agreed = 0
        return true
      }
      agreed = candidate && agreed > 0 && sameConfig(header, candidate) ? agreed + 1 : 1
      candidate = header
      if (confirmed && agreed < CONFIRMATIONS) return false
      confirmed = header
      agreed = 0
      const { sampleRate, channels, objectType } = header
      setFormat({ codec: o.codec, sampleRate, channels: channels || null, objectType })
      return true
    }

    return (pes) => {
      const pesPts = pes.pts === null ? null : o.unwrap(pes.pts)
      // A tail of other times or with a hole behind it will never be completed.
      const jumped = pesPts !== null && nextPts !== null && Math.abs(pesPts - nextPts) > MAX_CARRY_STEP
      if (jumped || !pes.continues) carry = new Uint8Array(0)
      const start = carry.length
      const fresh = pes.data.subarray(0, pes.soundBytes)
      const joined = start > 0 ? prepend([carry], fresh) : fresh
      carry = new Uint8Array(0)
      let timed = false
      let at = 0
      while (at + ADTS_HEADER_BYTES <= joined.length) {
        const header = parseAdts(joined, at)
        const end = at + (header?.frameBytes ?? 0)
        const followed = !header || end + 2 > joined.length || isAdtsSync(joined, end)
        if (!header || !followed) {
          at++
          continue
        }
        if (at >= start && !timed) {
          if (pesPts !== null) nextPts = pesPts
          timed = true
        }
        if (end > joined.length) break
        const durationTicks = aacFrameTicks(header.sampleRate)
        if (believe(header) && nextPts !== null) {
          const { sampleRate, channels } = header
          o.deliver({
            kind: 'audio',
            codec: 'aac',
            pts: nextPts,
            durationTicks,
            data: joined.subarray(at, end),
            sampleRate,
            channels,
          })
        }
        if (nextPts !== null) nextPts += durationTicks
        at = end
      }
      // The rest of a damaged PES is useless: how many frames are missing is unknown.
      if (pes.whole) {
        carry = joined.subarray(at)
        if (at >= start && !timed) nextPts = pesPts
      } else nextPts = null
    }
  }

  const pes = createPesAssembler({
    maxBytes: MAX_PES_BYTES,
    slabBytes: SLAB_BYTES,
    onHeader: () => 'finish',
    onPes,
    waitsForNext: () => false,
  })
  return { pes, format: () => format }
}

function isAdtsSync(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xff && ((bytes[at + 1] as number) & 0xf6) === 0xf0
}

function sameConfig(a: AdtsHeader, b: AdtsHeader): boolean {
  return a.sampleRate === b.sampleRate && a.channels === b.channels && a.objectType === b.objectType
}
