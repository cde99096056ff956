import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Scope } from '../../lib/access.ts'
import { users } from './users.ts'

/** Keys of the API that people made. A key that is taken back is deleted. */
export const apiKeys = sqliteTable('api_keys', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  /** Whose rights bound it; null where the server's own key or the command line made it, which are administrators. */
  userId: integer('user_id').references(() => users.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  /** What is shown of it, to tell it from others. */
  prefix: text('prefix').notNull(),
  /** SHA-256 of the whole key: it has 256 random bits, so nothing slower is needed. */
  keyHash: text('key_hash').notNull().unique(),
  scopes: text('scopes', { mode: 'json' }).$type<Scope[]>().notNull(),
  /** Null = no end. */
  expiresAt: integer('expires_at'),
  /** To a minute. */
  lastUsedAt: integer('last_used_at'),
  createdAt: integer('created_at').notNull(),
})

export type ApiKeyRow = typeof apiKeys.$inferSelect
