import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'

export type SyncLoop = {
  /** Resolves when what stood in the database at the time of asking (or later) has been taken. Never rejects. */
  ask(): Promise<void>
  close(): void
}

const RETRY_MS = 1_000

/**
 * One reader of the wanted state: `send` reads the rows and hands the list over under a growing revision, and answers a
 * promise of its being taken. Sending is serial and done again if asked meanwhile; the taking is not waited for, so a
 * worker that is slow to answer never holds up a newer list. Who asks during a run is served by the next one.
 */
export function createSyncLoop(o: {
  send(revision: number): Promise<{ taken: Promise<void> }>
  clock: Clock
  log: Log
}): SyncLoop {
  let revision = 0
  let asked: (() => void)[] = []
  let running = false
  let cancelRetry: (() => void) | null = null
  let closed = false

  function again(waiters: (() => void)[], error: unknown): void {
    if (closed) return
    o.log.error('the wanted state was not taken, trying again', { error })
    asked = [...waiters, ...asked]
    cancelRetry?.()
    cancelRetry = o.clock.after(RETRY_MS, () => void run())
  }

  async function run(): Promise<void> {
    if (running) return
    running = true
    while (asked.length > 0 && !closed) {
      const waiters = asked
      asked = []
      try {
        const { taken } = await o.send(++revision)
        taken.then(
          () => {
            for (const resolve of waiters) resolve()
          },
          (error: unknown) => again(waiters, error),
        )
      } catch (error) {
        again(waiters, error)
        break
      }
    }
    running = false
  }

  return {
    ask() {
      return new Promise((resolve) => {
        if (closed) return resolve()
        asked.push(resolve)
        void run()
      })
    },
    close() {
      closed = true
      cancelRetry?.()
      for (const resolve of asked.splice(0)) resolve()
    },
  }
}
