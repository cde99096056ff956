import type { Clock } from '../lib/clock.ts'

export type RateKind = 'reads' | 'writes' | 'uploads'

export type RateLimits = {
  /** Counts one request; seconds to wait where there were too many, else null. `who` is a person, a key or an address. */
  take(kind: RateKind, who: string): number | null
}

const MAX_PLACES = 10_000

/**
 * Token buckets: a minute's worth at once, then as many as come back with time. 0 a minute = no limit. At most 10,000
 * askers of each kind are remembered, the longest silent are forgotten.
 */
export function createRateLimits(o: { clock: Clock; perMinute: Record<RateKind, number> }): RateLimits {
  const buckets: Record<RateKind, Map<string, { left: number; at: number }>> = {
    reads: new Map(),
    writes: new Map(),
    uploads: new Map(),
  }

  return {
    take(kind, who) {
      const size = o.perMinute[kind]
      if (size === 0) return null
      const places = buckets[kind]
      const now = o.clock.now()
      const perMs = size / 60_000
      const before = places.get(who)
      const left = before ? Math.min(size, before.left + (now - before.at) * perMs) : size
      places.delete(who)
      places.set(who, { left: left >= 1 ? left - 1 : left, at: now })
      if (places.size > MAX_PLACES) places.delete(places.keys().next().value ?? '')
      return left >= 1 ? null : (1 - left) / perMs / 1000
    },
  }
}
