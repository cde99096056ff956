import type { Clock } from './clock.ts'

const PERIOD_MS = 500
const KEPT = 20

export type LoopLag = {
  /** The worst delay of a timer in the last 10 s, in milliseconds: how long a request may have had to wait. */
  worstMs(): number
  stop(): void
}

/** Watches how late the event loop runs its timers. */
export function createLoopLag(clock: Clock): LoopLag {
  const recent: number[] = []
  let expected = clock.now() + PERIOD_MS
  const stop = clock.every(PERIOD_MS, () => {
    const now = clock.now()
    recent.push(Math.max(0, now - expected))
    if (recent.length > KEPT) recent.shift()
    expected = now + PERIOD_MS
  })
  return { worstMs: () => Math.round(Math.max(0, ...recent) * 10) / 10, stop }
}
