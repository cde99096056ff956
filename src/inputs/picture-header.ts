export const PICTURE_TYPES = ['jpeg', 'png', 'webp', 'gif', 'bmp'] as const
export type PictureType = (typeof PICTURE_TYPES)[number]
export type PictureHeader = {
  type: PictureType
  width: number
  height: number
  /** False: it may have to be turned (Exif), or it moves (WebP). */
  isPlain: boolean
}

/**
 * What kind of picture this is and how large, by its first bytes alone; null for anything else. Nothing is decoded: a picture
 * that says it is enormous is refused before any decoder sees it.
 * PNG: W3C PNG 5.2, 11.2.2; GIF89a 18; BMP: BITMAPFILEHEADER with BITMAPCOREHEADER or BITMAPINFOHEADER; WebP: RFC 9649;
 * JPEG: ITU-T T.81, B.2.2; Exif 2.32, 4.7.2.
 */
export function readPictureHeader(bytes: Uint8Array): PictureHeader | null {
  const b = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    if (b.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n' && b.toString('latin1', 12, 16) === 'IHDR')
      return sized('png', b.readUInt32BE(16), b.readUInt32BE(20))
    if (/^GIF8[79]a$/.test(b.toString('latin1', 0, 6))) return sized('gif', b.readUInt16LE(6), b.readUInt16LE(8))
    if (b.toString('latin1', 0, 4) === 'RIFF' && b.toString('latin1', 8, 12) === 'WEBP') return readWebp(b)
    if (b.toString('latin1', 0, 2) === 'BM') return readBmp(b)
    if (b.readUInt16BE(0) === 0xffd8) return readJpeg(b)
  } catch (error) {
    // It ends in the middle of its header.
    if (!(error instanceof RangeError)) throw error
  }
  return null
}

function sized(type: PictureType, width: number, height: number, isPlain = true): PictureHeader | null {
  return width > 0 && height > 0 ? { type, width, height, isPlain } : null
}

function readBmp(b: Buffer): PictureHeader | null {
  const isOld = b.readUInt32LE(14) === 12
  // A negative height says that the first line is the upper one.
  return isOld
    ? sized('bmp', b.readUInt16LE(18), b.readUInt16LE(20))
    : sized('bmp', b.readInt32LE(18), Math.abs(b.readInt32LE(22)))
}

/** Flags of VP8X: Exif metadata, animation (RFC 9649, 2.7). */
const NOT_PLAIN = 0x08 | 0x02

function readWebp(b: Buffer): PictureHeader | null {
  switch (b.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return sized('webp', b.readUInt16LE(26) & 0x3fff, b.readUInt16LE(28) & 0x3fff)
    case 'VP8L': {
      const bits = b.readUInt32LE(21)
      return sized('webp', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1)
    }
    case 'VP8X':
      return sized('webp', b.readUIntLE(24, 3) + 1, b.readUIntLE(27, 3) + 1, (b.readUInt8(20) & NOT_PLAIN) === 0)
    default:
      return null
  }
}

function readJpeg(b: Buffer): PictureHeader | null {
  let isPlain = true
  for (let at = 2; ; ) {
    if (b.readUInt8(at) !== 0xff) return null
    const marker = b.readUInt8(at + 1)
    // Fill bytes before a marker.
    if (marker === 0xff) {
      at++
      continue
    }
    // SOF0 to SOF15 without the tables among them: DHT, JPG, DAC.
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) return sized('jpeg', b.readUInt16BE(at + 7), b.readUInt16BE(at + 5), isPlain)
    if (marker === 0xe1 && b.toString('latin1', at + 4, at + 10) === 'Exif\0\0') isPlain = false
    at += 2 + b.readUInt16BE(at + 2)
  }
}
