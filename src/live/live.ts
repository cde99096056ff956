import type { Bus } from '../bus.ts'
import type { Database } from '../db/client.ts'
import { type InputRow, inputs } from '../db/tables/inputs.ts'
import { type OutputRow, outputs } from '../db/tables/outputs.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { SecretBox } from '../lib/secret-box.ts'
import type { MediaClient } from '../media/client.ts'
import type {
  ChildExit,
  InputActual,
  InputFigures,
  LogLine,
  OutputActual,
  OutputFigures,
  Preflight,
  Probe,
} from '../media/actual.ts'
import type { OperationInput, OperationOutput } from '../media/protocol.ts'
import type { InputSpec, OutputSpec } from '../media/specs.ts'
import { createActual, type Kind } from './actual.ts'
import { createChoices } from './choices.ts'
import { createEventLog, type EventLog, type NewEvent, type StoppedAt } from './events.ts'
import { createFigures } from './figures.ts'
import type { Series } from './history.ts'
import { createMediaEvents } from './media-events.ts'
import { toWanted } from './specs.ts'
import { createSyncLoop } from './sync-loop.ts'

export type LiveHistory = { stepSeconds: number; fromMs: number; bitrateKbps: Series; outputs: Record<string, Series> }

export type Live = {
  /** Resolves when the workers have taken what stands in the database now. */
  sync(): Promise<void>
  /** As `sync`, but waits at most a second: for request handlers. */
  settle(): Promise<void>
  input(id: number): { actual: InputActual; figures: InputFigures | null }
  output(id: number): { actual: OutputActual; figures: OutputFigures | null }
  isInput(id: number): boolean
  /** Ids of the outputs of an input that are `running` now. */
  runningOutputs(inputId: number): number[]
  outputsOf(inputId: number): number[]
  inputOf(outputId: number): number | null
  /** After its row is deleted: resolves when child and socket are gone, at most 3 s later. */
  gone(kind: Kind, id: number): Promise<void>
  logs(inputId: number, kind: Kind, id: number): Promise<{ lines: LogLine[]; exits: ChildExit[] }>
  probe(inputId: number): Promise<Probe>
  /** Looks at a destination without sending anything; at most 10 s. */
  preflight(inputId: number, output: OutputSpec): Promise<Preflight>
  /** Ends the link of one caller of a listener. */
  kick(inputId: number, outputId: number, callerId: number): Promise<void>
  /** Puts something else on air. @throws AppError conflict where it cannot be, unavailable */
  switch(wanted: OperationInput<'switch'>): Promise<OperationOutput<'switch'>>
  /** The newest picture as JPEG, at most `width` wide, or null where there is none. */
  still(inputId: number, width: number): Promise<{ jpeg: Uint8Array; at: number } | null>
  /** When the newest still was made, wall-clock milliseconds; null before anybody looked. */
  stillAt(inputId: number): number | null
  history(inputId: number, minutes: number): LiveHistory
  record(event: NewEvent): void
  events: EventLog['list']
  recentEvents: EventLog['recent']
  counts(): { inputs: Record<string, number>; outputs: Record<string, number> }
  close(): Promise<void>
}

const SETTLE_MS = 1_000
const GONE_MS = 3_000

/**
 * Wanted and actual in one place. Rows go to the workers as one list (`sync`); their events come back as state, figures,
 * history and events of the bus. Every GET, page and event reads from here.
 */
