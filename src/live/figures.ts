import type { InputFigures, OutputFigures } from '../media/protocol.ts'
import { createHistory, type Series } from './history.ts'

export type Figures = {
  take(message: { at: number; inputs: InputFigures[]; outputs: OutputFigures[] }): void
  /** The last figures; the momentary ones are null when they are older than 3 s. */
  input(id: number, nowMs: number): InputFigures | null
  output(id: number, nowMs: number): OutputFigures | null
  /** Notes when an input's newest still was made; true where it is worth telling, at most once a second. */
  takeStill(id: number, atMs: number): boolean
  stillAt(id: number): number | null
  series(kind: 'input' | 'output', id: number, nowMs: number, seconds: number): Series
  drop(kind: 'input' | 'output', id: number): void
}

const FRESH_MS = 3_000
const STILL_MS = 1_000

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
    output(id, nowMs) {
      const last = outputs.get(id)
      if (!last || nowMs - last.at <= FRESH_MS) return last ?? null
      return {
        ...last,
        bitrateKbps: null,
        fps: null,
        speed: null,
        uptimeSeconds: null,
        cpuPercent: null,
        memoryBytes: null,
      }
    },
    takeStill(id, atMs) {
      const toldMs = stills.get(id)?.toldMs ?? Number.NEGATIVE_INFINITY
      const isDue = atMs - toldMs >= STILL_MS
      stills.set(id, { atMs, toldMs: isDue ? atMs : toldMs })
      return isDue
    },
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
