import { type ImageRow, type IMAGE_SOURCES, images } from '../../db/tables/images.ts'
import type { StreamRow } from '../../db/tables/streams.ts'
import { AppError, isAppError } from '../../errors.ts'
import type { ImagingClient } from '../../imaging/client.ts'
import type { Ingested, PictureType } from '../../imaging/protocol.ts'
import { isNoRoom, toRefusal } from '../../imaging/refusals.ts'
import { HEAD_BYTES, sniff, toTypeWords } from '../../imaging/sniff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import { and, isNull, sql } from 'drizzle-orm'
import type { ImageIndex } from '../images.index.ts'
import { toStored } from '../images.resource.ts'
import type { StreamsOfImages } from '../images.rights.ts'
import type { Snapshots } from '../images.snapshots.ts'
import type { UploadAbout } from '../images.schema.ts'
import type { ImageStore } from '../images.store.ts'
import type { Tell } from '../images.tell.ts'
import { ORIGINAL, type Places } from '../storage/places.ts'
import type { Received } from './receive.ts'
import { join } from 'node:path'

export type IntakeDeps = {
  places: Places
  store: ImageStore
  index: ImageIndex
  streams: Pick<StreamsOfImages, 'byId'>
  imaging: Pick<ImagingClient, 'ingest' | 'background'>
  snapshots: Pick<Snapshots, 'makeRoom'>
  allowed: readonly PictureType[]
  tell: Tell
  clock: Clock
  log: Log
}

export type Origin = {
  stream: StreamRow
  ownerId: number | null
  filename: string
  source: (typeof IMAGE_SOURCES)[number]
  /** Weir took it at its time. */
  isAutomatic?: true
  /** Where it is known better than from the file itself. */
  takenAt?: number
} & UploadAbout

/** Names are shown, never used. */
const MAX_FILENAME = 500

export type Intake = ReturnType<typeof createIntake>

