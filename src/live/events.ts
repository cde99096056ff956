import { and, desc, eq, gte, inArray, lt, max, ne } from 'drizzle-orm'
import type { Database, Statement } from '../db/client.ts'
import { type EventRow, events } from '../db/tables/events.ts'
import { invalidField } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { type EventKind, toCondition } from './event-kinds.ts'

/** One line of an input's history before it is written. */
export type NewEvent = {
  inputId: number
  outputId?: number
  type: string
  /** Name of a person or a key, or `weir`. */
  actor: string
  message: string
  data?: Record<string, unknown>
}

export type EventsQuery = {
  fromMs?: number
  type?: string
  kind?: EventKind
  /** Without the ends of processes: what follows from one (tried again, given up, waits) tells it in words. */
  inWords?: boolean
  limit: number
  cursor?: string
  /** Count all that fit, whatever page this is. */
  withTotal?: boolean
}

/** `earlier`: how many come after this page, where they were counted. */
export type EventsFound = { items: EventRow[]; nextCursor: string | null; total?: number; earlier?: number }

/** When what is off now was switched off, by id. */
export type StoppedAt = Record<'input' | 'output', Map<number, number>>

export type EventLog = {
  record(event: NewEvent): void
  /** Newest first, with what was recorded a moment ago. @throws AppError 422 at a cursor that is none */
  list(inputId: number, query: EventsQuery): Promise<EventsFound>
  /** The newest of all inputs, without the ends of processes. */
  recent(limit: number): Promise<EventRow[]>
  /** As far as the history goes back. */
  stoppedAt(): Promise<StoppedAt>
  flush(): Promise<void>
  close(): Promise<void>
}

export const KEPT_PER_INPUT = 5_000
const FLUSH_MS = 250
const MAX_PENDING = 2_000
const IN_WORDS = ne(events.type, 'output.exited')
/** What is made and never started has been off since then. */
const SWITCHED_OFF = ['input.created', 'input.stopped', 'output.created', 'output.stopped']

/**
 * The history of inputs, kept in the database. Written in small batches: a burst costs one write, and what waits is
 * bounded (the oldest fall out, and the log says so). An event of an input that is gone by then is dropped.
 */
export function createEventLog(o: { db: Database; clock: Clock; log: Log }): EventLog {
  let pending: (NewEvent & { at: number })[] = []
  let lost = 0
  let cancelTimer: (() => void) | null = null
  let flushing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    cancelTimer?.()
    cancelTimer = null
    if (pending.length === 0) return
    const batch = pending
    pending = []
    try {
      await o.db.batch([...batch.map(toInsert), ...[...new Set(batch.map((event) => event.inputId))].map(toTrim)])
      if (lost > 0) o.log.warn('history events were dropped', { lost })
      lost = 0
    } catch (error) {
      o.log.error('history was not written, trying again', { error })
      pending = [...batch, ...pending]
      bound()
      schedule()
    }
  }

  function bound(): void {
    const excess = pending.length - MAX_PENDING
    if (excess <= 0) return
    pending.splice(0, excess)
    lost += excess
  }

  function schedule(): void {
    cancelTimer ??= o.clock.after(FLUSH_MS, () => void flush())
  }

  function flush(): Promise<void> {
    flushing = flushing.then(write)
    return flushing
  }

  return {
    record(event) {
      pending.push({ ...event, at: o.clock.wall() })
      bound()
      schedule()
    },
    async list(inputId, query) {
      await flush()
      const before = query.cursor === undefined ? null : fromCursor(query.cursor)
      const fitting = and(
        eq(events.inputId, inputId),
        query.type === undefined ? undefined : eq(events.type, query.type),
        query.kind === undefined ? undefined : toCondition(query.kind),
        query.inWords ? IN_WORDS : undefined,
        query.fromMs === undefined ? undefined : gte(events.at, query.fromMs),
      )
      const rows = await o.db.orm
        .select()
        .from(events)
        .where(and(fitting, before === null ? undefined : lt(events.id, before)))
        .orderBy(desc(events.id))
        .limit(query.limit + 1)
      const items = rows.slice(0, query.limit)
      const last = items.at(-1)
      const page = { items, nextCursor: rows.length > query.limit && last ? toCursor(last.id) : null }
      if (!query.withTotal) return page
      const total = await o.db.orm.$count(events, fitting)
      const earlier =
        page.nextCursor === null || !last ? 0 : await o.db.orm.$count(events, and(fitting, lt(events.id, last.id)))
      return { ...page, total, earlier }
    },
    async recent(limit) {
      await flush()
      return o.db.orm.select().from(events).where(IN_WORDS).orderBy(desc(events.id)).limit(limit)
    },
    async stoppedAt() {
      await flush()
      const rows = await o.db.orm
        .select({ inputId: events.inputId, outputId: events.outputId, at: max(events.at) })
        .from(events)
        .where(inArray(events.type, SWITCHED_OFF))
        .groupBy(events.inputId, events.outputId)
      const found: StoppedAt = { input: new Map(), output: new Map() }
      for (const { inputId, outputId, at } of rows)
        if (outputId === null) found.input.set(inputId, at ?? 0)
        else found.output.set(outputId, at ?? 0)
      return found
    },
    flush,
    async close() {
      await flush()
      cancelTimer?.()
    },
  }
}

/** Plain SQL because of the condition: the input may have been deleted while the event waited. */
function toInsert(event: NewEvent & { at: number }): Statement {
  return {
    sql: `insert into events (input_id, output_id, at, type, actor, message, data)
          select ?, ?, ?, ?, ?, ?, ? where exists (select 1 from inputs where id = ?)`,
    args: [
      event.inputId,
      event.outputId ?? null,
      event.at,
      event.type,
      event.actor,
      event.message,
      event.data ? JSON.stringify(event.data) : null,
      event.inputId,
    ],
  }
}

function toTrim(inputId: number): Statement {
  return {
    sql: `delete from events where input_id = ? and id <=
          (select id from events where input_id = ? order by id desc limit 1 offset ?)`,
    args: [inputId, inputId, KEPT_PER_INPUT],
  }
}

const toCursor = (id: number) => Buffer.from(`e${id}`).toString('base64url')

function fromCursor(cursor: string): number {
  const match = /^e(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))
  if (!match) throw invalidField('cursor', 'This is no cursor of this list.')
  return Number(match[1])
}
