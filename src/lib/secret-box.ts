import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'

export type SecretBox = {
  /** Eight hex digits that name the key and tell nothing about it. */
  keyId: string
  /** `place` names the row and column (`output/7/stream_key`): a sealed value moved elsewhere does not open. */
  seal(plain: string, place: string): string
  /** @throws Error when the value was sealed with another key, for another place, or was changed */
  open(sealed: string, place: string): string
}

const VERSION = 'v1'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Secrets at rest: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce and the place as additional data. A sealed
 * value reads `v1.<key id>.<base64url of nonce, tag, ciphertext>`, so that a lost or exchanged key can be told from damage.
 * The key is derived from the server's secret (HKDF-SHA-256, RFC 5869): the same secret may serve other purposes too.
 */
export function createSecretBox(secret: Uint8Array): SecretBox {
  if (secret.byteLength < 16) throw new Error('the secret key is shorter than 16 bytes')
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'weir secret-box v1', 32))
  const keyId = createHash('sha256').update(key).digest('hex').slice(0, 8)

  return {
    keyId,
    seal(plain, place) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(place))
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return `${VERSION}.${keyId}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`
    },
    open(sealed, place) {
      const [version, id, data = '', ...rest] = sealed.split('.')
      if (version !== VERSION || rest.length > 0) throw new Error('not a sealed value')
      if (id !== keyId) throw new Error('sealed with another key')
      const bytes = Buffer.from(data, 'base64url')
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('sealed value cut short')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(Buffer.from(place))
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
      return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    },
  }
}
