import { timingSafeEqual } from 'node:crypto'
import { AppError } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import { toPlace } from './client-address.ts'
import type { Actor } from './endpoint.ts'

/** A guesser gets this many wrong keys at once, then one more each interval. */
const BURST = 10
const REFILL_MS = 6_000
const MAX_ADDRESSES = 10_000

/** `foreign`: a password of basic auth that is not ours; browsers send what a proxy before Weir asked them for. */
export type ShownKey = 'none' | 'right' | 'wrong' | 'foreign'

/** Whoever shows the server's own key: an administrator who is no person. */
export const KEY_ACTOR: Actor = {
  kind: 'key',
  id: 'key',
  name: 'API key',
  role: 'admin',
  scopes: ['admin'],
  user: null,
}

export type KeyAuth = {
  /** Who shows a key that is right, read anew each time; null for all else. */
  identify(headers: Headers): Actor | null
  /**
   * What the headers show: `Authorization: Bearer`, basic auth with the key as password, or `X-API-Key`. Looking refuses
   * and counts nothing, so that public routes answer whatever they are shown.
   */
  look(headers: Headers): ShownKey
  /** Counts a wrong key and answers what to tell: unauthorized, or busy (with seconds to wait) after too many of them. */
  refuse(address: string): AppError
  /** Whether this is the key. A wrong one counts as above. @throws AppError busy */
  isKey(text: string, address: string): boolean
  /** The same limit for other secrets; a wrong one counts. @throws AppError busy */
  attempt(address: string, isRight: () => boolean): boolean
}

/**
 * The server's own API key, and with `find` those that people made. Comparison takes the same time whatever was sent. Failures are counted per address (per /64 for
 * IPv6) in a table of at most 10,000. The right key passes at any time: the limit is for wrong ones, or one guesser
 * behind a proxy would lock everybody out. Keys are too long to be guessed.
 */
export function createKeyAuth(o: { key: string; clock: Clock; find?(text: string): Actor | null }): KeyAuth {
  const wanted = digest(o.key)
  const failures = new Map<string, { count: number; at: number }>()

  function failuresOf(place: string): number {
    const entry = failures.get(place)
    if (!entry) return 0
    const left = entry.count - (o.clock.now() - entry.at) / REFILL_MS
    if (left > 0) return left
    failures.delete(place)
    return 0
  }

  function countFailure(place: string): void {
    const count = failuresOf(place) + 1
    failures.delete(place)
    failures.set(place, { count, at: o.clock.now() })
    if (failures.size > MAX_ADDRESSES) failures.delete(failures.keys().next().value ?? '')
  }

  /** Counts a failure; null, or what to tell an address that has too many, which are not counted any further. */
  function limit(address: string): AppError | null {
    const place = toPlace(address)
    const over = failuresOf(place) - (BURST - 1)
    if (over <= 0) {
      countFailure(place)
      return null
    }
    return new AppError({
      kind: 'busy',
      code: 'auth.limited',
      message: 'Too many wrong keys came from your address. Wait a little.',
      retryAfterSeconds: Math.max(1, (over * REFILL_MS) / 1000),
    })
  }

  function attempt(address: string, isRight: () => boolean): boolean {
    if (isRight()) return true
    const limited = limit(address)
    if (limited) throw limited
    return false
  }

  const isRight = (text: string) => timingSafeEqual(digest(text), wanted)
  const find = (text: string) => (isRight(text) ? KEY_ACTOR : (o.find?.(text) ?? null))

  return {
    identify(headers) {
      const shown = shownKey(headers)
      return shown && find(shown.text)
    },
    look(headers) {
      const shown = shownKey(headers)
      if (shown === null) return 'none'
      if (find(shown.text)) return 'right'
      return shown.isBasic ? 'foreign' : 'wrong'
    },
    refuse: (address) =>
      limit(address) ??
      new AppError({ kind: 'unauthorized', code: 'auth.wrong_key', message: 'This API key is not right.' }),
    isKey: (text, address) => attempt(address, () => isRight(text)),
    attempt,
  }
}

/** Equal lengths whatever was sent, as timingSafeEqual wants. */
function digest(text: string): Uint8Array {
  return new Bun.CryptoHasher('sha256').update(text).digest()
}

function shownKey(headers: Headers): { text: string; isBasic: boolean } | null {
  const direct = headers.get('x-api-key')
  if (direct !== null) return { text: direct, isBasic: false }
  const [scheme, value = ''] = (headers.get('authorization') ?? '').split(' ', 2)
  if (scheme?.toLowerCase() === 'bearer') return { text: value, isBasic: false }
  if (scheme?.toLowerCase() !== 'basic') return null
  const pair = Buffer.from(value, 'base64').toString('utf8')
  return { text: pair.slice(pair.indexOf(':') + 1), isBasic: true }
}
