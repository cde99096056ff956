import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'

export type Host = {
  /** Lower case; a name in ASCII (IDNA), IPv6 in its short form without brackets, an IPv4-mapped IPv6 as IPv4. */
  text: string
  kind: 'ipv4' | 'ipv6' | 'name'
}

/** RFC 1123 labels, and the underscore that container networks use. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

/**
 * Reads a host name or address as people type it: IDN, IPv6 with or without brackets. Null for what is neither, and for
 * IPv4 in other than four decimal numbers (`0x7f.1`, `127.1`, `0177.0.0.1`), which programs read differently.
 */
export function parseHost(typed: string): Host | null {
  const bracketed = /^\[(.*)\]$/.exec(typed)?.[1]
  const bare = bracketed ?? typed
  if (isIPv6(bare) && !bare.includes('%')) return fromIpv6(bare)
  if (bracketed !== undefined || !/^[^\s%:/?#@\\]{1,255}$/.test(bare)) return null
  if (isIPv4(bare)) return { text: bare, kind: 'ipv4' }
  const name = domainToASCII(bare).toLowerCase().replace(/\.$/, '')
  if (name === '' || name.length > 253 || isIPv4(name)) return null
  return name.split('.').every((label) => LABEL.test(label)) ? { text: name, kind: 'name' } : null
}

/** As `parseHost`, for addresses alone. */
export function parseAddress(typed: string): Host | null {
  const host = parseHost(typed)
  return host?.kind === 'name' ? null : host
}

/** An address or a network (`10.0.0.0/8`, `2001:db8::/32`), in its canonical spelling; null for what is neither. */
export function parseCidr(typed: string): string | null {
  const [address = '', bits, ...rest] = typed.split('/')
  const host = parseAddress(address)
  if (!host || rest.length > 0) return null
  if (bits === undefined) return host.text
  // A mapped address became IPv4, so its prefix length would no longer fit.
  const isMapped = host.kind === 'ipv4' && address.includes(':')
  if (isMapped || !/^\d{1,3}$/.test(bits) || Number(bits) > (host.kind === 'ipv4' ? 32 : 128)) return null
  return `${host.text}/${Number(bits)}`
}

/** A host as it stands in an address: IPv6 in brackets (RFC 3986 3.2.2). */
export function toUrlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** Groups: 224.0.0.0/4 (RFC 5771) and ff00::/8 (RFC 4291 2.7). */
export function isMulticast(host: string): boolean {
  if (isIPv4(host)) {
    const first = Number(host.split('.')[0])
    return first >= 224 && first <= 239
  }
  return isIPv6(host) && host.startsWith('ff')
}

/** Every address of the machine, when one listens; the machine itself, when one sends. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.')
  return host === '::1' || host === 'localhost' || host.endsWith('.localhost')
}

/** Metadata services of clouds that are not link-local: Amazon's and Google's over IPv6, Alibaba's, Azure's, Oracle's; and their names. */
const METADATA = new Set([
  ...['fd00:ec2::254', 'fd20:ce::254', '100.100.100.200', '168.63.129.16', '192.0.0.192'],
  ...['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data', 'instance-data.ec2.internal'],
])

/**
 * True for what nobody means to send to or to take from: link-local addresses (169.254.0.0/16, RFC 3927; fe80::/10, RFC
 * 4291 2.5.6) and the metadata services of clouds, which hand out credentials; as IPv6 that carries an IPv4 address too.
 * Takes what `parseHost` gave.
 */
export function isOffLimits(host: string): boolean {
  if (METADATA.has(host)) return true
  if (isIPv4(host)) return host.startsWith('169.254.')
  if (!isIPv6(host)) return false
  if (/^fe[89ab]/.test(host)) return true
  const carried = toCarriedIpv4(host)
  return carried !== null && isOffLimits(carried)
}

/** Ranges that are this machine's or its own network's (IANA special-purpose registries; RFC 1918, 6598, 6890, 2544, 1112). */
const PRIVATE_V4 = [
  /^0\./,
  /^10\./,
  /^127\./,
  /^192\.168\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^192\.0\.0\./,
  /^198\.1[89]\./,
  /^2(4\d|5[0-5])\./,
]
/** Unique local, the site-local of old (RFC 3879), and the NAT64 of one's own network (RFC 8215). */
const PRIVATE_V6 = /^(f[cd]|fe[c-f]|64:ff9b:1:)/
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|lan|home\.arpa)$/

/**
 * True for what does not lie in the public internet: this machine, its own network, groups, what is off limits anyway, and
 * names that only mean something there. Takes what `parseHost` gave; where another name leads, only DNS knows.
 */
export function isPrivate(host: string): boolean {
  if (isOffLimits(host) || isMulticast(host)) return true
  if (isIPv4(host)) return PRIVATE_V4.some((range) => range.test(host))
  if (!isIPv6(host)) return PRIVATE_NAME.test(host) || !host.includes('.')
  if (host === '::' || host === '::1' || PRIVATE_V6.test(host)) return true
  const carried = toCarriedIpv4(host)
  return carried !== null && isPrivate(carried)
}

/**
 * Equal for spellings of one machine, as far as that can be told without DNS: `localhost` (RFC 6761 6.3), its usual
 * addresses, and the wildcards, which reach it too. Takes what `parseHost` gave.
 */
export function toHostKey(host: string): string {
  const isSelf = host === '127.0.0.1' || isWildcard(host) || (isLoopback(host) && !isIPv4(host))
  return isSelf ? 'localhost' : host
}

function fromIpv6(address: string): Host {
  const text = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text)
  if (!mapped) return { text, kind: 'ipv6' }
  const [high, low] = mapped.slice(1).map((group) => Number.parseInt(group, 16))
  return { text: toDotted(high, low), kind: 'ipv4' }
}

/**
 * The IPv4 address to which an IPv6 one leads: IPv4-compatible (RFC 4291 2.5.5.1), translated (RFC 2765 2.1), NAT64 (RFC
 * 6052 2.1, RFC 8215), 6to4 (RFC 3056 2). Null where it leads to none.
 */
function toCarriedIpv4(ipv6: string): string | null {
  const groups = toGroups(ipv6)
  const begins = (...prefix: number[]) => prefix.every((group, n) => groups[n] === group)
  if (begins(0x2002)) return toDotted(groups[1], groups[2])
  const isCarrier =
    begins(0, 0, 0, 0, 0, 0) ||
    begins(0, 0, 0, 0, 0xffff, 0) ||
    begins(0x64, 0xff9b, 0, 0, 0, 0) ||
    begins(0x64, 0xff9b, 1)
  return isCarrier ? toDotted(groups[6], groups[7]) : null
}

/** The eight groups of an address in its short form. */
function toGroups(ipv6: string): number[] {
  const [before = [], after] = ipv6
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':')).map((group) => Number.parseInt(group, 16)))
  return after ? [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after] : before
}

/** Two groups of an IPv6 address as four decimal numbers. */
function toDotted(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
