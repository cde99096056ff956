/** A watch that looks later than this was held up itself. */
const LATE_MS = 2_000

/**
 * Tells at each look of a watch since when it has looked in time. A thread that is held up hears of nothing (on a machine with
 * too much to do for 11 s, measured), and whoever it watches seems to be silent: that is not theirs to answer for.
 */
export function createHearing(nowMs: number): (nowMs: number) => number {
  let sinceMs = nowMs
  let lastMs = nowMs
  return (lookMs) => {
    if (lookMs - lastMs > LATE_MS) sinceMs = lookMs
    lastMs = lookMs
    return sinceMs
  }
}
