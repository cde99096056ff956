import { and, eq } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { nextId } from '../db/next-id.ts'
import { type InputRow, inputs } from '../db/tables/inputs.ts'
import { AppError } from '../errors.ts'
import type { Viewer } from '../lib/access.ts'
import type { Clock } from '../lib/clock.ts'
import { toIso } from '../lib/fields.ts'
import { newReadableSecret } from '../lib/ids.ts'
import type { SecretBox } from '../lib/secret-box.ts'
import type { Turns } from '../lib/turns.ts'
import type { EventsQuery } from '../live/events.ts'
import { INPUT_SECRET_COLUMNS, type InputSecretName, inputSecretPlace } from '../live/input-specs.ts'
import type { Live } from '../live/live.ts'
import type { Ports } from '../live/ports.ts'
import { toLogs } from '../live/wire.ts'
import { hasPublishKey, type InputSecrets, toInputDraft } from './inputs.draft.ts'
import { type RtmpDoor, toPublishing } from './inputs.publish.ts'
import { toEvent, toInputResource, toProbe } from './inputs.resource.ts'
import { createInputRules } from './inputs.rules.ts'
import { checkSwitch, SWITCH_WORDS } from './inputs.switch.ts'
import type { InputCreate, InputPatch, InputResource, SwitchBody } from './inputs.schema.ts'
import { createLastStills } from './last-stills.ts'
import type { Slates } from './slates.ts'

export type Inputs = ReturnType<typeof createInputs>

export type InputsOptions = {
  db: Database
  live: Live
  ports: Ports
  turns: Turns
  clock: Clock
  secrets: SecretBox
  door: RtmpDoor
  slates: Slates
}

const NOT_SEALED = {
  publishKeySealed: null,
  usernameSealed: null,
  passwordSealed: null,
  passphraseSealed: null,
  streamIdSealed: null,
}

const STARTED = { type: 'input.started', message: 'The input was started.' }
const STOPPED = { type: 'input.stopped', message: 'The input was stopped.' }

const isServedBy = (backupId: number) => and(eq(inputs.backupInputId, backupId), eq(inputs.onLoss, 'backup'))

/**
 * Inputs as the operator wants them. Every change goes into the row first and from there to the workers; the answer
 * tells what then is, as this viewer may see it. `actor` is who asked (for the history).
 */
