import { z } from 'zod'

/**
 * The contract of the media workers: main sends whole wanted lists, the worker reports what is. Plain flat data only,
 * parsed on both sides, so that the other end may one day be a process of its own. Times that cross are wall-clock
 * milliseconds. Names (an input's, an output's) are labels for log lines and never part of what restarts a child.
 */

const id = z.int().positive()
const wallMs = z.number()
const nullableMs = wallMs.nullable()

// ---------------------------------------------------------------- wanted

const udpTarget = z.object({
  protocol: z.literal('udp'),
  host: z.string(),
  port: z.int(),
  ttl: z.int().nullable(),
  /** Address of the local interface a group is sent from. */
  interfaceAddress: z.string().nullable(),
  pktSize: z.int(),
})
const srtTarget = z.object({
  protocol: z.literal('srt_caller'),
  host: z.string(),
  port: z.int(),
  latencyMs: z.int(),
  pktSize: z.int(),
  passphrase: z.string().nullable(),
  streamId: z.string().nullable(),
})
const rtmpTarget = z.object({
  protocol: z.literal('rtmp'),
  tls: z.boolean(),
  tlsVerify: z.boolean(),
  host: z.string(),
  port: z.int(),
  /** Without slashes at its ends; may hold inner ones (`live/instance`). */
  app: z.string(),
  streamKey: z.string().nullable(),
  username: z.string().nullable(),
  password: z.string().nullable(),
})
/** Where an output sends, in parts; FFmpeg's address is only ever built from these. */
export const outputTarget = z.discriminatedUnion('protocol', [udpTarget, srtTarget, rtmpTarget])
export type OutputTarget = z.infer<typeof outputTarget>

export const outputSpec = z.object({
  id,
  inputId: id,
  name: z.string(),
  enabled: z.boolean(),
  /** Raised by restart, and by start on an output in `error`: another number, another child. */
  generation: z.int(),
  target: outputTarget,
  audio: z.enum(['auto', 'copy', 'none']),
  video: z.enum(['copy', 'none']),
  reconnect: z.object({
    auto: z.boolean(),
    delayMs: z.number(),
    maxDelayMs: z.number(),
    /** 0 = no end. */
    maxAttempts: z.int(),
  }),
  stallTimeoutMs: z.number(),
})
export type OutputSpec = z.infer<typeof outputSpec>

const udpSource = z.object({
  kind: z.literal('udp'),
  port: z.int(),
  bindAddress: z.string(),
  /** CIDR list; empty = anyone. */
  allowFrom: z.array(z.string()),
})
const testSource = z.object({ kind: z.literal('test') })
export const inputSource = z.discriminatedUnion('kind', [udpSource, testSource])
export type InputSource = z.infer<typeof inputSource>

export const inputSpec = z.object({
  id,
  name: z.string(),
  enabled: z.boolean(),
  generation: z.int(),
  source: inputSource,
  /** MPTS: the program number to take; null = the first. */
  program: z.int().nullable(),
  lossMs: z.number(),
  onLoss: z.enum(['hold']),
  outputs: z.array(outputSpec),
})
export type InputSpec = z.infer<typeof inputSpec>

// ---------------------------------------------------------------- actual

export const warning = z.object({ code: z.string(), message: z.string(), since: wallMs })
export type Warning = z.infer<typeof warning>

export const INPUT_STATUSES = [
  'stopped',
  'starting',
  'inactive',
  'active',
  'reconnecting',
  'stopping',
  'error',
] as const
export const OUTPUT_STATUSES = [
  'stopped',
  'waiting',
  'starting',
  'running',
  'reconnecting',
  'stopping',
  'error',
] as const
export const EXIT_CLASSES = [
  'dns',
  'refused',
  'unreachable',
  'tls',
  'rejected',
  'codec',
  'peer_closed',
  'hung',
  'input_lost',
  'killed',
  'unknown',
] as const

export const childExit = z.object({
  class: z.enum(EXIT_CLASSES),
  code: z.int().nullable(),
  signal: z.string().nullable(),
  /** SIGKILL was ours. */
  forced: z.boolean(),
  at: wallMs,
  ranSeconds: z.number(),
  next: z.enum(['retry', 'error', 'none']),
  /** The child's last lines, masked, oldest first; at most 20. */
  lines: z.array(z.string()),
})
export type ChildExit = z.infer<typeof childExit>

const videoFormat = z.object({
  codec: z.string(),
  profile: z.string().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  fps: z.number().nullable(),
})
const audioFormat = z.object({
  codec: z.string(),
  sampleRate: z.int().nullable(),
  channels: z.int().nullable(),
  objectType: z.int().nullable(),
})

export const inputActual = z.object({
  id,
  status: z.enum(INPUT_STATUSES),
  statusReason: z.string().nullable(),
  since: wallMs,
  warnings: z.array(warning),
  /** `address:port` that sends now. */
  source: z.string().nullable(),
  onAir: z.enum(['main', 'none']),
  onAirSince: wallMs,
  onAirReason: z.enum(['lost', 'returned', 'manual', 'restarted']).nullable(),
  processId: z.int().nullable(),
  reconnectCount: z.int(),
  nextRetryAt: nullableMs,
  receiveBufferBytes: z.int().nullable(),
  video: videoFormat.nullable(),
  audio: audioFormat.nullable(),
  lastError: z.string().nullable(),
})
export type InputActual = z.infer<typeof inputActual>

