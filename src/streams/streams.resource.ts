import type { StreamRow } from '../db/tables/streams.ts'
import type { Actor } from '../http/endpoint.ts'
import { may } from '../lib/access.ts'
import { toIso } from '../lib/fields.ts'
import type { StreamResource } from './streams.schema.ts'
import { statusOf, type Streams } from './streams.service.ts'

/** As wide as a card shows it. */
const FIRST_STILL_WIDTH = 640

/** What streams ask of feeds. */
export type StreamFeeds = {
  still(inputId: number, width: number): Promise<{ jpeg: Uint8Array; at: number } | null>
  stillAt(inputId: number): number | null
  /** Whether its newest still shows what there is to see now. */
  isLive(inputId: number): boolean
}

/** The feed behind a stream that has not ended; null where there is none. */
export type StreamFeed = { isLive: boolean; stillAtMs: number | null } | null
/** A stream as pages show it. */
export type ShownStream = StreamResource & { feed: StreamFeed }
/** What of it everybody sees alike. */
export type StreamPicture = Pick<ShownStream, 'key' | 'title' | 'status' | 'cover_url' | 'feed'>

/** What streams ask of the slice of pictures. */
export type StreamPictures = {
  /** Where this picture is for them; null where it is not, or not for them. */
  coverUrl(imageId: string, actor: Actor): string | null
  /** Of the cover of a stream, the same for all who are told the same of its pictures. */
  coverUrlFor(stream: StreamRow, audience: string): string | null
  /** A new picture of the stream, as the API shows it. @throws AppError conflict `stream.full` and whatever an upload may be told */
  add(stream: StreamRow, frame: { jpeg: Uint8Array; atMs: number }, actor: Actor): Promise<{ id: string }>
  /** The same by itself, at its time; the oldest of its kind beyond those to keep go. */
  addAutomatic(stream: StreamRow, frame: { jpeg: Uint8Array; atMs: number }): Promise<void>
  /** Every picture of the stream, for ever. */
  removeOf(streamId: number): Promise<void>
}

export type StreamViewDeps = {
  streams: Pick<Streams, 'streamRelation'>
  feeds: StreamFeeds
  pictures: Pick<StreamPictures, 'coverUrl' | 'coverUrlFor'>
}

export type StreamView = ReturnType<typeof createStreamView>

/** Streams as the API and pages give them, each as this caller may see it. */
export function createStreamView({ streams, feeds, pictures }: StreamViewDeps) {
  /**
   * The live still, as private as the stream. Not of one that has ended: its input may be on air for another by now. One
   * that has no still yet asks for the first.
   */
  function stillUrl(row: StreamRow): string | null {
    const inputId = liveInputOf(row)
    if (inputId === null) return null
    const atMs = feeds.stillAt(inputId)
    if (atMs !== null) return `/api/streams/${row.key}/live.jpg?at=${atMs}`
    feeds.still(inputId, FIRST_STILL_WIDTH).catch(() => null)
    return null
  }

  function feedOf(row: StreamRow): StreamFeed {
    const inputId = liveInputOf(row)
    return inputId === null ? null : { isLive: feeds.isLive(inputId), stillAtMs: feeds.stillAt(inputId) }
  }

  function toStream(row: StreamRow, actor: Actor): StreamResource {
    const role = streams.streamRelation(actor, row)
    // Whoever sees inputs at all sees whose and from where it is.
    const isInside = may(actor, 'see') || may(actor, 'stream.edit', role)
    const cover = row.coverImageId === null ? null : pictures.coverUrl(row.coverImageId, actor)
    return {
      key: row.key,
      title: row.title,
      description: row.description,
      owner_id: isInside ? row.ownerId : null,
      input_id: isInside ? row.inputId : null,
      streamer_id: null,
      category_id: null,
      visibility: row.visibility,
      default_visibility: row.defaultVisibility,
      teasers: row.teasers,
      allow_download: row.allowDownload,
      // A picture that is not for them does not exist.
      cover_image_id: cover === null && !may(actor, 'picture.see_private', role) ? null : row.coverImageId,
      cover_url: cover ?? stillUrl(row),
      snapshot_interval_seconds: row.snapshotIntervalSeconds,
      snapshot_keep: row.snapshotKeep,
      status: statusOf(row),
      role,
      started_at: toIso(row.startedAt),
      ended_at: toIso(row.endedAt),
      created_at: toIso(row.createdAt),
      updated_at: toIso(row.updatedAt),
      deleted_at: toIso(row.deletedAt),
    }
  }

  return {
    toStream,
    toShown: (row: StreamRow, actor: Actor): ShownStream => ({ ...toStream(row, actor), feed: feedOf(row) }),
    /** For one event to many pages. */
    toPicture(row: StreamRow, audience: string): StreamPicture {
      const { key, title } = row
      const cover_url = pictures.coverUrlFor(row, audience) ?? stillUrl(row)
      return { key, title, status: statusOf(row), cover_url, feed: feedOf(row) }
    },
  }
}

/** The input whose picture belongs to the stream now. */
export function liveInputOf(row: Pick<StreamRow, 'inputId' | 'endedAt'>): number | null {
  return row.endedAt === null ? row.inputId : null
}
