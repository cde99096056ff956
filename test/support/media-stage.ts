import { systemClock } from '../../src/lib/clock.ts'
import type { Targets } from '../../src/lib/targets.ts'
import { toBlankInput, type InputActual, type OutputActual } from '../../src/media/actual.ts'
import type { WorkerEventData, WorkerEventName } from '../../src/media/protocol.ts'
import type { InputSource, InputSpec, OutputSpec, OutputTarget } from '../../src/media/specs.ts'
import { createSupervisor } from '../../src/media/supervisor.ts'
import { tempDir } from './temp.ts'
import { within } from './waiting.ts'

type Told = { [N in WorkerEventName]: { name: N; data: WorkerEventData<N> } }[WorkerEventName]

export type MediaStage = AsyncDisposable & {
  /** Puts an input with these outputs on the wanted list, or changes it. */
  want(spec: InputSpec): void
  input(id: number): InputActual
  output(id: number): OutputActual
  inputIs(id: number, what: string, matches: (input: InputActual) => boolean, deadlineMs?: number): Promise<InputActual>
  outputIs(
    id: number,
    what: string,
    matches: (output: OutputActual) => boolean,
    deadlineMs?: number,
  ): Promise<OutputActual>
  /** Resolves with the first event from now on that matches. */
  told<N extends WorkerEventName>(
    name: N,
    matches?: (data: WorkerEventData<N>) => boolean,
    deadlineMs?: number,
  ): Promise<WorkerEventData<N>>
  /** Everything told so far but figures. */
  events: Told[]
  figures(): WorkerEventData<'figures'> | null
  /** Processes that were started and not reaped yet. */
  pids: ReadonlySet<number>
  supervisor: ReturnType<typeof createSupervisor>
}

/** The media worker's whole inside in this thread: real sockets, real FFmpegs, real time; no database and no HTTP. */
export function openMediaStage(o: { caFile?: string; runDir?: string; targets?: Targets } = {}): MediaStage {
  const events: Told[] = []
  const listeners = new Set<(event: Told) => void>()
  const pids = new Set<number>()
  const inputs = new Map<number, InputActual>()
  const outputs = new Map<number, OutputActual>()
  const wanted = new Map<number, InputSpec>()
  let figures: WorkerEventData<'figures'> | null = null
  let revision = 0

  const supervisor = createSupervisor({
    config: {
      index: 0,
      epoch: 1,
      instance: `test-stage-${process.pid}-${performance.now()}`,
      ffmpegPath: 'ffmpeg',
      ringMaxBytes: 32 * 1024 * 1024,
      caFile: o.caFile ?? null,
      denyPrivate: false,
      runDir: o.runDir ?? tempDir('run'),
    },
    clock: systemClock,
    gate: async () => undefined,
    ...(o.targets && { targets: o.targets }),
    emit(name, data) {
      const event = { name, data } as Told
      if (event.name === 'figures') figures = event.data
      else events.push(event)
      if (event.name === 'input.state') inputs.set(event.data.id, event.data)
      if (event.name === 'output.state') outputs.set(event.data.id, event.data)
      if (event.name === 'child.spawned') pids.add(event.data.pid)
      if (event.name === 'child.reaped') pids.delete(event.data.pid)
      for (const listen of [...listeners]) listen(event)
    },
  })

  async function heard<T>(what: string, deadlineMs: number, look: (event: Told | null) => T | null): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>()
    const listen = (event: Told | null) => {
      const found = look(event)
      if (found !== null) resolve(found)
    }
    listeners.add(listen)
    listen(null)
    return within(deadlineMs, what, promise).finally(() => listeners.delete(listen))
  }

  async function stateIs<T>(
    states: Map<number, T>,
    id: number,
    what: string,
    matches: (state: T) => boolean,
    deadlineMs: number,
  ): Promise<T> {
    try {
      return await heard(what, deadlineMs, () => {
        const state = states.get(id)
        return state && matches(state) ? state : null
      })
    } catch (cause) {
      const log = [...supervisor.logs('input', id).lines, ...supervisor.logs('output', id).lines].map((l) => l.text)
      throw new Error(`not as wanted (${what}): ${JSON.stringify(states.get(id))}\n${log.slice(-20).join('\n')}`, {
        cause,
      })
    }
  }

  return {
    want(spec) {
      wanted.set(spec.id, spec)
      supervisor.reconcile(++revision, [...wanted.values()])
    },
    input: (id) => inputs.get(id) ?? toBlankInput(id, 'stopped', 0),
    output(id) {
      const state = outputs.get(id)
      if (!state) throw new Error(`no output ${id}`)
      return state
    },
    inputIs: (id, what, matches, deadlineMs = 20_000) => stateIs(inputs, id, what, matches, deadlineMs),
    outputIs: (id, what, matches, deadlineMs = 20_000) => stateIs(outputs, id, what, matches, deadlineMs),
    told<N extends WorkerEventName>(
      name: N,
      matches: (data: WorkerEventData<N>) => boolean = () => true,
      deadlineMs = 20_000,
    ) {
      return heard<WorkerEventData<N>>(`the event ${name}`, deadlineMs, (event) => {
        const data = event?.name === name ? (event.data as WorkerEventData<N>) : null
        return data && matches(data) ? data : null
      })
    },
    events,
    figures: () => figures,
    pids,
    supervisor,
    async [Symbol.asyncDispose]() {
      await supervisor.close()
      if (pids.size > 0) throw new Error(`children outlived the stage: ${[...pids]}`)
    },
  }
}

let ids = 0

export function toInputSpec(source: InputSource, outputs: OutputSpec[] = [], over: Partial<InputSpec> = {}): InputSpec {
  const id = outputs[0]?.inputId ?? ++ids
  return {
    id,
    name: `input ${id}`,
    enabled: true,
    generation: 1,
    source,
    program: null,
    lossMs: 1_000,
    onLoss: 'hold',
    returns: 'auto',
    returnAfterMs: 1000,
    maxFillMinutes: 0,
    backupInputId: null,
    slate: null,
    choice: null,
    outputs,
    ...over,
  }
}

export function toOutputSpec(inputId: number, target: OutputTarget, over: Partial<OutputSpec> = {}): OutputSpec {
  const id = ++ids
  return {
    id,
    inputId,
    name: `output ${id}`,
    enabled: true,
    generation: 1,
    target,
    engine: 'ffmpeg',
    transparent: false,
    audio: 'auto',
    video: 'copy',
    reconnect: { auto: true, delayMs: 300, maxDelayMs: 2_000, maxAttempts: 0 },
    stallTimeoutMs: 10_000,
    ...over,
  }
}

export const nextId = () => ++ids

export function toUdpSource(port: number, over: Partial<Extract<InputSource, { kind: 'udp' }>> = {}): InputSource {
  const rest = { allowFrom: [], multicastGroup: null, interfaceAddress: null }
  return { kind: 'udp', port, bindAddress: '127.0.0.1', ...rest, ...over }
}

export function toUdpTarget(port: number): OutputTarget {
  return { protocol: 'udp', host: '127.0.0.1', port, ttl: null, interfaceAddress: null, pktSize: 1316 }
}
