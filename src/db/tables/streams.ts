import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { inputs } from './inputs.ts'
import { users } from './users.ts'

export const STREAM_VISIBILITIES = ['private', 'unlisted', 'public'] as const
export const PICTURE_VISIBILITIES = ['private', 'subscribers', 'public'] as const

/** Broadcasts that people know by name. Whether one is planned, live or ended follows from its two times. */
export const streams = sqliteTable(
  'streams',
  {
    /** AUTOINCREMENT: an id is never used twice, so that a cookie of a deleted stream opens no new one. */
    id: integer('id').primaryKey({ autoIncrement: true }),
    /** Its name in addresses. Unique with those in the trash, so that each can come back. */
    key: text('key').notNull().unique(),
    title: text('title').notNull(),
    description: text('description').notNull(),
    /** Null where the server's own key made it, or its owner's account is gone: administrators look after it. */
    ownerId: integer('owner_id').references(() => users.id, { onDelete: 'set null' }),
    inputId: integer('input_id').references(() => inputs.id, { onDelete: 'set null' }),
    visibility: text('visibility', { enum: STREAM_VISIBILITIES }).notNull(),
    /** What a picture gets that says nothing else. */
    defaultVisibility: text('default_visibility', { enum: PICTURE_VISIBILITIES }).notNull(),
    teasers: integer('teasers', { mode: 'boolean' }).notNull(),
    allowDownload: integer('allow_download', { mode: 'boolean' }).notNull(),
    /** No reference: the picture refers to the stream. */
    coverImageId: text('cover_image_id'),
    /** Null = no snapshots by themselves. */
    snapshotIntervalSeconds: integer('snapshot_interval_seconds'),
    snapshotKeep: integer('snapshot_keep').notNull(),
    /** Milliseconds since 1970. Null = planned. */
    startedAt: integer('started_at'),
    /** Null = planned or live. */
    endedAt: integer('ended_at'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    /** In the trash since; its pictures are in there with it. */
    deletedAt: integer('deleted_at'),
  },
  (t) => [
    index('streams_of_owner').on(t.ownerId),
    uniqueIndex('streams_of_input').on(t.inputId).where(sql`ended_at is null and deleted_at is null`),
  ],
)

export type StreamRow = typeof streams.$inferSelect