/** An input behind which there is nothing yet. `since`: wall clock. */
export function toBlankInput(id: number, status: InputActual['status'], since: number): InputActual {
  return {
    id,
    status,
    statusReason: null,
    since,
    warnings: [],
    source: null,
    onAir: 'none',
    onAirSince: since,
    onAirReason: null,
    processId: null,
    reconnectCount: 0,
    nextRetryAt: null,
    receiveBufferBytes: null,
    video: null,
    audio: null,
    lastError: null,
  }
}

export const outputActual = z.object({
  id,
  inputId: id,
  status: z.enum(OUTPUT_STATUSES),
  statusReason: z.string().nullable(),
  since: wallMs,
  warnings: z.array(warning),
  nextRetryAt: nullableMs,
  /** The present row of failures. */
  attempt: z.int(),
  /** Since the last start by a person or the server. */
  reconnectCount: z.int(),
  lastError: z.string().nullable(),
  lastExit: childExit.nullable(),
  processId: z.int().nullable(),
  startedAt: nullableMs,
})
export type OutputActual = z.infer<typeof outputActual>

export const inputFigures = z.object({
  id,
  bitrateKbps: z.number().nullable(),
  bytesTotal: z.number(),
  continuityErrors: z.int(),
  continuityErrorsHour: z.int(),
  lastPacketAt: nullableMs,
})
export type InputFigures = z.infer<typeof inputFigures>

export const outputFigures = z.object({
  id,
  inputId: id,
  bitrateKbps: z.number().nullable(),
  fps: z.number().nullable(),
  bytesTotal: z.number(),
  uptimeSeconds: z.number().nullable(),
  speed: z.number().nullable(),
  dropFrames: z.int().nullable(),
  skips: z.int(),
  cpuPercent: z.number().nullable(),
  memoryBytes: z.number().nullable(),
})
export type OutputFigures = z.infer<typeof outputFigures>

export const logLine = z.object({ at: wallMs, level: z.enum(['debug', 'info', 'warning', 'error']), text: z.string() })
export type LogLine = z.infer<typeof logLine>

export const probeTrack = z.object({
  pid: z.int(),
  type: z.enum(['video', 'audio', 'data']),
  codec: z.string(),
  profile: z.string().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  fps: z.number().nullable(),
  sampleRate: z.int().nullable(),
  channels: z.int().nullable(),
  language: z.string().nullable(),
})
export const probeProgram = z.object({
  number: z.int(),
  pmtPid: z.int(),
  pcrPid: z.int().nullable(),
  chosen: z.boolean(),
  tracks: z.array(probeTrack),
})
export type ProbeProgram = z.infer<typeof probeProgram>
export const probe = z.object({ bitrateKbps: z.number().nullable(), programs: z.array(probeProgram) })
export type Probe = z.infer<typeof probe>

// ---------------------------------------------------------------- the wire

/** First message of a worker's life. `instance` marks its children (`WEIR_CHILD`). */
export const workerConfig = z.object({
  index: z.int(),
  epoch: z.int(),
  instance: z.string(),
  ffmpegPath: z.string(),
  ringMaxBytes: z.int(),
  /** Trust anchors for RTMPS beside the system's (FFmpeg `-ca_file`). */
  caFile: z.string().nullable(),
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
  /** Newest picture as JPEG, at most `width` wide; the first look starts the tap and waits up to 1.5 s. */
  still: {
    input: z.object({ inputId: id, width: z.int().positive() }),
    output: z.object({
      still: z.object({ jpeg: z.custom<Uint8Array>((value) => value instanceof Uint8Array), at: wallMs }).nullable(),
    }),
  },
  /** Tests only: kill one output's child, or block the worker's loop. */
  fault: {
    input: z.object({ killOutput: id.nullable(), blockMs: z.number() }),
    output: z.object({}),
  },
  shutdown: { input: z.object({}), output: z.object({}) },
} as const
export type Operation = keyof typeof OPERATIONS
export type OperationInput<O extends Operation> = z.infer<(typeof OPERATIONS)[O]['input']>
export type OperationOutput<O extends Operation> = z.infer<(typeof OPERATIONS)[O]['output']>

/** Event name to data. A state event carries the whole actual state: whoever missed one is healed by the next. */
export const WORKER_EVENTS = {
  'input.state': inputActual,
  'input.removed': z.object({ id }),
  /** A new still is there; only while somebody looks. */
  'input.still': z.object({ id, at: wallMs }),
  'input.restarted': z.object({ id, reason: z.string(), gapMs: z.number() }),
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
  /** The pid ledger by which main reaps what a dead worker leaves. */
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
])
export type ToWorkerMessage = z.infer<typeof toWorkerMessage>

export const fromWorkerMessage = z.discriminatedUnion('t', [
  z.object({ t: z.literal('hello'), epoch: z.int() }),
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
