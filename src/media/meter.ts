const WINDOW_MS = 5_000
/** Older than this, the last reading no longer speaks for the present. */
const STALE_MS = 1_500

/** Turns a growing count (of bytes, frames, seconds) into a rate: its change over the last five seconds. */
export function createMeter() {
  let readings: { atMs: number; count: number }[] = []

  function perSecond(nowMs: number): number | null {
    const last = readings.at(-1)
    const ref = readings.findLast((reading) => reading.atMs <= nowMs - WINDOW_MS) ?? readings[0]
    if (!last || !ref || readings.length < 2) return null
    const endMs = nowMs - last.atMs > STALE_MS ? nowMs : last.atMs
    const spanMs = endMs - ref.atMs
    return spanMs > 0 ? ((last.count - ref.count) * 1_000) / spanMs : 0
  }

  return {
    add(atMs: number, count: number): void {
      readings.push({ atMs, count })
      // One reading from before the window stays: the change is counted from it.
      let first = 0
      while (first + 1 < readings.length && (readings[first + 1]?.atMs ?? 0) <= atMs - WINDOW_MS) first++
      if (first > 0) readings = readings.slice(first)
    },
    /** Null before two readings. A count that stands still fades to 0. */
    perSecond,
    /** For bytes: kilobits a second. */
    kbps(nowMs: number): number | null {
      const rate = perSecond(nowMs)
      return rate === null ? null : (rate * 8) / 1_000
    },
    total: (): number => readings.at(-1)?.count ?? 0,
  }
}
