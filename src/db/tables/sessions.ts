import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Who is signed in. The id is kept as a hash: whoever reads the database cannot sign in with it. */
export const sessions = sqliteTable('sessions', {
  idHash: text('id_hash').primaryKey(),
  createdAt: integer('created_at').notNull(),
  /** To the day: written when the session is prolonged. */
  lastSeenAt: integer('last_seen_at').notNull(),
  expiresAt: integer('expires_at').notNull(),
  userAgent: text('user_agent').notNull(),
})

export type SessionRow = typeof sessions.$inferSelect
