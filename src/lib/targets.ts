import { lookup } from 'node:dns/promises'
import { isIP, isIPv4 } from 'node:net'
import { isOffLimits, isPrivate, parseHost } from './host.ts'

export const OFF_LIMITS = 'Weir never goes to link-local addresses or to the metadata services of clouds.'
export const PRIVATE = 'This server connects to public addresses only (its setting MEDIA_PRIVATE_TARGETS).'
const UNKNOWN = "The server's name could not be found. Check the address for a typing error."
const LATE = 'No name server answered in time.'
const LOOKUP_MS = 5_000

/** Where a host leads now. `refused`: nobody may go there from here. `unknown`: its name leads nowhere, or not in time. */
export type Found =
  | { is: 'allowed'; addresses: [string, ...string[]] }
  | { is: 'refused'; words: string }
  | { is: 'unknown'; words: string }

export type Targets = {
  /**
   * The addresses of a host as of now, IPv4 first, each of them looked at. Whoever connects to one of these, and not to the
   * name, cannot be led elsewhere by another answer a moment later. Never rejects; takes at most 5 s.
   */
  find(host: string, signal?: AbortSignal): Promise<Found>
  /** Why nobody may go to a host, as far as its spelling tells; null where one may. */
  refusal(host: string): string | null
}

export type Resolve = (name: string) => Promise<readonly string[]>

const resolveByName: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address)

/** `denyPrivate`: peers must be in the public internet (MEDIA_PRIVATE_TARGETS). */
export function createTargets({
  denyPrivate,
  resolve = resolveByName,
}: {
  denyPrivate: boolean
  resolve?: Resolve
}): Targets {
  function refusal(host: string): string | null {
    if (isOffLimits(host)) return OFF_LIMITS
    return denyPrivate && isPrivate(host) ? PRIVATE : null
  }

  /** One bad answer among good ones is enough: which of them is taken is up to chance. */
  function judge(answers: readonly string[]): Found {
    const addresses: string[] = []
    for (const answer of answers) {
      const address = parseHost(answer)
      const words = address && address.kind !== 'name' ? refusal(address.text) : OFF_LIMITS
      if (words !== null || !address) return { is: 'refused', words: words ?? OFF_LIMITS }
      addresses.push(address.text)
    }
    const [first, ...others] = addresses.toSorted((a, b) => Number(isIPv4(b)) - Number(isIPv4(a)))
    return first === undefined ? { is: 'unknown', words: UNKNOWN } : { is: 'allowed', addresses: [first, ...others] }
  }

  return {
    refusal,
    async find(host, signal) {
      const words = refusal(host)
      if (words !== null) return { is: 'refused', words }
      if (isIP(host)) return judge([host])
      const limit = AbortSignal.timeout(LOOKUP_MS)
      const late = signal ? AbortSignal.any([signal, limit]) : limit
      const { promise: over, resolve: end } = Promise.withResolvers<null>()
      const stop = () => end(null)
      if (late.aborted) stop()
      late.addEventListener('abort', stop, { once: true })
      try {
        const answers = await Promise.race([resolve(host), over])
        return answers === null ? { is: 'unknown', words: LATE } : judge(answers)
      } catch {
        // Why a name is not known no resolver says reliably.
        return { is: 'unknown', words: UNKNOWN }
      } finally {
        late.removeEventListener('abort', stop)
      }
    },
  }
}
