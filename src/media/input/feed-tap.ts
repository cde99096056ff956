import type { Source } from '../program/splice.ts'
import type { Format, Unit } from '../program/units.ts'

/** A feed for all that take it: the program of its own input, and those whose backup it is. */
export type FeedTap = Source & {
  /** The listener is told the present format at once. Ends with the call of what is returned. */
  listen(listener: Source): () => void
}

export function createFeedTap(): FeedTap {
  const listeners = new Set<Source>()
  let format: Format | null = null
  return {
    format(next) {
      format = next
      for (const listener of listeners) listener.format(next)
    },
    unit(unit: Unit, nowMs: number) {
      for (const listener of listeners) listener.unit(unit, nowMs)
    },
    listen(listener) {
      if (format) listener.format(format)
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
