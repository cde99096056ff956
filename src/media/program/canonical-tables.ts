import { crc32 } from '../mpegts/psi.ts'
import { PACKET_BYTES } from '../mpegts/sync.ts'
import type { AudioCodec, Format, VideoCodec } from './units.ts'

export const PMT_PID = 0x1000
export const VIDEO_PID = 0x100
export const AUDIO_PID = 0x101
const PROGRAM = 1

/** Stream type (ISO 13818-1 table 2-34; ATSC A/52 for Dolby) and registration that FFmpeg and players go by. */
const VIDEO_TYPES: Record<VideoCodec, [number, string | null]> = {
  h264: [0x1b, null],
  hevc: [0x24, 'HEVC'],
  mpeg2video: [0x02, null],
}
const AUDIO_TYPES: Record<AudioCodec, [number, string | null]> = {
  aac: [0x0f, null],
  aac_latm: [0x11, null],
  mp2: [0x03, null],
  mp3: [0x03, null],
  ac3: [0x81, 'AC-3'],
  eac3: [0x87, 'EAC3'],
}

export type Tables = {
  /** Writes PAT and PMT, a packet each, at `at`; the end. Counters go on from call to call. */
  write(out: Uint8Array, at: number): number
}

/** PAT and PMT of our one program. */
export function createTables(format: Format): Tables {
  const streams: number[] = []
  const add = ([type, registration]: [number, string | null], pid: number) => {
    const descriptor = registration ? [0x05, 4, ...Buffer.from(registration)] : []
    streams.push(type, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, descriptor.length, ...descriptor)
  }
  if (format.video) add(VIDEO_TYPES[format.video.codec], VIDEO_PID)
  if (format.audio) add(AUDIO_TYPES[format.audio.codec], AUDIO_PID)
  const clockPid = format.video ? VIDEO_PID : AUDIO_PID
  const pat = toPacket(0, 0x00, 1, [0, PROGRAM, 0xe0 | (PMT_PID >> 8), PMT_PID & 0xff])
  const pmt = toPacket(PMT_PID, 0x02, PROGRAM, [0xe0 | (clockPid >> 8), clockPid & 0xff, 0xf0, 0, ...streams])
  let counter = 0

  return {
    write(out, at) {
      pat[3] = 0x10 | counter
      pmt[3] = 0x10 | counter
      counter = (counter + 1) & 0x0f
      out.set(pat, at)
      out.set(pmt, at + PACKET_BYTES)
      return at + 2 * PACKET_BYTES
    },
  }
}

/** A packet with one whole section (2.4.4): version 0, current, section 0 of 0. */
function toPacket(pid: number, tableId: number, extension: number, body: number[]): Uint8Array {
  const packet = new Uint8Array(PACKET_BYTES).fill(0xff)
  const length = 5 + body.length + 4
  const section = [tableId, 0xb0 | (length >> 8), length & 0xff, extension >> 8, extension & 0xff, 0xc1, 0, 0, ...body]
  const crc = crc32(Uint8Array.from(section), 0, section.length)
  packet.set([0x47, 0x40 | (pid >> 8), pid & 0xff, 0x10, 0, ...section])
  packet.set([crc >>> 24, crc >>> 16, crc >>> 8, crc], 5 + section.length)
  return packet
}
