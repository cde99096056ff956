import { readFile, stat } from 'node:fs/promises'
import sharp, { type Metadata, type Sharp } from 'sharp'
import { isAppError } from '../errors.ts'
import { decodeBmp, readBmpHeader } from './bmp.ts'
import { readTakenAt } from './exif.ts'
import { LIMITS, type PictureType } from './protocol.ts'
import { isWide } from './profile.ts'
import { toRefusal } from './refusals.ts'
import { sniff, toTypeWords } from './sniff.ts'

/** An upload that is of a type we take and within all limits; its pixels are not decoded yet. */
export type Source = {
  type: PictureType
  /** Upright. */
  width: number
  height: number
  frames: number
  hasAlpha: boolean
  takenAt: number | null
  /** Its colours are wider than those of the web: all that is made keeps them, with their profile. */
  isWide: boolean
  /** The first frame, upright. What is wrong with its pixels shows when they are asked for. */
  still(): Sharp
  /** All frames. */
  moving(): Sharp
}

// What a file is opened with is chosen by its content, so all is shut but the four. Nothing is kept between pictures, and
// one picture takes one thread for each file that is made of it.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
  ],
})
sharp.concurrency(1)
sharp.cache(false)

/** Small faults that every program reads past are forgiven, an end that is missing is not. */
const READ = { failOn: 'error', limitInputPixels: LIMITS.allPixels, sequentialRead: true } as const
/** Exif orientations that turn a picture on its side. */
const SIDEWAYS = 5

/**
 * Reads an upload and checks it by its first bytes and by what it says of its size.
 * @throws AppError `image.empty` `image.type` `image.broken` `image.pixels` `image.frames` `image.too_big`
 */
export async function openSource(path: string): Promise<Source> {
  if ((await stat(path)).size > LIMITS.sourceBytes) throw toRefusal('image.too_big')
  const bytes = await readFile(path)
  if (bytes.length === 0) throw toRefusal('image.empty')
  const sniffed = sniff(bytes)
  if (sniffed.type === null) throw toRefusal('image.type', toTypeWords(sniffed.name))
  return sniffed.type === 'bmp' ? openBmp(bytes) : openEncoded(bytes, sniffed.type)
}

async function openEncoded(bytes: Buffer, type: PictureType): Promise<Source> {
  const facts = await orBroken(() => sharp(bytes, { ...READ, limitInputPixels: false }).metadata())
  if (facts.format !== type) throw toRefusal('image.broken')
  const frames = facts.pages ?? 1
  check(facts.width, facts.height, frames)
  const isTurned = (facts.orientation ?? 1) >= SIDEWAYS
  return {
    type,
    width: isTurned ? facts.height : facts.width,
    height: isTurned ? facts.width : facts.height,
    frames,
    hasAlpha: facts.hasAlpha ?? false,
    takenAt: toTakenAt(facts),
    isWide: facts.icc !== undefined && facts.space.includes('rgb') && isWide(facts.icc),
    still: () => sharp(bytes, { ...READ, autoOrient: true }),
    moving: () => sharp(bytes, { ...READ, animated: true }),
  }
}

function openBmp(bytes: Buffer): Source {
  const { width, height, masks, palette } = readBmpHeader(bytes)
  const still = () => {
    const { data, channels } = decodeBmp(bytes)
    return sharp(data, { raw: { width, height, channels } })
  }
  const hasAlpha = palette === null && masks[3] !== 0
  return { type: 'bmp', width, height, frames: 1, hasAlpha, takenAt: null, isWide: false, still, moving: still }
}

function check(width: number, height: number, frames: number): void {
  if (frames > LIMITS.frames) throw toRefusal('image.frames')
  const pixels = width * height
  const isLong = width > LIMITS.sidePixels || height > LIMITS.sidePixels
  if (isLong || pixels > LIMITS.framePixels || pixels * frames > LIMITS.allPixels) throw toRefusal('image.pixels')
}

function toTakenAt({ exif }: Metadata): number | null {
  return exif ? readTakenAt(exif) : null
}

/** What libvips cannot read is broken, in whichever words it says so; refusals of ours stay what they are. */
export async function orBroken<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (isAppError(cause)) throw cause
    throw toRefusal('image.broken', undefined, cause)
  }
}