/** From a file that came in whole to a picture that is there: checked, decoded, in its place, and the row last. */
export function createIntake(d: IntakeDeps) {
  const { places, store, index, clock, log } = d
  /** In their place already, their rows not written yet. */
  const settling = new Set<string>()
  const background = new Set<Promise<void>>()
  let closing = false

  async function take(file: Received, o: Origin): Promise<{ row: ImageRow; isDuplicate: boolean }> {
    try {
      if (file.sizeBytes === 0) throw toRefusal('image.empty')
      const twin = await store.findTwin(o.stream.id, file.sha256)
      if (twin) return { row: twin, isDuplicate: true }
      // For the sake of work alone: the place is taken when the row is written.
      if ((await store.count(o.stream.id, { isKept: true })) >= store.maxPerStream) throw store.full()
      const sourcePath = join(file.dir, ORIGINAL)
      // Before the child that decodes, which may have to be started first.
      await checkType(sourcePath)
      const made = await d.imaging.ingest({ contentHash: file.sha256, sourcePath, outDir: file.dir })
      return await settle(file, o, made)
    } catch (error) {
      throw isNoRoom(error) ? toRefusal('image.disk_full', undefined, error) : error
    } finally {
      await places.dropIncoming(file.id)
    }
  }

  /** @throws AppError 415 `image.type` */
  async function checkType(path: string): Promise<void> {
    const sniffed = sniff(await Bun.file(path).slice(0, HEAD_BYTES).bytes())
    if (sniffed.type === null) throw toRefusal('image.type', toTypeWords(sniffed.name))
    if (!d.allowed.includes(sniffed.type)) throw toRefusal('image.type', notAllowed(d.allowed))
  }

  async function settle(file: Received, o: Origin, made: Ingested) {
    const row = toRow(file, o, made, clock.wall())
    settling.add(row.id)
    let isWritten = false
    try {
      await places.settle(row.id)
      const stream = d.streams.byId(o.stream.id)
      if (!stream || stream.deletedAt !== null)
        throw new AppError({ kind: 'not_found', code: 'stream.not_found', message: 'There is no such stream.' })
      isWritten = await insert(row)
    } finally {
      if (!isWritten) await places.remove(row.id)
      settling.delete(row.id)
    }
    if (!isWritten) {
      const twin = await store.findTwin(o.stream.id, file.sha256)
      // Deleted in this very moment: what was sent is to be sent once more.
      if (!twin) throw toRefusal('image.busy')
      return { row: twin, isDuplicate: true }
    }
    index.set(row)
    d.tell(null, row)
    finish(row)
    return { row, isDuplicate: false }
  }

  /** What Weir took by itself gives way, never what somebody sent. @throws AppError 409 `stream.full` */
  async function insert(row: ImageRow): Promise<boolean> {
    for (;;) {
      try {
        return await store.insert(row)
      } catch (error) {
        const isFull = isAppError(error) && error.code === 'stream.full' && row.streamId !== null
        if (!isFull || !(await d.snapshots.makeRoom(row.streamId as number))) throw error
      }
    }
  }

  /** The other files follow when there is time. */
  function finish(row: ImageRow): void {
    if (closing) return
    const work = makeRest(row).catch((error: unknown) => {
      // Weir stops, or more wait than it keeps in mind: made when they are asked for, or at the next start.
      const isLater = isAppError(error) && (error.code === 'image.unavailable' || error.code === 'image.busy')
      if (!isLater) log.error('the other sizes of a picture could not be made', { image: row.id, error })
    })
    background.add(work)
    void work.then(() => background.delete(work))
  }

  async function makeRest(row: ImageRow): Promise<void> {
    const picture = { contentHash: row.sha256, sourcePath: places.original(row.id), outDir: places.dirOf(row.id) }
    try {
      const files = await d.imaging.background(picture)
      const variants = [...row.variants, ...files.map((file) => toStored(file, row))]
      await write(row, { variants })
    } catch (error) {
      if (!index.get(row.id)) return
      if (!isAppError(error) || error.kind !== 'invalid') throw error
      await write(row, { failedReason: error.code })
    }
  }

  /** A picture whose files are gone has none. */
  const dropParts = (id: string) =>
    places.dropParts(id).catch((error: unknown) => log.warn('a picture has no files to look at', { image: id, error }))

  async function write(row: ImageRow, change: Partial<ImageRow>): Promise<void> {
    const before = await store.find(row.id)
    const after = before && (await store.update(row.id, change))
    if (after) d.tell(before, after)
  }

  return {
    take,
    /** Whether its files stand there already and its row is about to. */
    isSettling: (id: string) => settling.has(id),
    /** What an earlier run did not come to; one after the other. */
    async resume(): Promise<void> {
      const isBare = and(sql`json_array_length(variants) <= 4`, isNull(images.failedReason), isNull(images.deletedAt))
      for await (const row of store.each(isBare)) {
        if (closing) return
        await dropParts(row.id)
        finish(row)
        await Promise.all(background)
      }
    },
    /** What runs ends when the image worker does, which must be closed before. */
    async close(): Promise<void> {
      closing = true
      await Promise.all(background)
    },
  }
}

function toRow(file: Received, o: Origin, made: Ingested, now: number): ImageRow {
  return {
    id: file.id,
    streamId: o.stream.id,
    ownerId: o.ownerId,
    filename: toFilename(o.filename),
    title: o.title ?? '',
    alt: '',
    description: o.description ?? '',
    tags: [],
    visibility: o.visibility ?? o.stream.defaultVisibility,
    mimeType: made.mime,
    sizeBytes: file.sizeBytes,
    sha256: file.sha256,
    width: made.width,
    height: made.height,
    frames: made.frames,
    placeholder: made.placeholder,
    source: o.source,
    isAutomatic: o.isAutomatic ?? false,
    takenAt: o.takenAt ?? made.takenAt,
    viewCount: 0,
    lastAccessedAt: null,
    linkEpoch: 0,
    variants: made.files.map((each) => toStored(each, made)),
    teaserId: crypto.randomUUID(),
    failedReason: null,
    quarantinedAt: null,
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
  }
}

/** As it was sent, but one line of bounded length. */
export function toFilename(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces.
  const line = name.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd')
  return [...line].slice(0, MAX_FILENAME).join('') || 'picture'
}

function notAllowed(allowed: readonly PictureType[]): string {
  return `This server takes ${allowed.map((type) => type.toUpperCase()).join(', ')}.`
}
