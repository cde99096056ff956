/** Time as the media room sees it, so that state and watchdogs are tested without waiting. */
export interface Clock {
  /** Monotonic milliseconds: for durations and deadlines, never shown. */
  now(): number
  /** Wall clock, milliseconds since 1970: for what people and databases see. */
  wall(): number
  /** Runs `fn` once after `delayMs`; the answer cancels it. */
  after(delayMs: number, fn: () => void): () => void
  /** Runs `fn` every `periodMs` until the answer is called. */
  every(periodMs: number, fn: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs)
    return () => clearTimeout(timer)
  },
  every(periodMs, fn) {
    const timer = setInterval(fn, periodMs)
    return () => clearInterval(timer)
  },
}

export interface ManualClock extends Clock {
  /** Moves both clocks on, running everything that falls due, in order of its time. */
  advance(ms: number): void
}

/** A clock that stands still until told; for unit tests and the splice simulator. */
export function createManualClock(startMs = 0, wallMs = 1_700_000_000_000): ManualClock {
  type Task = { at: number; period: number | null; fn: () => void }
  let nowMs = startMs
  const tasks = new Set<Task>()
  const add = (task: Task) => {
    tasks.add(task)
    return () => void tasks.delete(task)
  }
  return {
    now: () => nowMs,
    wall: () => wallMs + (nowMs - startMs),
    after: (delayMs, fn) => add({ at: nowMs + delayMs, period: null, fn }),
    every: (periodMs, fn) => add({ at: nowMs + periodMs, period: periodMs, fn }),
    advance(ms) {
      const end = nowMs + ms
      for (;;) {
        let next: Task | undefined
        for (const task of tasks) if (task.at <= end && (!next || task.at < next.at)) next = task
        if (!next) break
        nowMs = Math.max(nowMs, next.at)
        if (next.period === null) tasks.delete(next)
        else next.at += next.period
        next.fn()
      }
      nowMs = end
    },
  }
}
