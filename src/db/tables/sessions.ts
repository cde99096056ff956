import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { users } from './users.ts'

/** Who is signed in. The id is kept as a hash: whoever reads the database cannot sign in with it. */
export const sessions = sqliteTable('sessions', {
  idHash: text('id_hash').primaryKey(),
  createdAt: integer('created_at').notNull(),
  /** To a few minutes. */
  lastSeenAt: integer('last_seen_at').notNull(),
  /** Whatever happens, it ends here. */
  expiresAt: integer('expires_at').notNull(),
  userAgent: text('user_agent').notNull(),
  /** Null for a session that began with the server's own key, before there were accounts. */
  userId: integer('user_id').references(() => users.id, { onDelete: 'cascade' }),
  /** Then: a fingerprint of that key, so that a new one ends it. */
  ofKey: text('of_key'),
  address: text('address').notNull().default(''),
})

export type SessionRow = typeof sessions.$inferSelect
