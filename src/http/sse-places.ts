import { AppError } from '../errors.ts'
import { toPlace } from './client-address.ts'
import type { HttpContext } from './endpoint.ts'

/** Whose an event stream is: a person, a key, or the address of a stranger. */
export type SseOwner = { who: string; isStranger: boolean }

const MAX_CLIENTS = 500
/** However many strangers look at something public, places are left for those who are signed in. */
const MAX_STRANGERS = 300
const MAX_OF_AN_ADDRESS = 50

export function toSseOwner(c: HttpContext): SseOwner {
  const actor = c.get('actor')
  return actor && actor.kind !== 'anonymous'
    ? { who: actor.id, isStranger: false }
    : { who: toPlace(c.get('clientAddress') ?? ''), isStranger: true }
}

/**
 * Whether there is a place for one more. `maxPerClient`: 0 = no limit but the common one; an address of strangers has at most
 * 50 anyway.
 * @throws AppError unavailable; busy where this one has too many already
 */
export function checkPlaces(open: Iterable<SseOwner>, { who, isStranger }: SseOwner, maxPerClient: number): void {
  let [all, strangers, own] = [0, 0, 0]
  for (const client of open) {
    all++
    if (client.isStranger) strangers++
    if (client.who === who) own++
  }
  if (all >= MAX_CLIENTS || (isStranger && strangers >= MAX_STRANGERS))
    throw new AppError({
      kind: 'unavailable',
      code: 'events.unavailable',
      message: 'Too many event streams are open.',
      retryAfterSeconds: 5,
    })
  if (own < Math.min(maxPerClient || MAX_CLIENTS, isStranger ? MAX_OF_AN_ADDRESS : MAX_CLIENTS)) return
  throw new AppError({
    kind: 'busy',
    code: 'events.limited',
    message: 'Too many event streams of yours are open. Close a page or a program.',
    retryAfterSeconds: 5,
  })
}
