import type { Clock } from '../../lib/clock.ts'
import type { Gate } from '../program/program.ts'
import type { WayFound } from '../way.ts'

/** A longer wait means that many start at once, and that everything starts slowly. */
const BUSY_AFTER_MS = 250

/** One output's place in the queue before the spawn gate; it holds at most one at a time. */
export function createSpawnPlace(deps: {
  gate: Gate
  clock: Clock
  /** Where its destination is, looked at once it is its turn; null where it goes nowhere by itself. */
  look(signal: AbortSignal): Promise<WayFound> | null
  granted(way: Exclude<WayFound, { is: 'refused' }> | null, gateWasBusy: boolean): void
  failed(cause: unknown): void
}) {
  let ticket: AbortController | null = null

  async function wait(lastFailedAtMs: number, { signal }: AbortController): Promise<(() => void) | null> {
    const askedAtMs = deps.clock.now()
    await deps.gate(lastFailedAtMs, signal)
    const gateWasBusy = deps.clock.now() - askedAtMs > BUSY_AFTER_MS
    if (signal.aborted) return null
    const way = await deps.look(signal)
    return signal.aborted || way?.is === 'refused' ? null : () => deps.granted(way, gateWasBusy)
  }

  return {
    /** Queues up, at the end again where it stands there already; `lastFailedAtMs` (wall clock, 0 = never) decides who goes first. */
    ask(lastFailedAtMs: number): void {
      ticket?.abort()
      const mine = new AbortController()
      ticket = mine
      wait(lastFailedAtMs, mine).then(
        (go) => go?.(),
        (cause) => {
          if (!mine.signal.aborted) deps.failed(cause)
        },
      )
    },
    leave: (): void => ticket?.abort(),
  }
}
