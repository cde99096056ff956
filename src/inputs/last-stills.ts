import { isAppError } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Live } from '../live/live.ts'

type Look = Live['still']

/** Of so many inputs a picture is kept, of those looked at last. */
const MAX_KEPT = 32
/** An older picture says nothing of now. */
const MAX_AGE_MS = 60_000

/** Looks at pictures, and gives the last one again where a busy or restarting worker has no answer. */
export function createLastStills(look: Look, clock: Clock): Look {
  const kept = new Map<number, NonNullable<Awaited<ReturnType<Look>>>>()

  return async (inputId, width) => {
    try {
      const still = await look(inputId, width)
      kept.delete(inputId)
      if (still) kept.set(inputId, still)
      const [oldest] = kept.keys()
      if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest)
      return still
    } catch (error) {
      const last = kept.get(inputId)
      if (last && isAppError(error) && error.kind === 'unavailable' && clock.wall() - last.at < MAX_AGE_MS) return last
      throw error
    }
  }
}
