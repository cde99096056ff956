import { and, asc, eq, getTableColumns, gt, isNull, type SQL, sql } from 'drizzle-orm'
import type { SQLiteUpdateSetSource } from 'drizzle-orm/sqlite-core'
import { LibsqlError } from '@libsql/client'
import type { Database } from '../db/client.ts'
import { type ImageRow, images } from '../db/tables/images.ts'
import { AppError } from '../errors.ts'

/** Values, or what the database makes of them. */
export type ImageChange = SQLiteUpdateSetSource<typeof images>

export type ImageStore = ReturnType<typeof createImageStore>

const PAGE = 500

/** The rows of pictures. A place in a stream is taken in the same statement that writes the row. */
export function createImageStore({ orm }: Pick<Database, 'orm'>, maxPerStream: number) {
  /** How many of a stream are not in the trash, as a part of a statement. */
  const countIn = (streamId: number | null) =>
    sql`(select count(*) from ${images} where stream_id = ${streamId} and deleted_at is null)`
  const hasRoom = (streamId: number | null) => sql`${countIn(streamId)} < ${maxPerStream}`
  const full = () =>
    new AppError({
      kind: 'conflict',
      code: 'stream.full',
      message: `The stream has ${maxPerStream} pictures, which is all that it takes. Delete some first.`,
    })

  async function find(id: string): Promise<ImageRow | null> {
    const [row] = await orm.select().from(images).where(eq(images.id, id))
    return row ?? null
  }

  async function update(id: string, change: ImageChange): Promise<ImageRow | null> {
    const [row] = await orm.update(images).set(change).where(eq(images.id, id)).returning()
    return row ?? null
  }

  return {
    find,
    update,
    full,
    maxPerStream,
    /** `isKept`: without what Weir took by itself. */
    async count(streamId: number, o: { isKept?: true } = {}): Promise<number> {
      const kept = o.isKept && eq(images.isAutomatic, false)
      return orm.$count(images, and(eq(images.streamId, streamId), isNull(images.deletedAt), kept))
    },
    async findTwin(streamId: number, sha256: string): Promise<ImageRow | null> {
      const [row] = await orm
        .select()
        .from(images)
        .where(and(eq(images.streamId, streamId), eq(images.sha256, sha256), isNull(images.deletedAt)))
      return row ?? null
    },
    /**
     * Writes a new picture where its stream has a place left: of two that race for the last one, one gets it.
     * @returns false where the same picture is there already @throws AppError 409 `stream.full`
     */
    async insert(row: ImageRow): Promise<boolean> {
      const columns = Object.entries(getTableColumns(images))
      const values = columns.map(([name, column]) => sql.param(row[name as keyof ImageRow], column))
      try {
        const written = await orm
          .insert(images)
          .select(sql`select ${sql.join(values, sql`, `)} where ${hasRoom(row.streamId)}`)
        if (written.rowsAffected === 0) throw full()
        return true
      } catch (error) {
        if (isTwice(error)) return false
        throw error
      }
    },
    /**
     * Gives a picture a place in a stream, out of the trash or from another stream.
     * @throws AppError 409 `stream.full` `image.duplicate`
     */
    async place(row: ImageRow, change: Partial<ImageRow>): Promise<ImageRow> {
      const streamId = change.streamId ?? row.streamId
      try {
        const [placed] = await orm
          .update(images)
          .set(change)
          .where(and(eq(images.id, row.id), hasRoom(streamId)))
          .returning()
        if (placed) return placed
      } catch (error) {
        if (!isTwice(error)) throw error
        const message = 'The same picture is in the stream already.'
        throw new AppError({ kind: 'conflict', code: 'image.duplicate', message })
      }
      throw full()
    },
    async remove(id: string): Promise<void> {
      await orm.delete(images).where(eq(images.id, id))
    },
    async select(where: SQL | undefined, order: SQL[], limit: number): Promise<ImageRow[]> {
      return orm
        .select()
        .from(images)
        .where(where)
        .orderBy(...order)
        .limit(limit)
    },
    /** Of all sizes that were made, in the trash too: what can be made again from the uploads. */
    async sizesOnDisk(): Promise<{ items: number; sizeBytes: number }> {
      const size = sql`json_extract(made.value, '$.sizeBytes')`
      const [sums] = await orm.all<{ items: number; sizeBytes: number }>(
        sql`select count(*) as items, coalesce(sum(${size}), 0) as sizeBytes from ${images}, json_each(${images.variants}) as made`,
      )
      return sums ?? { items: 0, sizeBytes: 0 }
    },
    countWhere: (where: SQL | undefined) => orm.$count(images, where),
    async sums(where: SQL | undefined) {
      const is = (visibility: string) => sql<number>`coalesce(sum(visibility = ${visibility}), 0)`
      const [sums] = await orm
        .select({
          total: sql<number>`count(*)`,
          public: is('public'),
          private: is('private'),
          subscribers: is('subscribers'),
          sizeBytes: sql<number>`coalesce(sum(size_bytes), 0)`,
          views: sql<number>`coalesce(sum(view_count), 0)`,
        })
        .from(images)
        .where(where)
      return sums ?? { total: 0, public: 0, private: 0, subscribers: 0, sizeBytes: 0, views: 0 }
    },
    /** All that match, by id, a page at a time. */
    async *each(where?: SQL): AsyncGenerator<ImageRow> {
      let after = ''
      for (;;) {
        const page = await orm
          .select()
          .from(images)
          .where(and(gt(images.id, after), where))
          .orderBy(asc(images.id))
          .limit(PAGE)
        yield* page
        const last = page.at(-1)
        if (page.length < PAGE || !last) return
        after = last.id
      }
    },
  }
}

/** The same content twice in one stream. */
function isTwice(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof LibsqlError && cause.code.startsWith('SQLITE_CONSTRAINT'))
      return /UNIQUE constraint failed: images\.(stream_id|owner_id)/.test(cause.message)
  return false
}
