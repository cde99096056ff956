import type { WireError } from '../../errors.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import {
  type FromWorkerMessage,
  fromWorkerMessage,
  type MediaEvent,
  type Operation,
  type OperationInput,
  type OperationOutput,
  type ToWorkerMessage,
  WORKER_EVENTS,
  type WorkerConfig,
} from '../protocol.ts'
import type { InputSpec } from '../specs.ts'
import type { SpawnGate } from './spawn-gate.ts'
import { createWantedList } from './wanted-list.ts'
import { startWatchedThread, type ThreadMessage, type WatchedThread } from './watched-thread.ts'
import { createWorkerCalls, workerUnavailable } from './worker-calls.ts'

/**
 * idle (not needed) -list with an enabled input-> starting -hello-> ready -death-> restarting -delay-> starting;
 * ready -half a minute without an input-> idle;
 * the fifth death in two minutes -> failed, which only another wanted list leaves.
 */
export type SlotState = 'idle' | 'starting' | 'ready' | 'restarting' | 'failed'

export type WorkerSlot = {
  readonly index: number
  readonly state: SlotState
  readonly inputs: number[]
  readonly restarts: number
  readonly loopLagMs: number | null
  /** Resolves when this list (or a later one) has been taken, or the worker has failed for good. */
  want(revision: number, inputs: InputSpec[]): Promise<void>
  call<O extends Operation>(op: O, input: OperationInput<O>, deadlineMs?: number): Promise<OperationOutput<O>>
  /** Ends the thread as a crash would. */
  crash(): void
  close(): Promise<void>
}

/** A worker without an input is ended after this, and its memory given back. */
const IDLE_MS = 30_000
const DEATHS_LIMIT = 5
const DEATHS_WINDOW_MS = 120_000

