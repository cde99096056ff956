/** One move of a state table: where it leads, and what is to be done. */
export type Step<S, E> = { state: S; effects: E[] }

/** A move that asks for nothing. */
export function only<S>(state: S): { state: S; effects: never[] } {
  return { state, effects: [] }
}
