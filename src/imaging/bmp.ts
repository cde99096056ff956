import { decodeRle } from './bmp-rle.ts'
import { LIMITS } from './protocol.ts'
import { toRefusal } from './refusals.ts'

/** Pixels as sharp takes them: rows from the top, `channels` bytes each. */
export type RawPicture = { data: Uint8Array; width: number; height: number; channels: 3 | 4 }

export type BmpHeader = {
  width: number
  height: number
  bits: number
  /** The first row of the file is the first of the picture. */
  topDown: boolean
  rle: 4 | 8 | null
  /** Red, green, blue, alpha for 16 and 32 bits; alpha 0 = none. */
  masks: [number, number, number, number]
  palette: { at: number; count: number; entryBytes: 3 | 4 } | null
  pixelsAt: number
}

const FILE_HEADER_BYTES = 14
const CORE_BYTES = 12
const INFO_BYTES = 40
/** `biCompression` of [MS-WMF] 2.1.1.7 and wingdi.h. */
const [RGB, RLE8, RLE4, BITFIELDS, ALPHABITFIELDS] = [0, 1, 2, 3, 6]
const BITS = [1, 4, 8, 16, 24, 32]

/**
 * What a Windows bitmap says of itself: file header, then a core (12 bytes), info (40) or later header (52 to 124, V2 to
 * V5) as wingdi.h has them.
 * @throws AppError `image.broken`; `image.pixels` past the limits, so that whoever allocates after this does so within them
 */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < FILE_HEADER_BYTES + CORE_BYTES) throw toRefusal('image.broken')
  const size = view.getUint32(14, true)
  const isCore = size === CORE_BYTES
  if (!isCore && (size < INFO_BYTES || bytes.length < FILE_HEADER_BYTES + size)) throw toRefusal('image.broken')
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true)
  const signedHeight = isCore ? view.getUint16(20, true) : view.getInt32(22, true)
  const bits = view.getUint16(isCore ? 24 : 28, true)
  const compression = isCore ? RGB : view.getUint32(30, true)
  const used = isCore ? 0 : view.getUint32(46, true)
  const height = Math.abs(signedHeight)
  if (width <= 0 || height === 0 || !BITS.includes(bits)) throw toRefusal('image.broken')
  if (width > LIMITS.sidePixels || height > LIMITS.sidePixels || width * height > LIMITS.framePixels)
    throw toRefusal('image.pixels')
  const topDown = signedHeight < 0
  const rle = compression === RLE8 ? 8 : compression === RLE4 ? 4 : null
  const hasMasks = compression === BITFIELDS || compression === ALPHABITFIELDS
  if (rle === null && compression !== RGB && !hasMasks) throw toRefusal('image.broken')
  if ((rle !== null && (rle !== bits || topDown)) || (hasMasks && bits !== 16 && bits !== 32))
    throw toRefusal('image.broken')

  // The masks follow an info header, and are a part of every later one.
  const maskBytes = hasMasks && size === INFO_BYTES ? (compression === ALPHABITFIELDS ? 16 : 12) : 0
  const mask = (index: number) => {
    const at = FILE_HEADER_BYTES + INFO_BYTES + 4 * index
    const isThere = at + 4 <= FILE_HEADER_BYTES + size + maskBytes && at + 4 <= bytes.length
    return isThere ? view.getUint32(at, true) : 0
  }
  const usual: BmpHeader['masks'] = bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0]
  const masks: BmpHeader['masks'] = hasMasks ? [mask(0), mask(1), mask(2), mask(3)] : usual
  const most = 2 ** bits
  return {
    width,
    height,
    bits,
    topDown,
    rle,
    masks,
    palette:
      bits > 8
        ? null
        : {
            at: FILE_HEADER_BYTES + size + maskBytes,
            count: used > 0 && used < most ? used : most,
            entryBytes: isCore ? 3 : 4,
          },
    pixelsAt: view.getUint32(10, true),
  }
}

/**
 * Decodes a Windows bitmap of 1, 4, 8, 16, 24 or 32 bits, plain, RLE or with masks.
 * @throws AppError `image.broken` where anything is missing; `image.pixels`
 */
export function decodeBmp(bytes: Uint8Array): RawPicture {
  const header = readBmpHeader(bytes)
  const { width, height, bits, palette } = header
  if (header.pixelsAt > bytes.length) throw toRefusal('image.broken')
  const body = bytes.subarray(header.pixelsAt)
  const channels = palette === null && header.masks[3] !== 0 ? 4 : 3
  const rowBytes = Math.ceil((width * bits) / 32) * 4
  if (header.rle === null && body.length < rowBytes * (height - 1) + Math.ceil((width * bits) / 8))
    throw toRefusal('image.broken')
  const colours = palette && readPalette(bytes, palette)
  const indices = header.rle === null ? null : decodeRle(body, header.rle, width, height)
  const data = new Uint8Array(width * height * channels)
  const paint = colours
    ? paintIndexed(colours, (x, row) =>
        indices ? (indices[row * width + x] as number) : indexAt(body, row * rowBytes, x, bits),
      )
    : paintDirect(body, header, channels, rowBytes)
  for (let row = 0; row < height; row++) {
    const y = header.topDown ? row : height - 1 - row
    for (let x = 0, at = y * width * channels; x < width; x++, at += channels) paint(data, at, x, row)
  }
  return { data, width, height, channels }
}

type Paint = (data: Uint8Array, at: number, x: number, row: number) => void

function indexAt(body: Uint8Array, rowAt: number, x: number, bits: number): number {
  const bitAt = x * bits
  const byte = body[rowAt + (bitAt >> 3)] as number
  return (byte >> (8 - bits - (bitAt & 7))) & ((1 << bits) - 1)
}

/** Red, green and blue of each colour; what the file does not have is black. */
function readPalette(bytes: Uint8Array, { at, count, entryBytes }: NonNullable<BmpHeader['palette']>): Uint8Array {
  const colours = new Uint8Array(256 * 3)
  for (let n = 0; n < count; n++) {
    const entry = at + n * entryBytes
    for (let c = 0; c < 3; c++) colours[3 * n + c] = bytes[entry + 2 - c] ?? 0
  }
  return colours
}

function paintIndexed(colours: Uint8Array, indexOf: (x: number, row: number) => number): Paint {
  return (data, at, x, row) => {
    const from = 3 * indexOf(x, row)
    data[at] = colours[from] as number
    data[at + 1] = colours[from + 1] as number
    data[at + 2] = colours[from + 2] as number
  }
}

function paintDirect(body: Uint8Array, header: BmpHeader, channels: number, rowBytes: number): Paint {
  if (header.bits === 24)
    return (data, at, x, row) => {
      const from = row * rowBytes + 3 * x
      for (let c = 0; c < 3; c++) data[at + c] = body[from + 2 - c] as number
    }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const parts = header.masks.slice(0, channels).map(toPart)
  const wide = header.bits === 32
  return (data, at, x, row) => {
    const value = wide ? view.getUint32(row * rowBytes + 4 * x, true) : view.getUint16(row * rowBytes + 2 * x, true)
    for (let c = 0; c < channels; c++) data[at + c] = (parts[c] as Part)(value)
  }
}

type Part = (value: number) => number

/** The bits under a mask, widened to eight. */
function toPart(mask: number): Part {
  if (mask === 0) return () => 0
  const shift = Math.clz32(1) - Math.clz32(mask & -mask)
  const most = mask >>> shift
  return (value) => Math.round((((value & mask) >>> shift) * 255) / most)
}
