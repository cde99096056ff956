import type { Clock } from '../lib/clock.ts'
import type { Targets } from '../lib/targets.ts'

/** Where nobody may go is looked at again this often: an address of a name may change, the setting not before a restart. */
const LOOK_AGAIN_MS = 60_000

export type WayFound = { is: 'open'; address: string } | { is: 'refused' } | { is: 'unknown'; words: string }

export type Way = {
  /** Why nobody may go there, and when that is looked at again (wall clock); null while nothing says so. */
  readonly blocked: { words: string; retryAt: number } | null
  /**
   * Looks where a host leads just before somebody goes there. Of several addresses each `attempt` takes the next. Where nobody
   * may go, `blocked` says so from now on, until a later look finds otherwise.
   */
  find(host: string, attempt: number, signal: AbortSignal): Promise<WayFound>
  /** Nothing is blocked, and nothing will be looked at again by itself. */
  forget(): void
}

/** The way to one destination. `changed` is called whenever `blocked` has changed by itself. */
export function createWay(deps: { targets: Targets; clock: Clock; changed(): void }): Way {
  const { targets, clock, changed } = deps
  let blocked: Way['blocked'] = null
  let cancelLook: (() => void) | null = null
  let looks = 0

  function block(host: string, words: string): void {
    blocked = { words, retryAt: clock.wall() + LOOK_AGAIN_MS }
    cancelLook = clock.after(LOOK_AGAIN_MS, () => void lookAgain(host))
    changed()
  }

  async function lookAgain(host: string): Promise<void> {
    const mine = looks
    const found = await targets.find(host)
    if (mine !== looks) return
    if (found.is === 'refused') return block(host, found.words)
    blocked = null
    changed()
  }

  return {
    get blocked() {
      return blocked
    },
    async find(host, attempt, signal) {
      const found = await targets.find(host, signal)
      if (found.is === 'unknown') return found
      if (found.is === 'allowed') return { is: 'open', address: toAddress(found.addresses, attempt) }
      if (!signal.aborted) block(host, found.words)
      return { is: 'refused' }
    },
    forget() {
      looks++
      cancelLook?.()
      blocked = null
    },
  }
}

/** Whom a child of ours is to call. Of several addresses each `attempt` takes the next. */
export type Peer = { host: string; attempt: number; targets: Targets }

/**
 * Where a peer is. Where nobody may go it says so (`retryAt`: wall clock), and looks again and again. Rejects once `signal`
 * is aborted.
 */
export async function awaitWay(
  { host, attempt, targets }: Peer,
  o: { clock: Clock; signal: AbortSignal; blocked(words: string, retryAt: number): void },
): Promise<Exclude<WayFound, { is: 'refused' }>> {
  for (;;) {
    const found = await targets.find(host, o.signal)
    o.signal.throwIfAborted()
    if (found.is === 'unknown') return found
    if (found.is === 'allowed') return { is: 'open', address: toAddress(found.addresses, attempt) }
    o.blocked(found.words, o.clock.wall() + LOOK_AGAIN_MS)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const cancel = o.clock.after(LOOK_AGAIN_MS, resolve)
    const stop = () => reject(o.signal.reason)
    o.signal.addEventListener('abort', stop, { once: true })
    await promise.finally(() => {
      cancel()
      o.signal.removeEventListener('abort', stop)
    })
  }
}

/** One that does not answer must not be the only one that is ever tried. */
function toAddress(addresses: [string, ...string[]], attempt: number): string {
  return addresses[attempt % addresses.length] ?? addresses[0]
}
