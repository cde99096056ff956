import { and, eq } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { nextId } from '../db/next-id.ts'
import { inputs } from '../db/tables/inputs.ts'
import { type OutputRow, outputs } from '../db/tables/outputs.ts'
import { AppError } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import { toNameKey } from '../lib/fields.ts'
import type { SecretBox } from '../lib/secret-box.ts'
import type { Turns } from '../lib/turns.ts'
import type { Live } from '../live/live.ts'
import type { Ports } from '../live/ports.ts'
import { openSecret, SECRET_COLUMNS, type SecretName, secretPlace } from '../live/specs.ts'
import { toLogs } from '../live/wire.ts'
import { toUrl } from './address.ts'
import { type OutputDefaults, type OutputDraft, type Secrets, toOutputDraft } from './outputs.draft.ts'
import { toOutputResource } from './outputs.resource.ts'
import { createRules, duplicate } from './outputs.rules.ts'
import type { OutputCreate, OutputPatch, OutputResource } from './outputs.schema.ts'

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

const NOT_SEALED = {
  streamKeySealed: null,
  usernameSealed: null,
  passwordSealed: null,
  passphraseSealed: null,
  streamIdSealed: null,
}

/** Outputs as the operator wants them; as with inputs, the row first and from there to the workers. */
export function createOutputs({ db, live, ports, turns, clock, secrets, limits }: OutputsOptions) {
  const rules = createRules({ db, ports, secrets, maxPerInput: limits.maxPerInput })
  const toResource = (row: OutputRow) => toOutputResource(row, live, secrets)

  async function needInput(inputId: number): Promise<void> {
    const rows = await db.orm.select({ id: inputs.id }).from(inputs).where(eq(inputs.id, inputId))
    if (rows.length > 0) return
    throw new AppError({ kind: 'not_found', code: 'input.not_found', message: 'There is no such input.' })
  }

  async function find(inputId: number, id: number): Promise<OutputRow> {
    const [row] = await db.orm
      .select()
      .from(outputs)
      .where(and(eq(outputs.id, id), eq(outputs.inputId, inputId)))
    if (row) return row
    await needInput(inputId)
    throw new AppError({ kind: 'not_found', code: 'output.not_found', message: 'There is no such output.' })
  }

  async function list(inputId: number): Promise<OutputResource[]> {
    await needInput(inputId)
    return (await rowsOf(inputId)).map(toResource)
  }

  const rowsOf = (inputId: number) =>
    db.orm.select().from(outputs).where(eq(outputs.inputId, inputId)).orderBy(outputs.id)
  const get = async (inputId: number, id: number) => toResource(await find(inputId, id))

  function seal(id: number, changes: Secrets): Partial<OutputRow> {
    const columns: Partial<OutputRow> = {}
    for (const [name, value] of Object.entries(changes) as [SecretName, string | null][])
      columns[SECRET_COLUMNS[name]] = value === null ? null : secrets.seal(value, secretPlace(id, name))
    return columns
  }

  /** A new row of a draft, checked against all others. */
  async function insert(inputId: number, draft: OutputDraft): Promise<OutputRow> {
    await rules.room(inputId)
    await rules.name(inputId, draft.nameKey, null)
    await rules.noLoop(draft)
    const { secrets: changes, ...columns } = draft
    const id = await nextId(db, 'outputs')
    const now = clock.wall()
    const sealed = { ...NOT_SEALED, ...seal(id, changes) }
    const row: OutputRow = { ...columns, ...sealed, id, inputId, generation: 0, createdAt: now, updatedAt: now }
    await refuseTwin(row)
    await db.orm.insert(outputs).values(row)
    return row
  }

  async function refuseTwin(row: OutputRow): Promise<void> {
    const twin = row.enabled ? await rules.twin(row) : null
    if (twin) throw duplicate(twin)
  }

  const write = (row: OutputRow) =>
    db.orm
      .update(outputs)
      .set({ ...row, updatedAt: clock.wall() })
      .where(eq(outputs.id, row.id))

  function record(row: OutputRow, actor: string, type: string, message: string, data?: Record<string, unknown>): void {
    live.record({ inputId: row.inputId, outputId: row.id, actor, type, message, ...(data ? { data } : {}) })
  }

  /** The row that a start makes of one, or null where it runs already. */
  function started(row: OutputRow): OutputRow | null {
    if (!row.enabled) return { ...row, enabled: true }
    return live.output(row.id).actual.status === 'error' ? { ...row, generation: row.generation + 1 } : null
  }

  return {
    list,
    get,
    /** Those of every input, in the order of their ids. */
    async all(): Promise<OutputResource[]> {
      return (await db.orm.select().from(outputs).orderBy(outputs.id)).map(toResource)
    },
    async create(inputId: number, body: OutputCreate, actor: string): Promise<OutputResource> {
      const id = await turns(async () => {
        await needInput(inputId)
        const row = await insert(inputId, toOutputDraft(body, null, limits))
        record(row, actor, 'output.created', `The output ${row.name} to ${toUrl(row)} was created.`)
        return row.id
      })
      await live.settle()
      return get(inputId, id)
    },
    async edit(inputId: number, id: number, body: OutputPatch, actor: string): Promise<OutputResource> {
      await turns(async () => {
        const stored = await find(inputId, id)
        const { secrets: changes, ...columns } = toOutputDraft(body, stored, limits)
        const row: OutputRow = { ...stored, ...columns, ...seal(id, changes) }
        if (Bun.deepEquals(row, stored)) return
        await rules.name(inputId, row.nameKey, id)
        if (toUrl(row) !== toUrl(stored)) await rules.noLoop(row)
        await refuseTwin(row)
        await write(row)
        const fields = Object.keys(body)
        record(row, actor, 'output.edited', `Changed: ${fields.join(', ')}.`, { fields })
      })
      await live.settle()
      return get(inputId, id)
    },
    async remove(inputId: number, id: number, actor: string): Promise<void> {
      await turns(async () => {
        const row = await find(inputId, id)
        await db.orm.delete(outputs).where(eq(outputs.id, id))
        record(row, actor, 'output.deleted', `The output ${row.name} was deleted.`)
      })
      await live.gone('output', id)
    },
    async start(inputId: number, id: number, actor: string): Promise<OutputResource> {
      await turns(async () => {
        const row = started(await find(inputId, id))
        if (!row) return
        await refuseTwin(row)
        await write(row)
        record(row, actor, 'output.started', 'The output was started.')
      })
      await live.settle()
      return get(inputId, id)
    },
    async stop(inputId: number, id: number, actor: string): Promise<OutputResource> {
      await turns(async () => {
        const row = await find(inputId, id)
        if (!row.enabled) return
        await write({ ...row, enabled: false })
        record(row, actor, 'output.stopped', 'The output was stopped.')
      })
      await live.settle()
      return get(inputId, id)
    },
    async restart(inputId: number, id: number, actor: string): Promise<OutputResource> {
      await turns(async () => {
        const row = await find(inputId, id)
        await write({ ...row, generation: row.generation + 1 })
        record(row, actor, 'output.restart_asked', 'A restart of the output was asked for.')
      })
      await live.settle()
      return get(inputId, id)
    },
    /** A stopped copy with its secrets, under a free name. */
    async duplicate(inputId: number, id: number, actor: string): Promise<OutputResource> {
      const copyId = await turns(async () => {
        const original = await find(inputId, id)
        const taken = new Set((await rowsOf(inputId)).map((row) => row.nameKey))
        const name = toCopyName(original.name, taken)
        const copied: Secrets = {}
        for (const secret of Object.keys(SECRET_COLUMNS) as SecretName[]) copied[secret] = open(original, secret)
        const draft = { ...original, name, nameKey: toNameKey(name), enabled: false, secrets: copied }
        const row = await insert(inputId, draft)
        record(row, actor, 'output.created', `The output ${row.name} was copied from ${original.name}.`)
        return row.id
      })
      await live.settle()
      return get(inputId, copyId)
    },
    /** Starts every output of an input; one that would be the second to its place stays as it is, and the history says so. */
    async startAll(inputId: number, actor: string): Promise<OutputResource[]> {
      await turns(async () => {
        await needInput(inputId)
        for (const stored of await rowsOf(inputId)) {
          const row = started(stored)
          if (!row) continue
          const twin = await rules.twin(row)
          if (twin) record(row, actor, 'output.not_started', duplicate(twin).message)
          else {
            await write(row)
            record(row, actor, 'output.started', 'The output was started.')
          }
        }
      })
      await live.settle()
      return list(inputId)
    },
    async stopAll(inputId: number, actor: string): Promise<OutputResource[]> {
      await turns(async () => {
        await needInput(inputId)
        const running = (await rowsOf(inputId)).filter((row) => row.enabled)
        if (running.length > 0) await db.batch(running.map((row) => write({ ...row, enabled: false })))
        for (const row of running) record(row, actor, 'output.stopped', 'The output was stopped.')
      })
      await live.settle()
      return list(inputId)
    },
    async logs(inputId: number, id: number) {
      await find(inputId, id)
      return toLogs(await live.logs(inputId, 'output', id))
    },
  }

  /** @throws AppError 409 where the stored value does not open */
  function open(row: OutputRow, name: SecretName): string | null {
    try {
      return openSecret(row, name, secrets)
    } catch (cause) {
      const message = 'Its stored secrets cannot be read; enter them again first.'
      throw new AppError({ kind: 'conflict', code: 'output.secret_unreadable', message, cause })
    }
  }
}

function toCopyName(name: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n++) {
    const ending = n === 1 ? ' copy' : ` copy ${n}`
    const candidate = [...name].slice(0, 240).join('').slice(0, 240) + ending
    if (candidate.isWellFormed() && !taken.has(toNameKey(candidate))) return candidate
  }
}
