import { openSlab } from '../program/slab.ts'
import type { Ticks } from '../program/units.ts'

/** Timestamps have 33 bits and wrap after 26.5 hours (ISO 13818-1 2.4.3.7). */
export const WRAP: Ticks = 2 ** 33

/** A header is 9 bytes and up to 255 more (2.4.3.6). */
const MAX_HEADER_BYTES = 9 + 255

/**
 * One unwrapper serves all tracks of a program, so that sound and picture of one moment stay together across a wrap.
 * Each timestamp is taken to be the one nearest to the last (13 hours either way).
 */
export function createUnwrap(): (raw: number) => Ticks {
  let last: Ticks | null = null
  return (raw) => {
    if (last !== null) {
      let step = (raw - last) % WRAP
      if (step > WRAP / 2) step -= WRAP
      else if (step < -WRAP / 2) step += WRAP
      last += step
    } else last = raw
    return last
  }
}

export type Pes = {
  /** The payload; nobody writes there again. */
  data: Uint8Array
  /** Raw 33-bit values; `dts` is `pts` where the header has none. Null: the header has no timestamp. */
  pts: number | null
  dts: number | null
  /** random_access_indicator of its first packet. */
  randomAccess: boolean
  /** Nothing was lost between the PES before and this one. */
  continues: boolean
  /** Nothing is known to be missing inside. */
  whole: boolean
  /** Bytes before the first lost packet; all when none was. */
  soundBytes: number
}

export type PesAssembler = {
  /**
   * The packets `bytes[from, to)` are about to be pushed. They are laid into the slab as they are, once; each payload then only
   * moves inside it, which needs no view and no call out of JavaScript (measured: 60 against 110 ns a packet).
   */
  lay(bytes: Buffer, from: number, to: number): void
  /** One packet's payload. `lost`: packets of this PID are missing before it. */
  push(bytes: Buffer, from: number, to: number, unitStart: boolean, randomAccess: boolean, lost: boolean): void
  /** Is this payload a repeat of the packet before it (2.4.3.3)? */
  endsWith(bytes: Uint8Array, from: number, to: number): boolean
}

/**
 * Puts the PES of one PID together. A PES ends when its length is reached or the next begins. When the next begins, its
 * timestamps are shown first: `onHeader` says what is to become of an unfinished one.
 */
