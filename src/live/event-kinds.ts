import { and, eq, inArray, ne, or, type SQL, sql } from 'drizzle-orm'
import { events } from '../db/tables/events.ts'

/** What of a history somebody wants to see: what went wrong, or what people did. */
export const EVENT_KINDS = ['faults', 'people'] as const
export type EventKind = (typeof EVENT_KINDS)[number]

const FAULTS = [
  ...['input.inactive', 'input.reconnecting', 'input.error', 'input.backup_gone'],
  ...['output.reconnecting', 'output.error', 'output.exited', 'worker.restarted', 'worker.failed'],
]

/** As `isOfKind`, for the database. */
export function toCondition(kind: EventKind): SQL | undefined {
  if (kind === 'people') return ne(events.actor, 'weir')
  const isLoss = and(eq(events.type, 'input.switched'), sql`json_extract(${events.data}, '$.reason') = 'lost'`)
  return or(inArray(events.type, FAULTS), isLoss)
}

export type KindOf = { type: string; actor: string; data: Record<string, unknown> | null }

/** A switch is a fault where a loss was its reason. */
export function isOfKind(kind: EventKind, { type, actor, data }: KindOf): boolean {
  if (kind === 'people') return actor !== 'weir'
  return FAULTS.includes(type) || (type === 'input.switched' && data?.['reason'] === 'lost')
}
