import type { Clock } from '../../lib/clock.ts'

const RETRY_MS = 250
/** A port may only be moving from one input, worker or registration to another. */
const PATIENCE_MS = 5_000
const SLOW_RETRY_MS = 10_000

/** When a port that could not be bound is tried again: every 250 ms for the first 5 s, then every 10 s. */
export function createBindPatience(clock: Clock, bind: () => void) {
  const firstTryMs = clock.now()
  let cancel: (() => void) | null = null
  return {
    /** Tries again by itself in `retryInMs`; `lasting` once it has gone on for 5 s. */
    again(): { retryInMs: number; lasting: boolean } {
      const lasting = clock.now() - firstTryMs >= PATIENCE_MS
      const retryInMs = lasting ? SLOW_RETRY_MS : RETRY_MS
      cancel = clock.after(retryInMs, bind)
      return { retryInMs, lasting }
    },
    end: (): void => cancel?.(),
  }
}
