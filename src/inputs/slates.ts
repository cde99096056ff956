import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { mkdtemp, open, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, type ErrorKind } from '../errors.ts'
import { PICTURE_TYPES, type PictureHeader, type PictureType, readPictureHeader } from './picture-header.ts'

/** `version` changes with the picture. */
export type SlatePicture = { file: string; type: PictureType; version: string }

export type Slates = {
  find(inputId: number): SlatePicture | null
  /**
   * Takes a picture in, in place of the one that is there: streamed to the disk, its kind and size read from its first
   * bytes, decoded once by a child. One that is turned or moves is kept upright, as its first picture. What is refused
   * leaves nothing behind.
   * @throws AppError 413 or whatever reading the bytes throws, 415 `image.type`, 422 `image.empty` `image.pixels`
   *   `image.broken`, 503 `image.busy`, 507 `image.disk_full`
   */
  put(inputId: number, bytes: AsyncIterable<Uint8Array>): Promise<void>
  /** Answers whether there was one. */
  remove(inputId: number): Promise<boolean>
}

/** The whole picture as JPEG. */
export const STILL_FILE = 'full.jpg'
export const MAX_SLATE_BYTES = 20 * 1024 * 1024
const MAX_PIXELS = 50_000_000
const MAX_AT_ONCE = 4
/** A camera's thumbnail and colour profile may stand before the size of a JPEG. */
const HEADER_BYTES = 1024 * 1024
const LEAST_FREE = { bytes: 2 * 1024 ** 3, part: 0.05 }
const COMING = 'coming-'
/** No ending: FFmpeg would take it for the kind of the file, and a name for a pattern. */
const NAME = new RegExp(`^(\\d+)-([0-9a-f]{16})-(${PICTURE_TYPES.join('|')})$`)

/**
 * The slate pictures of inputs, a file each in a directory of their own; the names of the files are the list. What was
 * half taken in and what belongs to no input any more is removed at the start.
 */
export function openSlates(o: {
  dir: string
  inputIds: readonly number[]
  isDecodable(picture: { file: string; maxPixels: number }): Promise<boolean>
  /** Writes the first picture, upright, as `STILL_FILE` into `outDir`. @throws AppError where it cannot be decoded */
  makeStill(picture: { contentHash: string; sourcePath: string; outDir: string }): Promise<unknown>
}): Slates {
  mkdirSync(o.dir, { recursive: true, mode: 0o700 })
  const pictures = readPictures(o.dir, new Set(o.inputIds))
  let running = 0

  async function receive(coming: string, bytes: AsyncIterable<Uint8Array>): Promise<{ hash: string; head: Buffer }> {
    await checkRoom(o.dir)
    const hash = createHash('sha256')
    const heads: Uint8Array[] = []
    let sizeBytes = 0
    const handle = await open(coming, 'wx', 0o600)
    try {
      for await (const chunk of bytes) {
        if (sizeBytes < HEADER_BYTES) heads.push(chunk.slice())
        sizeBytes += chunk.byteLength
        hash.update(chunk)
        await handle.writeFile(chunk)
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (sizeBytes === 0) throw refusal('invalid', 'image.empty', 'The picture is empty. Choose another file.')
    return { hash: hash.digest('hex').slice(0, 16), head: Buffer.concat(heads) }
  }

  /** FFmpeg knows nothing of how a camera was held, and no picture of WebP that moves. */
  async function toStill(coming: string, contentHash: string): Promise<void> {
    const outDir = await mkdtemp(`${coming}-`)
    try {
      await o.makeStill({ contentHash, sourcePath: coming, outDir })
      await rename(join(outDir, STILL_FILE), coming)
    } finally {
      await rm(outDir, { recursive: true, force: true })
    }
  }

  async function take(inputId: number, coming: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const { hash, head } = await receive(coming, bytes)
    const { type: sent, isPlain } = toAllowed(head)
    if (!isPlain) await toStill(coming, hash)
    else if (!(await o.isDecodable({ file: coming, maxPixels: MAX_PIXELS })))
      throw refusal('invalid', 'image.broken', 'The picture cannot be read: it is damaged. Send another.')
    const type = isPlain ? sent : 'jpeg'
    const file = join(o.dir, `${inputId}-${hash}-${type}`)
    await rename(coming, file)
    const old = pictures.get(inputId)
    pictures.set(inputId, { file, type, version: hash })
    if (old && old.file !== file) await rm(old.file, { force: true })
  }

  return {
    find: (inputId) => pictures.get(inputId) ?? null,
    async put(inputId, bytes) {
      if (running >= MAX_AT_ONCE)
        throw refusal('unavailable', 'image.busy', 'Other pictures are being taken in. Try again in a moment.', 5)
      running++
      const coming = join(o.dir, COMING + randomUUID())
      try {
        await take(inputId, coming, bytes)
      } finally {
        running--
        await rm(coming, { force: true })
      }
    },
    async remove(inputId) {
      const picture = pictures.get(inputId)
      if (!picture) return false
      pictures.delete(inputId)
      await rm(picture.file, { force: true })
      return true
    },
  }
}

function readPictures(dir: string, inputIds: ReadonlySet<number>): Map<number, SlatePicture> {
  const pictures = new Map<number, SlatePicture>()
  // The newest last: a crash may leave the one before it too.
  const names = readdirSync(dir)
    .map((name) => ({ name, atMs: statSync(join(dir, name)).mtimeMs }))
    .sort((a, b) => a.atMs - b.atMs)
  for (const { name } of names) {
    const file = join(dir, name)
    const [, id, version = '', type] = NAME.exec(name) ?? []
    const inputId = Number(id)
    const old = pictures.get(inputId)
    if (old) rmSync(old.file)
    if (type && inputIds.has(inputId)) pictures.set(inputId, { file, type: type as PictureType, version })
    else if (type || name.startsWith(COMING)) rmSync(file, { recursive: true })
  }
  return pictures
}

function toAllowed(head: Uint8Array): PictureHeader {
  const header = readPictureHeader(head)
  if (!header)
    throw refusal('unsupported', 'image.type', 'This is no picture that Weir knows. Send JPEG, PNG, WebP, GIF or BMP.')
  if (header.width * header.height <= MAX_PIXELS) return header
  const size = `${header.width} × ${header.height}`
  throw refusal('invalid', 'image.pixels', `The picture has ${size} pixels; 50 million are taken. Make it smaller.`)
}

/** Pictures leave room for the database. @throws AppError 507 */
async function checkRoom(dir: string): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(dir)
  if (bavail * bsize >= LEAST_FREE.bytes && bavail >= blocks * LEAST_FREE.part) return
  throw refusal('disk_full', 'image.disk_full', 'The disk of the server is nearly full, so no picture is taken in.')
}

function refusal(kind: ErrorKind, code: string, message: string, retryAfterSeconds?: number): AppError {
  const isField = kind === 'invalid' || kind === 'unsupported'
  return new AppError({
    kind,
    code,
    message,
    ...(isField && { errors: [{ path: 'file', message }] }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })
}
