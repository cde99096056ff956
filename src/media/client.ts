import { AppError, type ErrorKind } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { createTargets } from '../lib/targets.ts'
import { groupByBackup } from './program/backups.ts'
import type { ChildExit, LogLine, Preflight, Probe } from './actual.ts'
import type { DoorsConfig } from './doors/protocol.ts'
import { createDoors } from './doors/thread.ts'
import { createPreflights } from './workers/preflights.ts'
import type { MediaEvent, OperationInput, OperationOutput, WorkerConfig } from './protocol.ts'
import type { InputSpec, OutputSpec } from './specs.ts'
import { createSpawnGate } from './workers/spawn-gate.ts'
import { workerUnavailable } from './workers/worker-calls.ts'
import { createWorkerSlot, type SlotState, type WorkerSlot } from './workers/worker-slot.ts'

export type WorkerStatus = {
  index: number
  state: SlotState
  inputs: number[]
  restarts: number
  loopLagMs: number | null
}

export type MediaClient = {
  /**
   * Gives every worker its part of the whole wanted list. Resolves when all have taken it, or the next worker after a
   * death has; a worker that has failed for good counts as told. A list older than the last one changes nothing.
   */
  reconcile(revision: number, inputs: InputSpec[]): Promise<void>
  /** @throws AppError unavailable while the input's worker is not there */
  logs(inputId: number, kind: 'input' | 'output', id: number): Promise<{ lines: LogLine[]; exits: ChildExit[] }>
  /** @throws AppError unavailable while the input's worker is not there */
  probe(inputId: number): Promise<Probe>
  /** The newest picture, or null where there is none. @throws AppError unavailable while the input's worker is not there */
  still(inputId: number, width: number): Promise<{ jpeg: Uint8Array; at: number } | null>
  /** Looks at a destination without sending anything; at most 10 s. @throws AppError unavailable as `logs` */
  preflight(inputId: number, output: OutputSpec): Promise<Preflight>
  /** Ends the link of one caller of a listener. @throws AppError not_found, unavailable as `logs` */
  kick(inputId: number, outputId: number, callerId: number): Promise<void>
  /** Puts something else on air. @throws AppError conflict where it cannot be, unavailable */
  switch(wanted: OperationInput<'switch'>): Promise<OperationOutput<'switch'>>
  /** What FFmpeg calls itself, once that is known. */
  ffmpegIs(version: string): void
  /** Tests only: `kill` is `media:1` (a worker, counted from 1), `doors` or `output:7`. @throws AppError not_found */
  fault(fault: { kill?: string; blockLoopMs?: number }): Promise<void>
  workers(): WorkerStatus[]
  /** Already filtered: what is older, out of order or about ids that are gone never arrives; a gap is healed. */
  on(handler: (event: MediaEvent) => void): () => void
  close(): Promise<void>
}

export type MediaClientOptions = {
  workerUrl: string
  doorsUrl: string
  /** Where RTMP publishers are heard; null = nowhere. */
  rtmp: DoorsConfig['rtmp']
  maxWorkers: number
  cores: number
  instance: string
  ffmpegPath: string
  ringMaxBytes: number
  caFile: string | null
  /** Peers must be in the public internet. */
  denyPrivate: boolean
  /** Where the doors' Unix sockets stand: a directory of ours alone. */
  runDir: string
  clock: Clock
  log: Log
}

/** A little more than the worker takes at most. */
const PREFLIGHT_DEADLINE_MS = 12_000

/**
 * All that the rest of Weir sees of the media workers: one list in, events out. It alone knows how many there are, which
 * input lives where, and who may start a child now. Workers are started when an enabled input first needs one.
 */
