import type { StreamMemberRow } from '../db/tables/stream-members.ts'
import type { StreamRow } from '../db/tables/streams.ts'
import { AppError, invalidField } from '../errors.ts'
import { hashToken } from '../http/passes.ts'
import type { Clock } from '../lib/clock.ts'
import { toIso } from '../lib/fields.ts'
import { newSecret } from '../lib/ids.ts'
import type { Turns } from '../lib/turns.ts'
import type { MemberCreate, MemberPatch, MemberResource } from './streams.schema.ts'
import type { StreamStore } from './streams.store.ts'

const MAX_MEMBERS = 500

export type Members = ReturnType<typeof createMembers>

export type MembersDeps = {
  store: StreamStore
  /** Null where there is no such person. */
  nameOf(userId: number): string | null
  turns: Turns
  clock: Clock
}

/** Who is let into a stream besides its owner. A personal link is a secret of 256 random bits of which a hash is kept. */
export function createMembers({ store, nameOf, turns, clock }: MembersDeps) {
  const wordOf = (row: StreamMemberRow) => (row.userId === null ? row.name : (nameOf(row.userId) ?? ''))
  /** The database forgets a person's memberships with the person. */
  const isThere = (row: StreamMemberRow) => row.userId === null || nameOf(row.userId) !== null

  const toResource = (row: StreamMemberRow): MemberResource => ({
    id: row.id,
    role: row.role,
    user_id: row.userId,
    name: wordOf(row),
    until: toIso(row.until),
    created_at: toIso(row.createdAt),
  })

  const of = (streamId: number) => store.membersOf(streamId).filter(isThere)

  function find(streamId: number, id: number): StreamMemberRow {
    const row = store.member(streamId, id)
    if (row && isThere(row)) return row
    throw notFound()
  }

  function toUntil(text: string | null | undefined): number | null {
    if (text == null) return null
    const at = Date.parse(text)
    if (at <= clock.wall()) throw invalidField('until', 'This time has passed.')
    return at
  }

  function checkAccount(stream: StreamRow, userId: number): void {
    if (nameOf(userId) === null) throw invalidField('user_id', 'There is no such person.')
    const isIn = stream.ownerId === userId || of(stream.id).some((row) => row.userId === userId)
    if (!isIn) return
    const message = stream.ownerId === userId ? 'This is the owner.' : 'They are a member already.'
    throw new AppError({ kind: 'conflict', code: 'member.exists', message, errors: [{ path: 'user_id', message }] })
  }

  return {
    list: (streamId: number): MemberResource[] => of(streamId).map(toResource),
    get: (streamId: number, id: number): MemberResource => toResource(find(streamId, id)),
    /** Of whichever stream. @throws AppError not_found */
    byId(id: number): MemberResource {
      const row = store.memberById(id)
      if (row && isThere(row)) return toResource(row)
      throw notFound()
    },
    /** @returns `token` for who is let in by a personal link, never to be had again */
    create: (stream: StreamRow, body: MemberCreate): Promise<{ member: MemberResource; token: string | null }> =>
      turns(async () => {
        const userId = body.user_id ?? null
        if (userId === null) checkLinkRole(body.role)
        else checkAccount(stream, userId)
        if (store.membersOf(stream.id).length >= MAX_MEMBERS)
          throw new AppError({
            kind: 'conflict',
            code: 'member.too_many',
            message: `A stream has at most ${MAX_MEMBERS} members.`,
          })
        const token = userId === null ? newSecret() : null
        const row = await store.insertMember({
          streamId: stream.id,
          role: body.role,
          userId,
          name: userId === null ? (body.name ?? 'Personal link') : '',
          tokenHash: token === null ? null : hashToken(token),
          until: toUntil(body.until),
          createdAt: clock.wall(),
        })
        return { member: toResource(row), token }
      }),
    edit: (streamId: number, id: number, body: MemberPatch): Promise<MemberResource> =>
      turns(async () => {
        const row = find(streamId, id)
        if (row.userId !== null && body.name !== undefined)
          throw invalidField('name', 'The name of an account is changed in the account.')
        if (row.userId === null && body.role !== undefined) checkLinkRole(body.role)
        const change = {
          role: body.role ?? row.role,
          name: body.name ?? row.name,
          until: body.until === undefined ? row.until : toUntil(body.until),
        }
        return toResource(await store.updateMember(row, change))
      }),
    remove: (streamId: number, id: number): Promise<void> => turns(() => store.removeMember(find(streamId, id))),
    /** The stream that a personal link leads to, and how long it works; null where it leads nowhere any more. */
    join(token: string): { stream: StreamRow; untilMs: number | null } | null {
      const row = store.byToken(hashToken(token))
      const stream = row && store.byId(row.streamId)
      if (!row || !stream || stream.deletedAt !== null) return null
      if (row.until !== null && row.until <= clock.wall()) return null
      return { stream, untilMs: row.until }
    },
  }
}

const notFound = () =>
  new AppError({ kind: 'not_found', code: 'member.not_found', message: 'There is no such member.' })

/** Whoever changes something has a name: a link may be passed on. */
function checkLinkRole(role: MemberCreate['role']): void {
  if (role === 'co_owner') throw invalidField('role', 'A co-owner needs an account: give user_id.')
}
