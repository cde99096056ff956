import type { Bus } from '../bus.ts'
import type { Database } from '../db/client.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { createTurns } from '../lib/turns.ts'
import type { Live } from '../live/live.ts'
import { createMembers } from './members.service.ts'
import { createRelations } from './relations.ts'
import { createStreams } from './streams.service.ts'
import { openStreamStore } from './streams.store.ts'

export type OpenStreamsDeps = {
  db: Database
  clock: Clock
  log: Log
  bus: Bus
  live: Pick<Live, 'input' | 'isInput'>
  /** Null where there is no such person. */
  personName(userId: number): string | null
}

/** Streams, who is let into them, and what becomes of them when their inputs change. */
export async function openStreams({ db, clock, log, bus, live, personName }: OpenStreamsDeps) {
  const store = await openStreamStore(db)
  const relations = createRelations({ store, clock })
  const turns = createTurns()
  const isActive = (id: number) => live.isInput(id) && live.input(id).actual.status === 'active'
  /** A freeze is the last picture there was; a backup or a slate is what viewers see now. */
  function isLive(id: number): boolean {
    const onAir = live.isInput(id) ? live.input(id).actual.onAir : 'none'
    return onAir === 'backup' || onAir === 'slate' || (onAir !== 'freeze' && isActive(id))
  }
  const inputs = { isInput: live.isInput, isActive }
  const tell = (streamId: number) => bus.publish({ type: 'stream.changed', streamId })
  const streams = createStreams({ db, store, relations, inputs, turns, tell, clock })
  const members = createMembers({ store, nameOf: personName, turns, clock })

  const close = bus.subscribe((event) => {
    if (event.type === 'input.removed') streams.inputIsGone(event.inputId)
    if (event.type !== 'input.changed' || !isActive(event.inputId)) return
    // The next change of the input says it again.
    streams.inputIsOn(event.inputId).catch((error: unknown) => log.warn('a stream could not be set live', { error }))
  })
  return { streams, members, isLive, forgetPerson: store.forgetPerson, close }
}
