import { sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** What the database knows about itself: `secret_key_id`, the key by which its secrets are encrypted. */
export const meta = sqliteTable('meta', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
})
