import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { ImageFacts } from './images.index.ts'

/** As it stands in an address. */
export type SignedQuery = { exp: string; kid: string; sig: string }

export type LinkSigner = ReturnType<typeof createLinkSigner>

/**
 * Links that work without a login: HMAC-SHA256 (RFC 2104) over a version, the path, the end, the key's name and the
 * picture's link epoch, which `revoke` raises. Keys are derived from the server's secrets (HKDF-SHA-256, RFC 5869); the
 * first signs, all of them verify, so that links live on when another secret takes the first place.
 */
export function createLinkSigner(secrets: readonly Uint8Array[]) {
  const keys = secrets.map((secret) => {
    const key = Buffer.from(hkdfSync('sha256', secret, '', 'weir signed-link v1', 32))
    return { kid: createHash('sha256').update(key).digest('hex').slice(0, 8), key }
  })
  const [current] = keys
  if (!current) throw new Error('links need a secret')

  function toSignature(key: Buffer, kid: string, path: string, exp: string, image: ImageFacts): Buffer {
    const text = ['v1', path, exp, kid, String(image.linkEpoch)].join('\n')
    return createHmac('sha256', key).update(text).digest()
  }

  return {
    /** The query that opens `path` until `expSeconds` (seconds since 1970). */
    sign(path: string, image: ImageFacts, expSeconds: number): string {
      const exp = String(expSeconds)
      const { kid, key } = current
      return new URLSearchParams({
        exp,
        kid,
        sig: toSignature(key, kid, path, exp, image).toString('base64url'),
      }).toString()
    },
    /** What is shown for `path`; compared in the same time whatever was sent. */
    verify(path: string, image: ImageFacts, q: SignedQuery, wallMs: number): 'good' | 'bad' | 'expired' {
      const known = keys.find(({ kid }) => kid === q.kid)
      const shown = Buffer.from(q.sig, 'base64url')
      const wanted = toSignature((known ?? current).key, q.kid, path, q.exp, image)
      const isRight = shown.length === wanted.length && timingSafeEqual(shown, wanted)
      if (!known || !isRight) return 'bad'
      return Number(q.exp) * 1000 > wallMs ? 'good' : 'expired'
    },
  }
}
