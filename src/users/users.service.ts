import { createHash } from 'node:crypto'
import { eq, lte } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { type UserRow, userLinks, users as table } from '../db/tables/users.ts'
import { AppError } from '../errors.ts'
import type { Role } from '../lib/access.ts'
import type { Clock } from '../lib/clock.ts'
import { newSecret } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import { createTurns } from '../lib/turns.ts'
import { checkPassword, type Passwords } from './passwords.ts'

const LINK_LIFE_MS = 7 * 24 * 60 * 60 * 1000
const SEEN_EVERY_MS = 5 * 60 * 1000
const MAX_USERS = 1000

export type Users = Awaited<ReturnType<typeof openUsers>>

type Person = { email: string; name: string }
type UserPatch = { [K in keyof UserEdit]?: UserEdit[K] | undefined }
type UserEdit = Person & { role: Role; status: 'active' | 'disabled' }

/** Two spellings of an address that are one account. */
export const toEmailKey = (email: string) => email.trim().normalize('NFKC').toLowerCase()

/**
 * The people, read into memory once: nobody else writes them, and every request asks what somebody may do. A change is in
 * the database before anybody sees it.
 */
export async function openUsers(d: { db: Database; clock: Clock; log: Log; passwords: Passwords }) {
  const { orm } = d.db
  const turns = createTurns()
  const whenGone: ((id: number) => void)[] = []
  await orm.delete(userLinks).where(lte(userLinks.expiresAt, d.clock.wall()))
  const rows = new Map((await orm.select().from(table).orderBy(table.id)).map((row) => [row.id, row]))

  const all = () => [...rows.values()]
  const isActiveAdmin = (row: UserRow) => row.role === 'admin' && row.status === 'active'
  const hasAdmin = () => all().some((row) => row.role === 'admin')
  const byEmail = (email: string) => all().find((row) => row.emailKey === toEmailKey(email)) ?? null

  function find(id: number): UserRow {
    const row = rows.get(id)
    if (row) return row
    throw new AppError({ kind: 'not_found', code: 'user.not_found', message: 'There is no such person.' })
  }

  async function insert(person: Person & { role: Role; passwordHash: string | null }): Promise<UserRow> {
    if (rows.size >= MAX_USERS) throw conflict('user.too_many', `Weir keeps at most ${MAX_USERS} people.`)
    if (byEmail(person.email)) throw taken()
    const now = d.clock.wall()
    const [row] = await orm
      .insert(table)
      .values({
        ...person,
        emailKey: toEmailKey(person.email),
        status: person.passwordHash === null ? 'invited' : 'active',
        recoveryHashes: [],
        createdAt: now,
        updatedAt: now,
      })
      .returning()
    if (!row) throw new Error('the new person was not written')
    rows.set(row.id, row)
    return row
  }

  async function update(id: number, change: Partial<UserRow>): Promise<UserRow> {
    const row = { ...find(id), ...change, updatedAt: d.clock.wall() }
    await orm.update(table).set(row).where(eq(table.id, id))
    rows.set(id, row)
    return row
  }

  /** Somebody must be left who may do all. */
  function keepAdmin(id: number, field?: 'role' | 'status'): void {
    if (!isActiveAdmin(find(id)) || all().some((row) => row.id !== id && isActiveAdmin(row))) return
    const message = 'This is the last administrator. Make somebody else one first.'
    const errors = field && [{ path: field, message }]
    throw new AppError({ kind: 'conflict', code: 'user.last_admin', message, ...(errors && { errors }) })
  }

  /** A new link for this person; an earlier one is void. */
  async function makeLink(userId: number): Promise<string> {
    const token = newSecret()
    const values = { tokenHash: hashToken(token), expiresAt: d.clock.wall() + LINK_LIFE_MS }
    await orm
      .insert(userLinks)
      .values({ userId, ...values })
      .onConflictDoUpdate({ target: userLinks.userId, set: values })
    return token
  }

  const dropLink = (id: number) => orm.delete(userLinks).where(eq(userLinks.userId, id))

  async function linkOf(token: string) {
    const [link] = await orm
      .select()
      .from(userLinks)
      .where(eq(userLinks.tokenHash, hashToken(token)))
    const row = link && rows.get(link.userId)
    return link && row && row.status !== 'disabled' && link.expiresAt > d.clock.wall() ? row : null
  }

  return {
    hasAdmin,
    all,
    byEmail,
    find,
    /** Null where there is none, or where they may not come in. */
    active: (id: number): UserRow | null => {
      const row = rows.get(id)
      return row?.status === 'active' ? row : null
    },
    firstAdmin: (): UserRow | null => all().find(isActiveAdmin) ?? null,
    update: (id: number, change: Partial<UserRow>) => turns(() => update(id, change)),
    /** Changes somebody by what they are when their turn comes; false where there was nothing to change. */
    claim: (id: number, toChange: (row: UserRow) => Partial<UserRow> | null) =>
      turns(async () => {
        const change = toChange(find(id))
        if (change) await update(id, change)
        return change !== null
      }),

    /**
     * The first administrator. `spend` uses up what allows it, at once; `isGood` says beforehand whether it could, so that
     * a stranger costs no hash and learns of nobody. @throws AppError not_found once there is one
     */
    async setUp(person: Person & { password: string }, spend: () => boolean, isGood = () => true): Promise<UserRow> {
      if (hasAdmin()) throw closed()
      if (!isGood()) throw oldSetupLink()
      checkPassword(person.password, person)
      const { password, ...rest } = person
      const passwordHash = await d.passwords.hash(password)
      return turns(async () => {
        if (hasAdmin()) throw closed()
        if (byEmail(rest.email)) throw taken()
        if (!spend()) throw oldSetupLink()
        return insert({ ...rest, role: 'admin', passwordHash })
      })
    },
    async invite(person: Person & { role: Role }): Promise<{ row: UserRow; token: string }> {
      const row = await turns(() => insert({ ...person, passwordHash: null }))
      return { row, token: await makeLink(row.id) }
    },
    /** A link to a new password. The old password holds until it is used. */
    reset: (id: number): Promise<{ row: UserRow; token: string }> =>
      turns(async () => {
        const row = find(id)
        if (row.status === 'disabled')
          throw conflict('user.disabled', 'They are shut out, so the link would lead nowhere. Let them in first.')
        return { row, token: await makeLink(id) }
      }),
    /** Whom a link is for; null where it is none, or no longer. Looking spends nothing. */
    linkOf,
    /** Spends a link. A reset also ends two-factor sign-in: whoever lost one has often lost the other. */
    async accept(token: string, name: string | undefined, password: string): Promise<UserRow> {
      const asked = await linkOf(token)
      if (!asked) throw badLink()
      checkPassword(password, { ...asked, name: name ?? asked.name })
      const passwordHash = await d.passwords.hash(password)
      return turns(async () => {
        const row = await linkOf(token)
        if (!row) throw badLink()
        await dropLink(row.id)
        const noTotp = { totpSealed: null, totpOn: false, recoveryHashes: [] }
        return update(row.id, { ...noTotp, passwordHash, status: 'active', name: name ?? row.name })
      })
    },
    async edit(id: number, patch: UserPatch) {
      return turns(async () => {
        const row = find(id)
        const { email, name, role, status } = patch
        if (role !== undefined && role !== 'admin') keepAdmin(id, 'role')
        if (status === 'disabled') keepAdmin(id, 'status')
        const other = email === undefined ? null : byEmail(email)
        if (other && other.id !== id) throw taken()
        if (status === 'disabled') await dropLink(id)
        // Whoever never chose a password goes on being invited.
        const next = status === 'active' && row.passwordHash === null ? 'invited' : status
        return update(id, {
          ...(name !== undefined && { name }),
          ...(role !== undefined && { role }),
          ...(email !== undefined && { email, emailKey: toEmailKey(email) }),
          ...(next !== undefined && { status: next }),
        })
      })
    },
    async changePassword(id: number, password: string): Promise<void> {
      checkPassword(password, find(id))
      const passwordHash = await d.passwords.hash(password)
      await turns(async () => {
        // Whoever asked for a link has no use for it any more, and nobody else should.
        await dropLink(id)
        await update(id, { passwordHash })
      })
    },
    async remove(id: number): Promise<void> {
      await turns(async () => {
        keepAdmin(id)
        await orm.delete(table).where(eq(table.id, id))
        rows.delete(id)
        for (const tell of whenGone) tell(id)
      })
    },
    /** Called once somebody is deleted: the database has forgotten them wherever they stood, and so must the memory of others. */
    whenGone: (tell: (id: number) => void): void => void whenGone.push(tell),
    /** Notes that somebody was there, to a few minutes. */
    seen(id: number): void {
      const row = rows.get(id)
      const now = d.clock.wall()
      if (!row || now - (row.lastSeenAt ?? 0) < SEEN_EVERY_MS) return
      rows.set(id, { ...row, lastSeenAt: now })
      orm
        .update(table)
        .set({ lastSeenAt: now })
        .where(eq(table.id, id))
        .run()
        .catch((error: unknown) => d.log.warn('when a person was last seen could not be kept', { error }))
    },
  }
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

const conflict = (code: string, message: string) => new AppError({ kind: 'conflict', code, message })

const closed = () =>
  new AppError({ kind: 'not_found', code: 'not_found', message: 'There is nothing at this address.' })

const taken = () =>
  new AppError({
    kind: 'conflict',
    code: 'user.email_taken',
    message: 'Somebody else has this address.',
    errors: [{ path: 'email', message: 'Somebody else has this address.' }],
  })

const oldSetupLink = () =>
  new AppError({
    kind: 'unauthorized',
    code: 'setup.refused',
    message: 'This setup link is used up or too old. `weir signin-link` on the server prints a new one.',
  })

const badLink = () =>
  new AppError({ kind: 'gone', code: 'link.used', message: 'This link is used up or too old. Ask for a new one.' })
