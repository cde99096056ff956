import { and, eq } from 'drizzle-orm'
import type { Database, Statement } from '../db/client.ts'
import { nextId } from '../db/next-id.ts'
import { inputs } from '../db/tables/inputs.ts'
import { listeners } from '../db/tables/listeners.ts'
import { type OutputRow, outputs } from '../db/tables/outputs.ts'
import { AppError } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { SecretBox } from '../lib/secret-box.ts'
import { type Ports, type PortWish, toListener } from '../live/ports.ts'
import { openSecret, SECRET_COLUMNS, type SecretName, secretPlace } from '../live/specs.ts'
import { toUrl } from './address.ts'
import { ANY_PORT, type OutputDraft, type Secrets } from './outputs.draft.ts'
import { duplicate, type Rules } from './outputs.rules.ts'

export type OutputStore = ReturnType<typeof createOutputStore>

const NOT_SEALED = {
  streamKeySealed: null,
  usernameSealed: null,
  passwordSealed: null,
  passphraseSealed: null,
  streamIdSealed: null,
}

/**
 * The rows of outputs, written with their secrets sealed, the port of a listener owned, and checked against all others.
 * What writes must be called within one turn.
 */
export function createOutputStore(o: { db: Database; ports: Ports; clock: Clock; secrets: SecretBox; rules: Rules }) {
  const { db, ports, clock, secrets, rules } = o

  async function needInput(inputId: number): Promise<void> {
    const rows = await db.orm.select({ id: inputs.id }).from(inputs).where(eq(inputs.id, inputId))
    if (rows.length > 0) return
    throw new AppError({ kind: 'not_found', code: 'input.not_found', message: 'There is no such input.' })
  }

  function seal(id: number, changes: Secrets): Partial<OutputRow> {
    const columns: Partial<OutputRow> = {}
    for (const [name, value] of Object.entries(changes) as [SecretName, string | null][])
      columns[SECRET_COLUMNS[name]] = value === null ? null : secrets.seal(value, secretPlace(id, name))
    return columns
  }

  /** A draft as a row of its own, its secrets sealed. */
  function toRow(inputId: number, id: number, { secrets: changes, ...columns }: OutputDraft): OutputRow {
    const now = clock.wall()
    const sealed = { ...NOT_SEALED, ...seal(id, changes) }
    return { ...columns, ...sealed, id, inputId, generation: 0, createdAt: now, updatedAt: now }
  }

  /** Where its address names the port, that is the peer's; of a listener it is ours. */
  async function choosePort(row: OutputRow, stored: OutputRow | null): Promise<number> {
    const isKept = stored?.protocol === 'srt_listener' && stored.port === row.port
    if (row.protocol !== 'srt_listener' || isKept) return row.port
    const wanted = row.port === ANY_PORT ? null : row.port
    return ports.choose({ ...LISTENING, wanted, ownerId: stored?.id ?? null })
  }

  function listen(row: OutputRow): Statement[] {
    const old = db.orm.delete(listeners).where(eq(listeners.outputId, row.id))
    if (row.protocol !== 'srt_listener') return [old]
    return [old, db.orm.insert(listeners).values(toListener(LISTENING, row.port, row.id))]
  }

  /** @throws AppError 409 output.duplicate where it is enabled and another one goes to its place */
  async function refuseTwin(row: OutputRow): Promise<void> {
    const twin = row.enabled ? await rules.twin(row) : null
    if (twin) throw duplicate(twin)
  }

  const write = (row: OutputRow) =>
    db.orm
      .update(outputs)
      .set({ ...row, updatedAt: clock.wall() })
      .where(eq(outputs.id, row.id))

  return {
    needInput,
    toRow,
    refuseTwin,
    write,
    /** @throws AppError 404 */
    async find(inputId: number, id: number): Promise<OutputRow> {
      const [row] = await db.orm
        .select()
        .from(outputs)
        .where(and(eq(outputs.id, id), eq(outputs.inputId, inputId)))
      if (row) return row
      await needInput(inputId)
      throw new AppError({ kind: 'not_found', code: 'output.not_found', message: 'There is no such output.' })
    },
    all: () => db.orm.select().from(outputs).orderBy(outputs.id),
    ofInput: (inputId: number) => db.orm.select().from(outputs).where(eq(outputs.inputId, inputId)).orderBy(outputs.id),
    async insert(inputId: number, draft: OutputDraft): Promise<OutputRow> {
      await rules.room(inputId)
      await rules.name(inputId, draft.nameKey, null)
      await rules.reachable(draft)
      const row = toRow(inputId, await nextId(db, 'outputs'), draft)
      row.port = await choosePort(row, null)
      await refuseTwin(row)
      await db.batch([db.orm.insert(outputs).values(row), ...listen(row)])
      return row
    },
    /** The row that the draft makes of the stored one, or null where nothing changes. */
    async edit(stored: OutputRow, { secrets: changes, ...columns }: OutputDraft): Promise<OutputRow | null> {
      const row: OutputRow = { ...stored, ...columns, ...seal(stored.id, changes) }
      if (Bun.deepEquals(row, stored)) return null
      await rules.name(row.inputId, row.nameKey, row.id)
      if (toUrl(row) !== toUrl(stored)) await rules.reachable(row)
      row.port = await choosePort(row, stored)
      await refuseTwin(row)
      await db.batch([write(row), ...listen(row)])
      return row
    },
    remove: async (id: number): Promise<void> => void (await db.orm.delete(outputs).where(eq(outputs.id, id))),
    /** @throws AppError 409 where the stored value does not open */
    open(row: OutputRow, name: SecretName): string | null {
      try {
        return openSecret(row, name, secrets)
      } catch (cause) {
        const message = 'Its stored secrets cannot be read; enter them again first.'
        throw new AppError({ kind: 'conflict', code: 'output.secret_unreadable', message, cause })
      }
    },
  }
}

/** A listener takes calls at every address of the machine. */
const LISTENING = { address: '', group: '', field: 'srt_port', owner: 'output' } as const satisfies Partial<PortWish>
