import type { Clock } from '../../lib/clock.ts'

/** Peers drop a silent publisher after 5 to 10 seconds; better to leave in order. */
const OFF_AIR_LIMIT_MS = 8_000

/** Since when an output's program is on air, and when it has been off too long to keep a connection open. */
export function createAirWatch(clock: Clock, onAir: boolean, tooLong: () => void) {
  let sinceMs: number | null = onAir ? clock.now() : null
  let cancel: (() => void) | null = null

  return {
    look(isOnAir: boolean): void {
      if (isOnAir && sinceMs === null) {
        sinceMs = clock.now()
        cancel?.()
      }
      if (!isOnAir && sinceMs !== null) {
        sinceMs = null
        cancel = clock.after(OFF_AIR_LIMIT_MS, tooLong)
      }
    },
    /** `Clock.now`; null while nothing is on air. */
    sinceMs: (): number | null => sinceMs,
    /** There is no connection any more. */
    rest: (): void => cancel?.(),
  }
}
