import type { Database } from '../db/client.ts'
import type { StreamRow } from '../db/tables/streams.ts'
import { AppError } from '../errors.ts'
import type { Actor } from '../http/endpoint.ts'
import { may } from '../lib/access.ts'
import type { Clock } from '../lib/clock.ts'
import { toFreeSlug, toSlug } from '../lib/slug.ts'
import type { Turns } from '../lib/turns.ts'
import type { Relations } from './relations.ts'
import { createStreamChecks } from './streams.checks.ts'
import type { StreamCreate, StreamPatch, StreamStatus, StreamsQuery } from './streams.schema.ts'
import type { StreamStore } from './streams.store.ts'

const MAX_STREAMS = 5000
export type Streams = ReturnType<typeof createStreams>

export type StreamsDeps = {
  db: Pick<Database, 'orm'>
  store: StreamStore
  relations: Relations
  inputs: { isInput(id: number): boolean; isActive(id: number): boolean }
  turns: Turns
  /** Says that a stream is otherwise now. */
  tell(streamId: number): void
  clock: Clock
}

/** Nothing says that it ended but its end, and nothing that it began but its beginning. */
export function statusOf({ startedAt, endedAt }: Pick<StreamRow, 'startedAt' | 'endedAt'>): StreamStatus {
  if (endedAt !== null) return 'ended'
  return startedAt === null ? 'planned' : 'live'
}

