import type { Clock } from '../lib/clock.ts'
import type { Gate } from './program.ts'

/** A longer wait means that many start at once, and that everything starts slowly. */
const BUSY_AFTER_MS = 250

/** One output's place in the queue before the spawn gate; it holds at most one at a time. */
export function createSpawnPlace(deps: {
  gate: Gate
  clock: Clock
  granted(gateWasBusy: boolean): void
  failed(cause: unknown): void
}) {
  let ticket: AbortController | null = null

  return {
    /** Queues up; `lastFailedAtMs` (wall clock, 0 = never) decides who goes first. */
    ask(lastFailedAtMs: number): void {
      const mine = new AbortController()
      ticket = mine
      const askedAtMs = deps.clock.now()
      deps.gate(lastFailedAtMs, mine.signal).then(
        () => {
          if (!mine.signal.aborted) deps.granted(deps.clock.now() - askedAtMs > BUSY_AFTER_MS)
        },
        (cause) => {
          if (!mine.signal.aborted) deps.failed(cause)
        },
      )
    },
    leave: (): void => ticket?.abort(),
  }
}
