import { eq } from 'drizzle-orm'
import type { Database, Statement } from '../db/client.ts'
import { nextId } from '../db/next-id.ts'
import { type InputRow, inputs } from '../db/tables/inputs.ts'
import { listeners } from '../db/tables/listeners.ts'
import { AppError } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import { toIso } from '../lib/fields.ts'
import type { Turns } from '../lib/turns.ts'
import type { EventsQuery } from '../live/events.ts'
import type { Live } from '../live/live.ts'
import { type Ports, toListenAddress } from '../live/ports.ts'
import { toLogs } from '../live/wire.ts'
import { type InputDraft, toFreeSlug, toInputDraft, toSlug } from './inputs.draft.ts'
import { toInputResource, toProbe } from './inputs.resource.ts'
import type { InputCreate, InputPatch, InputResource } from './inputs.schema.ts'

export type Inputs = ReturnType<typeof createInputs>

/**
 * Inputs as the operator wants them. Every change goes into the row first and from there to the workers; the answer
 * tells what then is. `host` is where senders reach this machine, `actor` who asked (for the history).
 */
export function createInputs({
  db,
  live,
  ports,
  turns,
  clock,
}: {
  db: Database
  live: Live
  ports: Ports
  turns: Turns
  clock: Clock
}) {
  async function find(id: number): Promise<InputRow> {
    const [row] = await db.orm.select().from(inputs).where(eq(inputs.id, id))
    if (row) return row
    throw new AppError({ kind: 'not_found', code: 'input.not_found', message: 'There is no such input.' })
  }

  const get = async (id: number, host: string): Promise<InputResource> => toInputResource(await find(id), live, host)

  /** Name and path that no other has. @throws AppError 409 */
  async function place(draft: InputDraft, ownId: number | null): Promise<{ path: string }> {
    const rows = await db.orm.select({ id: inputs.id, nameKey: inputs.nameKey, path: inputs.path }).from(inputs)
    const others = rows.filter((row) => row.id !== ownId)
    if (others.some((row) => row.nameKey === draft.nameKey)) throw taken('name', 'Another input has this name.')
    const paths = new Set(others.map((row) => row.path))
    if (draft.path === null) return { path: toFreeSlug(toSlug(draft.name), paths) }
    if (paths.has(draft.path)) throw taken('path', 'Another input has this path.')
    return { path: draft.path }
  }

  async function port(draft: InputDraft, stored: InputRow | null): Promise<number | null> {
    if (draft.kind !== 'udp') return null
    const address = toListenAddress(draft.bindAddress)
    // What it owns stays its own, whatever the settings or the machine's addresses have become since.
    const stays = draft.udpPort !== null && draft.udpPort === stored?.udpPort
    if (stays && address === toListenAddress(stored.bindAddress)) return draft.udpPort
    return ports.choose({
      wanted: draft.udpPort,
      address,
      group: '',
      field: 'udp_port',
      owner: 'input',
      ownerId: stored?.id ?? null,
    })
  }

  function listen(row: InputRow): Statement[] {
    const old = db.orm.delete(listeners).where(eq(listeners.inputId, row.id))
    if (row.udpPort === null) return [old]
    const address = toListenAddress(row.bindAddress)
    const place = { transport: 'udp' as const, port: row.udpPort, address, group: '', inputId: row.id }
    return [old, db.orm.insert(listeners).values(place)]
  }

  /** Changes the row where `change` has something to say, tells the history, and waits for the workers. */
  async function act(
    id: number,
    actor: string,
    told: { type: string; message: string },
    change: (row: InputRow) => Partial<InputRow> | null,
  ): Promise<void> {
    await turns(async () => {
      const changed = change(await find(id))
      if (!changed) return
      await db.orm
        .update(inputs)
        .set({ ...changed, updatedAt: clock.wall() })
        .where(eq(inputs.id, id))
      live.record({ inputId: id, actor, ...told })
    })
    await live.settle()
  }

  return {
    get,
    async nameOf(id: number): Promise<string> {
      return (await find(id)).name
    },
    async list(host: string): Promise<InputResource[]> {
      const rows = await db.orm.select().from(inputs).orderBy(inputs.id)
      return rows.map((row) => toInputResource(row, live, host))
    },
    async create(body: InputCreate, actor: string, host: string): Promise<InputResource> {
      const draft = toInputDraft(body, null)
      const id = await turns(async () => {
        const { path } = await place(draft, null)
        const udpPort = await port(draft, null)
        const now = clock.wall()
        const row = {
          ...draft,
          id: await nextId(db, 'inputs'),
          path,
          udpPort,
          generation: 0,
          createdAt: now,
          updatedAt: now,
        }
        await db.batch([db.orm.insert(inputs).values(row), ...listen(row)])
        live.record({ inputId: row.id, actor, type: 'input.created', message: `The input ${row.name} was created.` })
        return row.id
      })
      await live.settle()
      return get(id, host)
    },
    async edit(id: number, body: InputPatch, actor: string, host: string): Promise<InputResource> {
      await turns(async () => {
        const stored = await find(id)
        const draft = toInputDraft(body, stored)
        const { path } = await place(draft, id)
        const row = { ...stored, ...draft, path, udpPort: await port(draft, stored) }
        if (Bun.deepEquals(row, stored)) return
        await db.batch([
          db.orm
            .update(inputs)
            .set({ ...row, updatedAt: clock.wall() })
            .where(eq(inputs.id, id)),
          ...listen(row),
        ])
        const fields = Object.keys(body)
        live.record({
          inputId: id,
          actor,
          type: 'input.edited',
          message: `Changed: ${fields.join(', ')}.`,
          data: { fields },
        })
      })
      await live.settle()
      return get(id, host)
    },
    async remove(id: number): Promise<void> {
      await turns(async () => {
        await find(id)
        // Outputs, ports and history go with it (ON DELETE CASCADE).
        await db.orm.delete(inputs).where(eq(inputs.id, id))
      })
      await live.gone('input', id)
    },
    async start(id: number, actor: string, host: string): Promise<InputResource> {
      await act(id, actor, { type: 'input.started', message: 'The input was started.' }, (row) => {
        if (!row.enabled) return { enabled: true }
        return live.input(id).actual.status === 'error' ? { generation: row.generation + 1 } : null
      })
      return get(id, host)
    },
    async stop(id: number, actor: string, host: string): Promise<InputResource> {
      await act(id, actor, { type: 'input.stopped', message: 'The input was stopped.' }, (row) =>
        row.enabled ? { enabled: false } : null,
      )
      return get(id, host)
    },
    async restart(id: number, actor: string, host: string): Promise<InputResource> {
      const told = { type: 'input.restart_asked', message: 'A restart of the input was asked for.' }
      await act(id, actor, told, (row) => ({ generation: row.generation + 1 }))
      return get(id, host)
    },
    async logs(id: number) {
      await find(id)
      return toLogs(await live.logs(id, 'input', id))
    },
    async probe(id: number) {
      await find(id)
      return toProbe(await live.probe(id))
    },
    /** The newest picture, at most `width` wide; null where there is none. */
    async still(id: number, width: number) {
      await find(id)
      return live.still(id, width)
    },
    stillAt: live.stillAt,
    async history(id: number, minutes: number) {
      await find(id)
      const { stepSeconds, fromMs, bitrateKbps, outputs } = live.history(id, minutes)
      return { step_seconds: stepSeconds, from: toIso(fromMs), bitrate_kbps: bitrateKbps, outputs }
    },
    async events(id: number, query: EventsQuery) {
      await find(id)
      const { items, nextCursor, total } = await live.events(id, query)
      return {
        items: items.map((row) => ({
          id: row.id,
          at: toIso(row.at),
          type: row.type,
          actor: row.actor,
          output_id: row.outputId,
          message: row.message,
          data: row.data,
        })),
        next_cursor: nextCursor,
        ...(total === undefined ? {} : { total }),
      }
    },
  }
}

function taken(path: 'name' | 'path', message: string): AppError {
  return new AppError({ kind: 'conflict', code: `input.${path}_taken`, message, errors: [{ path, message }] })
}
