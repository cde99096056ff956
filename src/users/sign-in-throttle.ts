import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { AppError } from '../errors.ts'
import { toPlace } from '../http/client-address.ts'
import type { Clock } from '../lib/clock.ts'
import { newSecret } from '../lib/ids.ts'

/** So many failures at once, then one more each interval. An address may be a whole hall. */
const BUDGETS = {
  account: { burst: 10, refillMs: 60_000 },
  address: { burst: 30, refillMs: 6_000 },
  browser: { burst: 10, refillMs: 30_000 },
} as const
const MAX_PLACES = 10_000

export type Try = {
  /** As it was typed, folded. */
  emailKey: string
  address: string
  /** A browser that has signed this very person in before; null for all others. */
  known: string | null
}

export type SignInThrottle = {
  /**
   * Takes a try out of the budgets before anything is looked at, so that a thousand tries at once are no more than one
   * after the other; the answer gives it back where the try was right.
   * @throws AppError busy
   */
  begin(t: Try): () => void
}

/**
 * Failed sign-ins slow down, for each account and each address. A browser that has signed this person in before has a
 * budget of its own, so that strangers who guess cannot lock the owner out.
 */
export function createSignInThrottle(o: { clock: Clock }): SignInThrottle {
  const spent = new Map<string, { count: number; at: number }>()

  function begin(kind: keyof typeof BUDGETS, place: string): () => void {
    const { burst, refillMs } = BUDGETS[kind]
    const key = `${kind} ${place}`
    const entry = spent.get(key)
    const now = o.clock.now()
    const count = entry ? Math.max(0, entry.count - (now - entry.at) / refillMs) : 0
    if (count > burst - 1)
      throw new AppError({
        kind: 'busy',
        code: 'session.limited',
        message: 'Too many tries. Wait a little, or ask an administrator for a link.',
        retryAfterSeconds: Math.max(1, ((count - burst + 1) * refillMs) / 1000),
      })
    spent.delete(key)
    spent.set(key, { count: count + 1, at: now })
    if (spent.size > MAX_PLACES) spent.delete(spent.keys().next().value ?? '')
    return () => {
      const after = spent.get(key)
      if (after) spent.set(key, { ...after, count: Math.max(0, after.count - 1) })
    }
  }

  return {
    begin({ emailKey, address, known }) {
      if (known !== null) return begin('browser', known)
      const undo = begin('address', toPlace(address))
      try {
        const undoAccount = begin('account', emailKey)
        return () => {
          undo()
          undoAccount()
        }
      } catch (error) {
        undo()
        throw error
      }
    },
  }
}

export type BrowserMarks = {
  write(userId: number): string
  /** The person whom the mark names, and the browser; null unless written here. */
  read(text: string | undefined): { userId: number; browser: string } | null
}

/**
 * What a browser keeps of a person who signed in: no right at all, only a place in another queue. Named by account, so one
 * that is stolen helps with that account alone (OWASP, device cookies).
 */
export function createBrowserMarks(secretKey: Uint8Array): BrowserMarks {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'weir browser mark v1', 32))
  const mac = (text: string) => createHmac('sha256', key).update(text).digest('base64url')
  const same = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

  return {
    write(userId) {
      const text = `v1.${userId}.${newSecret().slice(0, 16)}`
      return `${text}.${mac(text)}`
    },
    read(text) {
      const [version, id = '', nonce = '', signature = '', ...rest] = (text ?? '').split('.')
      if (version !== 'v1' || rest.length > 0 || !/^\d{1,15}$/.test(id) || !/^[\w-]{43}$/.test(signature)) return null
      return same(signature, mac(`v1.${id}.${nonce}`)) ? { userId: Number(id), browser: `${id} ${nonce}` } : null
    },
  }
}
