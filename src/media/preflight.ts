import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { isOffLimits, parseHost } from '../lib/host.ts'
import type { Preflight } from './actual.ts'
import { refusalOf } from './ffmpeg/refusal.ts'
import { reachSrt } from './preflight-srt.ts'
import { checkTls, reachTcp, reachUdp } from './preflight-reach.ts'
import type { OutputSpec, OutputTarget } from './specs.ts'
import type { Format } from './units.ts'

type CallingTarget = Exclude<OutputTarget, { protocol: 'srt_listener' }>
export type PreflightFacts = Pick<Preflight, 'feed' | 'uploadKbps'> & {
  /** What the program carries; null until that is known. */
  format: Format | null
}

const LIMIT_MS = 10_000
const NAME_LIMIT_MS = 5_000
/** A name may have many addresses; a connection is tried to the first few. */
const MAX_ADDRESSES = 3

/**
 * Looks at an output's destination without sending any media: its name, whether it can be reached, its certificate, and
 * whether the feed fits. Ends within 10 s, sooner when `signal` is aborted; what went wrong is said in words, never
 * thrown.
 */
export async function lookAtDestination(
  output: OutputSpec,
  facts: PreflightFacts,
  deps: { caFile: string | null; signal: AbortSignal },
): Promise<Preflight> {
  const { feed, uploadKbps, format } = facts
  const found: Preflight = {
    ...{ resolved: null, reached: null, tls: null },
    ...{ feed, uploadKbps, refusal: refusalOf(output, format) },
  }
  const { target } = output
  // Receivers call us: there is nowhere to look.
  if (target.protocol === 'srt_listener') return found
  const signal = AbortSignal.any([deps.signal, AbortSignal.timeout(LIMIT_MS)])
  const { addresses, ...resolved } = await resolve(target.host, signal)
  found.resolved = resolved
  for (const address of addresses.slice(0, MAX_ADDRESSES)) {
    const reached = await reach(target, address, signal)
    // The first one's words, unless another does better.
    if (!found.reached || reached.ok) found.reached = reached
    if (!reached.ok) continue
    if ('tls' in target && target.tls) found.tls = await checkTls(target, address, deps.caFile, signal)
    break
  }
  return found
}

async function resolve(
  host: string,
  signal: AbortSignal,
): Promise<{ ok: boolean; words: string; addresses: string[] }> {
  if (isIP(host)) return judge([host])
  const late = AbortSignal.any([signal, AbortSignal.timeout(NAME_LIMIT_MS)])
  try {
    const found = await Promise.race([lookup(host, { all: true }), aborted(late)])
    return judge(found.map(({ address }) => address))
  } catch {
    const words = late.aborted
      ? 'No name server answered in time.'
      : "The server's name could not be found. Check the address for a typing error."
    return { ok: false, words, addresses: [] }
  }
}

/** A name of somebody else's must not lead into this machine's own neighbourhood. */
function judge(addresses: string[]): { ok: boolean; words: string; addresses: string[] } {
  if (addresses.some((address) => isOffLimits(parseHost(address)?.text ?? address))) {
    const words = 'This leads to a link-local address or to the metadata of a cloud. Nothing is sent there.'
    return { ok: false, words, addresses: [] }
  }
  return { ok: true, words: addresses.join(', '), addresses }
}

function reach(
  target: CallingTarget,
  address: string,
  signal: AbortSignal,
): Promise<NonNullable<Preflight['reached']>> {
  switch (target.protocol) {
    case 'udp':
      return reachUdp(address, target.port)
    case 'srt_caller':
      return reachSrt(address, target.port, signal)
    default:
      return reachTcp(address, target.port, signal)
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
