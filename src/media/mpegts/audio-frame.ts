import type { AudioCodec } from '../program/units.ts'

/** The stream type is the same for all layers of MPEG audio: `codec` is what the frame says. */
export type AudioDetails = { codec: AudioCodec; sampleRate: number; channels: number }

/** Rate and channels out of the first frame header of a PES of MPEG audio, AC-3 or E-AC-3; null when there is none. */
export function parseAudioFrame(codec: AudioCodec, bytes: Uint8Array): AudioDetails | null {
  if (codec === 'mp2') return parseMpegAudio(bytes)
  if (codec !== 'ac3' && codec !== 'eac3') return null
  const details = parseDolby(bytes)
  return details && { codec, ...details }
}

const MPEG_RATES = [44100, 48000, 32000]
const LAYER_RESERVED = 0
const LAYER_III = 1

/** ISO 11172-3 2.4.1.3; ISO 13818-3 halves the rates. */
function parseMpegAudio(bytes: Uint8Array): AudioDetails | null {
  if (bytes.length < 4 || bytes[0] !== 0xff || ((bytes[1] as number) & 0xe0) !== 0xe0) return null
  const rate = MPEG_RATES[((bytes[2] as number) >> 2) & 3]
  const version = ((bytes[1] as number) >> 3) & 3
  const layer = ((bytes[1] as number) >> 1) & 3
  if (rate === undefined || version === 1 || layer === LAYER_RESERVED) return null
  return {
    codec: layer === LAYER_III ? 'mp3' : 'mp2',
    sampleRate: version === 3 ? rate : version === 2 ? rate / 2 : rate / 4,
    channels: (bytes[3] as number) >> 6 === 3 ? 1 : 2,
  }
}

const DOLBY_RATES = [48000, 44100, 32000]
const DOLBY_CHANNELS = [2, 1, 2, 3, 3, 4, 4, 5]

/** ETSI TS 102 366 4.3 (AC-3) and E.1.3 (E-AC-3), told apart by bsid. */
function parseDolby(bytes: Uint8Array): Omit<AudioDetails, 'codec'> | null {
  if (bytes.length < 8 || bytes[0] !== 0x0b || bytes[1] !== 0x77) return null
  const b = (i: number) => bytes[i] as number
  const enhanced = b(5) >> 3 > 10
  const rate = DOLBY_RATES[b(4) >> 6]
  if (enhanced) {
    const sampleRate = rate ?? (DOLBY_RATES[(b(4) >> 4) & 3] ?? 0) / 2
    return sampleRate ? { sampleRate, channels: (DOLBY_CHANNELS[(b(4) >> 1) & 7] as number) + (b(4) & 1) } : null
  }
  const mode = b(6) >> 5
  // The low-frequency flag comes after mix levels that only some modes have.
  const levels = ((mode & 1 && mode !== 1 ? 2 : 0) + (mode & 4 ? 2 : 0) + (mode === 2 ? 2 : 0)) as number
  const lowFrequency = (((b(6) << 8) | b(7)) >> (12 - levels)) & 1
  return rate ? { sampleRate: rate, channels: (DOLBY_CHANNELS[mode] as number) + lowFrequency } : null
}
