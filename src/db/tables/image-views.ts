import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { images } from './images.ts'

/** How often a picture was looked at, an hour a row; hours without a look have none. */
export const imageViews = sqliteTable(
  'image_views',
  {
    imageId: text('image_id')
      .notNull()
      .references(() => images.id, { onDelete: 'cascade' }),
    /** Its beginning, wall-clock milliseconds. */
    hour: integer('hour').notNull(),
    views: integer('views').notNull(),
  },
  (t) => [primaryKey({ columns: [t.imageId, t.hour] })],
)
