import { and, eq, isNotNull, isNull, lt, sql } from 'drizzle-orm'
import { type ImageRow, images } from '../db/tables/images.ts'
import type { StreamRow } from '../db/tables/streams.ts'
import { AppError, isAppError } from '../errors.ts'
import type { Actor } from '../http/endpoint.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { ImageIndex } from './images.index.ts'
import type { Looks } from './images.looks.ts'
import { listImages, sumImages } from './images.lists.ts'
import { toImageResource } from './images.resource.ts'
import { type ImageRights, noSuchImage } from './images.rights.ts'
import type {
  BulkBody,
  ImagePatch,
  ImageResource,
  ImagesQuery,
  ItemError,
  LooksQuery,
  SearchQuery,
} from './images.schema.ts'
import { searchImages } from './images.search.ts'
import type { ImageChange, ImageStore } from './images.store.ts'
import type { Tell } from './images.tell.ts'
import type { Places } from './storage/places.ts'

export type ImagesDeps = {
  places: Places
  store: ImageStore
  index: ImageIndex
  rights: ImageRights
  tell: Tell
  looks: Looks
  /** Lets go of a picture's bytes. */
  forgetBytes(id: string): void
  trashDays: number
  clock: Clock
  log: Log
}

const DAY_MS = 24 * 60 * 60 * 1000
const SWEEP_MS = 6 * 60 * 60 * 1000

export type Images = ReturnType<typeof createImages>

