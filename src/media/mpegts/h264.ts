import type { VideoFormat } from '../program/units.ts'
import { createAnnexBParser, type StartHints } from './annexb.ts'
import { type BitReader, createBitReader } from './bits.ts'
import type { PictureParser } from './picture.ts'

const IDR = 5

/** H.264 in a transport stream (ISO 13818-1 2.14, ISO 14496-10). */
export function createH264Parser(): PictureParser {
  return createAnnexBParser({
    delimiter: Uint8Array.of(0, 0, 0, 1, 9, 0xf0),
    typeOf: (byte) => byte & 0x1f,
    delimiterType: 9,
    parameterTypes: [7, 8],
    sequenceType: 7,
    isSlice: (type) => type >= 1 && type <= IDR,
    isStart,
    seiType: 6,
    parseSequence: parseH264Sequence,
  })
}

/** IDR; or an I picture, or a recovery point, that the sender marks as one to start at: most broadcasts have no other. */
function isStart(bytes: Uint8Array, at: number, end: number, hints: StartHints): boolean {
  if (((bytes[at] as number) & 0x1f) === IDR) return true
  if (hints.recoveryPoint) return hints.randomAccess || hints.hasSequence
  if (!hints.randomAccess && !hints.hasSequence) return false
  const bits = createBitReader(bytes, at + 1, Math.min(end, at + 16))
  bits.ue()
  const sliceType = bits.ue()
  return sliceType === 2 || sliceType === 7
}

const PROFILES: Record<number, string> = {
  44: 'CAVLC 4:4:4',
  66: 'Baseline',
  77: 'Main',
  88: 'Extended',
  100: 'High',
  110: 'High 10',
  122: 'High 4:2:2',
  244: 'High 4:4:4 Predictive',
}
/** Profiles whose parameter set tells its chroma format (7.3.2.1.1). */
export const WITH_CHROMA = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])

/** Size after cropping, profile and frame rate out of a sequence parameter set (7.3.2.1.1), from its NAL header on. */
export function parseH264Sequence(nal: Uint8Array): VideoFormat | null {
  const bits = createBitReader(nal, 1)
  const profileIdc = bits.u(8)
  const constraints = bits.u(8)
  bits.skip(8)
  bits.ue()
  let chroma = 1
  let separatePlanes = false
  if (WITH_CHROMA.has(profileIdc)) {
    chroma = bits.ue()
    if (chroma === 3) separatePlanes = bits.flag()
    bits.ue()
    bits.ue()
    bits.skip(1)
    const lists = bits.flag() ? (chroma === 3 ? 12 : 8) : 0
    for (let i = 0; i < lists; i++) if (bits.flag()) skipScalingList(bits, i)
  }
  bits.ue()
  const pocType = bits.ue()
  if (pocType === 0) bits.ue()
  else if (pocType === 1) {
    bits.skip(1)
    bits.se()
    bits.se()
    for (let left = Math.min(bits.ue(), 255); left > 0; left--) bits.se()
  }
  bits.ue()
  bits.skip(1)
  const widthMbs = bits.ue() + 1
  const heightUnits = bits.ue() + 1
  const framesOnly = bits.flag()
  if (!framesOnly) bits.skip(1)
  bits.skip(1)
  const fieldFactor = framesOnly ? 1 : 2
  let width = widthMbs * 16
  let height = heightUnits * 16 * fieldFactor
  if (bits.flag()) {
    const arrayType = separatePlanes ? 0 : chroma
    const cropX = arrayType === 1 || arrayType === 2 ? 2 : 1
    const cropY = (arrayType === 1 ? 2 : 1) * fieldFactor
    width -= (bits.ue() + bits.ue()) * cropX
    height -= (bits.ue() + bits.ue()) * cropY
  }
  if (bits.overrun() || width <= 0 || height <= 0 || width > 16384 || height > 16384) return null
  const constrained = profileIdc === 66 && (constraints & 0x40) !== 0
  const profile = constrained ? 'Constrained Baseline' : (PROFILES[profileIdc] ?? null)
  return { codec: 'h264', profile, width, height, fps: bits.flag() ? parseTiming(bits) : null }
}

/** Frames per second from the VUI (annex E): a tick is a field. */
function parseTiming(bits: BitReader): number | null {
  if (bits.flag() && bits.u(8) === 255) bits.skip(32)
  if (bits.flag()) bits.skip(1)
  if (bits.flag()) {
    bits.skip(4)
    if (bits.flag()) bits.skip(24)
  }
  if (bits.flag()) {
    bits.ue()
    bits.ue()
  }
  if (!bits.flag()) return null
  const unitsInTick = bits.u(32)
  const timeScale = bits.u(32)
  if (bits.overrun() || unitsInTick === 0) return null
  const fps = Math.round((timeScale / (2 * unitsInTick)) * 1000) / 1000
  return fps > 0 && fps <= 300 ? fps : null
}

export function skipScalingList(bits: BitReader, index: number): void {
  let next = 8
  let last = 8
  for (let j = 0; j < (index < 6 ? 16 : 64); j++) {
    if (next !== 0) next = (last + bits.se() + 256) % 256
    if (next !== 0) last = next
  }
}
