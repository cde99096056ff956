import { AppError } from '../../src/errors.ts'
import type { MediaClient } from '../../src/media/client.ts'
import {
  type InputActual,
  type LogLine,
  type OutputActual,
  type Preflight,
  toBlankInput,
} from '../../src/media/actual.ts'
import type { MediaEvent, OperationInput } from '../../src/media/protocol.ts'
import type { InputSpec, OutputSpec } from '../../src/media/specs.ts'

export type FakeMedia = Pick<
  MediaClient,
  'reconcile' | 'logs' | 'probe' | 'still' | 'preflight' | 'kick' | 'switch' | 'fault' | 'workers' | 'on'
> & {
  /** What `preflight` answers from now on. */
  found(change: Partial<Preflight>): void
  /** What was put on air by hand, and what refuses it from now on. */
  switches: OperationInput<'switch'>[]
  refuseSwitch(error: AppError | null): void
  /** The outputs that were looked at, and the callers that were put out. */
  preflights: OutputSpec[]
  kicks: { outputId: number; callerId: number }[]
  /** The wanted list as last taken. */
  wanted(): InputSpec[]
  outputSpec(id: number): OutputSpec
  revisions: number[]
  /** While held, a list is not taken: `release` takes the newest. */
  hold(): void
  release(): void
  /** What `still` answers from now on, and the event that tells of it; null = no picture. */
  picture(id: number, jpeg: Uint8Array | null, at?: number): void
  /** Reports a state on top of what was last reported. */
  input(id: number, change: Partial<InputActual>): void
  output(id: number, change: Partial<OutputActual>): void
  emit(event: MediaEvent): void
  /** A death of the only worker, and its next life. */
  crash(failed: boolean): void
  revive(): void
}

const AT = 1_700_000_000_000

/**
 * The media side without threads and children, true to its contract: it takes whole lists by growing revision, reports a
 * state only when one changes, and answers a removal when the thing is gone.
 */
