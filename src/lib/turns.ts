export type Turns = <T>(work: () => Promise<T>) => Promise<T>

/**
 * One after the other, in the order of asking: for a check and the write that rests on it. Work must not ask for a turn
 * of its own inside.
 */
export function createTurns(): Turns {
  let tail: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = tail.then(work)
    // The next one's turn comes whether this one failed or not; the failure is its caller's.
    tail = mine.catch(() => undefined)
    return mine
  }
}
