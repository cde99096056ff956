import { createHash, randomBytes } from 'node:crypto'

export type Login = { username: string; password: string }
export type LoginRequest = { method: string; uri: string }

/** Answers one server's challenge for every request that follows. */
export type Challenge = { answer(request: LoginRequest): string }

/**
 * Reads the `WWW-Authenticate` headers of a 401 and makes the `Authorization` header's value: Digest with MD5 (RFC 7616,
 * RFC 2617) before Basic (RFC 7617). Null for what we cannot answer.
 */
export function toChallenge(
  headers: readonly string[],
  login: Login,
  /** For tests: what the client adds to a Digest. */
  toNonce = () => randomBytes(8).toString('hex'),
): Challenge | null {
  const digest = headers.find((header) => /^digest\s/i.test(header))
  if (digest) return toDigest(digest, login, toNonce)
  if (!headers.some((header) => /^basic\b/i.test(header))) return null
  const value = Buffer.from(`${login.username}:${login.password}`).toString('base64')
  return { answer: () => `Basic ${value}` }
}

function toDigest(header: string, { username, password }: Login, toNonce: () => string): Challenge | null {
  const field = (name: string) => new RegExp(`[\\s,]${name}\\s*=\\s*(?:"([^"]*)"|([^\\s,]+))`, 'i').exec(header)
  const textOf = (name: string) => field(name)?.[1] ?? field(name)?.[2]
  const [realm, nonce, opaque] = [textOf('realm'), textOf('nonce'), textOf('opaque')]
  const algorithm = textOf('algorithm')
  if (realm === undefined || nonce === undefined || (algorithm && !/^md5$/i.test(algorithm))) return null
  const offered = textOf('qop')
    ?.split(',')
    .map((word) => word.trim())
  if (offered && !offered.includes('auth')) return null
  const secret = md5(`${username}:${realm}:${password}`)
  let count = 0
  return {
    answer({ method, uri }) {
      const target = md5(`${method}:${uri}`)
      const parts = [
        `username="${username.replace(/["\\]/g, '\\$&')}"`,
        `realm="${realm}"`,
        `nonce="${nonce}"`,
        `uri="${uri}"`,
      ]
      if (offered) {
        const nc = (++count).toString(16).padStart(8, '0')
        const cnonce = toNonce()
        parts.push(`response="${md5(`${secret}:${nonce}:${nc}:${cnonce}:auth:${target}`)}"`)
        parts.push('qop=auth', `nc=${nc}`, `cnonce="${cnonce}"`)
      } else parts.push(`response="${md5(`${secret}:${nonce}:${target}`)}"`)
      if (opaque !== undefined) parts.push(`opaque="${opaque}"`)
      return `Digest ${parts.join(', ')}`
    },
  }
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
