import { and, desc, eq, gte, inArray, lt, lte, or, type SQL } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { type AuditRow, audit as table } from '../db/tables/audit.ts'
import type { AuditEntry, AuditSink } from '../http/audit.ts'
import { toPlace } from '../http/client-address.ts'
import type { Clock } from '../lib/clock.ts'
import { toIso } from '../lib/fields.ts'
import type { Log } from '../lib/log.ts'
import type { AuditItem, AuditPage, AuditQuery } from './audit.schema.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const SWEEP_MS = 6 * 60 * 60 * 1000
/** However much happens: the oldest go first. */
const MAX_ROWS = 500_000
const SWEEP_BATCH = 500
/** So many a minute of a stranger from one place, and of refusals of one person or key; the rest is counted in a later one. */
const STRANGER_A_MINUTE = 60
const REFUSALS_A_MINUTE = 600
const MAX_ASKERS = 1000
const MAX_TEXT = 500
const NDJSON_PAGE = 200

export type Audit = ReturnType<typeof createAudit>

export type AuditDeps = {
  db: Database
  clock: Clock
  log: Log
  keepDays: number
  /** Reads what can be set of a thing: `input:3`. */
  read: AuditSink['read']
}

/** Who changed what, and who was refused. */
export function createAudit(d: AuditDeps) {
  const { orm } = d.db
  const refusals = new Map<string, { sinceMs: number; count: number; leftOut: number }>()

  /** How many were left out before this one; null where this one is left out too. */
  function admit(who: string, aMinute: number): number | null {
    const now = d.clock.now()
    const entry = refusals.get(who)
    if (!entry || now - entry.sinceMs > 60_000) {
      refusals.delete(who)
      refusals.set(who, { sinceMs: now, count: 1, leftOut: 0 })
      if (refusals.size > MAX_ASKERS) refusals.delete(refusals.keys().next().value ?? '')
      return entry?.leftOut ?? 0
    }
    entry.count++
    if (entry.count <= aMinute) return 0
    entry.leftOut++
    return null
  }

  async function write(entry: AuditEntry): Promise<void> {
    const isStranger = entry.actor.id === 'anonymous'
    const who = isStranger ? toPlace(entry.address) : entry.actor.id
    const isBounded = isStranger || entry.status >= 400
    const leftOut = isBounded ? admit(who, isStranger ? STRANGER_A_MINUTE : REFUSALS_A_MINUTE) : 0
    if (leftOut === null) return
    const { actor, ...rest } = entry
    try {
      await orm.insert(table).values({
        ...rest,
        at: d.clock.wall(),
        actor: actor.id,
        actorName: actor.name,
        before: entry.before && toShort(entry.before),
        after: leftOut > 0 ? { ...entry.after, left_out: leftOut } : entry.after && toShort(entry.after),
      })
    } catch (error) {
      // The act itself was done and is answered for; that it is not on record must be known.
      d.log.error('the audit log could not be written', { action: entry.action, target: entry.target, error })
    }
  }

  async function sweep(): Promise<void> {
    const [newest] = await orm.select({ id: table.id }).from(table).orderBy(desc(table.id)).limit(1)
    const tooOld = or(lt(table.at, d.clock.wall() - d.keepDays * DAY_MS), lte(table.id, (newest?.id ?? 0) - MAX_ROWS))
    for (;;) {
      const some = orm.select({ id: table.id }).from(table).where(tooOld).limit(SWEEP_BATCH)
      const gone = await orm.delete(table).where(inArray(table.id, some))
      if (gone.rowsAffected < SWEEP_BATCH) return
    }
  }
  const sweepOrTell = () =>
    sweep().catch((error: unknown) => d.log.error('the audit log could not be shortened', { error }))
  void sweepOrTell()
  const stopSweeping = d.clock.every(SWEEP_MS, () => void sweepOrTell())

  function toConditions(query: AuditQuery): SQL | undefined {
    return and(
      query.actor === undefined ? undefined : or(eq(table.actor, query.actor), eq(table.actorName, query.actor)),
      query.action === undefined ? undefined : eq(table.action, query.action),
      query.target === undefined ? undefined : eq(table.target, query.target),
      query.from === undefined ? undefined : gte(table.at, Date.parse(query.from)),
      query.to === undefined ? undefined : lte(table.at, Date.parse(query.to)),
    )
  }

  /** Newest first. */
  async function page(query: AuditQuery, limit: number): Promise<{ rows: AuditRow[]; next: string | null }> {
    const rows = await orm
      .select()
      .from(table)
      .where(and(toConditions(query), query.cursor === undefined ? undefined : lt(table.id, query.cursor)))
      .orderBy(desc(table.id))
      .limit(limit + 1)
    const shown = rows.slice(0, limit)
    return { rows: shown, next: rows.length > limit ? String(shown.at(-1)?.id) : null }
  }

  return {
    read: d.read,
    write,
    sweep,
    async page(query: AuditQuery): Promise<AuditPage> {
      const { rows, next } = await page(query, query.limit ?? 50)
      const total = query.total ? { total: await orm.$count(table, toConditions(query)) } : {}
      return { items: rows.map(toItem), next_cursor: next, ...total }
    },
    /** All of it, a page at a time as the reader takes it. */
    lines(query: AuditQuery): ReadableStream<Uint8Array> {
      const encoder = new TextEncoder()
      let cursor = query.cursor
      return new ReadableStream({
        async pull(controller) {
          const { rows, next } = await page({ ...query, cursor }, NDJSON_PAGE)
          if (rows.length > 0)
            controller.enqueue(encoder.encode(rows.map((row) => `${JSON.stringify(toItem(row))}\n`).join('')))
          if (next === null) controller.close()
          else cursor = Number(next)
        },
      })
    },
    close: stopSweeping,
  }
}

function toItem(row: AuditRow): AuditItem {
  return {
    id: row.id,
    at: toIso(row.at),
    actor: { id: row.actor, name: row.actorName },
    address: row.address,
    action: row.action,
    target: row.target,
    result: row.status < 400 ? 'done' : 'refused',
    status: row.status,
    code: row.code,
    request_id: row.requestId,
    before: row.before,
    after: row.after,
  }
}

/** Long texts cut, so that a row stays small. */
function toShort(facts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      return [name, text !== undefined && text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...` : value]
    }),
  )
}
