import { integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { streams } from './streams.ts'
import { users } from './users.ts'

export const MEMBER_ROLES = ['co_owner', 'subscriber'] as const

/** Who is let into a stream besides its owner: an account, or whoever holds a personal link. */
export const streamMembers = sqliteTable(
  'stream_members',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    streamId: integer('stream_id')
      .notNull()
      .references(() => streams.id, { onDelete: 'cascade' }),
    role: text('role', { enum: MEMBER_ROLES }).notNull(),
    /** Null = a personal link. */
    userId: integer('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** Whose the link is; of an account its name counts. */
    name: text('name').notNull(),
    /** SHA-256 of the link's token: whoever reads the database cannot use it. */
    tokenHash: text('token_hash').unique(),
    /** Null = until it is taken back. */
    until: integer('until'),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [uniqueIndex('stream_members_of_account').on(t.streamId, t.userId)],
)

export type StreamMemberRow = typeof streamMembers.$inferSelect