export function createLive(o: {
  db: Database
  media: Pick<MediaClient, 'reconcile' | 'logs' | 'probe' | 'still' | 'preflight' | 'kick' | 'switch' | 'on'>
  bus: Bus
  clock: Clock
  log: Log
  secrets: SecretBox
  /** The file of an input's slate picture; null = none, a plain card will do. */
  slateOf(inputId: number): string | null
}): Live {
  const { db, media, bus, clock } = o
  const actual = createActual()
  const figures = createFigures()
  const eventLog = createEventLog({ db, clock, log: o.log })
  /** Rows as last read, to tell which of them changed. */
  let seenInputs = new Map<number, InputRow>()
  let seenOutputs = new Map<number, OutputRow>()
  /** What a start of an enabled output was made of (a hash, for there are secrets in it); null while it is off. */
  let seenStarts = new Map<number, number | bigint | null>()
  /** Read once: what is switched off later is seen to be. */
  let stoppedAt: StoppedAt | null = null

  const loop = createSyncLoop({
    clock,
    log: o.log,
    async send(revision) {
      const [inputRows, outputRows] = await Promise.all([db.orm.select().from(inputs), db.orm.select().from(outputs)])
      const { specs, unreadable } = toWanted(inputRows, outputRows, o.secrets, {
        slate: o.slateOf,
        choice: choices.of,
      })
      stoppedAt ??= await eventLog.stoppedAt()
      const stopped = stoppedAt
      const wantedOutputs = outputRows.map(({ id, inputId, enabled, updatedAt }) => ({
        ...{ id, inputId, enabled, unreadable: unreadable.outputs.has(id) },
        offSinceMs: stopped.output.get(id) ?? updatedAt,
      }))
      const wantedInputs = inputRows.map(({ id, enabled, updatedAt }) => ({
        ...{ id, enabled, unreadable: unreadable.inputs.has(id) },
        offSinceMs: stopped.input.get(id) ?? updatedAt,
      }))
      actual.want(wantedInputs, wantedOutputs, clock.wall())
      tellRows(inputRows, outputRows)
      const anew = startedAnew(specs)
      const taken = media.reconcile(revision, specs).then(() => {
        for (const id of anew) figures.startedAnew(id)
      })
      return { taken }
    },
  })

  /** Outputs whose child this list starts, as opposed to those that a worker starts again by itself. */
  function startedAnew(specs: InputSpec[]): number[] {
    const all = specs.flatMap((spec) => spec.outputs)
    const next = new Map(
      all.map(({ id, enabled, generation, target, engine, transparent, audio, video }) => [
        id,
        enabled ? Bun.hash(JSON.stringify([generation, target, engine, transparent, audio, video])) : null,
      ]),
    )
    const anew = [...next].filter(([id, start]) => start !== null && start !== seenStarts.get(id)).map(([id]) => id)
    seenStarts = next
    return anew
  }

  /** What a worker never reports: rows that came, went, or changed in what only main knows (a name, a delay). */
  function tellRows(inputRows: InputRow[], outputRows: OutputRow[]): void {
    const nextInputs = new Map(inputRows.map((row) => [row.id, row]))
    const nextOutputs = new Map(outputRows.map((row) => [row.id, row]))
    for (const [id, row] of seenOutputs) {
      if (nextOutputs.has(id)) continue
      figures.drop('output', id)
      bus.publish({ type: 'output.removed', inputId: row.inputId, outputId: id })
      if (nextInputs.has(row.inputId)) bus.publish({ type: 'input.changed', inputId: row.inputId })
    }
    for (const id of seenInputs.keys()) {
      if (nextInputs.has(id)) continue
      figures.drop('input', id)
      bus.publish({ type: 'input.removed', inputId: id })
    }
    for (const [id, row] of nextInputs)
      if (!Bun.deepEquals(row, seenInputs.get(id))) bus.publish({ type: 'input.changed', inputId: id })
    for (const [id, row] of nextOutputs) {
      if (Bun.deepEquals(row, seenOutputs.get(id))) continue
      bus.publish({ type: 'output.changed', inputId: row.inputId, outputId: id })
      if (!seenOutputs.has(id)) bus.publish({ type: 'input.changed', inputId: row.inputId })
    }
    seenInputs = nextInputs
    seenOutputs = nextOutputs
  }

  /** What comes first: the promise, or the end of the time. */
  function within(delayMs: number, promise: Promise<void>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const cancel = clock.after(delayMs, () => resolve(false))
      promise.then(() => {
        cancel()
        resolve(true)
      }, reject)
    })
  }

  const choices = createChoices(() => void loop.ask())
  const stopHearing = media.on(
    createMediaEvents({ actual, figures, choices, bus, record: eventLog.record, log: o.log }),
  )

  return {
    sync: () => loop.ask(),
    async settle() {
      if (!(await within(SETTLE_MS, loop.ask()))) o.log.warn('a worker did not take a change within a second')
    },
    input: (id) => ({ actual: actual.input(id), figures: figures.input(id, clock.wall()) }),
    output(id) {
      const now = actual.output(id)
      const isListening = now.status === 'waiting' && now.processId !== null
      const hasChild = now.status === 'starting' || now.status === 'running' || isListening
      return { actual: now, figures: figures.output(id, clock.wall(), hasChild) }
    },
    isInput: (id) => actual.isWanted('input', id),
    runningOutputs: (inputId) => actual.outputsOf(inputId).filter((id) => actual.output(id).status === 'running'),
    outputsOf: actual.outputsOf,
    inputOf: actual.inputOf,
    async gone(kind, id) {
      const end = loop.ask().then(() => actual.gone(kind, id))
      if (!(await within(GONE_MS, end))) o.log.warn('something that was deleted is not gone yet', { kind, id })
      actual.forget(kind, id)
    },
    logs: (inputId, kind, id) => media.logs(inputId, kind, id),
    probe: (inputId) => media.probe(inputId),
    still: (inputId, width) => media.still(inputId, width),
    preflight: (inputId, output) => media.preflight(inputId, output),
    kick: (inputId, outputId, callerId) => media.kick(inputId, outputId, callerId),
    async switch(wanted) {
      const answer = await media.switch(wanted)
      choices.made(wanted, answer)
      return answer
    },
    stillAt: figures.stillAt,
    history(inputId, minutes) {
      const seconds = minutes * 60
      const nowMs = clock.wall()
      const seriesOf = (id: number) => [String(id), figures.series('output', id, nowMs, seconds)] as const
      return {
        stepSeconds: 1,
        fromMs: (Math.floor(nowMs / 1000) - seconds + 1) * 1000,
        bitrateKbps: figures.series('input', inputId, nowMs, seconds),
        // Read where it is asked for: a wall shows the inputs alone, every second.
        get outputs() {
          return Object.fromEntries(actual.outputsOf(inputId).map(seriesOf))
        },
      }
    },
    record: eventLog.record,
    events: eventLog.list,
    recentEvents: eventLog.recent,
    counts() {
      const count = (statuses: string[]) => {
        const counts: Record<string, number> = {}
        for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1
        return counts
      }
      const inputIds = actual.inputIds()
      return {
        inputs: count(inputIds.map((id) => actual.input(id).status)),
        outputs: count(inputIds.flatMap((id) => actual.outputsOf(id)).map((id) => actual.output(id).status)),
      }
    },
    async close() {
      stopHearing()
      loop.close()
      await eventLog.close()
    },
  }
}
