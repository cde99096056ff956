import { type BitReader, createBitReader, createBitWriter, withEscapes, withoutEscapes } from './bits.ts'
import { skipScalingList, WITH_CHROMA } from './h264.ts'

const SLICE = 1
const IDR = 5
const SPS = 7
const PPS = 8
const DELIMITER = 9
/** A reference of the highest rank. */
const IDR_HEADER = (3 << 5) | IDR

type Sequence = {
  separatePlanes: boolean
  frameNumBits: number
  pocType: number
  pocBits: number
  deltaAlwaysZero: boolean
  framesOnly: boolean
}
type Picture = { sequenceId: number; cabac: boolean; bottomOrder: boolean; deblocking: boolean; redundant: boolean }

/**
 * The same keyframe as an IDR picture of its own (ISO 14496-10, 7.3.3 and 7.4.3): an I picture of an open GOP counts on from
 * those before it and cannot be repeated, and two IDR pictures in a row must differ in `idrPicId`. Only slice headers change.
 * Null where that cannot be done: fields, slice groups, pictures that are not all I, parameter sets that are missing.
 */
export function toIdr(unit: Uint8Array, idrPicId: number): Uint8Array | null {
  const sequences = new Map<number, Sequence>()
  const pictures = new Map<number, Picture>()
  const out: Uint8Array[] = []
  let slices = 0
  for (const nal of splitNals(unit)) {
    const type = (nal[0] as number) & 0x1f
    if (type === SPS) readSequence(nal, sequences)
    if (type === PPS && !readPicture(nal, pictures)) return null
    const isSlice = type === SLICE || type === IDR
    const next = isSlice ? rewriteSlice(nal, idrPicId, sequences, pictures) : nal
    if (isSlice) slices++
    if (!next || (type > SLICE && type < IDR)) return null
    // What else was said of the picture held for its place in the feed.
    if (isSlice || type === SPS || type === PPS || type === DELIMITER) out.push(Uint8Array.of(0, 0, 0, 1), next)
  }
  return slices > 0 ? new Uint8Array(Buffer.concat(out)) : null
}

function splitNals(bytes: Uint8Array): Uint8Array[] {
  const nals: Uint8Array[] = []
  let start = -1
  for (let at = bytes.indexOf(1, 2); at >= 0; at = bytes.indexOf(1, at + 1)) {
    if (bytes[at - 1] !== 0 || bytes[at - 2] !== 0) continue
    if (start >= 0) nals.push(trimmed(bytes.subarray(start, at - 2)))
    start = at + 1
  }
  if (start >= 0) nals.push(trimmed(bytes.subarray(start)))
  return nals.filter((nal) => nal.length > 1)
}

/** Zeros behind a NAL belong to the next start code. */
function trimmed(nal: Uint8Array): Uint8Array {
  let end = nal.length
  while (end > 0 && nal[end - 1] === 0) end--
  return nal.subarray(0, end)
}

/** 7.3.2.1.1 as far as the frame cropping. */
function readSequence(nal: Uint8Array, into: Map<number, Sequence>): void {
  const bits = createBitReader(nal, 1)
  const profile = bits.u(8)
  bits.skip(16)
  const id = bits.ue()
  let separatePlanes = false
  if (WITH_CHROMA.has(profile)) {
    const chroma = bits.ue()
    if (chroma === 3) separatePlanes = bits.flag()
    bits.ue()
    bits.ue()
    bits.skip(1)
    const lists = bits.flag() ? (chroma === 3 ? 12 : 8) : 0
    for (let i = 0; i < lists; i++) if (bits.flag()) skipScalingList(bits, i)
  }
  const frameNumBits = bits.ue() + 4
  const pocType = bits.ue()
  const pocBits = pocType === 0 ? bits.ue() + 4 : 0
  let deltaAlwaysZero = false
  if (pocType === 1) {
    deltaAlwaysZero = bits.flag()
    bits.se()
    bits.se()
    for (let left = Math.min(bits.ue(), 255); left > 0; left--) bits.se()
  }
  bits.ue()
  bits.skip(1)
  bits.ue()
  bits.ue()
  into.set(id, { separatePlanes, frameNumBits, pocType, pocBits, deltaAlwaysZero, framesOnly: bits.flag() })
}

/** 7.3.2.2; false for slice groups. */
function readPicture(nal: Uint8Array, into: Map<number, Picture>): boolean {
  const bits = createBitReader(nal, 1)
  const id = bits.ue()
  const sequenceId = bits.ue()
  const cabac = bits.flag()
  const bottomOrder = bits.flag()
  if (bits.ue() > 0) return false
  bits.ue()
  bits.ue()
  bits.skip(3)
  bits.se()
  bits.se()
  bits.se()
  const deblocking = bits.flag()
  bits.skip(1)
  into.set(id, { sequenceId, cabac, bottomOrder, deblocking, redundant: bits.flag() })
  return true
}

function rewriteSlice(
  nal: Uint8Array,
  idrPicId: number,
  sequences: Map<number, Sequence>,
  pictures: Map<number, Picture>,
): Uint8Array | null {
  const raw = withoutEscapes(nal)
  const wasIdr = ((raw[0] as number) & 0x1f) === IDR
  const bits = createBitReader(nal)
  // The headers differ by a few bytes at most.
  const out = createBitWriter(raw.length + 16)
  bits.u(8)
  out.u(IDR_HEADER, 8)
  out.ue(bits.ue())
  const sliceType = bits.ue()
  if (sliceType % 5 !== 2) return null
  out.ue(sliceType)
  const pictureId = bits.ue()
  out.ue(pictureId)
  const picture = pictures.get(pictureId)
  const sequence = picture && sequences.get(picture.sequenceId)
  if (!picture || !sequence) return null
  if (sequence.separatePlanes) out.u(bits.u(2), 2)
  bits.u(sequence.frameNumBits)
  out.u(0, sequence.frameNumBits)
  if (!sequence.framesOnly) {
    if (bits.flag()) return null
    out.u(0, 1)
  }
  if (wasIdr) bits.ue()
  out.ue(idrPicId)
  if (sequence.pocType === 0) {
    bits.u(sequence.pocBits)
    out.u(0, sequence.pocBits)
    if (picture.bottomOrder) out.se(bits.se())
  }
  if (sequence.pocType === 1 && !sequence.deltaAlwaysZero) {
    out.se(bits.se())
    if (picture.bottomOrder) out.se(bits.se())
  }
  if (picture.redundant) out.ue(bits.ue())
  if (((raw[0] as number) & 0x60) !== 0) skipMarking(bits, wasIdr)
  out.u(0, 2)
  out.se(bits.se())
  if (picture.deblocking) {
    const off = bits.ue()
    out.ue(off)
    if (off !== 1) {
      out.se(bits.se())
      out.se(bits.se())
    }
  }
  if (bits.overrun()) return null
  const used = bits.position()
  if (picture.cabac) {
    // Its data begin at a whole byte (7.3.4).
    out.alignWithOnes()
    out.copy(raw, Math.ceil(used / 8) * 8)
  } else out.copy(raw, used)
  return withEscapes(out.finish())
}

/** dec_ref_pic_marking (7.3.3.3). */
function skipMarking(bits: BitReader, isIdr: boolean): void {
  if (isIdr) return bits.skip(2)
  if (!bits.flag()) return
  for (let left = 64; left > 0; left--) {
    const operation = bits.ue()
    if (operation === 0) return
    if (operation !== 5) bits.ue()
    if (operation === 3) bits.ue()
  }
}
