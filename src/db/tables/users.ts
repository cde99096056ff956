import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Role } from '../../lib/access.ts'

export const USER_STATUS = ['active', 'invited', 'disabled'] as const
export const THEMES = ['system', 'light', 'dark'] as const

/** People. Somebody who was invited has no password until they choose one. */
export const users = sqliteTable('users', {
  /** AUTOINCREMENT: what a person who is gone has left behind never belongs to a new one. */
  id: integer('id').primaryKey({ autoIncrement: true }),
  email: text('email').notNull(),
  /** The address folded, so that two spellings are one account. */
  emailKey: text('email_key').notNull().unique(),
  name: text('name').notNull(),
  role: text('role').$type<Role>().notNull(),
  status: text('status', { enum: USER_STATUS }).notNull(),
  theme: text('theme', { enum: THEMES }).notNull().default('system'),
  /** argon2id, in the PHC string format. */
  passwordHash: text('password_hash'),
  /** The seed of two-factor sign-in, encrypted (lib/secret-box); not asked for until `totpOn`. */
  totpSealed: text('totp_sealed'),
  totpOn: integer('totp_on', { mode: 'boolean' }).notNull().default(false),
  /** The last time step that was used: each code works once. */
  totpStep: integer('totp_step').notNull().default(0),
  /** Hashes of the recovery codes that are left. */
  recoveryHashes: text('recovery_hashes', { mode: 'json' }).$type<string[]>().notNull(),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
  /** To a few minutes. */
  lastSeenAt: integer('last_seen_at'),
})

export type UserRow = typeof users.$inferSelect

/** A link that lets one person choose a password, once: an invitation or a reset. A newer one takes its place. */
export const userLinks = sqliteTable('user_links', {
  userId: integer('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  /** SHA-256 of the token: whoever reads the database cannot use it. */
  tokenHash: text('token_hash').notNull().unique(),
  expiresAt: integer('expires_at').notNull(),
})
