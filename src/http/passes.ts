import { createHash } from 'node:crypto'

/** One for each stream whose personal link this browser has followed. */
const COOKIE = /^(?:__Host-)?weir_stream_\d{1,15}=([\w-]{43})$/
const MAX_PASSES = 50
/** Browsers keep no cookie for longer (RFC 6265bis 5.6.2). */
const MAX_AGE_SECONDS = 400 * 86_400

/** What the database keeps of a token with 256 random bits: whoever reads it there cannot use it. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** The personal links that a browser has followed, as hashes; whether one still opens anything is not said here. */
export function readPasses(headers: Headers): string[] {
  return (headers.get('cookie') ?? '')
    .split('; ')
    .flatMap((pair) => COOKIE.exec(pair)?.[1] ?? [])
    .slice(0, MAX_PASSES)
    .map(hashToken)
}

/** The `Set-Cookie` header that makes a browser remember a personal link, for that stream alone. */
export function toPassCookie(o: {
  streamId: number
  token: string
  /** Null = as long as the browser keeps it. */
  untilMs: number | null
  nowMs: number
  isSecure: boolean
}): string {
  const left = o.untilMs === null ? MAX_AGE_SECONDS : Math.ceil((o.untilMs - o.nowMs) / 1000)
  const maxAge = Math.min(MAX_AGE_SECONDS, Math.max(0, left))
  const name = `${o.isSecure ? '__Host-' : ''}weir_stream_${o.streamId}`
  return `${name}=${o.token}; Max-Age=${maxAge}; Path=/; HttpOnly; SameSite=Lax${o.isSecure ? '; Secure' : ''}`
}
