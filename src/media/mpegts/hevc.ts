import type { VideoFormat } from '../program/units.ts'
import { createAnnexBParser } from './annexb.ts'
import { createBitReader } from './bits.ts'
import type { PictureParser } from './picture.ts'

/** HEVC in a transport stream (ISO 13818-1 2.17, ISO 23008-2). */
export function createHevcParser(): PictureParser {
  return createAnnexBParser({
    delimiter: Uint8Array.of(0, 0, 0, 1, 0x46, 0x01, 0x50),
    typeOf,
    delimiterType: 35,
    parameterTypes: [32, 33, 34],
    sequenceType: 33,
    isSlice: (type) => type < 32,
    // IRAP pictures (BLA, IDR, CRA). Random access without one is intra refresh.
    isStart: (bytes, at, _end, hints) => {
      const type = typeOf(bytes[at] as number)
      return (type >= 16 && type <= 21) || hints.randomAccess
    },
    seiType: -1,
    parseSequence: parseHevcSequence,
  })
}

function typeOf(firstByte: number): number {
  return (firstByte >> 1) & 0x3f
}

const PROFILES: Record<number, string> = { 1: 'Main', 2: 'Main 10', 3: 'Main Still Picture', 4: 'Rext' }

/**
 * Size after cropping and profile out of a sequence parameter set (ISO 23008-2 7.3.2.2), from its two-byte NAL header on.
 * Its frame rate lies behind the reference picture sets; it is measured instead.
 */
export function parseHevcSequence(nal: Uint8Array): VideoFormat | null {
  const bits = createBitReader(nal, 2)
  bits.skip(4)
  const subLayers = bits.u(3)
  bits.skip(1)
  bits.skip(3)
  const profileIdc = bits.u(5)
  bits.skip(32 + 48 + 8)
  const present: [boolean, boolean][] = []
  for (let i = 0; i < subLayers; i++) present.push([bits.flag(), bits.flag()])
  if (subLayers > 0) bits.skip(2 * (8 - subLayers))
  for (const [profile, level] of present) bits.skip((profile ? 88 : 0) + (level ? 8 : 0))
  bits.ue()
  const chroma = bits.ue()
  const separatePlanes = chroma === 3 && bits.flag()
  let width = bits.ue()
  let height = bits.ue()
  if (bits.flag()) {
    const cropX = !separatePlanes && (chroma === 1 || chroma === 2) ? 2 : 1
    const cropY = !separatePlanes && chroma === 1 ? 2 : 1
    width -= (bits.ue() + bits.ue()) * cropX
    height -= (bits.ue() + bits.ue()) * cropY
  }
  if (bits.overrun() || width <= 0 || height <= 0 || width > 16384 || height > 16384) return null
  return { codec: 'hevc', profile: PROFILES[profileIdc] ?? null, width, height, fps: null }
}
