import { chownSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHash, timingSafeEqual } from 'node:crypto'
import { newSecret } from '../lib/ids.ts'

const FILE = 'sign-in-link'
const LIFE_MS = 30 * 60 * 1000

/**
 * Makes the one token that signs in once, within 30 minutes; an earlier one is void. `email` says whom; without it, the
 * first administrator, and where there is none, whoever sets up the server. Only its hash is kept, in the data
 * directory, so that the command line can make one for the server that runs: who may write there has the key anyway.
 */
export function issueSignInToken(dir: string, nowMs: number, email: string | null = null): string {
  const token = newSecret()
  const path = join(dir, FILE)
  writeFileSync(`${path}.new`, JSON.stringify({ hash: hash(token), expires_at: nowMs + LIFE_MS, email }), {
    mode: 0o600,
  })
  // Made by root for a server that runs as a user of its own: that user has to read it.
  const { uid, gid } = statSync(dir)
  if (process.getuid?.() === 0) chownSync(`${path}.new`, uid, gid)
  renameSync(`${path}.new`, path)
  return token
}

/** True while the token would sign in. Looking does not spend it. */
export function isSignInTokenGood(dir: string, token: string, nowMs: number): boolean {
  const kept = read(join(dir, FILE))
  return kept !== null && kept.expiresAtMs > nowMs && timingSafeEqual(digest(kept.hash), digest(hash(token)))
}

/** Whom the right token is for, once; null for a wrong one, which leaves the right one good. */
export function spendSignInToken(dir: string, token: string, nowMs: number): { email: string | null } | null {
  if (!isSignInTokenGood(dir, token, nowMs)) return null
  const email = read(join(dir, FILE))?.email ?? null
  rmSync(join(dir, FILE))
  return { email }
}

/** Where the token is spent. */
export function toSignInUrl(url: string, token: string): string {
  return `${url}/login?token=${token}`
}

function read(path: string): { hash: string; expiresAtMs: number; email: string | null } | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw cause
  }
  const { hash, expires_at, email } = JSON.parse(text) as { hash: string; expires_at: number; email?: string | null }
  return { hash, expiresAtMs: expires_at, email: email ?? null }
}

function hash(text: string): string {
  return digest(text).toString('base64url')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
