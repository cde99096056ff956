import type { Database } from '../db/client.ts'
import type { OutputRow } from '../db/tables/outputs.ts'
import { AppError } from '../errors.ts'
import type { Viewer } from '../lib/access.ts'
import type { Clock } from '../lib/clock.ts'
import { toNameKey } from '../lib/fields.ts'
import type { SecretBox } from '../lib/secret-box.ts'
import type { Turns } from '../lib/turns.ts'
import type { Live } from '../live/live.ts'
import type { Ports } from '../live/ports.ts'
import { SECRET_COLUMNS, type SecretName, toEffectiveOptions, toOutputSpec } from '../live/specs.ts'
import { toLogs } from '../live/wire.ts'
import { toUrl } from './address.ts'
import { type CheckResource, peakKbps, toCheck } from './outputs.check.ts'
import { ANY_PORT, type OutputDefaults, type Secrets, toOutputDraft, toTimingDefaults } from './outputs.draft.ts'
import { toOutputResource } from './outputs.resource.ts'
import { createRules, duplicate } from './outputs.rules.ts'
import type { OutputCreate, OutputPatch, OutputResource } from './outputs.schema.ts'
import { createOutputStore } from './outputs.store.ts'
import { isOwnAddress } from './own-address.ts'
import { presetOf } from './presets.ts'

export type Outputs = ReturnType<typeof createOutputs>

export type OutputsOptions = {
  db: Database
  live: Live
  ports: Ports
  turns: Turns
  clock: Clock
  secrets: SecretBox
  limits: OutputDefaults & { maxPerInput: number }
}

/**
 * Outputs as the operator wants them; as with inputs, the row first and from there to the workers. `actor` is who asked
 * (for the history), `viewer` who sees the answer.
 */
