import type { LogEntry } from '../lib/log.ts'

export type KeptEntry = LogEntry & { seq: number }

export type LogRing = {
  push(entry: LogEntry): void
  /** Newest first, at most `limit`, those before the number `before` only, of the given level alone. */
  page(o: { limit: number; before?: number | undefined; level?: string | undefined }): KeptEntry[]
  /** How many are kept, of the given level or of all. */
  count(level?: string | undefined): number
}

const MAX_ENTRIES = 1000

/** The server's last 1,000 log entries, for people who have no shell on the machine. */
export function createLogRing(): LogRing {
  const entries: KeptEntry[] = []
  let seq = 0
  return {
    push(entry) {
      entries.push({ ...entry, seq: ++seq })
      if (entries.length > MAX_ENTRIES) entries.shift()
    },
    page({ limit, before, level }) {
      const found: KeptEntry[] = []
      for (let i = entries.length - 1; i >= 0 && found.length < limit; i--) {
        const entry = entries[i] as KeptEntry
        if ((before === undefined || entry.seq < before) && (level === undefined || entry.level === level))
          found.push(entry)
      }
      return found
    },
    count: (level) => (level === undefined ? entries : entries.filter((entry) => entry.level === level)).length,
  }
}
