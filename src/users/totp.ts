import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const STEP_SECONDS = 30
const DIGITS = 6
/** A clock may be one step off, either way. */
const WINDOW = 1
const SEED_BYTES = 20
const RECOVERY_CODES = 10
/** RFC 4648 section 6. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** A new seed, as authenticator apps take it. */
export function newTotpSeed(): string {
  return toBase32(randomBytes(SEED_BYTES))
}

/** The address that an app reads from a link or a picture (Key Uri Format of Google Authenticator). */
export function toOtpauthUrl(seed: string, email: string, issuer: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(email)}`
  return `otpauth://totp/${label}?${new URLSearchParams({ secret: seed, issuer, algorithm: 'SHA1', digits: '6', period: '30' })}`
}

/** The code of a time step (RFC 6238 4.2, RFC 4226 5.3). */
export function totpAt(seed: string, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', fromBase32(seed)).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 15
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** DIGITS
  return String(number).padStart(DIGITS, '0')
}

export const toStep = (wallMs: number) => Math.floor(wallMs / 1000 / STEP_SECONDS)

/** The step that a code belongs to, if it is newer than the last one that was used; else null. */
export function findTotpStep(seed: string, code: string, wallMs: number, lastStep: number): number | null {
  const now = toStep(wallMs)
  for (let step = now - WINDOW; step <= now + WINDOW; step++)
    if (step > lastStep && isSame(totpAt(seed, step), code)) return step
  return null
}

/** Ten codes for the day on which the phone is lost, each good once. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => toBase32(randomBytes(10)).replace(/(.{4})(?=.)/g, '$1-'))
}

/** 80 random bits need no slow hash. Spelling does not matter. */
export function hashRecoveryCode(code: string): string {
  const plain = code.toUpperCase().replace(/[^A-Z2-7]/g, '')
  return createHash('sha256').update(`weir recovery ${plain}`).digest('base64url')
}

export function toBase32(bytes: Uint8Array): string {
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

export function fromBase32(text: string): Buffer {
  let bits = ''
  for (const letter of text) bits += ALPHABET.indexOf(letter).toString(2).padStart(5, '0')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)))
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
