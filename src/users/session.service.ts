import { createHash } from 'node:crypto'
import { asc, eq, lte } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { sessions as table } from '../db/tables/sessions.ts'
import type { CookieAuth } from '../http/server.ts'
import type { Clock } from '../lib/clock.ts'
import { newSecret } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import { createSessionTokens } from './session-token.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const LIFE_MS = 30 * DAY_MS
/** A session that is used lives on; the cookie is written again at most this often. */
const RENEW_AFTER_MS = DAY_MS
const MAX_SESSIONS = 200
const MAX_USER_AGENT = 200

export type SessionDeps = {
  db: Database
  clock: Clock
  log: Log
  secretKey: Uint8Array
  apiKey: string
  cookieName: string
  /** True where people come by https: the browser then never sends the cookie in the clear. */
  secure: boolean
}

export type Sessions = CookieAuth & {
  /** Signs somebody in; the answer is the `Set-Cookie` header. */
  start(o: { userAgent: string }): Promise<string>
  /** Ends the session of a cookie, for good and everywhere; a value that is none changes nothing. */
  end(value: string): Promise<void>
  /** The `Set-Cookie` header that makes the browser forget. */
  forget: string
}

/**
 * Who is signed in, until there are accounts: browsers that showed the API key once. A cookie is good while its signature
 * is, its time has not come, and its session stands in the database (read once: nobody else writes it). At most 200, the
 * oldest go.
 */
export async function openSessions(d: SessionDeps): Promise<Sessions> {
  const { orm } = d.db
  const tokens = createSessionTokens(d)
  await orm.delete(table).where(lte(table.expiresAt, d.clock.wall()))
  const rows = await orm.select().from(table).orderBy(asc(table.createdAt))
  /** Hash of the id to when it expires, oldest session first. */
  const expiries = new Map(rows.map((row) => [row.idHash, row.expiresAt]))

  const attributes = `Path=/; HttpOnly; SameSite=Lax${d.secure ? '; Secure' : ''}`
  const toCookie = (value: string, maxAgeMs: number) =>
    `${d.cookieName}=${value}; Max-Age=${Math.floor(maxAgeMs / 1000)}; ${attributes}`
  const isCurrent = (idHash: string) => (expiries.get(idHash) ?? 0) > d.clock.wall()

  function find(value: string) {
    const token = tokens.read(value)
    if (!token || token.expiresAtMs <= d.clock.wall()) return null
    const idHash = hash(token.id)
    return isCurrent(idHash) ? { ...token, idHash } : null
  }

  /** The cookie at once, the row behind it: a lost write costs nobody more than signing in a day earlier. */
  function renew(id: string, idHash: string): string {
    const now = d.clock.wall()
    const expiresAt = now + LIFE_MS
    expiries.set(idHash, expiresAt)
    orm
      .update(table)
      .set({ lastSeenAt: now, expiresAt })
      .where(eq(table.idHash, idHash))
      .run()
      .catch((error: unknown) => d.log.warn('a session could not be prolonged', { error }))
    return toCookie(tokens.write({ id, issuedAtMs: now, expiresAtMs: expiresAt }), LIFE_MS)
  }

  return {
    cookieName: d.cookieName,
    forget: toCookie('', 0),
    identify(value) {
      const found = find(value)
      if (!found) return null
      const isOld = d.clock.wall() - found.issuedAtMs > RENEW_AFTER_MS
      return {
        actor: { kind: 'session', name: 'operator', isCurrent: () => isCurrent(found.idHash) },
        setCookie: isOld ? renew(found.id, found.idHash) : null,
      }
    },
    async start({ userAgent }) {
      const id = newSecret()
      const idHash = hash(id)
      const now = d.clock.wall()
      const expiresAt = now + LIFE_MS
      const tooMany = [...expiries.keys()].slice(0, Math.max(0, expiries.size - MAX_SESSIONS + 1))
      await d.db.batch([
        ...tooMany.map((old) => orm.delete(table).where(eq(table.idHash, old))),
        orm.insert(table).values({
          idHash,
          createdAt: now,
          lastSeenAt: now,
          expiresAt,
          userAgent: userAgent.slice(0, MAX_USER_AGENT),
        }),
      ])
      for (const old of tooMany) expiries.delete(old)
      expiries.set(idHash, expiresAt)
      return toCookie(tokens.write({ id, issuedAtMs: now, expiresAtMs: expiresAt }), LIFE_MS)
    },
    async end(value) {
      const found = find(value)
      if (!found) return
      expiries.delete(found.idHash)
      await orm.delete(table).where(eq(table.idHash, found.idHash))
    },
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
