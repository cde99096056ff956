import { invalidField } from '../errors.ts'
import { isPlainLine, MAX_TEXT_BYTES } from '../lib/fields.ts'
import { parseHost, toUrlHost } from '../lib/host.ts'

export type Protocol = 'udp' | 'srt_caller' | 'rtmp'

/** Where an output sends, without anything secret. */
export type Place = {
  protocol: Protocol
  /** RTMPS. */
  tls: boolean
  /** Canonical (lib/host), IPv6 without brackets. */
  host: string
  port: number
  /** RTMP: the path before the stream key; else ''. */
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

const SCHEMES = new Map<string, { protocol: Protocol; tls: boolean; usualPort: number | null }>([
  ['udp', { protocol: 'udp', tls: false, usualPort: null }],
  ['srt', { protocol: 'srt_caller', tls: false, usualPort: null }],
  ['rtmp', { protocol: 'rtmp', tls: false, usualPort: 1935 }],
  ['rtmps', { protocol: 'rtmp', tls: true, usualPort: 443 }],
])
const MAX_ADDRESS = 2048
/** FFmpeg keeps the application in a buffer of 128 bytes (rtmpproto.c, APP_MAX_LENGTH). */
const MAX_APP_BYTES = 127
const ADDRESS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(.*)$/i

/**
 * Takes an address apart at write. Secrets never stay in the address: `user:password@`, `passphrase`, `streamid`, and the
 * last path part of an RTMP address with what follows its `?` (RTMP knows no query: platforms sign their keys there).
 * `isApp(path)` says that an RTMP path has no key in it: because the key came apart, or because the path is the one known.
 * @throws AppError 422 at `url`, without quoting what may be secret
 */
export function parseUrl(url: string, isApp: (path: string) => boolean): { place: Place; carried: Carried } {
  if (url.length > MAX_ADDRESS || !isPlainLine(url) || /\s/.test(url))
    throw bad('No spaces, line breaks or control characters, at most 2048 characters.')
  const [, schemeText = '', authority = '', path = '', rest = ''] = ADDRESS.exec(url) ?? []
  const scheme = SCHEMES.get(schemeText.toLowerCase())
  if (/^https?$/i.test(schemeText))
    throw bad(
      'This is the address of a web page, not one of a server. Those begin with rtmp://, rtmps://, srt:// or udp://.',
    )
  if (!scheme) throw bad('This version takes addresses that begin with rtmp://, rtmps://, srt:// or udp://.')
  const at = authority.lastIndexOf('@')
  const { host, port } = parseAuthority(authority.slice(at + 1), scheme.usualPort)
  const place: Place = { protocol: scheme.protocol, tls: scheme.tls, host, port, app: '' }
  const userinfo = at < 0 ? '' : authority.slice(0, at)
  if (scheme.protocol === 'rtmp') return parseRtmp(place, userinfo, path, rest, isApp)
  if (userinfo !== '') throw bad('A user name belongs to RTMP addresses alone.')
  if (path !== '' && path !== '/') throw bad('There is no path in an address of this kind.')
  return { place, carried: parseQuery(rest, scheme.protocol === 'udp' ? UDP_PARAMETERS : SRT_PARAMETERS) }
}

/** The address as people see it: no secrets, no options, no port where it is the usual one of RTMP. */
export function toUrl(place: Place): string {
  const scheme = place.protocol === 'rtmp' ? (place.tls ? 'rtmps' : 'rtmp') : place.protocol === 'udp' ? 'udp' : 'srt'
  const port = place.port === SCHEMES.get(scheme)?.usualPort ? '' : `:${place.port}`
  return `${scheme}://${toUrlHost(place.host)}${port}${place.app === '' ? '' : `/${place.app}`}`
}

function parseAuthority(text: string, usualPort: number | null): { host: string; port: number } {
  const [, hostText = '', portText] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(text) ?? []
  const host = parseHost(hostText)
  if (!host) throw bad('The host is no name and no address; IPv6 stands in brackets.')
  if (portText === undefined) {
    if (usualPort === null) throw bad('The port is missing: host:port.')
    return { host: host.text, port: usualPort }
  }
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0
  if (port < 1 || port > 65_535) throw bad('The port is a number from 1 to 65535.')
  return { host: host.text, port }
}

function parseRtmp(
  place: Place,
  userinfo: string,
  pathText: string,
  rest: string,
  isApp: (path: string) => boolean,
): { place: Place; carried: Carried } {
  const carried = parseUserinfo(userinfo)
  const path = pathText.replace(/^\/+|\/+$/g, '')
  const cut = path.lastIndexOf('/')
  const hasKey = cut > 0 && !isApp(path)
  if (path === '') throw bad('The application is missing: rtmp://host/application.')
  if (Buffer.byteLength(hasKey ? path.slice(0, cut) : path) > MAX_APP_BYTES)
    throw bad(`The application is longer than ${MAX_APP_BYTES} bytes.`)
  if (!hasKey) {
    if (rest !== '') parseQuery(rest, new Map())
    return { place: { ...place, app: path }, carried }
  }
  const app = path.slice(0, cut).replace(/\/+$/, '')
  return {
    place: { ...place, app },
    carried: { ...carried, streamKey: within(path.slice(cut + 1) + rest) },
  }
}

function parseUserinfo(userinfo: string): Carried {
  if (userinfo === '') return {}
  const colon = userinfo.indexOf(':')
  const username = decode(colon < 0 ? userinfo : userinfo.slice(0, colon))
  const password = colon < 0 ? '' : decode(userinfo.slice(colon + 1))
  if (username === '') throw bad('There is a password without a user name.')
  return password === '' ? { username } : { username, password }
}

type Setter = (value: string) => Carried

const UDP_PARAMETERS = new Map<string, Setter>([
  ['pkt_size', (v) => ({ pktSize: toWhole(v, 'pkt_size') })],
  ['ttl', (v) => ({ ttl: toWhole(v, 'ttl') })],
  ['localaddr', (v) => ({ interface: v })],
])
const SRT_PARAMETERS = new Map<string, Setter>([
  ['latency', (v) => ({ latencyMs: toWhole(v, 'latency') })],
  ['passphrase', (v) => ({ passphrase: v })],
  ['streamid', (v) => ({ streamId: v })],
  ['pkt_size', (v) => ({ pktSize: toWhole(v, 'pkt_size') })],
  [
    'mode',
    (v) => {
      if (v !== 'caller') throw bad('This version calls out only: mode=caller.')
      return {}
    },
  ],
])

/**
 * Values may hold `=`, `?` and, as SRT stream ids do (`#!::r=live/a,m=publish`), an unescaped `#`; only `&` ends one.
 * A `+` is a plus sign.
 */
function parseQuery(rest: string, known: Map<string, Setter>): Carried {
  if (rest === '' || rest === '?') return {}
  if (!rest.startsWith('?')) throw bad('There is no fragment (#) in such an address.')
  const carried: Carried = {}
  const seen = new Set<string>()
  for (const pair of rest.slice(1).split('&')) {
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    const set = known.get(name)
    if (!set || equals < 0) throw unknownParameter(name, equals >= 0, known)
    if (seen.has(name)) throw bad(`The parameter ${name} is there twice.`)
    seen.add(name)
    const value = decode(pair.slice(equals + 1))
    if (value !== '') Object.assign(carried, set(value))
  }
  return carried
}

function unknownParameter(name: string, isNamed: boolean, known: Map<string, Setter>) {
  // A piece that does not look like a parameter may be a part of a secret: it is not repeated.
  const which =
    isNamed && /^[a-z_]{1,32}$/i.test(name) ? `The parameter ${name} is unknown.` : 'A parameter is unknown.'
  return bad(
    known.size === 0 ? `${which} There is none here.` : `${which} Known here: ${[...known.keys()].join(', ')}.`,
  )
}

function toWhole(value: string, name: string): number {
  if (!/^\d{1,9}$/.test(value)) throw bad(`The parameter ${name} is a whole number.`)
  return Number(value)
}

function decode(text: string): string {
  let value: string
  try {
    value = decodeURIComponent(text)
  } catch {
    // URIError says no more than this.
    throw bad('A percent sign is not followed by two hexadecimal digits of UTF-8 text.')
  }
  return within(value)
}

function within(value: string): string {
  if (!isPlainLine(value)) throw bad('No line breaks or control characters, escaped ones neither.')
  if (Buffer.byteLength(value) > MAX_TEXT_BYTES) throw bad(`A part of it is longer than ${MAX_TEXT_BYTES} bytes.`)
  return value
}

const bad = (message: string) => invalidField('url', message)
