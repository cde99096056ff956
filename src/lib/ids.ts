import { randomBytes } from 'node:crypto'

/** A random identifier of 16 hex digits for what need not be guarded, only told apart (requests, data directories). */
export function newId(): string {
  return randomBytes(8).toString('hex')
}

/** A secret of 32 random bytes as 43 characters that need no quoting anywhere. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}
