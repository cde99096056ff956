import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { asc, eq, lte } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { type SessionRow, sessions as table } from '../db/tables/sessions.ts'
import { AppError } from '../errors.ts'
import type { Actor } from '../http/endpoint.ts'
import type { Clock } from '../lib/clock.ts'
import { toIso } from '../lib/fields.ts'
import { newSecret } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { SessionResource } from './users.schema.ts'
import type { Users } from './users.service.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** However much it is used. */
const LIFE_MS = 30 * DAY_MS
/** Unused for so long, it is over. */
const IDLE_MS = 7 * DAY_MS
const SEEN_EVERY_MS = 5 * 60 * 1000
const MAX_SESSIONS = 2000
const MAX_PER_USER = 20
const MAX_USER_AGENT = 200
const ID_LENGTH = 16

export type SessionDeps = {
  db: Database
  clock: Clock
  log: Log
  secretKey: Uint8Array
  apiKey: string
  users: Pick<Users, 'active' | 'seen'>
  /** Begins the cookie's name. */
  cookieName: string
}

export type Sessions = Awaited<ReturnType<typeof openSessions>>

/**
 * Who is signed in. A cookie holds a random secret, the database its hash; rows are read into memory once, for nobody else
 * writes them. Behind TLS the cookie is `Secure` and its name begins with `__Host-`, so that no neighbour can set it
 * (RFC 6265bis 4.1.3.2).
 */
export async function openSessions(d: SessionDeps) {
  const { orm } = d.db
  const ofKey = createHmac('sha256', Buffer.from(hkdfSync('sha256', d.secretKey, '', 'weir session v2', 32)))
    .update(d.apiKey)
    .digest('base64url')
    .slice(0, 16)
  await orm.delete(table).where(lte(table.expiresAt, d.clock.wall()))
  /** By the hash of its secret, oldest first. */
  const rows = new Map((await orm.select().from(table).orderBy(asc(table.createdAt))).map((row) => [row.idHash, row]))

  const cookieName = (isSecure: boolean) => (isSecure ? `__Host-${d.cookieName}` : d.cookieName)
  const toCookie = (value: string, maxAgeMs: number, isSecure: boolean) =>
    `${cookieName(isSecure)}=${value}; Max-Age=${Math.floor(maxAgeMs / 1000)}; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`

  /** The session as it is now; null once it is over, whatever ended it. */
  function current(idHash: string): SessionRow | null {
    const row = rows.get(idHash)
    const now = d.clock.wall()
    if (!row || row.expiresAt <= now || row.lastSeenAt + IDLE_MS <= now) return null
    if (row.userId === null) return row.ofKey === ofKey ? row : null
    return d.users.active(row.userId) ? row : null
  }

  function seen(row: SessionRow): void {
    const now = d.clock.wall()
    if (row.userId !== null) d.users.seen(row.userId)
    if (now - row.lastSeenAt < SEEN_EVERY_MS) return
    rows.set(row.idHash, { ...row, lastSeenAt: now })
    orm
      .update(table)
      .set({ lastSeenAt: now })
      .where(eq(table.idHash, row.idHash))
      .run()
      .catch((error: unknown) => d.log.warn('when a session was last used could not be kept', { error }))
  }

  async function drop(gone: readonly SessionRow[]): Promise<void> {
    for (const row of gone) rows.delete(row.idHash)
    if (gone.length > 0) await d.db.batch(gone.map((row) => orm.delete(table).where(eq(table.idHash, row.idHash))))
  }

  const ofUser = (userId: number) => [...rows.values()].filter((row) => row.userId === userId)

  return {
    cookieName,
    /** The `Set-Cookie` header that makes the browser forget. */
    forget: (isSecure: boolean) => toCookie('', 0, isSecure),
    /** Who signed in with this cookie, as they are now. */
    identify(value: string): Actor | null {
      const row = current(hash(value))
      if (!row) return null
      seen(row)
      const sessionId = row.idHash.slice(0, ID_LENGTH)
      const nobody = { kind: 'session', scopes: null, sessionId } as const
      const user = row.userId === null ? null : d.users.active(row.userId)
      const isCurrent = () => {
        const now = current(row.idHash)
        return now !== null && (user === null || d.users.active(user.id)?.role === user.role)
      }
      if (!user) return { ...nobody, id: 'session', name: 'operator', role: 'admin', user: null, isCurrent }
      const { id, email, name, role } = user
      return { ...nobody, id: `user:${id}`, name, role, user: { id, email, name }, isCurrent }
    },
    /** Signs somebody in, always under a new secret; the answer is the `Set-Cookie` header. At most 20 each, the oldest go. */
    async start(o: {
      userId: number | null
      userAgent: string
      address: string
      isSecure: boolean
    }): Promise<{ setCookie: string; idHash: string }> {
      const id = newSecret()
      const now = d.clock.wall()
      const row: SessionRow = {
        idHash: hash(id),
        createdAt: now,
        lastSeenAt: now,
        expiresAt: now + LIFE_MS,
        userAgent: o.userAgent.slice(0, MAX_USER_AGENT),
        userId: o.userId,
        ofKey: o.userId === null ? ofKey : null,
        address: o.address.slice(0, 100),
      }
      const mine = o.userId === null ? [] : ofUser(o.userId)
      await drop([
        ...mine.slice(0, Math.max(0, mine.length - MAX_PER_USER + 1)),
        ...[...rows.values()].slice(0, Math.max(0, rows.size - MAX_SESSIONS + 1)),
      ])
      await orm.insert(table).values(row)
      rows.set(row.idHash, row)
      return { setCookie: toCookie(id, LIFE_MS, o.isSecure), idHash: row.idHash }
    },
    /** Ends the session of a cookie, for good and everywhere; a value that is none changes nothing. */
    async end(value: string): Promise<void> {
      const row = rows.get(hash(value))
      if (row) await drop([row])
    },
    /** Ends those of a person, but the one that is named. */
    endOf: (userId: number, except?: string) =>
      drop(ofUser(userId).filter((row) => row.idHash.slice(0, ID_LENGTH) !== except)),
    /** Ends those that began with the server's own key: from now on there are people. */
    endOfKey: () => drop([...rows.values()].filter((row) => row.userId === null)),
    async endOne(userId: number, id: string): Promise<void> {
      const row = ofUser(userId).find((each) => each.idHash.slice(0, ID_LENGTH) === id)
      if (!row)
        throw new AppError({ kind: 'not_found', code: 'session.not_found', message: 'There is no such session.' })
      await drop([row])
    },
    /** A person's sessions, the last used first. */
    list: (userId: number, currentId: string | undefined): SessionResource[] =>
      ofUser(userId)
        .filter((row) => current(row.idHash) !== null)
        .sort((a, b) => b.lastSeenAt - a.lastSeenAt)
        .map((row) => ({
          id: row.idHash.slice(0, ID_LENGTH),
          current: row.idHash.slice(0, ID_LENGTH) === currentId,
          address: row.address,
          user_agent: row.userAgent,
          created_at: toIso(row.createdAt),
          last_seen_at: toIso(row.lastSeenAt),
          expires_at: toIso(row.expiresAt),
        })),
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
