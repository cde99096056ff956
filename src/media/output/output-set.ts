import type { Clock } from '../../lib/clock.ts'
import type { Targets } from '../../lib/targets.ts'
import { createOutput, type Output } from './output.ts'
import type { Gate, Program } from '../program/program.ts'
import type { Emit, WorkerConfig } from '../protocol.ts'
import type { OutputSpec } from '../specs.ts'
import type { Format } from '../program/units.ts'

export type OutputSet = {
  /** Makes the outputs into those of the list; what is not in it is stopped and removed. */
  apply(specs: OutputSpec[]): void
  programChanged(): void
  /** What the program carries; null until that is known. */
  format(): Format | null
  list(): Output[]
  get(id: number): Output | undefined
  /** Resolves when the children of all that were removed are gone. */
  settled(): Promise<void>
}

/** All outputs of one input, by id, each telling the worker's other side what becomes of it. */
export function createOutputSet(deps: {
  inputId: number
  program: Program
  /** The feed as it came, for transparent outputs. */
  raw: Program
  config: WorkerConfig
  clock: Clock
  gate: Gate
  targets: Targets
  emit: Emit
}): OutputSet {
  const { inputId, program, raw, config, clock, gate, targets, emit } = deps
  const outputs = new Map<number, Output>()
  const leaving = new Set<Promise<void>>()

  const open = (spec: OutputSpec) =>
    createOutput({
      spec,
      program,
      raw,
      gate,
      targets,
      clock,
      ffmpegPath: config.ffmpegPath,
      instance: config.instance,
      runDir: config.runDir,
      caFile: config.caFile,
      childSpawned: (pid) => emit('child.spawned', { pid }),
      childReaped: (pid) => emit('child.reaped', { pid }),
      changed: (actual) => emit('output.state', actual),
      exited: (exit) => emit('output.exited', { id: spec.id, inputId, exit }),
      logged: (line) => emit('log', { kind: 'output', id: spec.id, line }),
    })

  function remove(id: number, output: Output): void {
    outputs.delete(id)
    const gone = output.remove().then(() => {
      leaving.delete(gone)
      emit('output.removed', { id })
    })
    leaving.add(gone)
  }

  return {
    apply(specs) {
      const wanted = new Set(specs.map((spec) => spec.id))
      for (const [id, output] of outputs) if (!wanted.has(id)) remove(id, output)
      for (const spec of specs) {
        const output = outputs.get(spec.id)
        if (output) output.apply(spec)
        else outputs.set(spec.id, open(spec))
      }
    },
    programChanged() {
      for (const output of outputs.values()) output.programChanged()
    },
    format: () => program.format,
    list: () => [...outputs.values()],
    get: (id) => outputs.get(id),
    async settled() {
      await Promise.all(leaving)
    },
  }
}
