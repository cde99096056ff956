import { eq } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { type StreamMemberRow, streamMembers } from '../db/tables/stream-members.ts'
import { type StreamRow, streams } from '../db/tables/streams.ts'

export type StreamStore = Awaited<ReturnType<typeof openStreamStore>>

/**
 * All streams and who is let into them, read into memory once: nobody else writes them, and rights are asked for before
 * anything else. A change is in the database before anybody sees it.
 */
export async function openStreamStore({ orm }: Pick<Database, 'orm'>) {
  const rows = new Map((await orm.select().from(streams).orderBy(streams.id)).map((row) => [row.id, row]))
  const ids = new Map([...rows.values()].map((row) => [row.key, row.id]))
  /** By stream, then by id. */
  const members = new Map<number, Map<number, StreamMemberRow>>()
  for (const row of await orm.select().from(streamMembers).orderBy(streamMembers.id)) keep(row)

  function keep(row: StreamMemberRow): void {
    const ofStream = members.get(row.streamId) ?? new Map<number, StreamMemberRow>()
    ofStream.set(row.id, row)
    members.set(row.streamId, ofStream)
  }

  function findMember(isIt: (row: StreamMemberRow) => boolean): StreamMemberRow | null {
    for (const ofStream of members.values()) for (const row of ofStream.values()) if (isIt(row)) return row
    return null
  }

  return {
    count: () => rows.size,
    /** Those in the trash too, the oldest first. */
    all: (): StreamRow[] => [...rows.values()],
    byId: (id: number): StreamRow | null => rows.get(id) ?? null,
    byKey: (key: string): StreamRow | null => rows.get(ids.get(key) ?? 0) ?? null,
    membersOf: (streamId: number): StreamMemberRow[] => [...(members.get(streamId)?.values() ?? [])],
    member: (streamId: number, id: number): StreamMemberRow | null => members.get(streamId)?.get(id) ?? null,
    memberById: (id: number): StreamMemberRow | null => findMember((row) => row.id === id),
    /** Who holds the token with this hash. */
    byToken: (tokenHash: string): StreamMemberRow | null => findMember((row) => row.tokenHash === tokenHash),
    async insert(values: Omit<StreamRow, 'id'>): Promise<StreamRow> {
      const [row] = await orm.insert(streams).values(values).returning()
      if (!row) throw new Error('the new stream was not written')
      rows.set(row.id, row)
      ids.set(row.key, row.id)
      return row
    },
    async update(before: StreamRow, change: Partial<StreamRow>): Promise<StreamRow> {
      await orm.update(streams).set(change).where(eq(streams.id, before.id))
      const row = { ...before, ...change }
      rows.set(row.id, row)
      ids.delete(before.key)
      ids.set(row.key, row.id)
      return row
    },
    /** For ever, with its members. Its pictures must be gone. */
    async remove(row: StreamRow): Promise<void> {
      await orm.delete(streams).where(eq(streams.id, row.id))
      rows.delete(row.id)
      ids.delete(row.key)
      members.delete(row.id)
    },
    async insertMember(values: Omit<StreamMemberRow, 'id'>): Promise<StreamMemberRow> {
      const [row] = await orm.insert(streamMembers).values(values).returning()
      if (!row) throw new Error('the new member was not written')
      keep(row)
      return row
    },
    async updateMember(before: StreamMemberRow, change: Partial<StreamMemberRow>): Promise<StreamMemberRow> {
      await orm.update(streamMembers).set(change).where(eq(streamMembers.id, before.id))
      const row = { ...before, ...change }
      keep(row)
      return row
    },
    async removeMember(row: StreamMemberRow): Promise<void> {
      await orm.delete(streamMembers).where(eq(streamMembers.id, row.id))
      members.get(row.streamId)?.delete(row.id)
    },
    /** What the database has done by itself when a person went. */
    forgetPerson(userId: number): void {
      for (const row of rows.values()) if (row.ownerId === userId) rows.set(row.id, { ...row, ownerId: null })
      for (const ofStream of members.values())
        for (const row of ofStream.values()) if (row.userId === userId) ofStream.delete(row.id)
    },
    /** What the database has done by itself when an input went; the streams that had it. */
    forgetInput(inputId: number): number[] {
      const had = [...rows.values()].filter((row) => row.inputId === inputId)
      for (const row of had) rows.set(row.id, { ...row, inputId: null })
      return had.map(({ id }) => id)
    },
  }
}
