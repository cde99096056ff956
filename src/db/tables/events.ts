import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { inputs } from './inputs.ts'

/** The history of an input and its outputs; the last 5,000 of each input are kept (live/events). */
export const events = sqliteTable(
  'events',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    inputId: integer('input_id')
      .notNull()
      .references(() => inputs.id, { onDelete: 'cascade' }),
    /** No reference: the history of a deleted output stays. */
    outputId: integer('output_id'),
    at: integer('at').notNull(),
    type: text('type').notNull(),
    /** Name of a person or a key, or `weir`. */
    actor: text('actor').notNull(),
    message: text('message').notNull(),
    data: text('data', { mode: 'json' }).$type<Record<string, unknown>>(),
  },
  (t) => [index('events_of_input').on(t.inputId, t.id)],
)

export type EventRow = typeof events.$inferSelect
