import type { InputFigures, OutputFigures } from '../media/actual.ts'
import { createHistory, type Series } from './history.ts'

export type Figures = {
  take(message: { at: number; inputs: InputFigures[]; outputs: OutputFigures[] }): void
  /** The last figures; the momentary ones are null when they are older than 3 s. */
  input(id: number, nowMs: number): InputFigures | null
  /** As of an input; `hasChild` false = nothing sends, so what belongs to a child is null. */
  output(id: number, nowMs: number, hasChild: boolean): OutputFigures | null
  /** Another child sends for this output, or none: only the sums stay. */
  childChanged(id: number): void
  /** A person or the server started this output: the sums begin anew too. */
  startedAnew(id: number): void
  /** Notes when an input's newest still was made; true where it is worth telling, at most once a second. */
  takeStill(id: number, atMs: number): boolean
  /** The worker that had it is gone. */
  dropStill(id: number): void
  stillAt(id: number): number | null
  series(kind: 'input' | 'output', id: number, nowMs: number, seconds: number): Series
  drop(kind: 'input' | 'output', id: number): void
}

const FRESH_MS = 3_000
const STILL_MS = 1_000
/** What is a child's own and goes with it. */
const NO_CHILD = {
  bitrateKbps: null,
  fps: null,
  speed: null,
  uptimeSeconds: null,
  dropFrames: null,
  cpuPercent: null,
  memoryBytes: null,
  callers: [],
} satisfies Partial<OutputFigures>

/** Figures as the workers report them once a second, and their last 10 minutes. All times are wall-clock milliseconds. */
export function createFigures(): Figures {
  const inputs = new Map<number, InputFigures & { at: number }>()
  const outputs = new Map<number, OutputFigures & { at: number }>()
  const stills = new Map<number, { atMs: number; toldMs: number }>()
  const history = createHistory()

  return {
    take({ at, inputs: ins, outputs: outs }) {
      for (const figures of ins) {
        inputs.set(figures.id, { ...figures, at })
        history.add(`input:${figures.id}`, at, figures.bitrateKbps)
      }
      for (const figures of outs) {
        outputs.set(figures.id, { ...figures, at })
        history.add(`output:${figures.id}`, at, figures.bitrateKbps)
      }
    },
    input(id, nowMs) {
      const last = inputs.get(id)
      if (!last) return null
      return nowMs - last.at <= FRESH_MS ? last : { ...last, bitrateKbps: null }
    },
    output(id, nowMs, hasChild) {
      const last = outputs.get(id)
      if (!last || !hasChild) return last ? { ...last, ...NO_CHILD } : null
      // Frames that were dropped are a sum, of the child that still runs.
      return nowMs - last.at <= FRESH_MS ? last : { ...last, ...NO_CHILD, dropFrames: last.dropFrames }
    },
    childChanged(id) {
      const last = outputs.get(id)
      if (last) outputs.set(id, { ...last, ...NO_CHILD })
    },
    startedAnew: (id) => void outputs.delete(id),
    takeStill(id, atMs) {
      const toldMs = stills.get(id)?.toldMs ?? Number.NEGATIVE_INFINITY
      const isDue = atMs - toldMs >= STILL_MS
      stills.set(id, { atMs, toldMs: isDue ? atMs : toldMs })
      return isDue
    },
    dropStill: (id) => void stills.delete(id),
    stillAt: (id) => stills.get(id)?.atMs ?? null,
    series: (kind, id, nowMs, seconds) => history.read(`${kind}:${id}`, nowMs, seconds),
    drop(kind, id) {
      if (kind === 'input') {
        inputs.delete(id)
        stills.delete(id)
      } else outputs.delete(id)
      history.drop(`${kind}:${id}`)
    },
  }
}
