import { deflateSync } from 'node:zlib'
import sharp from 'sharp'

/** Pictures to send, made here so that no file of somebody else lies about. */

type Rgb = [number, number, number]

/** Four corners of different colours: upper left red, upper right green, lower left blue, lower right white. */
export const CORNERS: Record<'upperLeft' | 'upperRight' | 'lowerLeft' | 'lowerRight', Rgb> = {
  upperLeft: [220, 30, 30],
  upperRight: [30, 200, 30],
  lowerLeft: [30, 30, 220],
  lowerRight: [240, 240, 240],
}

export function cornerPixels(width: number, height: number): Buffer {
  const data = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const left = x < width / 2
      const colour =
        y < height / 2 ? (left ? CORNERS.upperLeft : CORNERS.upperRight) : left ? CORNERS.lowerLeft : CORNERS.lowerRight
      data.set(colour, (y * width + x) * 3)
    }
  return data
}

export const corners = (width = 800, height = 600) =>
  sharp(cornerPixels(width, height), { raw: { width, height, channels: 3 } })

/** The colours at the four corners of a picture as it is shown. */
export async function readCorners(bytes: Uint8Array) {
  const { data, info } = await sharp(bytes)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const at = (x: number, y: number) => {
    const from = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels
    return [...data.subarray(from, from + 3)] as Rgb
  }
  return { upperLeft: at(0.2, 0.2), upperRight: at(0.8, 0.2), lowerLeft: at(0.2, 0.8), lowerRight: at(0.8, 0.8) }
}

/** How far two colours are apart in their worst channel. */
export const distance = (a: Rgb, b: Rgb): number => Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))))

/** Grain like a camera's, so that a JPEG of it has a camera's size. */
export async function photo(width: number, height: number, quality = 90): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3)
  const across = Float64Array.from({ length: width }, (_, x) => 60 * Math.sin(x / 90))
  const down = Float64Array.from({ length: height }, (_, y) => Math.cos(y / 70))
  let seed = 1
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      const grain = (seed >>> 24) & 31
      data[at++] = ((x * 200) / width + grain) & 255
      data[at++] = ((y * 200) / height + grain) & 255
      data[at++] = (120 + (across[x] as number) * (down[y] as number) + grain) & 255
    }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer()
}

/** A PNG of one colour with the size that its header says, its rows packed to almost nothing. */
export function flatPng(width: number, height: number): Buffer {
  const rows = Buffer.alloc((Math.ceil(width / 8) + 1) * height)
  return pngOf(width, height, deflateSync(rows, { level: 9 }))
}

/** A PNG whose header says a size and that has no pixels. */
export const pngHeader = (width: number, height: number): Buffer => pngOf(width, height, Buffer.alloc(64))

function pngOf(width: number, height: number, body: Buffer): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([1, 0, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', body),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

function pngChunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body])
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(body.length)
  crc.writeUInt32BE(Bun.hash.crc32(named))
  return Buffer.concat([length, named, crc])
}

/** A GIF of `frames` small frames of two colours in turn. */
export function movingGif(frames: number, side = 2): Buffer {
  const head = Buffer.from(`GIF89a\0\0\0\0\x91\0\0\xff\0\0\0\xff\0\0\0\xff\xff\xff\xff`, 'latin1')
  head.writeUInt16LE(side, 6)
  head.writeUInt16LE(side, 8)
  const loop = Buffer.from('!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0', 'latin1')
  const parts: Buffer[] = [head, loop]
  for (let frame = 0; frame < frames; frame++) {
    const place = Buffer.from('!\xf9\x04\0\x0a\0\0\0,\0\0\0\0\0\0\0\0\0', 'latin1')
    place.writeUInt16LE(side, 13)
    place.writeUInt16LE(side, 15)
    parts.push(place, gifPixels(side * side, frame % 4))
  }
  return Buffer.concat([...parts, Buffer.from(';', 'latin1')])
}

/** Codes of three bits, a clear code before every second pixel so that they never grow. */
function gifPixels(count: number, colour: number): Buffer {
  const codes: number[] = []
  for (let i = 0; i < count; i++) {
    if (i % 2 === 0) codes.push(4)
    codes.push(colour)
  }
  codes.push(5)
  const bytes = Buffer.alloc(Math.ceil((codes.length * 3) / 8))
  codes.forEach((code, i) => {
    for (let bit = 0; bit < 3; bit++) {
      const at = 3 * i + bit
      bytes[at >> 3] = (bytes[at >> 3] as number) | (((code >> bit) & 1) << (at & 7))
    }
  })
  const blocks: Buffer[] = [Buffer.from([2])]
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.subarray(at, at + 255)
    blocks.push(Buffer.from([block.length]), block)
  }
  return Buffer.concat([...blocks, Buffer.from([0])])
}
