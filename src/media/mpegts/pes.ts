import type { Ticks } from '../units.ts'

/** Timestamps have 33 bits and wrap after 26.5 hours (ISO 13818-1 2.4.3.7). */
export const WRAP: Ticks = 2 ** 33

/** A header is 9 bytes and up to 255 more (2.4.3.6). */
const MAX_HEADER_BYTES = 9 + 255
const FIRST_BUFFER_BYTES = 32 * 1024

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

/** What a finished PES leaves behind; one object per track, used again for the next. */
export type Pes = {
  /** The assembler's own buffer: copy what must live on. Payload is `[0, sizeBytes)`. */
  buffer: Uint8Array
  sizeBytes: number
  /** Raw 33-bit values; `dts` is `pts` where the header has none. Null: the header has no timestamp. */
  pts: number | null
  dts: number | null
  /** random_access_indicator of its first packet. */
  randomAccess: boolean
  /** Nothing was lost between the PES before and this one. */
  continues: boolean
  /** Nothing is known to be missing inside. */
  whole: boolean
  /** Bytes before the first lost packet; `sizeBytes` when none was. */
  soundBytes: number
}

export type PesAssembler = {
  /** One packet's payload. `lost`: packets of this PID are missing before it. */
  push(bytes: Uint8Array, from: number, to: number, unitStart: boolean, randomAccess: boolean, lost: boolean): void
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
  /** `finish`: the PES before ends here; `discard`: it belongs to a timeline that ended; `join`: this one continues it. */
  onHeader(pts: number | null, dts: number | null): 'finish' | 'discard' | 'join'
  onPes(pes: Pes): void
  /** True: even a PES that reached its length waits for the next header, which may `join` it. */
  waitsForNext(): boolean
}): PesAssembler {
  const pes: Pes = {
    buffer: new Uint8Array(0),
    sizeBytes: 0,
    pts: null,
    dts: null,
    randomAccess: false,
    continues: false,
    whole: false,
    soundBytes: 0,
  }
  const header = new Uint8Array(MAX_HEADER_BYTES + 188)
  /** Bytes of a header that spans packets; 0 when none is being collected. */
  let headerBytes = 0
  let headerRandomAccess = false
  let open = false
  let damagedAt = -1
  let lostBefore = true
  /** Payload bytes that PES_packet_length promises; 0 = until the next begins. */
  let wantedBytes = 0

  function finish(): void {
    if (!open) return
    open = false
    if (pes.sizeBytes === 0) return
    pes.whole = damagedAt < 0 && pes.sizeBytes >= wantedBytes
    pes.soundBytes = damagedAt < 0 ? pes.sizeBytes : Math.min(damagedAt, pes.sizeBytes)
    o.onPes(pes)
  }

  function begin(h: Uint8Array, at: number, randomAccess: boolean): void {
    if (!isPesStart(h, at) || !isMedia(h[at + 3] as number)) {
      finish()
      return
    }
    const flags = (h[at + 7] as number) >> 6
    const pts = flags & 2 ? timestamp(h, at + 9) : null
    const dts = flags === 3 ? timestamp(h, at + 14) : pts
    const verdict = o.onHeader(pts, dts)
    if (verdict === 'join' && open) {
      wantedBytes = 0
      return
    }
    if (verdict === 'discard') open = false
    finish()
    const length = ((h[at + 4] as number) << 8) | (h[at + 5] as number)
    wantedBytes = length === 0 ? 0 : Math.max(0, length - 3 - (h[at + 8] as number))
    open = true
    damagedAt = -1
    pes.sizeBytes = 0
    pes.pts = pts
    pes.dts = dts
    pes.randomAccess = randomAccess
    pes.continues = !lostBefore
    lostBefore = false
  }

  function append(bytes: Uint8Array, from: number, to: number): void {
    if (!open) return
    const end = pes.sizeBytes + to - from
    if (end > pes.buffer.length) {
      if (end > o.maxBytes) {
        open = false
        pes.buffer = new Uint8Array(0)
        return
      }
      const larger = new Uint8Array(Math.min(o.maxBytes, Math.max(FIRST_BUFFER_BYTES, 2 * end)))
      larger.set(pes.buffer.subarray(0, pes.sizeBytes))
      pes.buffer = larger
    }
    pes.buffer.set(bytes.subarray(from, to), pes.sizeBytes)
    pes.sizeBytes = end
    if (wantedBytes > 0 && end >= wantedBytes) {
      pes.sizeBytes = wantedBytes
      if (!o.waitsForNext()) finish()
    }
  }

  /** Collects a header that did not fit into one packet. */
  function stage(bytes: Uint8Array, from: number, to: number): void {
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
    push(bytes, from, to, unitStart, randomAccess, lost) {
      if (lost) {
        headerBytes = 0
        lostBefore = true
        if (open && damagedAt < 0) damagedAt = pes.sizeBytes
      }
      if (unitStart) {
        const length = headerLength(bytes, from, to)
        headerBytes = 0
        if (from + length <= to) {
          begin(bytes, from, randomAccess)
          append(bytes, from + length, to)
        } else {
          headerRandomAccess = randomAccess
          stage(bytes, from, to)
        }
      } else if (headerBytes > 0) stage(bytes, from, to)
      else append(bytes, from, to)
    },
    endsWith(bytes, from, to) {
      // A PES header at the front is not in the buffer.
      const size = Math.min(to - from, pes.sizeBytes)
      for (let back = 1; back <= size; back++) if (bytes[to - back] !== pes.buffer[pes.sizeBytes - back]) return false
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
