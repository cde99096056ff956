/** Program tables (ISO 13818-1 2.4.4): sections out of packets, PAT and PMT out of sections. */

const CRC_TABLE = new Int32Array(256)
for (let n = 0; n < 256; n++) {
  let value = n << 24
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1
  CRC_TABLE[n] = value
}

/** CRC-32 of ISO 13818-1 annex A; 0 over a whole section that ends with its own CRC. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1
  for (let i = start; i < end; i++) crc = (crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ (bytes[i] as number)] as number)
  return crc >>> 0
}

/** Longest section we take: PAT and PMT end at 1024 (2.4.4.3), private ones at 4096. */
const MAX_SECTION_BYTES = 4096

export type SectionAssembler = {
  /** One packet's payload, `bytes[from..to)`. `lost`: packets of this PID are missing before it. */
  push(bytes: Uint8Array, from: number, to: number, unitStart: boolean, lost: boolean): void
}

/** Joins sections that span packets, splits packets that hold several. `onSection` gets whole sections, unchecked, on loan. */
export function createSectionAssembler(onSection: (section: Uint8Array) => void): SectionAssembler {
  const buffer = new Uint8Array(MAX_SECTION_BYTES + 188)
  let size = 0
  let aligned = false

  function append(bytes: Uint8Array, from: number, to: number): void {
    buffer.set(bytes.subarray(from, to), size)
    size += to - from
    while (size >= 3) {
      const total = 3 + (((buffer[1] as number) & 0x0f) << 8) + (buffer[2] as number)
      if (buffer[0] === 0xff || total > MAX_SECTION_BYTES) {
        aligned = false
        size = 0
      } else if (size >= total) {
        onSection(buffer.subarray(0, total))
        buffer.copyWithin(0, total, size)
        size -= total
      } else return
    }
  }

  return {
    push(bytes, from, to, unitStart, lost) {
      if (lost) aligned = false
      if (!unitStart) {
        if (aligned) append(bytes, from, to)
        return
      }
      const start = from + 1 + (bytes[from] ?? 0)
      if (start > to) {
        aligned = false
        return
      }
      if (aligned) append(bytes, from + 1, start)
      aligned = true
      size = 0
      append(bytes, start, to)
    },
  }
}

export type PatEntry = { number: number; pmtPid: number }
export type PmtStream = {
  pid: number
  type: 'video' | 'audio' | 'data'
  /** A codec of `units.ts` where we can carry it, else a name to show. */
  codec: string
  language: string | null
}
export type Pmt = { number: number; pcrPid: number | null; streams: PmtStream[] }

/** A section with long syntax, current, of this table, with a right CRC. */
export function isSound(section: Uint8Array, tableId: number): boolean {
  if (section.length < 12 || section[0] !== tableId || ((section[1] as number) & 0x80) === 0) return false
  return ((section[5] as number) & 1) === 1 && crc32(section, 0, section.length) === 0
}

/** Programs of one PAT section; the network PID (program 0) is left out. */
export function parsePat(section: Uint8Array): PatEntry[] {
  const entries: PatEntry[] = []
  for (let i = 8; i + 4 <= section.length - 4; i += 4) {
    const number = u16(section, i)
    if (number !== 0) entries.push({ number, pmtPid: u16(section, i + 2) & 0x1fff })
  }
  return entries
}

export function parsePmt(section: Uint8Array): Pmt {
  const end = section.length - 4
  const pcrPid = u16(section, 8) & 0x1fff
  const streams: PmtStream[] = []
  let i = 12 + (u16(section, 10) & 0x0fff)
  while (i + 5 <= end) {
    const infoEnd = Math.min(end, i + 5 + (u16(section, i + 3) & 0x0fff))
    streams.push(toStream(section[i] as number, u16(section, i + 1) & 0x1fff, section.subarray(i + 5, infoEnd)))
    i = infoEnd
  }
  return { number: u16(section, 3), pcrPid: pcrPid === 0x1fff ? null : pcrPid, streams }
}

function toStream(streamType: number, pid: number, descriptors: Uint8Array): PmtStream {
  let language: string | null = null
  let described: [PmtStream['type'], string] | undefined
  for (let i = 0; i + 2 <= descriptors.length; i += 2 + (descriptors[i + 1] as number)) {
    const tag = descriptors[i] as number
    const body = descriptors.subarray(i + 2, i + 2 + (descriptors[i + 1] as number))
    if (tag === 0x0a && body.length >= 3) language = toLanguage(body)
    else if (tag === 0x05) described ??= BY_REGISTRATION[String.fromCharCode(...body.subarray(0, 4))]
    else described ??= BY_DESCRIPTOR[tag]
  }
  const [type, codec] = BY_STREAM_TYPE[streamType] ?? described ?? ['data', `0x${streamType.toString(16)}`]
  return { pid, type, codec, language }
}

function toLanguage(body: Uint8Array): string | null {
  const text = String.fromCharCode(...body.subarray(0, 3)).toLowerCase()
  return /^[a-z]{3}$/.test(text) ? text : null
}

/** ISO 13818-1 table 2-34, ATSC A/52 annex A for 0x81 and 0x87. Private data (0x06) is told by its descriptors. */
const BY_STREAM_TYPE: Record<number, [PmtStream['type'], string]> = {
  1: ['video', 'mpeg1video'],
  2: ['video', 'mpeg2video'],
  3: ['audio', 'mp2'],
  4: ['audio', 'mp2'],
  15: ['audio', 'aac'],
  16: ['video', 'mpeg4'],
  17: ['audio', 'aac_latm'],
  21: ['data', 'timed_id3'],
  27: ['video', 'h264'],
  36: ['video', 'hevc'],
  51: ['video', 'vvc'],
  129: ['audio', 'ac3'],
  134: ['data', 'scte_35'],
  135: ['audio', 'eac3'],
}

/** ETSI EN 300 468 table 12 (tags in private data). */
const BY_DESCRIPTOR: Record<number, [PmtStream['type'], string]> = {
  86: ['data', 'dvb_teletext'],
  89: ['data', 'dvb_subtitle'],
  106: ['audio', 'ac3'],
  122: ['audio', 'eac3'],
  123: ['audio', 'dts'],
}

const BY_REGISTRATION: Record<string, [PmtStream['type'], string]> = {
  'AC-3': ['audio', 'ac3'],
  EAC3: ['audio', 'eac3'],
  HEVC: ['video', 'hevc'],
  Opus: ['audio', 'opus'],
  BSSD: ['audio', 's302m'],
  KLVA: ['data', 'klv'],
  CUEI: ['data', 'scte_35'],
}

function u16(bytes: Uint8Array, i: number): number {
  return ((bytes[i] as number) << 8) | (bytes[i + 1] as number)
}