export function createOutputs({ db, live, ports, turns, clock, secrets, limits }: OutputsOptions) {
  const rules = createRules({ db, ports, secrets, maxPerInput: limits.maxPerInput })
  const store = createOutputStore({ db, ports, clock, secrets, rules })
  const toResources = (rows: OutputRow[], viewer: Viewer) =>
    rows.map((row) => toOutputResource(row, live, secrets, viewer))

  async function list(inputId: number, viewer: Viewer): Promise<OutputResource[]> {
    await store.needInput(inputId)
    return toResources(await store.ofInput(inputId), viewer)
  }

  const get = async (inputId: number, id: number, viewer: Viewer) =>
    toOutputResource(await store.find(inputId, id), live, secrets, viewer)

  function record(row: OutputRow, actor: string, type: string, message: string, data?: Record<string, unknown>): void {
    live.record({ inputId: row.inputId, outputId: row.id, actor, type, message, ...(data ? { data } : {}) })
  }

  function recordSwitch(row: OutputRow, actor: string): void {
    if (row.enabled) record(row, actor, 'output.started', 'The output was started.')
    else record(row, actor, 'output.stopped', 'The output was stopped.')
  }

  /** The row that a start makes of one, or null where it runs already. */
  function started(row: OutputRow): OutputRow | null {
    if (!row.enabled) return { ...row, enabled: true }
    return live.output(row.id).actual.status === 'error' ? { ...row, generation: row.generation + 1 } : null
  }

  /** Looks at a destination; `row` may be one that is not stored. */
  async function check(row: OutputRow): Promise<CheckResource> {
    const found = await live.preflight(row.inputId, toOutputSpec(row, secrets))
    const { bitrateKbps } = live.history(row.inputId, 1)
    const others = (await store.all()).filter((other) => other.id !== row.id && !staysHere(other))
    const rates = others.map(({ id }) => live.output(id).figures?.bitrateKbps ?? 0)
    return toCheck({
      protocol: row.protocol,
      host: row.host,
      tls: row.tls,
      options: toEffectiveOptions(row, row.options),
      preset: presetOf({ protocol: row.protocol, url: toUrl(row) }),
      hasLogin: row.usernameSealed !== null,
      staysHere: staysHere(row),
      found: { ...found, feed: found.feed && { ...found.feed, bitrateKbps: peakKbps(bitrateKbps) } },
      uploadKbps: rates.reduce((sum, kbps) => sum + kbps, 0),
    })
  }

  return {
    list,
    get,
    /** What applies where an output says nothing. */
    defaults: toTimingDefaults(limits),
    /** Those of every input, in the order of their ids. */
    all: async (viewer: Viewer): Promise<OutputResource[]> => toResources(await store.all(), viewer),
    /** Names and states alone, for who shows no addresses. */
    async states(inputId: number): Promise<Pick<OutputResource, 'id' | 'name' | 'status'>[]> {
      await store.needInput(inputId)
      const rows = await store.ofInput(inputId)
      return rows.map(({ id, name }) => ({ id, name, status: live.output(id).actual.status }))
    },
    async create(inputId: number, body: OutputCreate, actor: string, viewer: Viewer): Promise<OutputResource> {
      const id = await turns(async () => {
        await store.needInput(inputId)
        const row = await store.insert(inputId, toOutputDraft(body, null, limits))
        record(row, actor, 'output.created', `The output ${row.name} ${toPlaceWords(row)} was created.`)
        return row.id
      })
      await live.settle()
      return get(inputId, id, viewer)
    },
    async edit(inputId: number, id: number, body: OutputPatch, actor: string, viewer: Viewer): Promise<OutputResource> {
      await turns(async () => {
        const stored = await store.find(inputId, id)
        const row = await store.edit(stored, toOutputDraft(body, stored, limits))
        const fields = Object.keys(body)
        if (!row) return
        record(row, actor, 'output.edited', `Changed: ${fields.join(', ')}.`, { fields })
        if (row.enabled !== stored.enabled) recordSwitch(row, actor)
      })
      await live.settle()
      return get(inputId, id, viewer)
    },
    async remove(inputId: number, id: number, actor: string): Promise<void> {
      await turns(async () => {
        const row = await store.find(inputId, id)
        await store.remove(id)
        record(row, actor, 'output.deleted', `The output ${row.name} was deleted.`)
      })
      await live.gone('output', id)
    },
    async start(inputId: number, id: number, actor: string, viewer: Viewer): Promise<OutputResource> {
      await turns(async () => {
        const row = started(await store.find(inputId, id))
        if (!row) return
        await store.refuseTwin(row)
        await store.write(row)
        recordSwitch(row, actor)
      })
      await live.settle()
      return get(inputId, id, viewer)
    },
    async stop(inputId: number, id: number, actor: string, viewer: Viewer): Promise<OutputResource> {
      await turns(async () => {
        const row = await store.find(inputId, id)
        if (!row.enabled) return
        await store.write({ ...row, enabled: false })
        recordSwitch({ ...row, enabled: false }, actor)
      })
      await live.settle()
      return get(inputId, id, viewer)
    },
    async restart(inputId: number, id: number, actor: string, viewer: Viewer): Promise<OutputResource> {
      await turns(async () => {
        const row = await store.find(inputId, id)
        await store.write({ ...row, generation: row.generation + 1 })
        record(row, actor, 'output.restart_asked', 'A restart of the output was asked for.')
      })
      await live.settle()
      return get(inputId, id, viewer)
    },
    /** A stopped copy with its secrets, under a free name; of a listener, at a free port. */
    async duplicate(inputId: number, id: number, actor: string, viewer: Viewer): Promise<OutputResource> {
      const copyId = await turns(async () => {
        const original = await store.find(inputId, id)
        const taken = new Set((await store.ofInput(inputId)).map((row) => row.nameKey))
        const name = toCopyName(original.name, taken)
        const copied: Secrets = {}
        for (const secret of Object.keys(SECRET_COLUMNS) as SecretName[]) copied[secret] = store.open(original, secret)
        const port = original.protocol === 'srt_listener' ? ANY_PORT : original.port
        const draft = { ...original, port, name, nameKey: toNameKey(name), enabled: false, secrets: copied }
        const row = await store.insert(inputId, draft)
        record(row, actor, 'output.created', `The output ${row.name} was copied from ${original.name}.`)
        return row.id
      })
      await live.settle()
      return get(inputId, copyId, viewer)
    },
    /** Starts every output of an input; one that would be the second to its place stays as it is, and the history says so. */
    async startAll(inputId: number, actor: string, viewer: Viewer): Promise<OutputResource[]> {
      await turns(async () => {
        await store.needInput(inputId)
        for (const stored of await store.ofInput(inputId)) {
          const row = started(stored)
          if (!row) continue
          const twin = await rules.twin(row)
          if (twin) record(row, actor, 'output.not_started', duplicate(twin).message)
          else {
            await store.write(row)
            recordSwitch(row, actor)
          }
        }
      })
      await live.settle()
      return list(inputId, viewer)
    },
    async stopAll(inputId: number, actor: string, viewer: Viewer): Promise<OutputResource[]> {
      await turns(async () => {
        await store.needInput(inputId)
        const running = (await store.ofInput(inputId)).filter((row) => row.enabled)
        const stopped = running.map((row) => ({ ...row, enabled: false }))
        if (stopped.length > 0) await db.batch(stopped.map((row) => store.write(row)))
        for (const row of stopped) recordSwitch(row, actor)
      })
      await live.settle()
      return list(inputId, viewer)
    },
    async logs(inputId: number, id: number) {
      await store.find(inputId, id)
      return toLogs(await live.logs(inputId, 'output', id))
    },
    /** Looks at its destination without sending anything. @throws AppError unavailable while nobody can look */
    async check(inputId: number, id: number): Promise<CheckResource> {
      const row = await store.find(inputId, id)
      for (const secret of Object.keys(SECRET_COLUMNS) as SecretName[]) store.open(row, secret)
      return check(row)
    },
    /** As `check`, for one that is not there yet. */
    async checkNew(inputId: number, body: OutputCreate): Promise<CheckResource> {
      await store.needInput(inputId)
      const draft = toOutputDraft(body, null, limits)
      await rules.reachable(draft)
      return check(store.toRow(inputId, UNSTORED_ID, draft))
    },
    /** Ends the link of one caller of a listener; its address is turned away for a minute. */
    async kick(inputId: number, id: number, callerId: number, actor: string): Promise<void> {
      const row = await store.find(inputId, id)
      const caller = live.output(id).actual.callers?.find((each) => each.id === callerId)
      if (!caller)
        throw new AppError({ kind: 'not_found', code: 'output.caller_not_found', message: 'There is no such caller.' })
      await live.kick(inputId, id, callerId)
      record(row, actor, 'output.caller_ended', `The caller ${caller.address} was disconnected.`)
    },
  }
}

/** An id that no output has had or gets while it is looked at. */
const UNSTORED_ID = Number.MAX_SAFE_INTEGER

/** Callers of a listener come from anywhere. */
function staysHere({ protocol, host }: OutputRow): boolean {
  return protocol !== 'srt_listener' && isOwnAddress(host)
}

function toPlaceWords(row: OutputRow): string {
  const url = toUrl(row)
  return url === null ? `at SRT port ${row.port}` : `to ${url}`
}

function toCopyName(name: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n++) {
    const ending = n === 1 ? ' copy' : ` copy ${n}`
    const candidate = [...name].slice(0, 240).join('').slice(0, 240) + ending
    if (candidate.isWellFormed() && !taken.has(toNameKey(candidate))) return candidate
  }
}
