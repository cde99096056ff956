/** For so long a publisher that was let in keeps its place: two encoders that both try again would end each other for ever. */
const KEEPS_PLACE_MS = 5_000

export const REPLACED = 'Another publisher took its place.'
export const ANOTHER_CAME = 'Another publisher took the place less than 5 s ago.'

/** Where a second publisher takes the place of the first: may it now? Both are `Clock.now`. */
export const mayReplace = (sinceMs: number, nowMs: number): boolean => nowMs - sinceMs >= KEEPS_PLACE_MS
