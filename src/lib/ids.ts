import { randomBytes } from 'node:crypto'

/** A random identifier of 16 hex digits for what need not be guarded, only told apart (requests, data directories). */
export function newId(): string {
  return randomBytes(8).toString('hex')
}

/** Crockford's base 32 in small letters: no letter that looks like a digit. */
const READABLE = '0123456789abcdefghjkmnpqrstvwxyz'

/** A secret of 130 random bits as 26 letters and digits, which people may have to read to each other. */
export function newReadableSecret(): string {
  return [...randomBytes(26)].map((byte) => READABLE[byte & 31]).join('')
}

/** A secret of 32 random bytes as 43 characters that need no quoting anywhere. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}
