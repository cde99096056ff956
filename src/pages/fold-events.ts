import type { EventRow } from '../db/tables/events.ts'

/** A line that stands for all equal ones; `firstAt` is when the oldest of them was. */
export type FoldedEvent = EventRow & { times: number; firstAt: number }

/**
 * Makes one line of what Weir said again and again of the same thing, at the place of the newest: an output that fails
 * every few seconds must not hide the rest. What people did stays line by line. Newest first, as they come.
 */
export function foldEvents(rows: readonly EventRow[]): FoldedEvent[] {
  const folded = new Map<string, FoldedEvent>()
  for (const row of rows) {
    const { inputId, outputId, type, actor, message } = row
    const key = JSON.stringify(actor === 'weir' ? [inputId, outputId, type, message] : row.id)
    const newest = folded.get(key)
    if (newest) folded.set(key, { ...newest, times: newest.times + 1, firstAt: row.at })
    else folded.set(key, { ...row, times: 1, firstAt: row.at })
  }
  return [...folded.values()]
}
