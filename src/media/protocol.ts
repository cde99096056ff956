import { z } from 'zod'
import {
  childExit,
  inputActual,
  inputFigures,
  logLine,
  ON_AIR,
  ON_AIR_REASONS,
  outputActual,
  outputFigures,
  preflight,
  probe,
} from './actual.ts'
import { inputSpec, outputSpec } from './specs.ts'

/**
 * The contract of the media workers: main sends whole wanted lists, the worker reports what is. Plain flat data only,
 * parsed on both sides, so that the other end may one day be a process of its own. Times that cross are wall-clock
 * milliseconds.
 */

const id = z.int().positive()
const wallMs = z.number()

/** First message of a worker's life. `instance` marks its children (`WEIR_CHILD`). */
export const workerConfig = z.object({
  index: z.int(),
  epoch: z.int(),
  instance: z.string(),
  ffmpegPath: z.string(),
  ringMaxBytes: z.int(),
  /** Trust anchors for RTMPS beside the system's (FFmpeg `-ca_file`). */
  caFile: z.string().nullable(),
  /** Peers must be in the public internet. */
  denyPrivate: z.boolean(),
  /** A directory of ours alone (0700) in which the doors' Unix sockets stand. */
  runDir: z.string(),
})
export type WorkerConfig = z.infer<typeof workerConfig>

/** Operation name to what goes in and what comes out. */
export const OPERATIONS = {
  reconcile: {
    input: z.object({ revision: z.int(), inputs: z.array(inputSpec) }),
    output: z.object({ revision: z.int() }),
  },
  snapshot: {
    input: z.object({}),
    output: z.object({
      seq: z.int(),
      revision: z.int(),
      inputs: z.array(inputActual),
      outputs: z.array(outputActual),
    }),
  },
  logs: {
    input: z.object({ kind: z.enum(['input', 'output']), id }),
    output: z.object({ lines: z.array(logLine), exits: z.array(childExit) }),
  },
  probe: { input: z.object({ inputId: id }), output: probe },
  /** Newest picture as JPEG, at most `width` wide; the first look starts the tap and waits up to 1.5 s, 4 s for a wider one. */
  still: {
    input: z.object({ inputId: id, width: z.int().positive() }),
    output: z.object({
      still: z.object({ jpeg: z.custom<Uint8Array>((value) => value instanceof Uint8Array), at: wallMs }).nullable(),
    }),
  },
  /** Looks at a destination without sending anything; at most 10 s. */
  preflight: { input: z.object({ output: outputSpec }), output: preflight },
  /** Ends the link of one caller of a listener, whose address is turned away for a minute. */
  kick: { input: z.object({ outputId: id, callerId: id }), output: z.object({}) },
  /** Puts something else on air, see `Splice`. @throws AppError conflict where it cannot be */
  switch: {
    input: z.object({
      inputId: id,
      to: z.enum(['main', 'backup', 'slate', 'freeze', 'auto']),
      when: z.enum(['keyframe', 'now']),
    }),
    output: z.object({ onAir: z.enum(ON_AIR), pending: z.enum(['main', 'backup']).nullable() }),
  },
  /** Tests only: kill one output's child, or block the worker's loop. */
  fault: {
    input: z.object({ killOutput: id.nullable(), blockMs: z.number() }),
    output: z.object({}),
  },
} as const
export type Operation = keyof typeof OPERATIONS
export type OperationInput<O extends Operation> = z.infer<(typeof OPERATIONS)[O]['input']>
export type OperationOutput<O extends Operation> = z.infer<(typeof OPERATIONS)[O]['output']>

/** Why a feed began anew, in words for logs and the history. */
export const JUMP_WORDS = { clock_back: 'its clock went back', clock_ahead: 'its clock jumped ahead' } as const