export function createInputs({ db, live, ports, turns, clock, secrets, door, slates }: InputsOptions) {
  const rules = createInputRules({ db, ports, door, live })

  const lastStill = createLastStills(live.still, clock)

  async function find(id: number): Promise<InputRow> {
    const [row] = await db.orm.select().from(inputs).where(eq(inputs.id, id))
    if (row) return row
    throw new AppError({ kind: 'not_found', code: 'input.not_found', message: 'There is no such input.' })
  }

  const toResource = (row: InputRow, viewer: Viewer): InputResource =>
    toInputResource(row, live, toPublishing(row, viewer, door, secrets), slates.find(row.id))
  const get = async (id: number, viewer: Viewer) => toResource(await find(id), viewer)

  function seal(id: number, changes: InputSecrets): Partial<InputRow> {
    const columns: Partial<InputRow> = {}
    for (const [name, value] of Object.entries(changes) as [InputSecretName, string | null][])
      columns[INPUT_SECRET_COLUMNS[name]] = value === null ? null : secrets.seal(value, inputSecretPlace(id, name))
    return columns
  }

  const newKey = (id: number) => seal(id, { publish_key: newReadableSecret() })

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
    async list(viewer: Viewer): Promise<InputResource[]> {
      const rows = await db.orm.select().from(inputs).orderBy(inputs.id)
      return rows.map((row) => toResource(row, viewer))
    },
    async create(body: InputCreate, actor: string, viewer: Viewer): Promise<InputResource> {
      const draft = toInputDraft(body, null)
      const { secrets: typed, place: _place, ...columns } = draft
      const id = await turns(async () => {
        const path = await rules.path(draft, null)
        await rules.reachable(draft, null)
        await rules.backup(draft, null)
        const listening = await rules.port(draft, null)
        const now = clock.wall()
        const rowId = await nextId(db, 'inputs')
        const row: InputRow = {
          ...columns,
          ...NOT_SEALED,
          ...seal(rowId, typed),
          ...(hasPublishKey(draft.kind) && newKey(rowId)),
          ...listening,
          id: rowId,
          path,
          generation: 0,
          createdAt: now,
          updatedAt: now,
        }
        await db.batch([db.orm.insert(inputs).values(row), ...rules.listen(row)])
        live.record({ inputId: row.id, actor, type: 'input.created', message: `The input ${row.name} was created.` })
        return row.id
      })
      await live.settle()
      return get(id, viewer)
    },
    async edit(id: number, body: InputPatch, actor: string, viewer: Viewer): Promise<InputResource> {
      await turns(async () => {
        const stored = await find(id)
        const draft = toInputDraft(body, stored)
        const { secrets: typed, place: _place, ...columns } = draft
        const path = await rules.path(draft, id)
        await rules.reachable(draft, stored)
        await rules.backup(draft, stored)
        const listening = await rules.port(draft, stored)
        const row: InputRow = { ...stored, ...columns, ...seal(id, typed), ...listening, path }
        if (hasPublishKey(row.kind) && row.publishKeySealed === null) Object.assign(row, newKey(id))
        if (Bun.deepEquals(row, stored)) return
        await db.batch([
          db.orm
            .update(inputs)
            .set({ ...row, updatedAt: clock.wall() })
            .where(eq(inputs.id, id)),
          ...rules.listen(row),
        ])
        const fields = Object.keys(body)
        live.record({
          inputId: id,
          actor,
          type: 'input.edited',
          message: `Changed: ${fields.join(', ')}.`,
          data: { fields },
        })
        if (row.enabled !== stored.enabled) live.record({ inputId: id, actor, ...(row.enabled ? STARTED : STOPPED) })
      })
      await live.settle()
      return get(id, viewer)
    },
    /** A new publish key: who publishes with the old one is put out, for it opens no door any more. */
    async renewKey(id: number, actor: string, viewer: Viewer): Promise<InputResource> {
      const told = { type: 'input.key_renewed', message: 'A new publish key was made. The old one opens nothing.' }
      await act(id, actor, told, (row) => {
        if (hasPublishKey(row.kind)) return newKey(id)
        const message = `An input of kind ${row.kind} has no publish key.`
        throw new AppError({ kind: 'conflict', code: 'input.no_publish_key', message })
      })
      return get(id, viewer)
    },
    async remove(id: number): Promise<void> {
      await turns(async () => {
        const { name } = await find(id)
        const served = await db.orm.select({ id: inputs.id }).from(inputs).where(isServedBy(id))
        // Outputs, ports and history go with it (ON DELETE CASCADE); whose backup it was freeze from now on.
        await db.batch([
          db.orm.update(inputs).set({ onLoss: 'freeze', updatedAt: clock.wall() }).where(isServedBy(id)),
          db.orm.delete(inputs).where(eq(inputs.id, id)),
        ])
        const message = `Its backup ${name} was deleted. When the feed is lost, its last picture stands still.`
        for (const each of served) live.record({ inputId: each.id, actor: 'weir', type: 'input.backup_gone', message })
      })
      await live.gone('input', id)
      await slates.remove(id)
    },
    /** Puts something else on air; the resource tells what is on air now, and what will be at its next keyframe. */
    async switch(id: number, wanted: SwitchBody, actor: string, viewer: Viewer): Promise<InputResource> {
      const row = await find(id)
      checkSwitch(row, wanted, live.input(id).actual)
      const { onAir, pending } = await live.switch({ inputId: id, ...wanted })
      const data = { to: wanted.to, on_air: onAir, pending }
      live.record({ inputId: id, actor, type: 'input.switched', message: SWITCH_WORDS[wanted.to], data })
      return { ...(await get(id, viewer)), on_air: onAir, pending }
    },
    slate: async (id: number) => {
      await find(id)
      return slates.find(id)
    },
    /** Takes in the slate's picture. @throws AppError as `Slates.put` */
    async setSlate(id: number, bytes: AsyncIterable<Uint8Array>, actor: string, viewer: Viewer) {
      await find(id)
      await slates.put(id, bytes)
      await find(id).catch(async (error: unknown) => {
        // Deleted while its picture was coming in.
        await slates.remove(id)
        throw error
      })
      const told = { type: 'input.slate_set', message: 'The slate got a picture of its own.' }
      await act(id, actor, told, () => ({}))
      return get(id, viewer)
    },
    /** Back to a plain card with the name. */
    async removeSlate(id: number, actor: string, viewer: Viewer) {
      await find(id)
      const told = { type: 'input.slate_removed', message: 'The picture of the slate was removed.' }
      if (await slates.remove(id)) await act(id, actor, told, () => ({}))
      return get(id, viewer)
    },
    async start(id: number, actor: string, viewer: Viewer): Promise<InputResource> {
      await act(id, actor, STARTED, (row) => {
        if (!row.enabled) return { enabled: true }
        return live.input(id).actual.status === 'error' ? { generation: row.generation + 1 } : null
      })
      return get(id, viewer)
    },
    async stop(id: number, actor: string, viewer: Viewer): Promise<InputResource> {
      await act(id, actor, STOPPED, (row) => (row.enabled ? { enabled: false } : null))
      return get(id, viewer)
    },
    async restart(id: number, actor: string, viewer: Viewer): Promise<InputResource> {
      const told = { type: 'input.restart_asked', message: 'A restart of the input was asked for.' }
      await act(id, actor, told, (row) => ({ generation: row.generation + 1 }))
      return get(id, viewer)
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
      return lastStill(id, width)
    },
    stillAt: live.stillAt,
    async history(id: number, minutes: number) {
      await find(id)
      const { stepSeconds, fromMs, bitrateKbps, outputs } = live.history(id, minutes)
      return { step_seconds: stepSeconds, from: toIso(fromMs), bitrate_kbps: bitrateKbps, outputs }
    },
    async events(id: number, query: EventsQuery) {
      await find(id)
      const { items, nextCursor, ...counts } = await live.events(id, query)
      return { items: items.map(toEvent), next_cursor: nextCursor, ...counts }
    },
  }
}
