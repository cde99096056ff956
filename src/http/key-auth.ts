import { timingSafeEqual } from 'node:crypto'
import { AppError } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Actor } from './endpoint.ts'

/** A guesser gets this many wrong keys at once, then one more each interval. */
const BURST = 10
const REFILL_MS = 6_000
const MAX_ADDRESSES = 10_000

export type KeyAuth = {
  /**
   * Who asks, by what the headers show (`Authorization: Bearer`, basic auth with the key as password, or `X-API-Key`);
   * `anonymous` when they show nothing.
   * @throws AppError unauthorized for a wrong key; busy (with seconds to wait) for an address with too many of them
   */
  identify(headers: Headers, address: string): Actor
  /** Whether this is the key. A wrong one counts as above. @throws AppError busy */
  isKey(text: string, address: string): boolean
  /** The same limit for other secrets: `isRight` is asked unless the address must wait. @throws AppError busy */
  attempt(address: string, isRight: () => boolean): boolean
}

/**
 * The one API key. Comparison takes the same time whatever was sent. Failures are counted per address (per /64 for
 * IPv6) in a table of at most 10,000; a limited address is not even compared.
 */
export function createKeyAuth(o: { key: string; clock: Clock }): KeyAuth {
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

  function attempt(address: string, isRight: () => boolean): boolean {
    const place = toPlace(address)
    const over = failuresOf(place) - (BURST - 1)
    if (over > 0)
      throw new AppError({
        kind: 'busy',
        code: 'auth.limited',
        message: 'Too many wrong keys came from your address. Wait a little.',
        retryAfterSeconds: Math.max(1, (over * REFILL_MS) / 1000),
      })
    if (isRight()) return true
    countFailure(place)
    return false
  }

  const isKey = (text: string, address: string) => attempt(address, () => timingSafeEqual(digest(text), wanted))

  return {
    identify(headers, address) {
      const shown = shownKey(headers)
      if (shown === null) return { kind: 'anonymous', name: 'anonymous' }
      if (isKey(shown, address)) return { kind: 'key', name: 'API key' }
      throw new AppError({ kind: 'unauthorized', code: 'auth.wrong_key', message: 'This API key is not right.' })
    },
    isKey,
    attempt,
  }
}

/** Equal lengths whatever was sent, as timingSafeEqual wants. */
function digest(text: string): Uint8Array {
  return new Bun.CryptoHasher('sha256').update(text).digest()
}

function shownKey(headers: Headers): string | null {
  const direct = headers.get('x-api-key')
  if (direct !== null) return direct
  const [scheme, value = ''] = (headers.get('authorization') ?? '').split(' ', 2)
  if (scheme?.toLowerCase() === 'bearer') return value
  if (scheme?.toLowerCase() !== 'basic') return null
  const pair = Buffer.from(value, 'base64').toString('utf8')
  return pair.slice(pair.indexOf(':') + 1)
}

/** One household or one attacker has a whole /64 of IPv6. */
function toPlace(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::', 2)
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? 0 : tail.split(':').length
    while (groups.length + after < 8) groups.push('0')
  }
  return groups.slice(0, 4).join(':')
}
