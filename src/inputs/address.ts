import { isMulticast, isOffLimits, toUrlHost } from '../lib/host.ts'
import { OFF_LIMITS } from '../lib/targets.ts'
import { badAddress, parseAuthority, parseQuery, parseUserinfo, splitAddress, toWhole } from '../live/address-parts.ts'
import { USUAL_PORTS } from '../live/input-specs.ts'

/** Kinds whose feed Weir fetches itself. */
export type PullKind = 'srt_caller' | 'rtsp' | 'hls'

export type PullPlace = {
  /** Canonical, without anything secret but what a query of RTSP or HLS holds, which is a part of the address. */
  url: string
  /** Canonical (lib/host), IPv6 without brackets. */
  host: string
  port: number
}

/** What an address may carry beside the place; absent = the address did not say. */
export type Carried = {
  username?: string
  password?: string
  passphrase?: string
  streamId?: string
  latencyMs?: number
}

const SCHEMES: Record<PullKind, readonly string[]> = {
  srt_caller: ['srt'],
  rtsp: ['rtsp', 'rtsps'],
  hls: ['https', 'http'],
}

const SRT_PARAMETERS = new Map<string, (value: string) => Carried>([
  ['latency', (value) => ({ latencyMs: toWhole(value, 'latency') })],
  ['passphrase', (value) => ({ passphrase: value })],
  ['streamid', (value) => ({ streamId: value })],
  [
    'mode',
    (value) => {
      if (value !== 'caller')
        throw badAddress('This address is called: mode=caller. To be called, choose kind srt_listener.')
      return {}
    },
  ],
])

/**
 * Takes the address of a feed apart at write: user, password, passphrase and stream id leave it. Parameters of an SRT
 * address are options and must be known; those of RTSP and HLS belong to the address and stay.
 * @throws AppError 422 at `url`, without quoting what may be secret
 */
export function parsePullUrl(kind: PullKind, text: string): { place: PullPlace; carried: Carried } {
  const { scheme, userinfo, authority, path, rest } = splitAddress(text)
  if (!SCHEMES[kind].includes(scheme))
    throw badAddress(`The address begins with ${SCHEMES[kind].map((known) => `${known}://`).join(' or ')}.`)
  const usualPort = USUAL_PORTS[scheme] ?? null
  const { host, port } = parseAuthority(authority, usualPort)
  if (isOffLimits(host)) throw badAddress(OFF_LIMITS)
  if (isMulticast(host)) throw badAddress('A multicast group cannot be called. Choose kind udp and multicast_group.')
  const base = `${scheme}://${toUrlHost(host)}${port === usualPort ? '' : `:${port}`}`
  if (kind === 'srt_caller') {
    if (userinfo !== '') throw badAddress('There is no user name in an SRT address; it may have a streamid.')
    if (path !== '' && path !== '/') throw badAddress('There is no path in an SRT address.')
    return { place: { url: base, host, port }, carried: parseQuery(rest, SRT_PARAMETERS) }
  }
  // More likely the end of a password with a slash or a question mark in it, which would be stored and shown.
  if ((path === '' ? rest : path).includes('@'))
    throw badAddress('There is an @ behind the host. In a password write %2F for a slash, %3F for a question mark.')
  if (rest.includes('#')) throw badAddress('There is no fragment (#) in such an address.')
  const url = `${base}${toPlain(path === '' ? '/' : path)}${toPlain(rest)}`
  return { place: { url, host, port }, carried: parseUserinfo(userinfo) }
}

/** What RFC 3986 does not let stand in a path or query, escaped; `'` too, which would end a quoted word. */
function toPlain(text: string): string {
  return text.replace(/[^\w\-.~:/?@!$&()*+,;=%[\]]/gu, (char) => (char === "'" ? '%27' : encodeURIComponent(char)))
}