/** Broadcasts that people know by name. `actor` is who asks: what they may not see is not there for them. */
export function createStreams({ db, store, relations, inputs, turns, tell, clock }: StreamsDeps) {
  const { streamRelation, canSee } = relations
  const { checkFree, checkInput, checkKey, checkCover, isTaken } = createStreamChecks({ db, store, inputs })

  /** By its key, as far as they may know of it. @throws AppError not_found */
  function find(key: string, actor: Actor): StreamRow {
    const row = store.byKey(key)
    if (row && canSee(actor, row)) return row
    throw notFound()
  }

  /** The same of what may be in the trash, for those who may change it. @throws AppError not_found */
  function findInTrash(key: string, actor: Actor): StreamRow {
    const row = store.byKey(key)
    if (row?.deletedAt == null) return find(key, actor)
    if (may(actor, 'stream.edit', streamRelation(actor, row))) return row
    throw notFound()
  }

  /** The row as it is when its turn comes. */
  function current(id: number): StreamRow {
    const row = store.byId(id)
    if (row) return row
    throw notFound()
  }

  /** What begins to be true of a stream because its input is on. */
  const begun = (row: StreamRow) =>
    row.startedAt === null && row.endedAt === null && row.inputId !== null && inputs.isActive(row.inputId)
      ? { startedAt: clock.wall() }
      : {}

  /** An unlisted one is in the lists of those alone who would see it were it private. */
  const isListed = (actor: Actor, row: StreamRow) =>
    row.deletedAt === null &&
    (row.visibility === 'public' || may(actor, 'stream.see_private', streamRelation(actor, row)))

  async function update(row: StreamRow, change: Partial<StreamRow>): Promise<StreamRow> {
    const after = await store.update(row, { ...change, updatedAt: clock.wall() })
    tell(row.id)
    return after
  }

  return {
    ...relations,
    find,
    findInTrash,
    byId: store.byId,
    byKey: store.byKey,
    statusOf,
    /** Those that are live and want pictures taken. */
    snapped: (): StreamRow[] =>
      store.all().filter((row) => {
        const wants = row.snapshotIntervalSeconds !== null && row.inputId !== null && row.deletedAt === null
        return wants && statusOf(row) === 'live'
      }),
    /** All that they find without its address. */
    listed: (actor: Actor): StreamRow[] => store.all().filter((row) => isListed(actor, row)),
    /** What they may see, the newest first. */
    list(query: StreamsQuery, actor: Actor): { rows: StreamRow[]; next: string | null; total: number } {
      const words = query.q?.toLowerCase() ?? ''
      const isWanted = (row: StreamRow) =>
        (query.trash
          ? row.deletedAt !== null && may(actor, 'stream.edit', streamRelation(actor, row))
          : isListed(actor, row)) &&
        (query.status === undefined || statusOf(row) === query.status) &&
        (words === '' || row.title.toLowerCase().includes(words) || row.key.includes(words))
      const all = store.all().filter(isWanted).reverse()
      const limit = query.limit ?? 50
      const rest = all.filter((row) => query.cursor === undefined || row.id < query.cursor)
      const rows = rest.slice(0, limit)
      return { rows, next: rest.length > limit ? String(rows.at(-1)?.id) : null, total: all.length }
    },
    create: (body: StreamCreate, actor: Actor): Promise<StreamRow> =>
      turns(async () => {
        if (store.count() >= MAX_STREAMS)
          throw new AppError({
            kind: 'conflict',
            code: 'stream.too_many',
            message: `Weir keeps at most ${MAX_STREAMS} streams, with those in the trash.`,
          })
        const title = body.title ?? body.key ?? ''
        const key = body.key ?? toFreeSlug(toSlug(title, 'stream'), isTaken)
        checkKey(key, null)
        checkInput(body.input_id, null, actor)
        const inputId = body.input_id ?? null
        checkFree(inputId, null)
        const now = clock.wall()
        const row = {
          key,
          title,
          description: body.description ?? '',
          ownerId: actor.user?.id ?? null,
          inputId,
          visibility: body.visibility ?? 'private',
          defaultVisibility: body.default_visibility ?? 'private',
          teasers: body.teasers ?? false,
          allowDownload: body.allow_download ?? false,
          coverImageId: null,
          snapshotIntervalSeconds: body.snapshot_interval_seconds ?? null,
          snapshotKeep: body.snapshot_keep ?? 20,
          startedAt: inputId !== null && inputs.isActive(inputId) ? now : null,
          endedAt: null,
          createdAt: now,
          updatedAt: now,
          deletedAt: null,
        } as const
        return store.insert(row)
      }),
    edit: (id: number, body: StreamPatch, actor: Actor): Promise<StreamRow> =>
      turns(async () => {
        const row = current(id)
        if (body.key !== undefined) checkKey(body.key, id)
        checkInput(body.input_id, row.inputId, actor)
        await checkCover(body.cover_image_id, id)
        const inputId = body.input_id === undefined ? row.inputId : body.input_id
        if (row.endedAt === null) checkFree(inputId, id)
        const change = {
          key: body.key ?? row.key,
          title: body.title ?? row.title,
          description: body.description === undefined ? row.description : (body.description ?? ''),
          inputId,
          visibility: body.visibility ?? row.visibility,
          defaultVisibility: body.default_visibility ?? row.defaultVisibility,
          teasers: body.teasers ?? row.teasers,
          allowDownload: body.allow_download ?? row.allowDownload,
          coverImageId: body.cover_image_id === undefined ? row.coverImageId : body.cover_image_id,
          snapshotIntervalSeconds:
            body.snapshot_interval_seconds === undefined ? row.snapshotIntervalSeconds : body.snapshot_interval_seconds,
          snapshotKeep: body.snapshot_keep ?? row.snapshotKeep,
        }
        return update(row, { ...change, ...begun({ ...row, ...change }) })
      }),
    /** Live from now; one that has ended begins anew. */
    start: (id: number): Promise<StreamRow> =>
      turns(async () => {
        const row = current(id)
        if (statusOf(row) === 'live') return row
        checkFree(row.inputId, id)
        return update(row, { startedAt: clock.wall(), endedAt: null })
      }),
    /** Its input is free for another one then; whatever is on air goes on. */
    end: (id: number): Promise<StreamRow> =>
      turns(async () => {
        const row = current(id)
        return row.endedAt === null ? update(row, { endedAt: clock.wall() }) : row
      }),
    /** Into the trash, with its pictures and its key. */
    remove: (id: number): Promise<StreamRow> => turns(() => update(current(id), { deletedAt: clock.wall() })),
    restore: (id: number): Promise<StreamRow> =>
      turns(async () => {
        const row = current(id)
        if (row.deletedAt === null) return row
        if (row.endedAt === null) checkFree(row.inputId, id)
        return update(row, { deletedAt: null })
      }),
    /** An input is on: the stream that waits for it is live. */
    inputIsOn: (inputId: number): Promise<void> =>
      turns(async () => {
        const waits = store
          .all()
          .find((row) => row.inputId === inputId && row.endedAt === null && row.deletedAt === null)
        if (waits && waits.startedAt === null) await update(waits, { startedAt: clock.wall() })
      }),
    inputIsGone(inputId: number): void {
      for (const id of store.forgetInput(inputId)) tell(id)
    },
    /** The streams whose feed this input is now. */
    fedBy: (inputId: number): StreamRow[] =>
      store.all().filter((row) => row.inputId === inputId && row.endedAt === null && row.deletedAt === null),
    /** What has been in the trash since before that moment goes for ever, each after its pictures. */
    async sweep(beforeMs: number, removePictures: (streamId: number) => Promise<void>): Promise<void> {
      for (const { id } of store.all()) {
        await turns(async () => {
          const row = store.byId(id)
          if (row?.deletedAt == null || row.deletedAt >= beforeMs) return
          await removePictures(id)
          await store.remove(row)
        })
      }
    },
  }
}

function notFound(): AppError {
  const message = 'There is no such stream. Where its key was changed, it has another address now.'
  return new AppError({ kind: 'not_found', code: 'stream.not_found', message })
}