/** Pictures that are there: who sees them, what is said about them, the trash. */
export function createImages(d: ImagesDeps) {
  const { store, index, rights, clock } = d

  /** @throws AppError 404 */
  async function find(
    actor: Actor,
    id: string,
  ): Promise<{ row: ImageRow; stream: StreamRow; resource: ImageResource }> {
    const seen = rights.look(actor, index.get(id))
    const row = seen && (await store.find(id))
    if (!seen || !row) throw noSuchImage()
    return { row, stream: seen.stream, resource: toImageResource(row, seen.stream, seen.audience) }
  }

  /** @throws AppError 404, 401, 403 */
  async function findOwn(actor: Actor, id: string) {
    const found = await find(actor, id)
    rights.requireEdit(actor, found.stream)
    return found
  }

  /** @throws AppError 404 where it went meanwhile */
  async function write(before: ImageRow, change: ImageChange): Promise<ImageRow> {
    const after = await store.update(before.id, change)
    if (!after) throw noSuchImage()
    keep(before, after)
    return after
  }

  function keep(before: ImageRow, after: ImageRow): void {
    index.set(after)
    const isOtherwiseSeen =
      before.visibility !== after.visibility ||
      before.deletedAt !== after.deletedAt ||
      before.streamId !== after.streamId
    if (isOtherwiseSeen) d.forgetBytes(after.id)
    d.tell(before, after)
  }

  /** As the one who changed it is told of it, who is one of its owners. */
  const toOwn = (row: ImageRow, stream: StreamRow) => toImageResource(row, stream, 'owners')

  async function edit(actor: Actor, id: string, patch: ImagePatch): Promise<ImageResource> {
    const { row, stream } = await findOwn(actor, id)
    return toOwn(await write(row, { ...patch, updatedAt: clock.wall() }), stream)
  }

  async function remove(actor: Actor, id: string): Promise<void> {
    const { row } = await findOwn(actor, id)
    if (row.deletedAt === null) await write(row, { deletedAt: clock.wall(), updatedAt: clock.wall() })
  }

  async function purge(actor: Actor, id: string): Promise<void> {
    const { row } = await findOwn(actor, id)
    if (row.deletedAt === null) {
      const message = 'Only what is in the trash goes for ever. Delete it first.'
      throw new AppError({ kind: 'conflict', code: 'image.not_in_trash', message })
    }
    await destroy(row)
  }

  /** The row first: files without one are found by the check, a row without files would be a broken picture. */
  async function destroy(row: ImageRow): Promise<void> {
    await store.remove(row.id)
    index.remove(row.id)
    d.forgetBytes(row.id)
    d.tell(row, null)
    await d.places.remove(row.id)
  }

  async function restore(actor: Actor, id: string): Promise<ImageResource> {
    const { row, stream } = await findOwn(actor, id)
    if (row.deletedAt === null) return toOwn(row, stream)
    const after = await store.place(row, { deletedAt: null, updatedAt: clock.wall() })
    keep(row, after)
    return toOwn(after, stream)
  }

  async function move(actor: Actor, id: string, key: string): Promise<void> {
    const { row, stream } = await findOwn(actor, id)
    const target = rights.needStream(actor, key).stream
    rights.requireEdit(actor, target)
    if (target.id === stream.id) return
    if (row.deletedAt !== null) {
      const message = 'It is in the trash. Restore it first.'
      throw new AppError({ kind: 'conflict', code: 'image.in_trash', message })
    }
    // Links were given out by the owners of the stream that it was in.
    const change = { streamId: target.id, linkEpoch: row.linkEpoch + 1, updatedAt: clock.wall() }
    keep(row, await store.place(row, change))
  }

  async function retag(actor: Actor, id: string, body: BulkBody): Promise<void> {
    const { row } = await findOwn(actor, id)
    const gone = new Set(body.tags_remove)
    const tags = [...new Set([...row.tags.filter((tag) => !gone.has(tag)), ...(body.tags_add ?? [])])]
    if (tags.length > 30) {
      const message = 'A picture has at most 30 tags.'
      throw new AppError({ kind: 'invalid', code: 'invalid', message, errors: [{ path: 'tags_add', message }] })
    }
    await write(row, { tags, updatedAt: clock.wall() })
  }

  /** One act of many; the answer is the status that it would have alone. */
  async function act(actor: Actor, id: string, body: BulkBody): Promise<number> {
    switch (body.action) {
      case 'delete':
        await remove(actor, id)
        return 204
      case 'purge':
        await purge(actor, id)
        return 204
      case 'restore':
        await restore(actor, id)
        return 202
      case 'visibility':
        await edit(actor, id, { visibility: body.visibility })
        return 200
      case 'move':
        await move(actor, id, body.stream_key ?? '')
        return 200
      case 'tag':
        await retag(actor, id, body)
        return 200
    }
  }

  async function sweep(): Promise<void> {
    const dueMs = clock.wall() - d.trashDays * DAY_MS
    for await (const row of store.each(and(isNotNull(images.deletedAt), lt(images.deletedAt, dueMs))))
      await destroy(row)
    await d.looks.sweep()
    for (const { name, sinceMs } of await d.places.aside()) if (sinceMs < dueMs) await d.places.dropAside(name)
  }
  const sweepOrTell = () =>
    sweep().catch((error: unknown) => d.log.error('the trash of pictures could not be emptied', { error }))
  void sweepOrTell()
  const stopSweeping = clock.every(SWEEP_MS, () => void sweepOrTell())

  return {
    edit,
    destroy,
    remove,
    purge,
    restore,
    sweep,
    get: async (actor: Actor, id: string) => (await find(actor, id)).resource,
    /** Where its owners ask. @throws AppError 404, 401, 403 */
    findOwn,
    async list(actor: Actor, key: string, query: ImagesQuery) {
      const { stream, audience } = rights.needStream(actor, key)
      if (query.trash) rights.requireEdit(actor, stream)
      return listImages(store, stream, audience, query)
    },
    search: (actor: Actor, query: SearchQuery) => searchImages(store, rights.listed(actor), query),
    /** What people sent and is not in the trash: it alone fills a stream. */
    countSent: (streamId: number): Promise<number> =>
      store.countWhere(and(eq(images.streamId, streamId), eq(images.isAutomatic, false), isNull(images.deletedAt))),
    async stats(actor: Actor, key: string) {
      const { stream, audience } = rights.needStream(actor, key)
      return sumImages(store, stream, audience)
    },
    /** One look in the lightbox; told to nobody, or every look would be an event. */
    async view(actor: Actor, id: string): Promise<void> {
      if (!rights.look(actor, index.get(id))) throw noSuchImage()
      await d.looks.count(id)
    },
    /** When it was looked at, for its owners. */
    async looks(actor: Actor, id: string, query: LooksQuery) {
      const { row } = await findOwn(actor, id)
      return d.looks.over(row.id, query)
    },
    async revokeLinks(actor: Actor, id: string): Promise<ImageResource> {
      const { row, stream } = await findOwn(actor, id)
      return toOwn(await write(row, { linkEpoch: sql`link_epoch + 1`, updatedAt: clock.wall() }), stream)
    },
    async bulk(actor: Actor, body: BulkBody) {
      const results: { id: string; status: number; error?: ItemError }[] = []
      for (const id of body.ids) {
        try {
          results.push({ id, status: await act(actor, id, body) })
        } catch (error) {
          if (!isAppError(error)) throw error
          results.push({ id, status: error.status, error: toItemError(error) })
        }
      }
      return { results }
    },
    /** For ever, with all its pictures, in the trash or not: the stream itself goes. */
    async purgeStream(streamId: number): Promise<void> {
      for await (const row of store.each(eq(images.streamId, streamId))) await destroy(row)
    },
    close: stopSweeping,
  }
}

export function toItemError({ code, message, status }: AppError): ItemError {
  return { code, message, status }
}
