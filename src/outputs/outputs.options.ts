import type { OutputRow, StoredOptions } from '../db/tables/outputs.ts'
import type { FieldError } from '../errors.ts'
import { isMulticast } from '../lib/host.ts'
import type { Carried, Place } from './address.ts'
import { type OutputPatch, optionsBody } from './outputs.schema.ts'

/** What decides which options there are. */
type Kind = Place & Pick<OutputRow, 'engine'>

/** libsrt SRTO_PAYLOADSIZE in live mode. */
const SRT_MAX_PKT_SIZE = 1456

/**
 * Options laid over what is stored; what the address carries counts where the body says nothing. What was stored for
 * another kind falls away in silence, what was typed for it is told in `errors`.
 */
export function toOptions(
  body: OutputPatch,
  carried: Carried,
  place: Kind,
  stored: OutputRow | null,
  errors: FieldError[],
): StoredOptions {
  const fromUrl = {
    latency_ms: carried.latencyMs,
    pkt_size: carried.pktSize,
    ttl: carried.ttl,
    interface: carried.interface,
  }
  const checked = optionsBody.safeParse(fromUrl)
  if (!checked.success)
    for (const issue of checked.error.issues)
      errors.push({ path: 'url', message: `${issue.path.join('.')}: ${issue.message}` })
  const before: StoredOptions = body.options === null ? {} : (stored?.options ?? {})
  const merged: Record<string, unknown> = { ...before, ...defined(checked.data ?? {}), ...defined(body.options ?? {}) }
  const typed = new Set([...Object.keys(defined(fromUrl)), ...Object.keys(defined(body.options ?? {}))])
  delete merged['stream_id']
  for (const [name, value] of Object.entries(merged)) {
    const refusal = value === null ? null : refuseOption(name, place)
    // What was stored for another protocol falls away in silence; what was typed now does not.
    if (refusal && typed.has(name)) errors.push({ path: `options.${name}`, message: refusal })
    if (refusal || value === null) delete merged[name]
  }
  const options: StoredOptions = merged
  if (options.interface !== undefined && options.interface.includes(':') !== place.host.includes(':'))
    errors.push({ path: 'options.interface', message: 'Its address family is not that of the group.' })
  if (isSrt(place) && (options.pkt_size ?? 0) > SRT_MAX_PKT_SIZE)
    errors.push({ path: 'options.pkt_size', message: `SRT takes at most ${SRT_MAX_PKT_SIZE}.` })
  // FFmpeg's rtsps:// knows interleaved TCP alone (rtsp.c, ff_rtsp_connect).
  if (place.tls && options.rtsp_transport === 'udp')
    errors.push({ path: 'options.rtsp_transport', message: 'rtsps:// goes over tcp alone.' })
  if (options.video === 'none' && options.audio === 'none')
    errors.push({ path: 'options.audio', message: 'Without video and audio nothing would be sent.' })
  return options
}

function refuseOption(name: string, place: Kind): string | null {
  switch (name) {
    case 'latency_ms':
      return isSrt(place) ? null : 'For SRT alone.'
    case 'pkt_size':
      return isSrt(place) || place.protocol === 'udp' ? null : 'For udp and SRT alone.'
    case 'ttl':
    case 'interface':
      return place.protocol === 'udp' && isMulticast(place.host) ? null : 'For multicast groups alone.'
    case 'rtsp_transport':
      return place.protocol === 'rtsp' ? null : 'For rtsp alone.'
    case 'tls_verify':
      return place.tls ? null : 'For rtmps:// and rtsps:// alone.'
    case 'transparent':
      return place.engine === 'direct' ? null : 'For the engine direct alone.'
    default:
      return null
  }
}

const isSrt = ({ protocol }: Kind) => protocol === 'srt_caller' || protocol === 'srt_listener'

function defined(record: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}