/** Event name to data. A state event carries the whole actual state: whoever missed one is healed by the next. */
export const WORKER_EVENTS = {
  'input.state': inputActual,
  'input.removed': z.object({ id }),
  /** A new still is there; only while somebody looks. */
  'input.still': z.object({ id, at: wallMs }),
  /** What is on air changed. `gapMs`: what outputs miss at the cut. */
  'input.switched': z.object({
    id,
    from: z.enum(ON_AIR),
    to: z.enum(ON_AIR),
    reason: z.enum(ON_AIR_REASONS).nullable(),
    gapMs: z.number(),
  }),
  'input.restarted': z.object({ id, reason: z.enum(['clock_back', 'clock_ahead']), gapMs: z.number() }),
  /** A publisher was put out of its place by another, at `address`. */
  'input.replaced': z.object({ id, address: z.string() }),
  'output.state': outputActual,
  'output.removed': z.object({ id }),
  'output.exited': z.object({ id, inputId: id, exit: childExit }),
  log: z.object({ kind: z.enum(['input', 'output']), id, line: logLine }),
  figures: z.object({
    at: wallMs,
    loopLagMs: z.number(),
    inputs: z.array(inputFigures),
    outputs: z.array(outputFigures),
  }),
  /** For the ledger by which main reaps what a dead worker leaves; told at once and out of turn, as all threads do. */
  'child.spawned': z.object({ pid: z.int() }),
  'child.reaped': z.object({ pid: z.int() }),
  /** The spawn gate: a place is asked for, or given back unused. `lastFailedAt` 0 = never failed. */
  'spawn.wanted': z.object({ ticket: z.int(), lastFailedAt: wallMs }),
  'spawn.dropped': z.object({ ticket: z.int() }),
  'worker.fault': z.object({ message: z.string() }),
} as const
export type WorkerEventName = keyof typeof WORKER_EVENTS
/** A worker's voice. */
export type Emit = <N extends WorkerEventName>(name: N, data: WorkerEventData<N>) => void
export type WorkerEventData<N extends WorkerEventName> = z.infer<(typeof WORKER_EVENTS)[N]>

/** What the rest of Weir hears of the workers: their events, and their own deaths and returns. */
export type MediaEvent =
  | { [N in WorkerEventName]: { name: N; at: number; data: WorkerEventData<N> } }[WorkerEventName]
  /** A worker died; `failed` = five times in two minutes, it is not started again by itself. */
  | { name: 'worker.down'; at: number; data: { index: number; inputIds: number[]; failed: boolean } }
  | { name: 'worker.up'; at: number; data: { index: number; inputIds: number[] } }

const wireError = z.object({
  kind: z.string(),
  code: z.string(),
  message: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  retryAfterSeconds: z.number().optional(),
})

export const toWorkerMessage = z.discriminatedUnion('t', [
  z.object({ t: z.literal('config'), config: workerConfig }),
  z.object({
    t: z.literal('req'),
    id: z.int(),
    op: z.enum(Object.keys(OPERATIONS) as Operation[]),
    input: z.unknown(),
  }),
  z.object({ t: z.literal('grant'), ticket: z.int() }),
  z.object({ t: z.literal('shutdown') }),
])
export type ToWorkerMessage = z.infer<typeof toWorkerMessage>

export const fromWorkerMessage = z.discriminatedUnion('t', [
  z.object({ t: z.literal('hello'), epoch: z.int() }),
  z.object({ t: z.literal('bye') }),
  z.object({ t: z.literal('child.spawned'), pid: z.int() }),
  z.object({ t: z.literal('child.reaped'), pid: z.int() }),
  z.object({ t: z.literal('res'), id: z.int(), ok: z.literal(true), output: z.unknown() }),
  z.object({ t: z.literal('err'), id: z.int(), error: wireError }),
  z.object({
    t: z.literal('evt'),
    epoch: z.int(),
    seq: z.int(),
    revision: z.int(),
    at: wallMs,
    name: z.enum(Object.keys(WORKER_EVENTS) as WorkerEventName[]),
    data: z.unknown(),
  }),
])
export type FromWorkerMessage = z.infer<typeof fromWorkerMessage>