export function createPesAssembler(o: {
  /** A PES that grows beyond is dropped. */
  maxBytes: number
  /** PES are put together one behind the other in slabs of this size, so that none is copied when it is whole. */
  slabBytes: number
  /** `finish`: the PES before ends here; `discard`: it belongs to a timeline that ended; `join`: this one continues it. */
  onHeader(dts: number | null): 'finish' | 'discard' | 'join'
  onPes(pes: Pes): void
  /** True: even a PES that reached its length waits for the next header, which may `join` it. */
  waitsForNext(): boolean
}): PesAssembler {
  let slab = new Uint8Array(0)
  /** The PES at hand is `slab[start, end)`. */
  let start = 0
  let end = 0
  /** Packets that lie at the end of the slab, and how much further than in their own memory. */
  let laid: Buffer | null = null
  let laidShift = 0
  let open = false
  let pts: number | null = null
  let dts: number | null = null
  let randomAccess = false
  const header = Buffer.alloc(MAX_HEADER_BYTES + 188)
  /** Bytes of a header that spans packets; 0 when none is being collected. */
  let headerBytes = 0
  let headerRandomAccess = false
  let damagedAt = -1
  let lostBefore = true
  let continues = false
  /** Payload bytes that PES_packet_length promises; 0 = until the next begins. */
  let wantedBytes = 0

  function finish(): void {
    if (!open) return
    open = false
    if (end === start) return
    const sizeBytes = end - start
    o.onPes({
      data: slab.subarray(start, end),
      pts,
      dts,
      randomAccess,
      continues,
      whole: damagedAt < 0 && sizeBytes >= wantedBytes,
      soundBytes: damagedAt < 0 ? sizeBytes : Math.min(damagedAt, sizeBytes),
    })
  }

  function begin(h: Uint8Array, at: number, isRandomAccess: boolean): void {
    if (!isPesStart(h, at) || !isMedia(h[at + 3] as number)) {
      finish()
      return
    }
    const flags = (h[at + 7] as number) >> 6
    const nextPts = flags & 2 ? timestamp(h, at + 9) : null
    const nextDts = flags === 3 ? timestamp(h, at + 14) : nextPts
    const verdict = o.onHeader(nextDts)
    if (verdict === 'join' && open) {
      wantedBytes = 0
      return
    }
    if (verdict === 'discard') open = false
    finish()
    const length = ((h[at + 4] as number) << 8) | (h[at + 5] as number)
    wantedBytes = length === 0 ? 0 : Math.max(0, length - 3 - (h[at + 8] as number))
    open = true
    start = end
    damagedAt = -1
    pts = nextPts
    dts = nextDts
    randomAccess = isRandomAccess
    continues = !lostBefore
    lostBefore = false
  }

  /** Another slab where this one has no room; the PES at hand moves along. */
  function reserve(sizeBytes: number): void {
    if (end + sizeBytes <= slab.length) return
    laid = null
    const kept = end - start
    const larger = openSlab(Math.max(o.slabBytes, 2 * (kept + sizeBytes)))
    larger.set(slab.subarray(start, end))
    slab = larger
    start = 0
    end = kept
  }

  function append(bytes: Buffer, from: number, to: number): void {
    if (!open) return
    const size = to - from
    if (end + size - start > o.maxBytes) {
      open = false
      end = start
      return
    }
    if (bytes === laid) slab.copyWithin(end, from + laidShift, to + laidShift)
    else {
      reserve(size)
      bytes.copy(slab, end, from, to)
    }
    end += size
    if (wantedBytes > 0 && end - start >= wantedBytes) {
      end = start + wantedBytes
      if (!o.waitsForNext()) finish()
    }
  }

  /** Collects a header that did not fit into one packet. */
  function stage(bytes: Buffer, from: number, to: number): void {
    header.set(bytes.subarray(from, to), headerBytes)
    headerBytes += to - from
    const length = headerLength(header, 0, headerBytes)
    if (length > headerBytes) return
    const size = headerBytes
    headerBytes = 0
    begin(header, 0, headerRandomAccess)
    append(header, length, size)
  }

  return {
    lay(bytes, from, to) {
      reserve(2 * (to - from))
      laid = bytes
      laidShift = slab.length - to
      slab.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), slab.length - (to - from))
    },
    push(bytes, from, to, unitStart, isRandomAccess, lost) {
      if (lost) {
        headerBytes = 0
        lostBefore = true
        if (open && damagedAt < 0) damagedAt = end - start
      }
      if (unitStart) {
        const length = headerLength(bytes, from, to)
        headerBytes = 0
        if (from + length <= to) {
          begin(bytes, from, isRandomAccess)
          append(bytes, from + length, to)
        } else {
          headerRandomAccess = isRandomAccess
          stage(bytes, from, to)
        }
      } else if (headerBytes > 0) stage(bytes, from, to)
      else append(bytes, from, to)
    },
    endsWith(bytes, from, to) {
      // A PES header at the front is not in the buffer.
      const size = Math.min(to - from, end - start)
      for (let back = 1; back <= size; back++) if (bytes[to - back] !== slab[end - back]) return false
      return true
    },
  }
}

/** Bytes of the PES header at `at`, as far as `[at, end)` tells: more than there is when it goes on in the next packet. */
function headerLength(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 3) return MAX_HEADER_BYTES
  if (!isPesStart(bytes, at)) return 0
  return end - at < 9 ? MAX_HEADER_BYTES : 9 + (bytes[at + 8] as number)
}

function isPesStart(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1
}

/** Video, audio, private_stream_1 and extended streams have the long header; padding, ECM and the like have not (2.4.3.7). */
function isMedia(streamId: number): boolean {
  return streamId === 0xbd || streamId === 0xfd || (streamId >= 0xc0 && streamId < 0xf0)
}

function timestamp(b: Uint8Array, at: number): number {
  return (
    (((b[at] as number) >> 1) & 7) * 2 ** 30 +
    ((b[at + 1] as number) << 22) +
    (((b[at + 2] as number) >> 1) << 15) +
    ((b[at + 3] as number) << 7) +
    ((b[at + 4] as number) >> 1)
  )
}