export function createMediaClient(options: MediaClientOptions): MediaClient {
  const { clock, log } = options
  const handlers = new Set<(event: MediaEvent) => void>()
  const gate = createSpawnGate(clock, options.cores)
  const home = new Map<number, WorkerSlot>()
  const ownerOfOutput = new Map<number, WorkerSlot>()
  const preflights = createPreflights({ targets: createTargets(options), caFile: options.caFile })
  let lastRevision = 0
  let closing = false

  const emit = (event: MediaEvent) => {
    for (const handler of handlers) handler(event)
  }

  /** What moves to another worker is not gone, whatever the one that it leaves says. */
  function isStale(index: number, event: MediaEvent): boolean {
    const at =
      event.name === 'input.removed'
        ? home.get(event.data.id)
        : event.name === 'output.removed'
          ? ownerOfOutput.get(event.data.id)
          : undefined
    return at !== undefined && at.index !== index
  }

  const slots = Array.from({ length: options.maxWorkers }, (_, i) => {
    const config: Omit<WorkerConfig, 'epoch'> = {
      index: i + 1,
      instance: options.instance,
      ffmpegPath: options.ffmpegPath,
      ringMaxBytes: options.ringMaxBytes,
      caFile: options.caFile,
      denyPrivate: options.denyPrivate,
      runDir: options.runDir,
    }
    return createWorkerSlot({
      url: options.workerUrl,
      config,
      gate,
      clock,
      log: log.child({ worker: i + 1 }),
      emit: (event) => isStale(i + 1, event) || emit(event),
    })
  })

  const { instance, runDir, rtmp } = options
  const doors = createDoors({
    url: options.doorsUrl,
    config: { instance, runDir, rtmp },
    clock,
    log: log.child({ part: 'doors' }),
  })

  /**
   * An input stays where it is; a new one goes to the worker with the fewest outputs, so that a crash takes few along. One
   * and its backup live together: of those that do not yet, the one with the most outputs stays.
   */
  function assign(inputs: InputSpec[]): Map<WorkerSlot, InputSpec[]> {
    const parts = new Map<WorkerSlot, InputSpec[]>(slots.map((slot) => [slot, []]))
    const load = new Map<WorkerSlot, number>(slots.map((slot) => [slot, 0]))
    const put = (slot: WorkerSlot, input: InputSpec) => {
      parts.get(slot)?.push(input)
      load.set(slot, (load.get(slot) ?? 0) + 1 + input.outputs.length)
      home.set(input.id, slot)
    }
    const groups = groupByBackup(inputs)
    for (const group of groups) {
      const settled = group.filter((input) => home.has(input.id)).sort((a, b) => b.outputs.length - a.outputs.length)
      const slot = settled[0] && home.get(settled[0].id)
      if (slot) for (const input of group) put(slot, input)
    }
    for (const group of groups) {
      if (group.some((input) => home.has(input.id))) continue
      let least = slots[0] as WorkerSlot
      for (const slot of slots) if ((load.get(slot) ?? 0) < (load.get(least) ?? 0)) least = slot
      for (const input of group) put(least, input)
    }
    const wanted = new Set(inputs.map((input) => input.id))
    for (const id of [...home.keys()]) if (!wanted.has(id)) home.delete(id)
    return parts
  }

  function slotOf(inputId: number): WorkerSlot {
    const slot = home.get(inputId)
    if (slot?.state === 'ready') return slot
    throw workerUnavailable()
  }

  return {
    async reconcile(revision, inputs) {
      if (closing || revision <= lastRevision) return
      lastRevision = revision
      doors.want(inputs)
      const parts = assign(inputs)
      ownerOfOutput.clear()
      for (const [slot, part] of parts)
        for (const input of part) for (const output of input.outputs) ownerOfOutput.set(output.id, slot)
      await Promise.all([...parts].map(([slot, part]) => slot.want(revision, part)))
    },
    logs: async (inputId, kind, id) => {
      // An input that was never started has no worker, and so nothing in its log.
      if (home.get(inputId)?.state === 'idle') return { lines: [], exits: [] }
      return slotOf(inputId).call('logs', { kind, id })
    },
    probe: async (inputId) => {
      if (home.get(inputId)?.state === 'idle') return { bitrateKbps: null, programs: [] }
      return slotOf(inputId).call('probe', { inputId })
    },
    async still(inputId, width) {
      if (home.get(inputId)?.state === 'idle') return null
      return (await slotOf(inputId).call('still', { inputId, width })).still
    },
    async preflight(inputId, output) {
      // Without a worker there is no feed, and nothing leaves.
      if (home.get(inputId)?.state === 'idle')
        return preflights.look(output, { feed: null, format: null, uploadKbps: 0 })
      return slotOf(inputId).call('preflight', { output }, PREFLIGHT_DEADLINE_MS)
    },
    async kick(inputId, outputId, callerId) {
      await slotOf(inputId).call('kick', { outputId, callerId })
    },
    async switch(wanted) {
      if (home.get(wanted.inputId)?.state === 'idle') throw new AppError(stopped)
      return slotOf(wanted.inputId).call('switch', wanted)
    },
    ffmpegIs: doors.ffmpegIs,
    async fault({ kill, blockLoopMs }) {
      const [what, number] = kill?.split(':') ?? []
      const id = Number(number)
      const slot = what === 'media' ? slots[id - 1] : what === 'output' ? ownerOfOutput.get(id) : undefined
      if (what === 'doors') return doors.crash()
      if (kill && !slot) throw new AppError(unknownTarget)
      if (what === 'media') slot?.crash()
      else if (what === 'output') await slot?.call('fault', { killOutput: id, blockMs: 0 })
      if (blockLoopMs) {
        const running = slots.filter((each) => each.state === 'ready')
        await Promise.all(running.map((each) => each.call('fault', { killOutput: null, blockMs: blockLoopMs })))
      }
    },
    workers: () =>
      slots
        .filter((slot) => slot.state !== 'idle')
        .map(({ index, state, inputs, restarts, loopLagMs }) => ({ index, state, inputs, restarts, loopLagMs })),
    on(handler) {
      handlers.add(handler)
      return () => void handlers.delete(handler)
    },
    async close() {
      closing = true
      preflights.close()
      await Promise.all(slots.map((slot) => slot.close()))
      await doors.close()
      handlers.clear()
    },
  }
}

const stopped = {
  kind: 'conflict' as ErrorKind,
  code: 'input.stopped',
  message: 'This input is stopped. Start it first.',
}

const unknownTarget = {
  kind: 'not_found' as ErrorKind,
  code: 'fault.unknown',
  message: 'Nothing of that name is running.',
}
