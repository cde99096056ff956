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
const rtspTarget = z.object({
  protocol: z.literal('rtsp'),
  tls: z.boolean(),
  tlsVerify: z.boolean(),
  host: z.string(),
  port: z.int(),
  /** Without the slash at its beginning. */
  path: z.string(),
  transport: z.enum(['tcp', 'udp']),
  username: z.string().nullable(),
  password: z.string().nullable(),
})
/** A port of ours that receivers call. */
const srtListenTarget = z.object({
  protocol: z.literal('srt_listener'),
  port: z.int(),
  latencyMs: z.int(),
  pktSize: z.int(),
  passphrase: z.string().nullable(),
  /** What a caller must say; null = anything. */
  streamId: z.string().nullable(),
})
/** Where an output sends, in parts; FFmpeg's address is only ever built from these. */
export const outputTarget = z.discriminatedUnion('protocol', [
  udpTarget,
  srtTarget,
  rtmpTarget,
  rtspTarget,
  srtListenTarget,
])
export type OutputTarget = z.infer<typeof outputTarget>

export const outputSpec = z.object({
  id,
  inputId: id,
  name: z.string(),
  enabled: z.boolean(),
  /** Raised by restart, and by start on an output in `error`: another number, another child. */
  generation: z.int(),
  target: outputTarget,
  /** `direct`: UDP copies sent by the worker itself, without a process. */
  engine: z.enum(['ffmpeg', 'direct']),
  /** `direct` only: the feed as it came, not the program. */
  transparent: z.boolean(),
  audio: z.enum(['auto', 'copy', 'aac', 'none']),
  video: z.enum(['copy', '720p', '480p', 'none']),
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
  /** CIDR list; empty = anyone. Single addresses make the join of a group source-specific (IGMPv3). */
  allowFrom: z.array(z.string()),
  multicastGroup: z.string().nullable(),
  /** Address of the local interface on which a group is joined; null = the system's choice. */
  interfaceAddress: z.string().nullable(),
})
const onSecondPublisher = z.enum(['refuse', 'replace'])
/** Publishers at the one RTMP door; told apart by application and stream key. */
const rtmpSource = z.object({
  kind: z.literal('rtmp'),
  app: z.string(),
  streamKey: z.string(),
  onSecondPublisher,
})
const srtListenSource = z.object({
  kind: z.literal('srt_listener'),
  port: z.int(),
  bindAddress: z.string(),
  /** CIDR list; empty = anyone. */
  allowFrom: z.array(z.string()),
  latencyMs: z.int(),
  passphrase: z.string().nullable(),
  /** The stream id by which a caller is let in; with a passphrase also callers without any. */
  streamId: z.string(),
  onSecondPublisher,
})
const srtCallSource = z.object({
  kind: z.literal('srt_caller'),
  host: z.string(),
  port: z.int(),
  latencyMs: z.int(),
  passphrase: z.string().nullable(),
  streamId: z.string().nullable(),
})
const rtspSource = z.object({
  kind: z.literal('rtsp'),
  tls: z.boolean(),
  host: z.string(),
  port: z.int(),
  /** Without the slash at its beginning; with its query. */
  path: z.string(),
  transport: z.enum(['tcp', 'udp']),
  username: z.string().nullable(),
  password: z.string().nullable(),
})
const hlsSource = z.object({
  kind: z.literal('hls'),
  /** http or https, without user and password; its query may hold a token. */
  url: z.string(),
  username: z.string().nullable(),
  password: z.string().nullable(),
})
const testSource = z.object({ kind: z.literal('test') })
export const inputSource = z.discriminatedUnion('kind', [
  udpSource,
  rtmpSource,
  srtListenSource,
  srtCallSource,
  rtspSource,
  hlsSource,
  testSource,
])
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
  /** What goes on air for a feed that is lost; `hold`: nothing. */
  onLoss: z.enum(['freeze', 'slate', 'backup', 'hold']),
  returns: z.enum(['auto', 'manual']),
  /** Health of the feed before it goes back on air. */
  returnAfterMs: z.number(),
  /** 0 = no end. */
  maxFillMinutes: z.number(),
  /** Another input of the same list; both live in one worker. */
  backupInputId: id.nullable(),
  /** A picture of this machine's disk or, without one, a card with the text. `before`: on air before the first feed, too. */
  slate: z.object({ file: z.string().nullable(), text: z.string(), before: z.boolean() }).nullable(),
  /** What is on air by hand: for a worker that has not been told, because another one was. */
  choice: z.enum(['backup', 'slate', 'freeze']).nullable(),
  outputs: z.array(outputSpec),
})
export type InputSpec = z.infer<typeof inputSpec>
export type Choice = NonNullable<InputSpec['choice']>