/** One media worker thread, kept alive: its list, its pending calls, its deaths. Figures are its sign of life. */
export function createWorkerSlot(options: {
  url: string
  config: Omit<WorkerConfig, 'epoch'>
  gate: SpawnGate
  clock: Clock
  log: Log
  emit(event: MediaEvent): void
}): WorkerSlot {
  const { config, gate, clock, log } = options
  let state: SlotState = 'idle'
  let worker: WatchedThread | null = null
  let epoch = 0
  let lastSeq = 0
  let restarts = 0
  let loopLagMs: number | null = null
  let deaths: number[] = []
  let closing = false
  let retiring = false
  let cancelRetire: (() => void) | null = null
  let cancelRestart: (() => void) | null = null
  const calls = createWorkerCalls(clock)
  const wanted = createWantedList({
    isReady: () => state === 'ready',
    hand: (revision, inputs) => call('reconcile', { revision, inputs }),
    log,
  })

  const post = (message: ToWorkerMessage) => worker?.post(message)
  const ticketKey = (ticket: number) => `${config.index}.${epoch}.${ticket}`
  function start(): void {
    epoch++
    lastSeq = 0
    state = 'starting'
    worker = startWatchedThread<FromWorkerMessage>({
      ...{ url: options.url, config: { ...config, epoch }, clock, log, died },
      words: { fault: 'media worker fault', silent: 'media worker does not answer, ending it' },
      parse: (data) => fromWorkerMessage.parse(data),
      heard: receive,
    })
  }

  function died(): void {
    worker = null
    loopLagMs = null
    gate.dropAll(`${config.index}.${epoch}.`)
    calls.failAll()
    wanted.lost()
    if (closing || retiring) {
      state = 'idle'
      retiring = false
      begin()
      if (state === 'idle') wanted.release()
      return
    }
    const nowMs = clock.now()
    deaths = [...deaths.filter((at) => nowMs - at < DEATHS_WINDOW_MS), nowMs]
    const failed = deaths.length >= DEATHS_LIMIT
    state = failed ? 'failed' : 'restarting'
    log.error('media worker died', { deaths: deaths.length, restarts: !failed })
    options.emit({
      name: 'worker.down',
      at: clock.wall(),
      data: { index: config.index, inputIds: wanted.inputIds, failed },
    })
    if (failed) return wanted.release()
    restarts++
    // The first comes back at once; one that dies again and again waits longer each time.
    cancelRestart = clock.after(deaths.length === 1 ? 0 : 250 * 2 ** deaths.length, start)
  }

  function receive(message: Exclude<FromWorkerMessage, ThreadMessage>): void {
    switch (message.t) {
      case 'hello':
        if (message.epoch !== epoch) return
        state = 'ready'
        options.emit({ name: 'worker.up', at: clock.wall(), data: { index: config.index, inputIds: wanted.inputIds } })
        void wanted.deliver()
        return
      case 'res':
        return calls.answered(message.id, message.output)
      case 'err':
        return calls.failed(message.id, message.error as WireError)
      case 'evt':
        return heard(message)
    }
  }

  function heard(message: Extract<FromWorkerMessage, { t: 'evt' }>): void {
    if (message.epoch !== epoch || message.seq <= lastSeq) return
    const gap = message.seq !== lastSeq + 1
    lastSeq = message.seq
    const event = {
      name: message.name,
      at: message.at,
      data: WORKER_EVENTS[message.name].parse(message.data),
    } as Exclude<MediaEvent, { name: 'worker.down' | 'worker.up' }>
    if (!gap) return handle(event)
    handle(event)
    void heal()
  }

  function handle(event: Exclude<MediaEvent, { name: 'worker.down' | 'worker.up' }>): void {
    switch (event.name) {
      case 'spawn.wanted': {
        const { ticket, lastFailedAt } = event.data
        return gate.want(ticketKey(ticket), lastFailedAt, () => post({ t: 'grant', ticket }))
      }
      case 'spawn.dropped':
        return gate.drop(ticketKey(event.data.ticket))
      case 'worker.fault':
        return log.error('media worker fault', { message: event.data.message })
      case 'figures':
        loopLagMs = event.data.loopLagMs
        break
      case 'input.state':
        if (!wanted.isWanted('input', event.data.id)) return
        break
      case 'output.state':
        if (!wanted.isWanted('output', event.data.id)) return
        break
    }
    options.emit(event)
  }

  /** Events were lost: the whole state is asked for and told as if it had just changed. */
  async function heal(): Promise<void> {
    const of = epoch
    try {
      const snapshot = await call('snapshot', {})
      if (of !== epoch) return
      lastSeq = Math.max(lastSeq, snapshot.seq)
      for (const data of snapshot.inputs) handle({ name: 'input.state', at: clock.wall(), data })
      for (const data of snapshot.outputs) handle({ name: 'output.state', at: clock.wall(), data })
    } catch (error) {
      // The worker died under the question; its successor reports everything anew.
      log.warn('media worker gave no snapshot', { error })
    }
  }

  async function call<O extends Operation>(op: O, input: OperationInput<O>, deadlineMs?: number) {
    if (!worker) throw workerUnavailable()
    return calls.ask((request) => post({ t: 'req', ...request }), op, input, deadlineMs)
  }

  /** Starts the worker where the list asks for one and there is none. */
  function begin(): void {
    if (state === 'idle' && !closing && wanted.inputs.some((input) => input.enabled)) start()
  }

  /** An empty list ends the worker, if it is still empty after a while. */
  function retireLater(): void {
    cancelRetire?.()
    cancelRetire = null
    if (wanted.inputs.length > 0) return
    cancelRetire = clock.after(IDLE_MS, () => {
      if (state !== 'ready' || closing) return
      retiring = true
      void worker?.end()
    })
  }

  return {
    index: config.index,
    get state() {
      return state
    },
    get inputs() {
      return wanted.inputIds
    },
    get restarts() {
      return restarts
    },
    get loopLagMs() {
      return loopLagMs
    },
    async want(revision, inputs) {
      const changed = wanted.set(revision, inputs)
      retireLater()
      if (state === 'failed' && changed && !closing) {
        deaths = []
        start()
      }
      begin()
      if (state === 'idle' || state === 'failed' || closing) return
      const taken = wanted.taken()
      void wanted.deliver()
      await taken
    },
    call,
    crash: () => worker?.terminate(),
    async close() {
      closing = true
      cancelRetire?.()
      wanted.release()
      cancelRestart?.()
      await worker?.end()
    },
  }
}
