import type { Targets } from '../../lib/targets.ts'
import type { Preflight } from '../actual.ts'
import { refusalOf } from '../ffmpeg/refusal.ts'
import { reachSrt } from './preflight-srt.ts'
import { checkTls, reachTcp, reachUdp } from './preflight-reach.ts'
import type { OutputSpec, OutputTarget } from '../specs.ts'
import type { Format } from '../program/units.ts'

type CallingTarget = Exclude<OutputTarget, { protocol: 'srt_listener' }>
export type PreflightFacts = Pick<Preflight, 'feed' | 'uploadKbps'> & {
  /** What the program carries; null until that is known. */
  format: Format | null
}

const LIMIT_MS = 10_000
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
  deps: { targets: Targets; caFile: string | null; signal: AbortSignal },
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
  const there = await deps.targets.find(target.host, signal)
  if (there.is !== 'allowed') {
    found.resolved = { ok: false, words: there.words }
    return found
  }
  const { addresses } = there
  found.resolved = { ok: true, words: addresses.join(', ') }
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
