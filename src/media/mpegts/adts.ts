import type { Ticks } from '../program/units.ts'
import { TICKS_PER_SECOND } from '../program/units.ts'

const SAMPLE_RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350]

export const ADTS_HEADER_BYTES = 7
export const AAC_SAMPLES = 1024

export type AdtsHeader = {
  /** With the header. */
  frameBytes: number
  sampleRate: number
  /** 0 where a program config element tells. */
  channels: number
  objectType: number
}

/** One ADTS header (ISO 14496-3 1.A.2.2); null when there is none at `at`. Needs 7 bytes. */
export function parseAdts(bytes: Uint8Array, at: number): AdtsHeader | null {
  const b = (i: number) => bytes[at + i] as number
  if (b(0) !== 0xff || (b(1) & 0xf6) !== 0xf0) return null
  const sampleRate = SAMPLE_RATES[(b(2) >> 2) & 0x0f]
  const frameBytes = ((b(3) & 3) << 11) | (b(4) << 3) | (b(5) >> 5)
  if (sampleRate === undefined || frameBytes <= ADTS_HEADER_BYTES) return null
  return { frameBytes, sampleRate, channels: ((b(2) & 1) << 2) | (b(3) >> 6), objectType: (b(2) >> 6) + 1 }
}

export function aacFrameTicks(sampleRate: number): Ticks {
  return (AAC_SAMPLES * TICKS_PER_SECOND) / sampleRate
}

/** Raw data blocks of AAC-LC with nothing in them: one channel element of spectral zeros, then the end (ISO 14496-3 4.4.2.1). */
const SILENCE: Record<number, Uint8Array> = {
  1: Uint8Array.of(0x00, 0xc8, 0x00, 0x80, 0x23, 0x80),
  2: Uint8Array.of(0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c),
}

/** A whole silent ADTS frame, for AAC-LC mono and stereo at any rate; null for what needs an encoder. */
export function silentAdtsFrame(o: {
  sampleRate: number | null
  channels: number | null
  objectType: number | null
}): Uint8Array | null {
  const block = SILENCE[o.channels ?? 0]
  const rateIndex = SAMPLE_RATES.indexOf(o.sampleRate ?? 0)
  if (!block || rateIndex < 0 || o.objectType !== 2) return null
  const channels = o.channels as number
  const frameBytes = ADTS_HEADER_BYTES + block.length
  const frame = new Uint8Array(frameBytes)
  frame.set([0xff, 0xf1, (1 << 6) | (rateIndex << 2) | (channels >> 2), (channels & 3) << 6, frameBytes >> 3])
  frame[5] = ((frameBytes & 7) << 5) | 0x1f
  frame[6] = 0xfc
  frame.set(block, ADTS_HEADER_BYTES)
  return frame
}