export function createFakeMedia(): FakeMedia {
  const handlers = new Set<(event: MediaEvent) => void>()
  const inputs = new Map<number, InputActual>()
  const outputs = new Map<number, OutputActual>()
  const revisions: number[] = []
  const preflights: OutputSpec[] = []
  const switches: OperationInput<'switch'>[] = []
  let switchRefusal: AppError | null = null
  const kicks: { outputId: number; callerId: number }[] = []
  const found: Preflight = {
    resolved: null,
    reached: null,
    tls: null,
    feed: null,
    refusal: null,
    uploadKbps: 0,
  }
  const pictures = new Map<number, { jpeg: Uint8Array; at: number }>()
  let specs: InputSpec[] = []
  let held: { list: InputSpec[]; taken: () => void }[] | null = null
  let down = false

  const emit = (event: MediaEvent) => {
    for (const handler of handlers) handler(event)
  }

  function input(id: number, change: Partial<InputActual>): void {
    const next = { ...(inputs.get(id) ?? newInput(id)), ...change }
    inputs.set(id, next)
    emit({ name: 'input.state', at: AT, data: next })
  }

  function output(id: number, change: Partial<OutputActual>): void {
    const inputId = specs.find((spec) => spec.outputs.some((each) => each.id === id))?.id ?? 0
    const next = { ...(outputs.get(id) ?? newOutput(id, inputId)), ...change }
    outputs.set(id, next)
    emit({ name: 'output.state', at: AT, data: next })
  }

  function take(list: InputSpec[]): void {
    const before = specs
    specs = list
    const old = new Map(before.flatMap((spec) => spec.outputs).map((spec) => [spec.id, spec]))
    const oldInputs = new Map(before.map((spec) => [spec.id, spec]))
    for (const spec of list) {
      const was = oldInputs.get(spec.id)
      const status = spec.enabled ? (spec.source.kind === 'test' ? 'starting' : 'inactive') : 'stopped'
      if ((was?.enabled ?? false) !== spec.enabled || (was && was.generation !== spec.generation))
        input(spec.id, { status, lastError: null })
      for (const each of spec.outputs) {
        const last = old.get(each.id)
        if ((last?.enabled ?? false) === each.enabled && last?.generation === each.generation) continue
        if (last || each.enabled) output(each.id, { status: each.enabled ? 'waiting' : 'stopped', lastError: null })
      }
    }
    const now = new Set(list.flatMap((spec) => spec.outputs).map((spec) => spec.id))
    for (const id of old.keys()) if (!now.has(id)) remove('output', id)
    for (const id of oldInputs.keys()) if (!list.some((spec) => spec.id === id)) remove('input', id)
  }

  function remove(kind: 'input' | 'output', id: number): void {
    const map = kind === 'input' ? inputs : outputs
    map.delete(id)
    setTimeout(() => emit({ name: `${kind}.removed`, at: AT, data: { id } }), 5)
  }

  const unavailable = () => new AppError({ kind: 'unavailable', code: 'media.unavailable', message: 'No worker.' })

  return {
    reconcile(revision, list) {
      revisions.push(revision)
      const { promise, resolve } = Promise.withResolvers<void>()
      if (held) held.push({ list, taken: resolve })
      else {
        take(list)
        resolve()
      }
      return promise
    },
    async logs(_inputId, kind, id) {
      if (down) throw unavailable()
      const line: LogLine = { at: AT, level: 'info', text: `${kind} ${id} says hello` }
      return { lines: [line], exits: [] }
    },
    async probe() {
      if (down) throw unavailable()
      return { bitrateKbps: 2500.04, programs: [] }
    },
    async still(inputId) {
      if (down) throw unavailable()
      return pictures.get(inputId) ?? null
    },
    found: (change) => void Object.assign(found, change),
    preflights,
    kicks,
    async preflight(_inputId, spec) {
      if (down) throw unavailable()
      preflights.push(spec)
      return found
    },
    async kick(_inputId, outputId, callerId) {
      if (down) throw unavailable()
      kicks.push({ outputId, callerId })
      const callers = outputs.get(outputId)?.callers ?? []
      output(outputId, { callers: callers.filter((each) => each.id !== callerId) })
    },
    switches,
    refuseSwitch(error) {
      switchRefusal = error
    },
    /** At once where it waits for no keyframe; a feed is `pending`. */
    async switch(wanted) {
      if (down) throw unavailable()
      if (switchRefusal) throw switchRefusal
      switches.push(wanted)
      const { inputId, to, when } = wanted
      const before = inputs.get(inputId) ?? newInput(inputId)
      const isFeed = to === 'main' || to === 'backup'
      if (isFeed && when === 'keyframe') input(inputId, { pending: to })
      else if (to !== 'auto') {
        input(inputId, { onAir: to, onAirSince: AT, onAirReason: 'manual', pending: null })
        const change = { from: before.onAir, to, reason: 'manual' as const, gapMs: 0 }
        emit({ name: 'input.switched', at: AT, data: { id: inputId, ...change } })
      }
      const { onAir, pending } = inputs.get(inputId) ?? before
      return { onAir, pending }
    },
    fault: async () => undefined,
    workers: () => [{ index: 1, state: down ? 'restarting' : 'ready', inputs: [], restarts: 0, loopLagMs: 1 }],
    on(handler) {
      handlers.add(handler)
      return () => void handlers.delete(handler)
    },
    wanted: () => specs,
    outputSpec(id) {
      const spec = specs.flatMap((each) => each.outputs).find((each) => each.id === id)
      if (!spec) throw new Error(`no output ${id} is wanted`)
      return spec
    },
    revisions,
    hold() {
      held = []
    },
    release() {
      const waiting = held ?? []
      held = null
      const newest = waiting.at(-1)
      if (newest) take(newest.list)
      for (const { taken } of waiting) taken()
    },
    picture(id, jpeg, at = AT) {
      pictures.delete(id)
      if (!jpeg) return
      pictures.set(id, { jpeg, at })
      emit({ name: 'input.still', at, data: { id, at } })
    },
    input,
    output,
    emit,
    crash(failed) {
      down = true
      const inputIds = specs.map((spec) => spec.id)
      inputs.clear()
      outputs.clear()
      emit({ name: 'worker.down', at: AT, data: { index: 1, inputIds, failed } })
    },
    revive() {
      down = false
      emit({ name: 'worker.up', at: AT, data: { index: 1, inputIds: specs.map((spec) => spec.id) } })
      const list = specs
      specs = []
      take(list)
    },
  }
}

export const newInput = (id: number): InputActual => toBlankInput(id, 'stopped', AT)

export function newOutput(id: number, inputId: number): OutputActual {
  return {
    id,
    inputId,
    status: 'stopped',
    statusReason: null,
    since: AT,
    warnings: [],
    nextRetryAt: null,
    attempt: 0,
    reconnectCount: 0,
    lastError: null,
    lastExit: null,
    processId: null,
    startedAt: null,
    callers: null,
  }
}
