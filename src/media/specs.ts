import { z } from 'zod'

/**
 * What is wanted of the media workers: plain flat data, secrets open. Names (an input's, an output's) are labels for log
 * lines and never part of what restarts a child.
 */

const id = z.int().positive()

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
