import { invalidField } from '../errors.ts'
import { isPlainLine, MAX_TEXT_BYTES } from '../lib/fields.ts'
import { parseHost } from '../lib/host.ts'

/** What the addresses of inputs and outputs have in common: how they are taken apart. */

const MAX_ADDRESS = 2048
const ADDRESS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(.*)$/i

export type AddressParts = {
  /** Lower case; '' where the text is no address. */
  scheme: string
  /** Before the `@`, as typed. */
  userinfo: string
  /** `host:port`, as typed. */
  authority: string
  /** With its slash at the beginning, or ''. */
  path: string
  /** From the `?` or the `#` on. */
  rest: string
}

/** 422 at the address, without quoting what may be secret. */
export const badAddress = (message: string) => invalidField('url', message)

/** The first cut. @throws AppError 422 */
export function splitAddress(text: string): AddressParts {
  if (text.length > MAX_ADDRESS || !isPlainLine(text) || /\s/.test(text))
    throw badAddress(`No spaces, line breaks or control characters, at most ${MAX_ADDRESS} characters.`)
  const [, scheme = '', before = '', path = '', rest = ''] = ADDRESS.exec(text) ?? []
  const at = before.lastIndexOf('@')
  return {
    scheme: scheme.toLowerCase(),
    userinfo: at < 0 ? '' : before.slice(0, at),
    authority: before.slice(at + 1),
    path,
    rest,
  }
}

/** Host (canonical, IPv6 without brackets) and port. @throws AppError 422 */
export function parseAuthority(text: string, usualPort: number | null): { host: string; port: number } {
  const [, hostText = '', portText] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(text) ?? []
  const host = parseHost(hostText)
  if (!host) throw badAddress('The host is no name and no address; IPv6 stands in brackets.')
  if (portText === undefined) {
    if (usualPort === null) throw badAddress('The port is missing: host:port.')
    return { host: host.text, port: usualPort }
  }
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0
  if (port < 1 || port > 65_535) throw badAddress('The port is a number from 1 to 65535.')
  return { host: host.text, port }
}

/** `user:password`; an empty password is none. @throws AppError 422 */
export function parseUserinfo(userinfo: string): { username?: string; password?: string } {
  if (userinfo === '') return {}
  const colon = userinfo.indexOf(':')
  const username = decode(colon < 0 ? userinfo : userinfo.slice(0, colon))
  const password = colon < 0 ? '' : decode(userinfo.slice(colon + 1))
  if (username === '') throw badAddress('There is a password without a user name.')
  return password === '' ? { username } : { username, password }
}

/**
 * Values may hold `=`, `?` and, as SRT stream ids do (`#!::r=live/a,m=publish`), an unescaped `#`; only `&` ends one.
 * A `+` is a plus sign.
 * @throws AppError 422 at a parameter that is not known
 */
export function parseQuery<C extends object>(
  rest: string,
  known: ReadonlyMap<string, (value: string) => C>,
): Partial<C> {
  const carried: Partial<C> = {}
  if (rest === '' || rest === '?') return carried
  if (!rest.startsWith('?')) throw badAddress('There is no fragment (#) in such an address.')
  const seen = new Set<string>()
  for (const pair of rest.slice(1).split('&')) {
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    const read = known.get(name)
    if (!read || equals < 0) throw unknownParameter(name, equals >= 0, [...known.keys()])
    if (seen.has(name)) throw badAddress(`The parameter ${name} is there twice.`)
    seen.add(name)
    const value = decode(pair.slice(equals + 1))
    if (value !== '') Object.assign(carried, read(value))
  }
  return carried
}

function unknownParameter(name: string, isNamed: boolean, known: readonly string[]) {
  // A piece that does not look like a parameter may be a part of a secret: it is not repeated.
  const which =
    isNamed && /^[a-z_]{1,32}$/i.test(name) ? `The parameter ${name} is unknown.` : 'A parameter is unknown.'
  return badAddress(known.length === 0 ? `${which} There is none here.` : `${which} Known here: ${known.join(', ')}.`)
}

/** A parameter that is a number. @throws AppError 422 */
export function toWhole(value: string, name: string): number {
  if (!/^\d{1,9}$/.test(value)) throw badAddress(`The parameter ${name} is a whole number.`)
  return Number(value)
}

/** Percent escapes read. @throws AppError 422 */
export function decode(text: string): string {
  let value: string
  try {
    value = decodeURIComponent(text)
  } catch {
    // URIError says no more than this.
    throw badAddress('A percent sign is not followed by two hexadecimal digits of UTF-8 text.')
  }
  return within(value)
}

/** The value itself, where it is one plain line that a child reads whole. @throws AppError 422 */
export function within(value: string): string {
  if (!isPlainLine(value)) throw badAddress('No line breaks or control characters, escaped ones neither.')
  if (Buffer.byteLength(value) > MAX_TEXT_BYTES)
    throw badAddress(`A part of it is longer than ${MAX_TEXT_BYTES} bytes.`)
  return value
}
