import type { StreamMemberRow } from '../db/tables/stream-members.ts'
import type { StreamRow } from '../db/tables/streams.ts'
import type { Actor } from '../http/endpoint.ts'
import { may, type Relation } from '../lib/access.ts'
import type { Clock } from '../lib/clock.ts'
import type { StreamStore } from './streams.store.ts'

export type Relations = ReturnType<typeof createRelations>

/** What somebody is to a stream, from memory alone: a change holds for the very next question. */
export function createRelations({ store, clock }: { store: Pick<StreamStore, 'membersOf'>; clock: Clock }) {
  const isIn = (row: StreamMemberRow) => row.until === null || row.until > clock.wall()

  /** The most that they are: by their account, or by a personal link that this browser followed. */
  function streamRelation(actor: Pick<Actor, 'user' | 'passes'>, stream: StreamRow): Relation | null {
    const { user, passes } = actor
    if (user && stream.ownerId === user.id) return 'owner'
    if (!user && !passes) return null
    let found: Relation | null = null
    for (const row of store.membersOf(stream.id)) {
      const isTheirs = row.tokenHash === null ? row.userId === user?.id : passes?.includes(row.tokenHash)
      if (!isTheirs || !isIn(row)) continue
      if (row.role === 'co_owner') return 'co_owner'
      found = row.role
    }
    return found
  }

  return {
    streamRelation,
    /** Whether there is such a stream at all, as far as they are told. What is in the trash is there for nobody. */
    canSee: (actor: Actor, stream: StreamRow): boolean =>
      stream.deletedAt === null &&
      (stream.visibility !== 'private' || may(actor, 'stream.see_private', streamRelation(actor, stream))),
  }
}
