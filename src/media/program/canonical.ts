import { AUDIO_PID, createTables, VIDEO_PID } from './canonical-tables.ts'
import { PACKET_BYTES } from '../mpegts/sync.ts'
import { openSlab } from './slab.ts'
import { type Format, TICKS_PER_SECOND, type Ticks, type Unit } from './units.ts'

/** The clock runs so far before the decoding times: what a receiver may buffer. */
const CLOCK_LEAD: Ticks = 0.7 * TICKS_PER_SECOND
const TABLES_EVERY: Ticks = 0.1 * TICKS_PER_SECOND
const PAYLOAD_BYTES = PACKET_BYTES - 4
/** What is taken are pieces of slabs, so that nothing is copied once more. */
const SLAB_BYTES = 512 * 1024

export type CanonicalWriter = {
  /** Units on one growing timeline; times are wrapped to 33 bits here. */
  write(unit: Unit): void
  /** Everything written since the last take, as one piece of whole 188-byte packets that stays as it is; null when nothing. */
  take(): Uint8Array | null
  /** What the next take will have. */
  readonly waitingBytes: number
}

/**
 * Writes a program as a transport stream of our own (ISO 13818-1): fixed PIDs, own tables and counters, clock reference in
 * each picture's first packet (each sound's, where there are no pictures), tables before each keyframe and every 100 ms.
 */
export function createCanonicalWriter(format: Format): CanonicalWriter {
  const tables = createTables(format)
  const clockKind = format.video ? 'video' : 'audio'
  const header = new Uint8Array(19)
  let out = new Uint8Array(0)
  /** Written and not yet taken is `out[taken, size)`. */
  let taken = 0
  let size = 0
  let videoCounter = 0
  let audioCounter = 0
  let tablesAt: Ticks | null = null

  function reserve(bytes: number): void {
    if (size + bytes <= out.length) return
    const rest = out.subarray(taken, size)
    out = openSlab(Math.max(SLAB_BYTES, 2 * (rest.length + bytes)))
    out.set(rest)
    taken = 0
    size = rest.length
  }

  /** PES header (2.4.3.6) into `header`; how many bytes. */
  function writePesHeader(streamId: number, sizeBytes: number, pts: Ticks, dts: Ticks): number {
    const hasDts = dts !== pts
    const extra = hasDts ? 10 : 5
    const length = sizeBytes + 3 + extra
    // Pictures have no length: most do not fit 16 bits.
    const written = streamId === 0xe0 || length > 0xffff ? 0 : length
    header.set([0, 0, 1, streamId, written >> 8, written & 0xff, 0x84, hasDts ? 0xc0 : 0x80, extra])
    writeTimestamp(header, 9, hasDts ? 3 : 2, pts)
    if (hasDts) writeTimestamp(header, 14, 1, dts)
    return 9 + extra
  }

  /**
   * `data` is first laid behind the room of its packets and then moved into them: inside one array that needs no view for each
   * packet (measured: 26 against 104 ns).
   */
  function writePes(
    pid: number,
    counter: number,
    data: Uint8Array,
    headerBytes: number,
    clock: Ticks | null,
    key: boolean,
  ) {
    let from = out.length - data.length
    out.set(data, from)
    let next = counter
    for (let first = true; first || from < out.length; first = false) {
      const end = size + PACKET_BYTES
      const left = out.length - from + (first ? headerBytes : 0)
      // Length byte, flags, six bytes of clock reference; what stays empty is stuffing.
      const fields = !first ? 0 : clock !== null ? 8 : key ? 2 : 0
      const adaptation = Math.max(fields, PAYLOAD_BYTES - left)
      out[size] = 0x47
      out[size + 1] = (first ? 0x40 : 0) | (pid >> 8)
      out[size + 2] = pid & 0xff
      out[size + 3] = (adaptation > 0 ? 0x30 : 0x10) | next
      next = (next + 1) & 0x0f
      let at = size + 4
      if (adaptation > 0) {
        writeAdaptation(out, at, adaptation, first ? clock : null, first && key)
        at += adaptation
      }
      if (first) for (let i = 0; i < headerBytes; i++) out[at++] = header[i] as number
      out.copyWithin(at, from, from + end - at)
      from += end - at
      size = end
    }
    return next
  }

  function writeTables(): void {
    size = tables.write(out, size)
  }

  return {
    write(unit) {
      const dts = Math.round(unit.kind === 'video' ? unit.dts : unit.pts)
      const isClock = unit.kind === clockKind
      const key = unit.kind === 'audio' || unit.key
      // Two packets of tables, and room for clock and header in the first.
      reserve((Math.ceil((unit.data.length + 32) / PAYLOAD_BYTES) + 2) * PACKET_BYTES + unit.data.length)
      const due = tablesAt === null || Math.abs(dts - tablesAt) >= TABLES_EVERY
      if (isClock && (due || (unit.kind === 'video' && unit.key))) {
        writeTables()
        tablesAt = dts
      }
      const clock = isClock ? dts - CLOCK_LEAD : null
      if (unit.kind === 'video') {
        const pesBytes = writePesHeader(0xe0, unit.data.length, Math.round(unit.pts), dts)
        videoCounter = writePes(VIDEO_PID, videoCounter, unit.data, pesBytes, clock, key)
      } else {
        const isPrivate = unit.codec === 'ac3' || unit.codec === 'eac3'
        const pesBytes = writePesHeader(isPrivate ? 0xbd : 0xc0, unit.data.length, dts, dts)
        audioCounter = writePes(AUDIO_PID, audioCounter, unit.data, pesBytes, clock, isClock)
      }
    },
    take() {
      if (size === taken) return null
      const chunk = out.subarray(taken, size)
      taken = size
      return chunk
    },
    get waitingBytes() {
      return size - taken
    },
  }
}

/** Fills `[at, at + bytes)`: length, flags, clock reference (2.4.3.5), stuffing. */
function writeAdaptation(out: Uint8Array, at: number, bytes: number, clock: Ticks | null, randomAccess: boolean): void {
  out[at] = bytes - 1
  if (bytes === 1) return
  out[at + 1] = (clock === null ? 0 : 0x10) | (randomAccess ? 0x40 : 0)
  let used = 2
  if (clock !== null) {
    const [high, low] = split33(clock)
    out[at + 2] = high >>> 24
    out[at + 3] = high >>> 16
    out[at + 4] = high >>> 8
    out[at + 5] = high
    // One low bit, six reserved, the nine bits of the 27 MHz extension are zero.
    out[at + 6] = (low << 7) | 0x7e
    out[at + 7] = 0
    used = 8
  }
  out.fill(0xff, at + used, at + bytes)
}

/** The upper 32 bits and the lowest of a time modulo 2^33. */
function split33(ticks: Ticks): [number, number] {
  const wrapped = ((ticks % 2 ** 33) + 2 ** 33) % 2 ** 33
  return [Math.floor(wrapped / 2) >>> 0, wrapped % 2]
}

function writeTimestamp(out: Uint8Array, at: number, prefix: number, ticks: Ticks): void {
  const [high, low] = split33(ticks)
  out[at] = (prefix << 4) | ((high >>> 29) << 1) | 1
  out[at + 1] = high >>> 21
  out[at + 2] = ((high >>> 14) << 1) | 1
  out[at + 3] = high >>> 6
  out[at + 4] = (((high << 1) | low) << 1) | 1
}
