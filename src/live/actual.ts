import { type InputActual, type OutputActual, toBlankInput } from '../media/actual.ts'

export type Kind = 'input' | 'output'

/** When what live knows of a wanted thing, without any worker's word, began. */
type Wanted = { since: number }

export type Actual = {
  /** What is wanted as of the list last sent; `atMs` is when what is new in it began. */
  want(inputs: readonly WantedInputRow[], outputs: readonly WantedRow[], atMs: number): void
  input(id: number): InputActual
  output(id: number): OutputActual
  outputsOf(inputId: number): number[]
  /** The input of a wanted output. */
  inputOf(outputId: number): number | null
  inputIds(): number[]
  isWanted(kind: Kind, id: number): boolean
  setInput(actual: InputActual): void
  setOutput(actual: OutputActual): void
  removed(kind: Kind, id: number): void
  /** A worker died and its children with it: nothing is known of these inputs but that. */
  workerDown(inputIds: readonly number[], atMs: number, failed: boolean): void
  workerUp(inputIds: readonly number[], atMs: number): void
  /** Resolves when a worker has let go of it; at once where none ever spoke of it. */
  gone(kind: Kind, id: number): Promise<void>
  /** Forgets one that no worker will speak of any more; of an input, its outputs too. */
  forget(kind: Kind, id: number): void
}

/**
 * `unreadable`: its secrets do not open, so no worker hears of it. `offSinceMs`: since when it has been off if it is off
 * when it is first seen, at the start of the server above all.
 */
export type WantedInputRow = { id: number; enabled: boolean; unreadable: boolean; offSinceMs: number }
export type WantedRow = WantedInputRow & { inputId: number }

const DOWN = 'The media worker of this input stopped. It is being started again.'
const FAILED =
  'The media worker of this input died five times in two minutes. A change or a restart of Weir tries again.'
/** The reason of an output whose secrets do not open. */
export const UNREADABLE = 'Its stored secrets cannot be read with the present SECRET_KEY. Enter them again.'
const UNREADABLE_INPUT = `${UNREADABLE} A publish key is made anew on the page of the input.`

/**
 * Actual state: the workers' word where there is one, else what follows from what is wanted. A worker says nothing about
 * what was never enabled, so silence has a meaning of its own.
 */
