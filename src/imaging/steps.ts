import sharp, { type Sharp } from 'sharp'
import { FIRST_VARIANTS, type Ingested, type Job, type MadeFile, type Result, type Variant } from './protocol.ts'
import { isNoRoom, toRefusal } from './refusals.ts'
import { openSource, orBroken, type Source } from './source.ts'
import { MAX_SIDE, toThumbhash } from './thumbhash.ts'
import { writeWhole } from './write-whole.ts'

type Size = 'thumb' | 'small' | 'large' | 'full' | 'teaser'
type Format = 'jpg' | 'webp' | 'avif'

const THUMB_SIDE = 200
const TEASER_SIDE = 64
const TEASER_BLUR = 6
const FIT = { small: 400, large: 1280 } as const
const QUALITY = { jpg: 80, webp: 80, avif: 50 } as const
const THUMB_QUALITY = { ...QUALITY, jpg: 85 } as const
const FULL_QUALITY = { ...QUALITY, jpg: 90, webp: 90 } as const
/** AVIF above 2 takes seconds for the large size, and 0 is all that the full size can bear. */
const AVIF_EFFORT = 2
const FULL_AVIF_EFFORT = 0
const FULL_AVIF_PIXELS = 16_000_000
/** WebP's default of 4 costs two to three times the time for a twentieth of the size; one that moves pays for every frame. */
const WEBP_EFFORT = 2
const MOVING_EFFORT = 1

/** Does one job from its file to its files. @throws AppError the refusals of `openSource`, `image.disk_full` */
export async function runJob(job: Job): Promise<Result> {
  const source = await openSource(job.sourcePath)
  if (job.kind === 'ingest') return { kind: 'ingest', ingested: await ingest(source, job.outDir) }
  const names = job.fitting ? job.names.filter((name) => isFitting(name, source)) : job.names
  // One file alone is made without a stop on the way.
  const base = names.length > 1 ? await decodeBase(source, names) : null
  return { kind: 'make', files: await makeAll(source, base && (async () => base), job.outDir, names) }
}

async function ingest(source: Source, outDir: string): Promise<Ingested> {
  const base = await decodeBase(source, FIRST_VARIANTS)
  if (!base) throw new Error('nothing of the first files is made from the base')
  // The small ones share a step on the way down, while the large one is written.
  const small = toBase(base.open, { ...base, isWide: source.isWide }, ['thumb', 'small'])
  const [files, placeholder] = await Promise.all([
    makeAll(source, async (size) => (size === 'large' ? base : small), outDir, FIRST_VARIANTS),
    small.then(toPlaceholder),
  ])
  const { type, width, height, frames, hasAlpha, takenAt } = source
  return { mime: `image/${type}`, width, height, frames, hasAlpha, takenAt, placeholder, files }
}

function isFitting(name: Variant, { frames, hasAlpha }: Source): boolean {
  if (name.endsWith('.avif')) return frames === 1
  const losesLittle = frames === 1 && !hasAlpha
  if (name === 'full.jpg') return losesLittle
  return name !== 'full.webp' || !losesLittle
}

/** The first frame, decoded once and no larger than is wanted. */
type Base = { open(): Sharp; width: number; height: number }
type BaseOf = (size: Size) => Promise<Base>

const isMoving = (name: Variant, { frames }: Source) => frames > 1 && name.endsWith('.webp')
const isFromBase = (name: Variant, source: Source) => !name.startsWith('full.') && !isMoving(name, source)

/** Null where none of the files is made from it. */
async function decodeBase(source: Source, names: readonly Variant[]): Promise<Base | null> {
  const sizes = names.filter((name) => isFromBase(name, source)).map((name) => name.split('.')[0] as Size)
  return sizes.length === 0 ? null : orBroken(() => toBase(() => source.still(), source, sizes))
}

