import type { Clock } from '../../lib/clock.ts'

const KEPT_AWAY_MS = 60_000
/** The oldest are forgotten first. */
const MAX_ADDRESSES = 256

/** Addresses that are turned away for a minute: receivers call again by themselves as soon as they are put out. */
export function createKeptAway(clock: Clock) {
  const untilMs = new Map<string, number>()
  return {
    add(address: string): void {
      untilMs.delete(address)
      untilMs.set(address, clock.now() + KEPT_AWAY_MS)
      for (const oldest of untilMs.keys()) {
        if (untilMs.size <= MAX_ADDRESSES) break
        untilMs.delete(oldest)
      }
    },
    has: (address: string): boolean => (untilMs.get(address) ?? Number.NEGATIVE_INFINITY) > clock.now(),
  }
}
