import { and, eq, inArray, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type ImageRow, images } from '../db/tables/images.ts'
import type { StreamRow } from '../db/tables/streams.ts'
import { invalidField } from '../errors.ts'
import { toImageResource, toLocked } from './images.resource.ts'
import { type Audience, SEEN_BY } from './images.rights.ts'
import type { ImageSort, ImagesPage, ImagesQuery } from './images.schema.ts'
import type { ImageStore } from './images.store.ts'

export const DEFAULT_LIMIT = 50
const MAX_WORDS = 10
const cursorField = z.tuple([z.string(), z.union([z.string(), z.number()]), z.string()])

/** What each order compares first; ids, which sort by time, tell apart what is alike. */
const ORDERS: Record<ImageSort, { value: SQL; of(row: ImageRow): string | number; isDescending: boolean }> = {
  newest: { value: sql`${images.id}`, of: (row) => row.id, isDescending: true },
  oldest: { value: sql`${images.id}`, of: (row) => row.id, isDescending: false },
  views: { value: sql`${images.viewCount}`, of: (row) => row.viewCount, isDescending: true },
  title: { value: sql`lower(${images.title})`, of: (row) => toLower(row.title), isDescending: false },
}

/** The pictures of a stream as somebody may see them, a page at a time. */
export async function listImages(
  store: ImageStore,
  stream: StreamRow,
  audience: Audience,
  query: ImagesQuery,
): Promise<ImagesPage> {
  const sort = query.sort ?? 'newest'
  const order = ORDERS[sort]
  const limit = query.limit ?? DEFAULT_LIMIT
  const where = whereOf(stream, audience, query)
  const after = query.cursor === undefined ? undefined : afterCursor(query.cursor, sort)
  const direction = order.isDescending ? sql.raw('desc') : sql.raw('asc')
  const rows = await store.select(
    and(where, after),
    [sql`${order.value} ${direction}`, sql`${images.id} ${direction}`],
    limit + 1,
  )
  const { shown, nextCursor } = toPage(rows, limit, sort)
  return {
    items: shown.map((row) =>
      SEEN_BY[audience].includes(row.visibility) ? toImageResource(row, stream, audience) : toLocked(row, stream),
    ),
    next_cursor: nextCursor,
    ...(query.total && { total: await store.countWhere(where) }),
  }
}

/** Of what the caller may see. */
export async function sumImages(store: ImageStore, stream: StreamRow, audience: Audience) {
  const where = and(eq(images.streamId, stream.id), isNull(images.deletedAt), seenBy(audience))
  const sums = await store.sums(where)
  const [most] = await store.select(and(where, sql`view_count > 0`), [sql`view_count desc`, sql`id desc`], 1)
  return {
    total: sums.total,
    public: sums.public,
    private: sums.private,
    subscribers: sums.subscribers,
    total_size_bytes: sums.sizeBytes,
    total_size_mb: Math.round((sums.sizeBytes / 1024 / 1024) * 100) / 100,
    most_viewed: most ? toImageResource(most, stream, audience) : null,
    views_total: sums.views,
  }
}

export function seenBy(audience: Audience): SQL | undefined {
  if (audience === 'owners') return undefined
  return and(inArray(images.visibility, [...SEEN_BY[audience]]), isNull(images.quarantinedAt))
}

function whereOf(stream: StreamRow, audience: Audience, query: ImagesQuery): SQL | undefined {
  const { visibility, tag, source, sort } = query
  const words = toWords(query.q ?? '')
  // Of a picture that is locked nothing is told, its place in an order or whether a word is in it neither.
  const isPlain = !visibility && !tag && !source && words.length === 0 && sort !== 'views' && sort !== 'title'
  const isTeased = stream.teasers && audience === 'public' && isPlain
  const locked = and(eq(images.visibility, 'subscribers'), isNull(images.quarantinedAt))
  return and(
    eq(images.streamId, stream.id),
    query.trash ? isNotNull(images.deletedAt) : isNull(images.deletedAt),
    isTeased ? or(seenBy(audience), locked) : seenBy(audience),
    visibility && eq(images.visibility, visibility),
    source && eq(images.source, source),
    tag ? sql`exists (select 1 from json_each(${images.tags}) where value = ${tag})` : undefined,
    ...words.map((word) => hasWord(word, audience === 'owners')),
  )
}

/** @throws AppError 422 */
export function toWords(q: string): string[] {
  const words = q.split(/\s+/).filter((word) => word !== '')
  if (words.length > MAX_WORDS) throw invalidField('q', `At most ${MAX_WORDS} words.`)
  return words
}

/** One row more than the limit says that there is a next page. */
export function toPage(rows: ImageRow[], limit: number, sort: ImageSort) {
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  const parts = last && [sort, ORDERS[sort].of(last), last.id]
  return { shown, nextCursor: parts ? Buffer.from(JSON.stringify(parts)).toString('base64url') : null }
}

/** LIKE compares small and large letters alike where they are ASCII. */
export function hasWord(word: string, withFilename: boolean): SQL | undefined {
  const pattern = `%${word.normalize('NFC').replace(/[\\%_]/g, '\\$&')}%`
  const places = [images.title, images.alt, images.description, images.tags, ...(withFilename ? [images.filename] : [])]
  return or(...places.map((place) => sql`${place} like ${pattern} escape '\\'`))
}

/** @throws AppError 422 where the cursor is none of ours, or of another order */
export function afterCursor(cursor: string, sort: ImageSort): SQL {
  const wrong = () => invalidField('cursor', 'A next_cursor of an answer in the same order.')
  let parsed: z.infer<typeof cursorField>
  try {
    parsed = cursorField.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch {
    throw wrong()
  }
  const [of, value, id] = parsed
  if (of !== sort) throw wrong()
  const { value: column, isDescending } = ORDERS[sort]
  const beyond = sql.raw(isDescending ? '<' : '>')
  return sql`(${column} ${beyond} ${value} or (${column} = ${value} and ${images.id} ${beyond} ${id}))`
}

/** As SQLite's `lower` does: ASCII alone. */
const toLower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