/** The pixels of a picture, as few of them as all these sizes can be made from. */
async function toBase(
  open: () => Sharp,
  now: { width: number; height: number; isWide: boolean },
  sizes: readonly Size[],
): Promise<Base> {
  const { width, height } = now
  const scale = Math.min(1, Math.max(...sizes.map((size) => scaleFor(size, width, height))))
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
  const sized = scale < 1 ? open().resize({ ...size, fit: 'fill' }) : open()
  const rgb = sized.toColourspace('srgb')
  // Bare pixels have no profile; a PNG that is not packed has, and costs little more.
  const kept = now.isWide ? rgb.keepIccProfile().png({ compressionLevel: 0 }) : rgb.raw()
  const { data, info } = await kept.toBuffer({ resolveWithObject: true })
  const reopen = () => sharp(data, now.isWide ? {} : { raw: info })
  return { open: reopen, width: info.width, height: info.height }
}

/** All files side by side; the first failure is told when all have ended. */
async function makeAll(source: Source, baseOf: BaseOf | null, outDir: string, names: readonly Variant[]) {
  const make = async (name: Variant): Promise<MadeFile> => {
    const [size, format] = name.split('.') as [Size, Format]
    const base = baseOf && isFromBase(name, source) ? await baseOf(size) : null
    const bytes = base
      ? await finish(keep(resize(base.open(), size, base), source), size, format)
      : await orBroken(() => finishSource(source, size, format, isMoving(name, source)))
    await write(outDir, name, bytes)
    return { name, sizeBytes: bytes.length }
  }
  const made = await Promise.allSettled(names.map(make))
  const files: MadeFile[] = []
  for (const one of made) {
    if (one.status === 'rejected') throw one.reason
    files.push(one.value)
  }
  return files
}

function scaleFor(size: Size, width: number, height: number): number {
  if (size === 'thumb') return THUMB_SIDE / Math.min(width, height)
  if (size === 'teaser') return TEASER_SIDE / Math.max(width, height)
  return size === 'full' ? 1 : FIT[size] / Math.max(width, height)
}

function resize(picture: Sharp, size: Size, now: { width: number; height: number } | null): Sharp {
  if (size === 'full') return picture
  if (size === 'thumb') return picture.resize(THUMB_SIDE, THUMB_SIDE, { fit: 'cover' })
  const side = size === 'teaser' ? TEASER_SIDE : FIT[size]
  if (now && Math.max(now.width, now.height) <= side) return size === 'teaser' ? picture.blur(TEASER_BLUR) : picture
  const fitted = picture.resize(side, side, { fit: 'inside', withoutEnlargement: true })
  return size === 'teaser' ? fitted.blur(TEASER_BLUR) : fitted
}

/** What is not made from the base: the full size, all that moves, and one alone. */
function finishSource(source: Source, size: Size, format: Format, moves: boolean): Promise<Buffer> {
  if (size === 'full' && format === 'avif' && source.width * source.height > FULL_AVIF_PIXELS)
    throw toRefusal('image.pixels', 'The picture is too large for AVIF at its full size. Ask for JPEG or WebP.')
  return finish(keep(resize(moves ? source.moving() : source.still(), size, null), source), size, format, moves)
}

const keep = (picture: Sharp, { isWide }: Source) => (isWide ? picture.keepIccProfile() : picture)

function finish(picture: Sharp, size: Size, format: Format, moves = false): Promise<Buffer> {
  const quality = (size === 'full' ? FULL_QUALITY : size === 'thumb' ? THUMB_QUALITY : QUALITY)[format]
  if (format === 'jpg') return picture.flatten({ background: '#fff' }).jpeg({ quality }).toBuffer()
  if (format === 'webp') return picture.webp({ quality, effort: moves ? MOVING_EFFORT : WEBP_EFFORT }).toBuffer()
  return picture.avif({ quality, effort: size === 'full' ? FULL_AVIF_EFFORT : AVIF_EFFORT }).toBuffer()
}

async function toPlaceholder(base: Base): Promise<string> {
  const { data, info } = await base
    .open()
    .resize(MAX_SIDE, MAX_SIDE, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return Buffer.from(toThumbhash(info.width, info.height, data)).toString('base64')
}

async function write(outDir: string, name: Variant, bytes: Buffer): Promise<void> {
  try {
    await writeWhole(outDir, name, bytes)
  } catch (cause) {
    throw isNoRoom(cause) ? toRefusal('image.disk_full', undefined, cause) : cause
  }
}
