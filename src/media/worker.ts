import { isAppError, toWireError } from '../errors.ts'
import { systemClock } from '../lib/clock.ts'
import {
  type FromWorkerMessage,
  OPERATIONS,
  type Operation,
  type OperationInput,
  type OperationOutput,
  toWorkerMessage,
  type WorkerConfig,
  type WorkerEventData,
  type WorkerEventName,
} from './protocol.ts'
import { createSupervisor, type Supervisor } from './supervisor.ts'
import { createTickets } from './workers/tickets.ts'

/**
 * Entry of a media worker thread: messages in, the supervisor's answers and events out. The handlers stand before
 * anything else: a stray rejection would end the thread and orphan its children (measured under Bun 1.4).
 */
declare const self: Worker

const post = (message: FromWorkerMessage) => self.postMessage(message)
let epoch = 0
let seq = 0
let supervisor: Supervisor | null = null

function emit<N extends WorkerEventName>(name: N, data: WorkerEventData<N>): void {
  if (name === 'child.spawned' || name === 'child.reaped')
    return post({ t: name, ...(data as WorkerEventData<'child.spawned'>) })
  seq++
  post({ t: 'evt', epoch, seq, revision: supervisor?.revision ?? 0, at: Date.now(), name, data })
}

const fault = (error: unknown) =>
  emit('worker.fault', { message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
process.on('uncaughtException', fault)
process.on('unhandledRejection', fault)

const tickets = createTickets(emit)

function start(config: WorkerConfig): void {
  epoch = config.epoch
  supervisor = createSupervisor({ config, clock: systemClock, gate: tickets.gate, emit })
  post({ t: 'hello', epoch })
}

type Handlers = { [O in Operation]: (input: OperationInput<O>) => OperationOutput<O> | Promise<OperationOutput<O>> }
const handlers = (it: Supervisor): Handlers => ({
  reconcile: ({ revision, inputs }) => ({ revision: it.reconcile(revision, inputs) }),
  snapshot: () => ({ seq, revision: it.revision, ...it.snapshot() }),
  logs: ({ kind, id }) => it.logs(kind, id),
  probe: ({ inputId }) => it.probe(inputId),
  still: async ({ inputId, width }) => ({ still: await it.look(inputId, width) }),
  preflight: ({ output }) => it.preflight(output),
  kick({ outputId, callerId }) {
    it.kick(outputId, callerId)
    return {}
  },
  switch: (wanted) => it.switch(wanted),
  fault({ killOutput, blockMs }) {
    if (killOutput !== null) it.kill(killOutput)
    const until = performance.now() + blockMs
    while (performance.now() < until);
    return {}
  },
})

self.onmessage = async (event: MessageEvent<unknown>) => {
  const message = toWorkerMessage.parse(event.data)
  if (message.t === 'config') return start(message.config)
  if (message.t === 'grant') return tickets.grant(message.ticket)
  if (message.t === 'shutdown') {
    await supervisor?.close()
    return post({ t: 'bye' })
  }
  try {
    if (!supervisor) throw new Error('a request came before the configuration')
    const input = OPERATIONS[message.op].input.parse(message.input)
    const handle = handlers(supervisor)[message.op] as (input: unknown) => unknown
    post({ t: 'res', id: message.id, ok: true, output: await handle(input) })
  } catch (error) {
    post({ t: 'err', id: message.id, error: toWireError(error) })
    // What was asked for cannot be: an answer like any other.
    if (!isAppError(error)) fault(error)
  }
}
