import { and, eq, isNull, or, type SQL, sql } from 'drizzle-orm'
import { images } from '../db/tables/images.ts'
import type { StreamRow } from '../db/tables/streams.ts'
import { afterCursor, DEFAULT_LIMIT, hasWord, seenBy, toPage, toWords } from './images.lists.ts'
import { toImageResource } from './images.resource.ts'
import { AUDIENCES, type Audience } from './images.rights.ts'
import type { SearchPage, SearchQuery } from './images.schema.ts'
import type { ImageStore } from './images.store.ts'

/** Streams that somebody finds without their address, and what they are told in each. */
export type Listed = { stream: StreamRow; audience: Audience }

/**
 * Pictures of all these streams that have every word, the newest first. A word is in what is said about a picture, in the
 * title of its stream, or for owners in the name of its file. Of what is locked nothing is told.
 */
export async function searchImages(
  store: ImageStore,
  listed: readonly Listed[],
  query: SearchQuery,
): Promise<SearchPage> {
  const limit = query.limit ?? DEFAULT_LIMIT
  const words = toWords(query.q)
  const groups = AUDIENCES.map((audience) => {
    const of = listed.filter((each) => each.audience === audience).map(({ stream }) => stream)
    const inTitle = (word: string) => of.filter(({ title }) => title.toLowerCase().includes(word.toLowerCase()))
    return and(
      isIn(of),
      seenBy(audience),
      ...words.map((word) => or(hasWord(word, audience === 'owners'), isIn(inTitle(word.normalize('NFC'))))),
    )
  })
  const where = and(isNull(images.deletedAt), or(...groups))
  const after = query.cursor === undefined ? undefined : afterCursor(query.cursor, 'newest')
  const rows = await store.select(and(where, after), [sql`${images.id} desc`], limit + 1)
  const { shown, nextCursor } = toPage(rows, limit, 'newest')
  const byId = new Map(listed.map((each) => [each.stream.id, each]))
  return {
    items: shown.flatMap((row) => {
      const found = byId.get(row.streamId ?? 0)
      return found ? [toImageResource(row, found.stream, found.audience)] : []
    }),
    next_cursor: nextCursor,
    ...(query.total && { total: await store.countWhere(where) }),
  }
}

/** However many they are, one parameter. */
function isIn(streams: readonly StreamRow[]): SQL {
  if (streams.length === 1 && streams[0]) return eq(images.streamId, streams[0].id)
  return sql`${images.streamId} in (select value from json_each(${JSON.stringify(streams.map(({ id }) => id))}))`
}
