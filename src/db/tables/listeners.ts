import { integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { inputs } from './inputs.ts'
import { outputs } from './outputs.ts'

/** Every local port that an input or an output owns, running or not. Written by the one allocator (live/ports) alone. */
export const listeners = sqliteTable(
  'listeners',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    transport: text('transport', { enum: ['udp', 'tcp'] }).notNull(),
    port: integer('port').notNull(),
    /** '' = every address of the machine. NOT NULL because SQLite takes two NULLs for different in a unique index. */
    address: text('address').notNull(),
    /** Multicast group, '' for none. */
    group: text('group').notNull(),
    inputId: integer('input_id').references(() => inputs.id, { onDelete: 'cascade' }),
    outputId: integer('output_id').references(() => outputs.id, { onDelete: 'cascade' }),
  },
  (t) => [uniqueIndex('listeners_place').on(t.transport, t.port, t.address, t.group)],
)

export type ListenerRow = typeof listeners.$inferSelect
