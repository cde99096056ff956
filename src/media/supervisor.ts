import { AppError } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import { createTargets, type Targets } from '../lib/targets.ts'
import { createInput, type Input } from './input/input.ts'
import type { Output } from './output/output.ts'
import type { PreflightFacts } from './output/preflight.ts'
import { createPreflights } from './workers/preflights.ts'
import type { Gate } from './program/program.ts'
import { readSendQueues } from './output/send-queues.ts'
import type { ChildExit, InputActual, LogLine, OutputActual, Preflight, Probe } from './actual.ts'
import { findBackups } from './program/backups.ts'
import type { Emit, OperationInput, OperationOutput, WorkerConfig } from './protocol.ts'
import type { InputSpec, OutputSpec } from './specs.ts'
import type { Still } from './input/stills.ts'

export type Supervisor = {
  readonly revision: number
  /** Makes what is into what is wanted; an older list changes nothing. Answers the revision that now holds. */
  reconcile(revision: number, inputs: InputSpec[]): number
  snapshot(): { inputs: InputActual[]; outputs: OutputActual[] }
  logs(kind: 'input' | 'output', id: number): { lines: LogLine[]; exits: ChildExit[] }
  probe(inputId: number): Probe
  /** @throws AppError not_found */
  look(inputId: number, width: number): Promise<Still | null>
  /** Puts something else on air. @throws AppError not_found, conflict */
  switch(wanted: OperationInput<'switch'>): OperationOutput<'switch'>
  /** Ends within 10 s, sooner when this closes. @throws AppError busy while four others look */
  preflight(output: OutputSpec): Promise<Preflight>
  /** @throws AppError not_found */
  kick(outputId: number, callerId: number): void
  /** Tests only. @throws AppError not_found */
  kill(outputId: number): void
  close(): Promise<void>
}

const TICK_MS = 20
const FIGURES_MS = 1_000
/** Each child is looked at once a second, a part of them per step, so that no step is long. */
const SAMPLE_STEPS = 10

/** Everything one media worker holds: its inputs by id, one clock tick for all of them, one figures message a second. */
export function createSupervisor(deps: {
  config: WorkerConfig
  clock: Clock
  gate: Gate
  emit: Emit
  /** For tests: other answers than those of name servers. */
  targets?: Targets
}): Supervisor {
  const { clock, emit, config, gate } = deps
  const targets = deps.targets ?? createTargets(config)
  const inputs = new Map<number, Input>()
  const leaving = new Set<Promise<void>>()
  let revision = 0
  let closing = false
  const preflights = createPreflights({ targets, caFile: config.caFile })
  let sampleStep = 0
  let isSampling = false
  let dueMs = clock.now() + TICK_MS
  let loopLagMs = 0

  const stopTick = clock.every(TICK_MS, () => {
    const nowMs = clock.now()
    loopLagMs = Math.max(loopLagMs, nowMs - dueMs)
    dueMs = nowMs + TICK_MS
    for (const input of inputs.values()) input.tick(nowMs)
  })

  const stopSampling = clock.every(FIGURES_MS / SAMPLE_STEPS, () => {
    const outputs = [...inputs.values()].flatMap((input) => input.outputs.list())
    for (let i = sampleStep; i < outputs.length; i += SAMPLE_STEPS) outputs[i]?.sampleUsage()
    sampleStep = (sampleStep + 1) % SAMPLE_STEPS
  })

  /** One look for all: the kernel lists every connection of the machine. */
  async function sampleQueues(): Promise<void> {
    const outputs = [...inputs.values()].flatMap((input) => input.outputs.list().filter((it) => it.hasSendQueue()))
    if (isSampling || outputs.length === 0) return
    isSampling = true
    const takes = outputs.map((output) => output.sampleQueue())
    const queues = await readSendQueues()
    isSampling = false
    for (const take of takes) take?.(queues)
  }

  const stopFigures = clock.every(FIGURES_MS, () => {
    const nowMs = clock.now()
    void sampleQueues()
    emit('figures', {
      at: clock.wall(),
      loopLagMs: Math.round(loopLagMs),
      inputs: [...inputs.values()].map((input) => input.figures(nowMs)),
      outputs: [...inputs.values()].flatMap((input) => input.outputs.list().map((output) => output.figures(nowMs))),
    })
    loopLagMs = 0
  })

  function drop(id: number, input: Input): void {
    inputs.delete(id)
    const gone = input.remove().then(() => {
      leaving.delete(gone)
      emit('input.removed', { id })
    })
    leaving.add(gone)
  }

  function need(inputId: number): Input {
    const input = inputs.get(inputId)
    if (!input) throw new AppError({ kind: 'not_found', code: 'input.not_found', message: 'There is no such input.' })
    return input
  }

  function outputOf(id: number): Output | undefined {
    for (const input of inputs.values()) {
      const output = input.outputs.get(id)
      if (output) return output
    }
    return undefined
  }

  /** What is known of the feed that would go there, and what leaves already. */
  function preflightFacts(inputId: number): PreflightFacts {
    const nowMs = clock.now()
    const rates = [...inputs.values()].flatMap((input) =>
      input.outputs.list().map((it) => it.figures(nowMs).bitrateKbps),
    )
    const uploadKbps = Math.round(rates.reduce<number>((sum, rate) => sum + (rate ?? 0), 0))
    const input = inputs.get(inputId)
    if (input?.actual().status !== 'active') return { feed: null, format: null, uploadKbps }
    const { video, audio } = input.actual()
    const { bitrateKbps, keyframeSeconds } = input.figures(nowMs)
    return { feed: { video, audio, bitrateKbps, keyframeSeconds }, format: input.outputs.format(), uploadKbps }
  }

  return {
    get revision() {
      return revision
    },
    reconcile(next, specs) {
      if (next <= revision || closing) return revision
      revision = next
      const wanted = new Set(specs.map((spec) => spec.id))
      for (const [id, input] of inputs) if (!wanted.has(id)) drop(id, input)
      for (const spec of specs) {
        const input = inputs.get(spec.id)
        if (input) input.apply(spec)
        else inputs.set(spec.id, createInput({ spec, config, clock, gate, targets, emit }))
      }
      for (const [id, backupId] of findBackups(specs))
        need(id).show.setBackup(backupId === null ? null : need(backupId).feed)
      return revision
    },
    snapshot: () => ({
      inputs: [...inputs.values()].map((input) => input.actual()),
      outputs: [...inputs.values()].flatMap((input) => input.outputs.list().map((output) => output.actual())),
    }),
    logs(kind, id) {
      const subject = kind === 'input' ? inputs.get(id) : outputOf(id)
      return subject?.logs() ?? { lines: [], exits: [] }
    },
    probe: (inputId) => need(inputId).probe(),
    look: async (inputId, width) => need(inputId).look(width),
    switch: ({ inputId, to, when }) => need(inputId).show.switchTo(to, when),
    preflight: (output) => preflights.look(output, preflightFacts(output.inputId)),
    kick(outputId, callerId) {
      if (outputOf(outputId)?.kick(callerId)) return
      throw new AppError({
        kind: 'not_found',
        code: 'caller.not_found',
        message: 'This receiver is not there any more.',
      })
    },
    kill(outputId) {
      const output = outputOf(outputId)
      if (!output)
        throw new AppError({ kind: 'not_found', code: 'output.not_found', message: 'There is no such output.' })
      output.kill()
    },
    async close() {
      closing = true
      preflights.close()
      for (const [id, input] of [...inputs]) drop(id, input)
      await Promise.all(leaving)
      stopTick()
      stopSampling()
      stopFigures()
    },
  }
}
