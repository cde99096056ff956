import type { VideoFormat } from '../program/units.ts'
import { type PictureParser, prepend } from './picture.ts'

const PICTURE = 0x00
const SEQUENCE = 0xb3
const EXTENSION = 0xb5
const GROUP = 0xb8

/** MPEG-2 video (ISO 13818-2 6.2.2): a sequence header is where one can start. */
export function createMpeg2Parser(): PictureParser {
  let header: Uint8Array | null = null
  let format: VideoFormat | null = null

  return {
    parse(bytes, randomAccess) {
      let sequenceAt = -1
      let at = 0
      for (; at + 4 <= bytes.length; at++) {
        if (bytes[at + 2] !== 1 || bytes[at] !== 0 || bytes[at + 1] !== 0) continue
        const code = bytes[at + 3]
        if (code === SEQUENCE && sequenceAt < 0) sequenceAt = at
        else if (code === GROUP || code === PICTURE) break
      }
      if (sequenceAt >= 0) {
        const found = bytes.slice(sequenceAt, at)
        if (!header || Buffer.compare(header, found) !== 0) {
          header = found
          format = parseMpeg2Sequence(found) ?? format
        }
        return { key: true, data: bytes }
      }
      if (!randomAccess || !header) return { key: false, data: bytes }
      return { key: true, data: prepend([header], bytes) }
    },
    format: () => format,
  }
}

const RATES = [null, 23.976, 24, 25, 29.97, 30, 50, 59.94, 60]
const PROFILES: Record<number, string> = {
  1: 'High',
  2: 'Spatially Scalable',
  3: 'SNR Scalable',
  4: 'Main',
  5: 'Simple',
}

/** Size, profile and frame rate out of a sequence header with its extensions (6.2.2.1, 6.2.2.3). */
export function parseMpeg2Sequence(bytes: Uint8Array): VideoFormat | null {
  if (bytes.length < 12) return null
  const b = (i: number) => bytes[i] as number
  const width = (b(4) << 4) | (b(5) >> 4)
  const height = ((b(5) & 0x0f) << 8) | b(6)
  const format: VideoFormat = { codec: 'mpeg2video', profile: null, width, height, fps: RATES[b(7) & 0x0f] ?? null }
  for (let i = 12; i + 10 <= bytes.length; i++) {
    if (b(i) !== 0 || b(i + 1) !== 0 || b(i + 2) !== 1 || b(i + 3) !== EXTENSION || b(i + 4) >> 4 !== 1) continue
    const profileAndLevel = ((b(i + 4) & 0x0f) << 4) | (b(i + 5) >> 4)
    format.profile = profileAndLevel & 0x80 ? '4:2:2' : (PROFILES[(profileAndLevel >> 4) & 7] ?? null)
    format.width = width | (((b(i + 5) & 1) << 13) | ((b(i + 6) >> 7) << 12))
    format.height = height | (((b(i + 6) >> 5) & 3) << 12)
  }
  return width > 0 && height > 0 ? format : null
}
