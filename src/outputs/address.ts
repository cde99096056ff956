import type { OutputRow } from '../db/tables/outputs.ts'
import { isOffLimits, toUrlHost } from '../lib/host.ts'
import { OFF_LIMITS } from '../lib/targets.ts'
import {
  badAddress,
  parseAuthority,
  parseQuery,
  parseUserinfo,
  splitAddress,
  toWhole,
  within,
} from '../live/address-parts.ts'

export type Protocol = OutputRow['protocol']

/** Where an output sends, without anything secret. */
export type Place = {
  protocol: Protocol
  /** RTMPS, RTSPS. */
  tls: boolean
  /** Canonical (lib/host), IPv6 without brackets; '' for a listener. */
  host: string
  /** Of a listener: the wanted one, 0 = any that is free. */
  port: number
  /** RTMP: the path before the stream key; RTSP: the path; else ''. */
  app: string
}

/** What an address may carry beside the place; absent = the address did not say. */
export type Carried = {
  streamKey?: string
  username?: string
  password?: string
  passphrase?: string
  streamId?: string
  latencyMs?: number
  pktSize?: number
  ttl?: number
  interface?: string
}

type Taken = { place: Place; carried: Carried }

const SCHEMES = new Map<string, { protocol: Protocol; tls: boolean; usualPort: number | null }>([
  ['udp', { protocol: 'udp', tls: false, usualPort: null }],
  ['srt', { protocol: 'srt_caller', tls: false, usualPort: null }],
  ['rtmp', { protocol: 'rtmp', tls: false, usualPort: 1935 }],
  ['rtmps', { protocol: 'rtmp', tls: true, usualPort: 443 }],
  ['rtsp', { protocol: 'rtsp', tls: false, usualPort: 554 }],
  // Registered for RTSPS (RFC 7826 22.14), and what FFmpeg takes.
  ['rtsps', { protocol: 'rtsp', tls: true, usualPort: 322 }],
])
const BEGINNINGS = 'rtmp://, rtmps://, srt://, rtsp://, rtsps:// or udp://'
/** FFmpeg keeps the application in a buffer of 128 bytes (rtmpproto.c, APP_MAX_LENGTH). */
const MAX_APP_BYTES = 127

type Read = (value: string) => Carried
/** YouTube's second server is told so as a part of the application: no key, so it stays in the address. */
const BACKUP = '?backup=1'
const NO_PARAMETERS = new Map<string, Read>()
/** Named as FFmpeg names them. */
const UDP_PARAMETERS = new Map<string, Read>([
  ['pkt_size', (v) => ({ pktSize: toWhole(v, 'pkt_size') })],
  ['ttl', (v) => ({ ttl: toWhole(v, 'ttl') })],
  ['localaddr', (v) => ({ interface: v })],
])
const SRT_PARAMETERS = new Map<string, Read>([
  ['latency', (v) => ({ latencyMs: toWhole(v, 'latency') })],
  ['passphrase', (v) => ({ passphrase: v })],
  ['streamid', (v) => ({ streamId: v })],
  ['pkt_size', (v) => ({ pktSize: toWhole(v, 'pkt_size') })],
  [
    'mode',
    (v) => {
      if (v !== 'caller')
        throw badAddress(
          'An address is called: mode=caller. Where receivers call Weir, take the protocol srt_listener.',
        )
      return {}
    },
  ],
])

/**
 * Takes an address apart at write. Secrets never stay in the address: `user:password@`, `passphrase`, `streamid`, and the
 * last path part of an RTMP address with what follows its `?` (RTMP knows no query: platforms sign their keys there).
 * `isApp(path)` says that an RTMP path has no key in it: because the key came apart, or because the path is the one known.
 * @throws AppError 422 at `url`, without quoting what may be secret
 */
export function parseUrl(url: string, isApp: (path: string) => boolean): Taken {
  const { scheme: name, userinfo, authority, path, rest } = splitAddress(url)
  if (name === 'http' || name === 'https')
    throw badAddress(`This is the address of a web page, not one of a server. Those begin with ${BEGINNINGS}.`)
  const scheme = SCHEMES.get(name)
  if (!scheme) throw badAddress(`Addresses begin with ${BEGINNINGS}.`)
  const { host, port } = parseAuthority(authority, scheme.usualPort)
  if (isOffLimits(host)) throw badAddress(OFF_LIMITS)
  const place: Place = { protocol: scheme.protocol, tls: scheme.tls, host, port, app: '' }
  if (scheme.protocol === 'rtmp') return parseRtmp(place, userinfo, path, rest, isApp)
  if (scheme.protocol === 'rtsp') return parseRtsp(place, userinfo, path, rest)
  if (userinfo !== '') throw badAddress('A user name belongs to RTMP and RTSP addresses alone.')
  if (path !== '' && path !== '/') throw badAddress('There is no path in an address of this kind.')
  return { place, carried: parseQuery(rest, scheme.protocol === 'udp' ? UDP_PARAMETERS : SRT_PARAMETERS) }
}

const SCHEME_OF: Record<Exclude<Protocol, 'srt_listener'>, string> = {
  udp: 'udp',
  srt_caller: 'srt',
  rtmp: 'rtmp',
  rtsp: 'rtsp',
}

/** The address as people see it: no secrets, no options, no port where it is the usual one. Null of a listener. */
export function toUrl(place: Place): string | null {
  if (place.protocol === 'srt_listener') return null
  const scheme = `${SCHEME_OF[place.protocol]}${place.tls ? 's' : ''}`
  const port = place.port === SCHEMES.get(scheme)?.usualPort ? '' : `:${place.port}`
  return `${scheme}://${toUrlHost(place.host)}${port}${place.app === '' ? '' : `/${place.app}`}`
}

/** What receivers of a listener call: without passphrase and stream id, which they are told apart. */
export function toListenUrl(host: string, port: number): string {
  return `srt://${toUrlHost(host)}:${port}?mode=caller`
}

function parseRtmp(
  place: Place,
  userinfo: string,
  pathText: string,
  rest: string,
  isApp: (path: string) => boolean,
): Taken {
  const carried = parseUserinfo(userinfo)
  const path = pathText.replace(/^\/+|\/+$/g, '')
  const cut = path.lastIndexOf('/')
  const hasKey = cut > 0 && !isApp(path)
  if (path === '') throw badAddress('The application is missing: rtmp://host/application.')
  if (Buffer.byteLength(hasKey ? path.slice(0, cut) : path) > MAX_APP_BYTES)
    throw badAddress(`The application is longer than ${MAX_APP_BYTES} bytes.`)
  if (!hasKey) {
    if (rest === BACKUP) return { place: { ...place, app: path + rest }, carried }
    parseQuery(rest, NO_PARAMETERS)
    return { place: { ...place, app: path }, carried }
  }
  const app = path.slice(0, cut).replace(/\/+$/, '')
  return {
    place: { ...place, app },
    carried: { ...carried, streamKey: within(path.slice(cut + 1) + rest) },
  }
}

function parseRtsp(place: Place, userinfo: string, pathText: string, rest: string): Taken {
  const app = within(pathText.replace(/^\/+|\/+$/g, ''))
  if (app === '') throw badAddress('The path is missing: rtsp://host/path.')
  if (!/^[!-~]*$/.test(app)) throw badAddress('The path has characters that must be percent-encoded.')
  // More likely the end of a password with a slash in it, which would be stored and shown as a path.
  if (app.includes('@')) throw badAddress('There is an @ in the path. In a user name or password a slash is %2F.')
  parseQuery(rest, NO_PARAMETERS)
  return { place: { ...place, app }, carried: parseUserinfo(userinfo) }
}
