import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** What a session cookie says. */
export type SessionToken = { id: string; issuedAtMs: number; expiresAtMs: number }

export type SessionTokens = {
  write(token: SessionToken): string
  /** Null unless written here, unchanged, under the present API key. Says nothing about expiry. */
  read(text: string): SessionToken | null
}

const VERSION = 'v1'

/**
 * Cookies that nobody else can write: `v1.<id>.<issued>.<expires>.<key>.<signature>`, HMAC-SHA-256 with a key derived from
 * the server's secret (HKDF, RFC 5869). `<key>` is a fingerprint of the API key, so that a new key ends every session.
 */
export function createSessionTokens(o: { secretKey: Uint8Array; apiKey: string }): SessionTokens {
  const key = Buffer.from(hkdfSync('sha256', o.secretKey, '', 'weir session v1', 32))
  const mac = (text: string) => createHmac('sha256', key).update(text).digest('base64url')
  const fingerprint = mac(`api key ${o.apiKey}`).slice(0, 16)

  return {
    write({ id, issuedAtMs, expiresAtMs }) {
      const text = [VERSION, id, issuedAtMs.toString(36), expiresAtMs.toString(36), fingerprint].join('.')
      return `${text}.${mac(text)}`
    },
    read(text) {
      const [version, id = '', issued = '', expires = '', ofKey, signature = '', ...rest] = text.split('.')
      if (version !== VERSION || rest.length > 0) return null
      const signed = text.slice(0, -signature.length - 1)
      // Equal lengths whatever was sent, as timingSafeEqual wants.
      if (!timingSafeEqual(digest(signature), digest(mac(signed))) || ofKey !== fingerprint) return null
      return { id, issuedAtMs: Number.parseInt(issued, 36), expiresAtMs: Number.parseInt(expires, 36) }
    },
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
