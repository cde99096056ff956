import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { type ApiKeyRow, apiKeys as table } from '../db/tables/api-keys.ts'
import { AppError, invalidField } from '../errors.ts'
import type { Actor } from '../http/endpoint.ts'
import { may, type Role, type Scope, scopesOf } from '../lib/access.ts'
import type { Clock } from '../lib/clock.ts'
import { toIso } from '../lib/fields.ts'
import { newId, newSecret } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { KeyResource } from './users.schema.ts'
import type { Users } from './users.service.ts'

const USED_EVERY_MS = 60_000
const MAX_KEYS = 500

export type Keys = Awaited<ReturnType<typeof openKeys>>
type Patch = { [K in keyof Draft]?: Draft[K] | undefined }
type Draft = { name: string; scopes: Scope[]; expires_at?: string | null | undefined }

/**
 * Keys that people made for programs: `weir_<8 characters that are shown>_<the secret>`. One may do what its scopes and
 * its maker's role allow, read at each request; where no person made it, an administrator did.
 */
export async function openKeys(d: { db: Database; clock: Clock; log: Log; users: Pick<Users, 'active'> }) {
  const { orm } = d.db
  const rows = new Map((await orm.select().from(table).orderBy(table.id)).map((row) => [row.id, row]))
  const byHash = new Map([...rows.values()].map((row) => [row.keyHash, row.id]))

  /** Null where its maker may not come in any more. */
  function makerRole(row: ApiKeyRow): Role | null {
    return row.userId === null ? 'admin' : (d.users.active(row.userId)?.role ?? null)
  }

  function toActor(row: ApiKeyRow): Actor | null {
    const role = makerRole(row)
    if (role === null || (row.expiresAt !== null && row.expiresAt <= d.clock.wall())) return null
    const maker = row.userId === null ? null : d.users.active(row.userId)
    return {
      kind: 'key',
      id: `key:${row.id}`,
      name: row.name,
      role,
      scopes: row.scopes,
      user: maker && { id: maker.id, email: maker.email, name: maker.name },
      isCurrent: () => {
        const now = rows.get(row.id)
        const isOver = now?.expiresAt != null && now.expiresAt <= d.clock.wall()
        return now !== undefined && !isOver && makerRole(now) === role && Bun.deepEquals(now.scopes, row.scopes)
      },
    }
  }

  function used(row: ApiKeyRow): void {
    const now = d.clock.wall()
    if (now - (row.lastUsedAt ?? 0) < USED_EVERY_MS) return
    rows.set(row.id, { ...row, lastUsedAt: now })
    orm
      .update(table)
      .set({ lastUsedAt: now })
      .where(eq(table.id, row.id))
      .run()
      .catch((error: unknown) => d.log.warn('when a key was last used could not be kept', { error }))
  }

  /** One's own; an administrator's reach is all. */
  const mayReach = (actor: Actor, row: ApiKeyRow) =>
    may(actor, 'manage') || (row.userId !== null && row.userId === actor.user?.id)

  function rowOf(id: number): ApiKeyRow {
    const row = rows.get(id)
    if (row) return row
    throw noSuchKey()
  }

  function find(id: number, actor: Actor): ApiKeyRow {
    const row = rowOf(id)
    if (mayReach(actor, row)) return row
    throw noSuchKey()
  }

  /** A key never may more than whoever makes it, be that a person or another key. */
  function checkScopes(scopes: readonly Scope[], actor: Actor): void {
    const ofRole = actor.role === null ? [] : scopesOf(actor.role)
    const isAdmin = actor.scopes === null || actor.scopes.includes('admin')
    const allowed = isAdmin ? ofRole : ofRole.filter((scope) => actor.scopes?.includes(scope))
    const tooMuch = scopes.filter((scope) => !allowed.includes(scope))
    if (tooMuch.length > 0) throw invalidField('scopes', `Your role may not give: ${tooMuch.join(', ')}.`)
  }

  function toExpiry(text: string | null | undefined): number | null {
    if (text == null) return null
    const at = Date.parse(text)
    if (at <= d.clock.wall()) throw invalidField('expires_at', 'This time has passed.')
    return at
  }

  return {
    /** Who shows this key, as they are now; null for what is none. */
    identify(text: string): Actor | null {
      const id = byHash.get(hash(text))
      const row = id === undefined ? undefined : rows.get(id)
      const actor = row ? toActor(row) : null
      if (row && actor) used(row)
      return actor
    },
    list: (actor: Actor) => [...rows.values()].filter((row) => mayReach(actor, row)).map(toKeyResource),
    get: (id: number, actor: Actor) => toKeyResource(find(id, actor)),
    /** Whoever's it is. @throws AppError not_found */
    find: (id: number) => toKeyResource(rowOf(id)),
    async create(draft: Draft, actor: Actor): Promise<KeyResource> {
      checkScopes(draft.scopes, actor)
      if (rows.size >= MAX_KEYS)
        throw new AppError({ kind: 'conflict', code: 'key.too_many', message: `Weir keeps at most ${MAX_KEYS} keys.` })
      const prefix = `weir_${newId().slice(0, 8)}`
      const key = `${prefix}_${newSecret()}`
      const [row] = await orm
        .insert(table)
        .values({
          userId: actor.user?.id ?? null,
          name: draft.name,
          prefix,
          keyHash: hash(key),
          scopes: draft.scopes,
          expiresAt: toExpiry(draft.expires_at),
          createdAt: d.clock.wall(),
        })
        .returning()
      if (!row) throw new Error('the new key was not written')
      rows.set(row.id, row)
      byHash.set(row.keyHash, row.id)
      return { ...toKeyResource(row), key }
    },
    async edit(id: number, patch: Patch, actor: Actor): Promise<KeyResource> {
      const row = find(id, actor)
      if (patch.scopes) checkScopes(patch.scopes, actor)
      const next: ApiKeyRow = {
        ...row,
        name: patch.name ?? row.name,
        scopes: patch.scopes ?? row.scopes,
        expiresAt: patch.expires_at === undefined ? row.expiresAt : toExpiry(patch.expires_at),
      }
      await orm.update(table).set(next).where(eq(table.id, id))
      rows.set(id, next)
      return toKeyResource(next)
    },
    async remove(id: number, actor: Actor): Promise<void> {
      const row = find(id, actor)
      rows.delete(id)
      byHash.delete(row.keyHash)
      await orm.delete(table).where(eq(table.id, id))
    },
    /** The keys of a person who is gone are gone with them (the database cascades). */
    forgetOf(userId: number): void {
      for (const row of rows.values()) {
        if (row.userId !== userId) continue
        rows.delete(row.id)
        byHash.delete(row.keyHash)
      }
    },
  }
}

const noSuchKey = () => new AppError({ kind: 'not_found', code: 'key.not_found', message: 'There is no such key.' })

function toKeyResource(row: ApiKeyRow): KeyResource {
  return {
    id: row.id,
    user_id: row.userId,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    expires_at: toIso(row.expiresAt),
    last_used_at: toIso(row.lastUsedAt),
    created_at: toIso(row.createdAt),
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