export function createActual(): Actual {
  const wantedInputs = new Map<number, WantedInputRow & Wanted>()
  const wantedOutputs = new Map<number, WantedRow & Wanted>()
  const inputs = new Map<number, InputActual>()
  const outputs = new Map<number, OutputActual>()
  const down = new Map<number, { at: number; failed: boolean }>()
  const waiting = new Map<string, (() => void)[]>()

  function release(kind: Kind, id: number): void {
    const key = `${kind}:${id}`
    for (const resolve of waiting.get(key) ?? []) resolve()
    waiting.delete(key)
  }

  function drop(kind: Kind, id: number): void {
    if (kind === 'input') inputs.delete(id)
    else outputs.delete(id)
    release(kind, id)
  }

  function silentInput(id: number): InputActual {
    const wanted = wantedInputs.get(id)
    const fallen = down.get(id)
    const since = Math.max(wanted?.since ?? 0, fallen?.at ?? 0)
    const enabled = wanted?.enabled ?? false
    if (enabled && wanted?.unreadable) {
      const blank = toBlankInput(id, 'error', wanted.since)
      return { ...blank, statusReason: UNREADABLE_INPUT, lastError: UNREADABLE_INPUT }
    }
    const status = !enabled ? 'stopped' : fallen?.failed ? 'error' : 'starting'
    return {
      ...toBlankInput(id, status, since),
      statusReason: enabled && fallen ? (fallen.failed ? FAILED : DOWN) : null,
      lastError: enabled && fallen?.failed ? FAILED : null,
    }
  }

  function silentStatus(wanted: WantedRow | undefined): Pick<OutputActual, 'status' | 'statusReason'> {
    if (!wanted?.enabled) return { status: 'stopped', statusReason: null }
    if (wanted.unreadable) return { status: 'error', statusReason: UNREADABLE }
    const fallen = down.get(wanted.inputId)
    if (fallen?.failed) return { status: 'error', statusReason: FAILED }
    const input = wantedInputs.get(wanted.inputId)
    if (!input?.enabled) return { status: 'waiting', statusReason: 'Its input is stopped.' }
    if (input.unreadable) return { status: 'waiting', statusReason: 'Its input does not run.' }
    return fallen ? { status: 'reconnecting', statusReason: DOWN } : { status: 'starting', statusReason: null }
  }

  function silentOutput(id: number): OutputActual {
    const wanted = wantedOutputs.get(id)
    const { status, statusReason } = silentStatus(wanted)
    return {
      id,
      inputId: wanted?.inputId ?? 0,
      status,
      statusReason,
      since: Math.max(wanted?.since ?? 0, down.get(wanted?.inputId ?? 0)?.at ?? 0),
      warnings: [],
      nextRetryAt: null,
      attempt: 0,
      reconnectCount: 0,
      lastError: status === 'error' ? statusReason : null,
      lastExit: null,
      processId: null,
      startedAt: null,
      callers: null,
    }
  }

  function merge<R extends WantedInputRow>(map: Map<number, R & Wanted>, rows: readonly R[], atMs: number): void {
    const ids = new Set(rows.map(({ id }) => id))
    for (const id of [...map.keys()]) if (!ids.has(id)) map.delete(id)
    for (const row of rows) {
      const before = map.get(row.id)
      const begun = before || row.enabled ? atMs : row.offSinceMs
      map.set(row.id, { ...row, since: before?.enabled === row.enabled ? before.since : begun })
    }
  }

  return {
    want(rowsOfInputs, rows, atMs) {
      merge(wantedInputs, rowsOfInputs, atMs)
      merge(wantedOutputs, rows, atMs)
    },
    // An unreadable one is not in the list that the worker has, so its last word is about the past.
    input: (id) => (wantedInputs.get(id)?.unreadable ? null : inputs.get(id)) ?? silentInput(id),
    output(id) {
      const wanted = wantedOutputs.get(id)
      if (wanted?.unreadable || wantedInputs.get(wanted?.inputId ?? 0)?.unreadable) return silentOutput(id)
      return outputs.get(id) ?? silentOutput(id)
    },
    outputsOf: (inputId) => [...wantedOutputs].filter(([, wanted]) => wanted.inputId === inputId).map(([id]) => id),
    inputOf: (outputId) => wantedOutputs.get(outputId)?.inputId ?? null,
    inputIds: () => [...wantedInputs.keys()],
    isWanted: (kind, id) => (kind === 'input' ? wantedInputs.has(id) : wantedOutputs.has(id)),
    setInput: (actual) => void inputs.set(actual.id, actual),
    setOutput: (actual) => void outputs.set(actual.id, actual),
    removed: drop,
    workerDown(inputIds, atMs, failed) {
      const fallen = new Set(inputIds)
      for (const id of fallen) down.set(id, { at: atMs, failed })
      for (const output of [...outputs.values()]) if (fallen.has(output.inputId)) drop('output', output.id)
      for (const id of fallen) drop('input', id)
    },
    workerUp(inputIds, atMs) {
      for (const id of inputIds) {
        if (!down.delete(id)) continue
        const wanted = wantedInputs.get(id)
        if (wanted) wanted.since = atMs
        for (const output of wantedOutputs.values()) if (output.inputId === id) output.since = atMs
      }
    },
    gone(kind, id) {
      if (!(kind === 'input' ? inputs : outputs).has(id)) return Promise.resolve()
      return new Promise((resolve) => {
        const key = `${kind}:${id}`
        waiting.set(key, [...(waiting.get(key) ?? []), resolve])
      })
    },
    forget(kind, id) {
      drop(kind, id)
      if (kind === 'output') return
      down.delete(id)
      for (const output of [...outputs.values()]) if (output.inputId === id) drop('output', output.id)
    },
  }
}
