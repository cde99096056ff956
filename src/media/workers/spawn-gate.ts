import type { Clock } from '../../lib/clock.ts'

export type SpawnGate = {
  /** `lastFailedAt` 0 = never failed: such a child goes first. `grant` is called once, now or later. */
  want(key: string, lastFailedAt: number, grant: () => void): void
  drop(key: string): void
  /** Forgets all whose key begins so: their worker is gone. */
  dropAll(prefix: string): void
  readonly waiting: number
}

/** A start costs 60 ms of CPU; at 5 a second for each core no running output loses a packet (measured). */
const STARTS_PER_CORE_AND_SECOND = 5
/** What an idle gate saves up: a second's starts at once, so that the outputs of a worker that died are back in time. */
const BURST_MS = 1000

/**
 * Lets children start at a rate the machine bears, for all workers together, the least recently failed first, so that
 * one that fails for ever never keeps a healthy one waiting.
 */
export function createSpawnGate(clock: Clock, cores: number): SpawnGate {
  const periodMs = 1000 / (STARTS_PER_CORE_AND_SECOND * cores)
  const waiting = new Map<string, { lastFailedAt: number; grant: () => void }>()
  let paidUntilMs = Number.NEGATIVE_INFINITY
  let timer: (() => void) | null = null

  function serve(): void {
    timer?.()
    timer = null
    const nowMs = clock.now()
    paidUntilMs = Math.max(paidUntilMs, nowMs - BURST_MS)
    while (waiting.size > 0 && paidUntilMs + periodMs <= nowMs) {
      let next: string | null = null
      let best = Number.POSITIVE_INFINITY
      for (const [key, { lastFailedAt }] of waiting) {
        if (lastFailedAt < best) {
          best = lastFailedAt
          next = key
        }
      }
      const place = waiting.get(next as string)
      waiting.delete(next as string)
      paidUntilMs += periodMs
      place?.grant()
    }
    if (waiting.size > 0) timer = clock.after(paidUntilMs + periodMs - nowMs, serve)
  }

  return {
    want(key, lastFailedAt, grant) {
      waiting.set(key, { lastFailedAt, grant })
      serve()
    },
    drop: (key) => void waiting.delete(key),
    dropAll(prefix) {
      for (const key of [...waiting.keys()]) if (key.startsWith(prefix)) waiting.delete(key)
    },
    get waiting() {
      return waiting.size
    },
  }
}
