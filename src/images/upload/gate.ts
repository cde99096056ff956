import type { Clock } from '../../lib/clock.ts'
import { toRefusal } from '../../imaging/refusals.ts'

export type Gate = {
  /** Runs work when there is a place. @throws AppError 503 `image.busy` after too long a wait, or in too long a queue */
  pass<T>(work: () => Promise<T>, gone?: AbortSignal): Promise<T>
  /** How many are inside and how many wait. */
  counts(): { inside: number; waiting: number }
}

const WAIT_MS = 30_000
const MAX_WAITING = 500

/** So many at once, the rest in the order of asking. A body that nobody reads yet waits in the sender's own memory. */
export function createGate(o: { places: number; clock: Clock; waitMs?: number }): Gate {
  const waiting = new Set<() => void>()
  let inside = 0

  /** True when a place came; false when it took too long or whoever asked is gone. */
  function wait(gone?: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const enter = () => leave(true)
    const giveUp = () => leave(false)
    const cancel = o.clock.after(o.waitMs ?? WAIT_MS, giveUp)
    function leave(hasPlace: boolean): void {
      cancel()
      waiting.delete(enter)
      gone?.removeEventListener('abort', giveUp)
      resolve(hasPlace)
    }
    waiting.add(enter)
    gone?.addEventListener('abort', giveUp)
    return promise
  }

  return {
    async pass(work, gone) {
      if (inside >= o.places) {
        // Whoever leaves hands the place over, so it is taken already.
        if (gone?.aborted || waiting.size >= MAX_WAITING || !(await wait(gone))) throw toRefusal('image.busy')
      } else inside++
      try {
        return await work()
      } finally {
        const [next] = waiting
        if (next) next()
        else inside--
      }
    },
    counts: () => ({ inside, waiting: waiting.size }),
  }
}
