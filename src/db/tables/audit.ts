import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Who changed what, and who was refused. Rows are only ever added, until they are too old (system/audit). */
export const audit = sqliteTable(
  'audit',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    at: integer('at').notNull(),
    /** `user:3`, `key:2`, `key` (the server's own), `weir`, `anonymous`. No reference: it outlives the person. */
    actor: text('actor').notNull(),
    /** As it was called then. */
    actorName: text('actor_name').notNull(),
    address: text('address').notNull(),
    action: text('action').notNull(),
    /** `input:3`; '' where there is none. */
    target: text('target').notNull(),
    /** Status of the answer; 400 and above was refused. */
    status: integer('status').notNull(),
    /** Why it was refused. */
    code: text('code'),
    requestId: text('request_id').notNull(),
    before: text('before', { mode: 'json' }).$type<Record<string, unknown>>(),
    after: text('after', { mode: 'json' }).$type<Record<string, unknown>>(),
  },
  (t) => [index('audit_at').on(t.at), index('audit_target').on(t.target, t.id), index('audit_actor').on(t.actor, t.id)],
)

export type AuditRow = typeof audit.$inferSelect
