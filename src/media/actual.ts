import { z } from 'zod'

/** What the media workers report: plain flat data. Times are wall-clock milliseconds. */

const id = z.int().positive()
const wallMs = z.number()
const nullableMs = wallMs.nullable()

export const warning = z.object({ code: z.string(), message: z.string(), since: wallMs })
export type Warning = z.infer<typeof warning>

export const ON_AIR = ['main', 'backup', 'slate', 'freeze', 'none'] as const
export const ON_AIR_REASONS = ['lost', 'returned', 'manual', 'restarted', 'ended'] as const
export const DIFFERENCES = ['size', 'fps', 'audio', 'codec'] as const
const onAirReason = z.enum(ON_AIR_REASONS)

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
  /**
   * Why we asked it to leave: a person's stop, restart or edit, nothing on air any more, a feed whose codec or sound changed,
   * a port that closed. Absent where it ended by itself.
   */
  asked: z.enum(['person', 'off_air', 'codec', 'sound', 'door']).optional(),
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
  /** What outputs get; the status above is the feed's. */
  onAir: z.enum(ON_AIR),
  onAirSince: wallMs,
  onAirReason: onAirReason.nullable(),
  /** What goes on air at its next keyframe. */
  pending: z.enum(['main', 'backup']).nullable(),
  /** Whether the backup could take over without a restart of outputs, and what viewers would notice; null without one. */
  backupReady: z.object({ ok: z.boolean(), differs: z.array(z.enum(DIFFERENCES)) }).nullable(),
  /** The slate is made; null where none is wanted. */
  slateReady: z.boolean().nullable(),
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
    pending: null,
    backupReady: null,
    slateReady: null,
    processId: null,
    reconnectCount: 0,
    nextRetryAt: null,
    receiveBufferBytes: null,
    video: null,
    audio: null,
    lastError: null,
  }
}

/** What libsrt measures on one link (`srt_bistats`, since the link stands). */
export const srtLink = z.object({
  rttMs: z.number(),
  latencyMs: z.number(),
  /** The link's estimate of what would fit through. */
  bandwidthKbps: z.number(),
  packetsLost: z.int(),
  packetsRetransmitted: z.int(),
  /** Came too late to be of use. */
  packetsDropped: z.int(),
  /** Lost of all, 0-100. */
  lossPercent: z.number(),
})
export type SrtLink = z.infer<typeof srtLink>

/** One receiver that has called a listener of ours. */
export const caller = z.object({ id, address: z.string(), streamId: z.string(), since: wallMs })
export type Caller = z.infer<typeof caller>
export const callerFigures = z.object({ id, bitrateKbps: z.number().nullable(), link: srtLink })

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
  /** Who has called, oldest first; null for outputs that call themselves. */
  callers: z.array(caller).nullable(),
})
export type OutputActual = z.infer<typeof outputActual>

export const inputFigures = z.object({
  id,
  bitrateKbps: z.number().nullable(),
  bytesTotal: z.number(),
  continuityErrors: z.int(),
  continuityErrorsHour: z.int(),
  lastPacketAt: nullableMs,
  /** Seconds between keyframes, the mean of the last ones; null before two were seen. */
  keyframeSeconds: z.number().nullable(),
  /** Of the publisher's SRT link; null for other kinds and without a publisher. */
  link: srtLink.nullable(),
  /** Since the worker took the input: changes of what is on air, and time with a slate or a freeze on it. */
  switches: z.int(),
  filledSeconds: z.number(),
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
  /** Of each caller of a listener; empty for other outputs. */
  callers: z.array(callerFigures),
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

/** What a look at a destination found, without going live. Each step is null where it was not reached or does not apply. */
export const preflight = z.object({
  /** Addresses of the name, or the words of its failure. */
  resolved: z.object({ ok: z.boolean(), words: z.string() }).nullable(),
  /** Whether a connection could be made (TCP, or an SRT handshake). */
  reached: z.object({ ok: z.boolean(), words: z.string(), ms: z.number().nullable() }).nullable(),
  tls: z.object({ ok: z.boolean(), words: z.string() }).nullable(),
  /** The program as it is now; null without a feed. */
  feed: z
    .object({
      video: videoFormat.nullable(),
      audio: audioFormat.nullable(),
      bitrateKbps: z.number().nullable(),
      keyframeSeconds: z.number().nullable(),
    })
    .nullable(),
  /** Why this feed cannot go into this protocol as it is; null = it can. */
  refusal: z.string().nullable(),
  /** What leaves this machine now through all outputs of the worker. */
  uploadKbps: z.number(),
})
export type Preflight = z.infer<typeof preflight>
