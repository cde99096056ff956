/** What one line of the history shows: a rate a second, null where nothing was measured. */
export type Series = (number | null)[]

export type History = {
  /** `atMs` is wall-clock milliseconds; what is older than the newest by the whole length is dropped. */
  add(key: string, atMs: number, value: number | null): void
  /** The last `seconds` up to the second of `nowMs`, oldest first. */
  read(key: string, nowMs: number, seconds: number): Series
  drop(key: string): void
}

export const HISTORY_SECONDS = 600

type Ring = { values: Float32Array; newest: number }

/** The last 10 minutes of figures in memory, one ring of 600 seconds (2.4 kB) for each key. */
export function createHistory(): History {
  const rings = new Map<string, Ring>()
  const slot = (second: number) => second % HISTORY_SECONDS

  function advance(ring: Ring, second: number): void {
    const missing = Math.min(second - ring.newest - 1, HISTORY_SECONDS)
    for (let i = 1; i <= missing; i++) ring.values[slot(ring.newest + i)] = Number.NaN
    ring.newest = second
  }

  return {
    add(key, atMs, value) {
      const second = Math.floor(atMs / 1000)
      let ring = rings.get(key)
      if (!ring) {
        ring = { values: new Float32Array(HISTORY_SECONDS).fill(Number.NaN), newest: second }
        rings.set(key, ring)
      }
      if (second <= ring.newest - HISTORY_SECONDS) return
      if (second > ring.newest) advance(ring, second)
      ring.values[slot(second)] = value ?? Number.NaN
    },
    read(key, nowMs, seconds) {
      const ring = rings.get(key)
      const last = Math.floor(nowMs / 1000)
      return Array.from({ length: seconds }, (_, i) => {
        const second = last - seconds + 1 + i
        if (!ring || second > ring.newest || second <= ring.newest - HISTORY_SECONDS) return null
        const value = ring.values[slot(second)] ?? Number.NaN
        return Number.isNaN(value) ? null : Math.round(value * 10) / 10
      })
    },
    drop: (key) => void rings.delete(key),
  }
}
