import { and, eq, isNull, ne, sql } from 'drizzle-orm'
import { type ImageRow, images } from '../db/tables/images.ts'
import type { StreamsOfImages } from './images.rights.ts'
import type { ImageStore } from './images.store.ts'

export type SnapshotsDeps = {
  store: Pick<ImageStore, 'select'>
  streams: Pick<StreamsOfImages, 'byId'>
  /** For ever. */
  destroy(row: ImageRow): Promise<void>
}

export type Snapshots = ReturnType<typeof createSnapshots>

/** Pictures that Weir takes of a feed by itself: they make room for others, but never the one that is the cover. */
export function createSnapshots({ store, streams, destroy }: SnapshotsDeps) {
  /** The oldest first. */
  function all(streamId: number, limit: number): Promise<ImageRow[]> {
    const cover = streams.byId(streamId)?.coverImageId ?? ''
    const where = and(
      eq(images.streamId, streamId),
      eq(images.isAutomatic, true),
      isNull(images.deletedAt),
      ne(images.id, cover),
    )
    return store.select(where, [sql`${images.id} asc`], limit)
  }

  return {
    /** The oldest goes. False where there is none. */
    async makeRoom(streamId: number): Promise<boolean> {
      const [oldest] = await all(streamId, 1)
      if (oldest) await destroy(oldest)
      return oldest !== undefined
    },
    /** All but the newest so many go. */
    async keepNewest(streamId: number, count: number, most: number): Promise<void> {
      const rows = await all(streamId, most)
      for (const row of rows.slice(0, Math.max(0, rows.length - count))) await destroy(row)
    },
  }
}
