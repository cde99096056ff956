import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Live feeds as the operator wants them. What they are right now is never stored: `live/` knows it. */
export const inputs = sqliteTable('inputs', {
  /** AUTOINCREMENT: an id is never used twice, so that an event of a deleted input cannot hit a new one. */
  id: integer('id').primaryKey({ autoIncrement: true }),
  name: text('name').notNull(),
  /** The name folded by JavaScript: SQLite's NOCASE knows ASCII only. */
  nameKey: text('name_key').notNull().unique(),
  kind: text('kind', { enum: ['udp', 'test'] }).notNull(),
  path: text('path').notNull().unique(),
  enabled: integer('enabled', { mode: 'boolean' }).notNull(),
  /** Raised by restart, and by start on an input in `error`. */
  generation: integer('generation').notNull(),
  udpPort: integer('udp_port'),
  bindAddress: text('bind_address'),
  allowFrom: text('allow_from', { mode: 'json' }).$type<string[]>().notNull(),
  /** MPTS: the program number to take; null = the first. */
  program: integer('program'),
  onLoss: text('on_loss', { enum: ['hold'] }).notNull(),
  lossMs: integer('loss_ms').notNull(),
  /** Milliseconds since 1970, as all times in the database. */
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
})

export type InputRow = typeof inputs.$inferSelect
