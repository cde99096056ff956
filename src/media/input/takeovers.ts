import type { Clock } from '../../lib/clock.ts'
import type { Warning } from '../actual.ts'
import { createRecentCount } from './recent-count.ts'

const WINDOW_MS = 60_000
const TOO_MANY = 3

/** Counts how often one publisher took the place of another: two encoders on one address do so without end. */
export function createTakeovers(clock: Clock) {
  const recent = createRecentCount(WINDOW_MS)
  return {
    add: (): void => recent.add(1, clock.now()),
    warning(): Omit<Warning, 'since'> | null {
      const times = recent.sum(clock.now())
      if (times < TOO_MANY) return null
      const message = `Publishers took the place of each other ${times} times in the last minute. Stop one of them, or let a second publisher be turned away.`
      return { code: 'input.publishers_alternate', message }
    },
  }
}
