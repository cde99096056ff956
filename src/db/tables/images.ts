import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { PICTURE_VISIBILITIES, streams } from './streams.ts'
import { users } from './users.ts'

export const IMAGE_SOURCES = ['upload', 'snapshot', 'mirror', 'artwork'] as const

/** One file made from a picture, beside the upload itself. */
export type StoredVariant = { name: string; width: number; height: number; sizeBytes: number }

/** Pictures: of a stream, or where there is none of a person's own library. The bytes are files; a row is written last. */
export const images = sqliteTable(
  'images',
  {
    /** UUIDv7: sorts by the time of its making. */
    id: text('id').primaryKey(),
    /** No cascade: a stream goes when its pictures' files are gone. */
    streamId: integer('stream_id').references(() => streams.id),
    /** Who uploaded it; null where nobody did, or the account is gone. */
    ownerId: integer('owner_id').references(() => users.id, { onDelete: 'set null' }),
    /** As it was called where it came from: text alone, never a path. */
    filename: text('filename').notNull(),
    title: text('title').notNull(),
    alt: text('alt').notNull(),
    description: text('description').notNull(),
    tags: text('tags', { mode: 'json' }).$type<string[]>().notNull(),
    visibility: text('visibility', { enum: PICTURE_VISIBILITIES }).notNull(),
    mimeType: text('mime_type').notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    /** Of the upload as it came, in hex. */
    sha256: text('sha256').notNull(),
    width: integer('width').notNull(),
    height: integer('height').notNull(),
    frames: integer('frames').notNull(),
    /** Thumbhash, base64. */
    placeholder: text('placeholder').notNull(),
    source: text('source', { enum: IMAGE_SOURCES }).notNull(),
    /** Taken by Weir at its times: the oldest goes when a newer one or an upload needs the place. */
    isAutomatic: integer('is_automatic', { mode: 'boolean' }).notNull().default(false),
    /** From what the camera wrote, or when the frame was on air. */
    takenAt: integer('taken_at'),
    viewCount: integer('view_count').notNull(),
    lastAccessedAt: integer('last_accessed_at'),
    /** Raised to end every signed link that was made before. */
    linkEpoch: integer('link_epoch').notNull(),
    variants: text('variants', { mode: 'json' }).$type<StoredVariant[]>().notNull(),
    /** The blurred picture shown to those who may not see this one, under an id of its own. */
    teaserId: text('teaser_id').unique(),
    /** Why no further variant is tried; null = nothing went wrong. */
    failedReason: text('failed_reason'),
    /** Since when its file is not what was stored. */
    quarantinedAt: integer('quarantined_at'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    /** In the trash since. */
    deletedAt: integer('deleted_at'),
  },
  (t) => [
    index('images_of_stream').on(t.streamId, t.id),
    index('images_of_owner').on(t.ownerId, t.id),
    uniqueIndex('images_once_a_stream').on(t.streamId, t.sha256).where(sql`deleted_at is null`),
    uniqueIndex('images_once_a_library').on(t.ownerId, t.sha256).where(sql`stream_id is null and deleted_at is null`),
  ],
)

export type ImageRow = typeof images.$inferSelect
