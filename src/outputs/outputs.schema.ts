import { z } from 'zod'
import { idParam, lineField, nameField, oneOf, wholeField } from '../lib/fields.ts'
import { parseAddress } from '../lib/host.ts'
import { exitResource, timeField, warningResource } from '../live/wire.ts'
import { OUTPUT_STATUSES } from '../media/actual.ts'

export const PROTOCOLS = ['udp', 'srt_caller', 'srt_listener', 'rtmp', 'rtsp'] as const
export const ENGINES = ['ffmpeg', 'direct'] as const
export const VIDEO_CHOICES = ['copy', '720p', '480p', 'none'] as const
export const AUDIO_CHOICES = ['auto', 'copy', 'aac', 'none'] as const

const seconds = (least: number, most: number) => {
  const words = `Seconds, ${least} to ${most}.`
  return z.number(words).min(least, words).max(most, words).nullish()
}

export const optionsBody = z.strictObject({
  latency_ms: z
    .int('Milliseconds, 20 to 8000.')
    .min(20, 'Milliseconds, 20 to 8000.')
    .max(8000, 'Milliseconds, 20 to 8000 (FFmpeg and OBS say microseconds).')
    .nullish(),
  stream_id: lineField.nullish(),
  ttl: wholeField(1, 255).nullish(),
  interface: z
    .string()
    .refine((text) => parseAddress(text) !== null, 'The address of a local interface.')
    .transform((text) => parseAddress(text)?.text ?? text)
    .nullish(),
  pkt_size: wholeField(188, 1472).nullish(),
  rtsp_transport: oneOf(['tcp', 'udp']).nullish(),
  tls_verify: z.boolean().nullish(),
  transparent: z.boolean().nullish(),
  video: oneOf(VIDEO_CHOICES).nullish(),
  audio: oneOf(AUDIO_CHOICES).nullish(),
})

/** Null is for what can be empty or has a default, as in a merge patch (RFC 7396); a client must be able to rely on the rest. */
const NULLS =
  'Null takes the default, or clears; `name` and `enabled` are never null, `url` for `srt_listener` alone, which has none. What is left out stays.'

/** Everything of an output that a client may set. */
const fields = {
  protocol: oneOf(PROTOCOLS).nullish(),
  engine: oneOf(ENGINES).nullish(),
  stream_key: lineField.nullish(),
  username: lineField.nullish(),
  password: lineField.nullish(),
  passphrase: lineField.nullish(),
  srt_port: wholeField(1, 65_535).nullish(),
  options: optionsBody.nullish(),
  enabled: z.boolean().optional(),
  auto_reconnect: z.boolean().nullish(),
  reconnect_delay: seconds(0.1, 3600),
  max_reconnect_delay: seconds(0.1, 86_400),
  max_reconnect_attempts: wholeField(0, 1_000_000).nullish(),
  stall_timeout: seconds(1, 3600),
}

export const outputCreate = z.strictObject({ name: nameField, url: z.string().nullish(), ...fields })
export const outputPatch = z
  .strictObject({ name: nameField.optional(), url: z.string().nullish(), ...fields })
  .describe(NULLS)
export type OutputCreate = z.infer<typeof outputCreate>
export type OutputPatch = z.infer<typeof outputPatch>

export const inputParams = z.object({ id: idParam })
export const outputParams = z.object({ id: idParam, oid: idParam })
export const callerParams = z.object({ id: idParam, oid: idParam, cid: idParam })

export const outputStats = z.object({
  bitrate_kbps: z.number().nullable(),
  fps: z.number().nullable(),
  bytes_total: z.number(),
  uptime_seconds: z.number().nullable(),
  speed: z.number().nullable(),
  drop_frames: z.int().nullable(),
  skips: z.int(),
  cpu_percent: z.number().nullable(),
  memory_bytes: z.number().nullable(),
})
export type OutputStats = z.infer<typeof outputStats>

export const callerResource = z.object({
  id: z.int(),
  address: z.string(),
  stream_id: z.string(),
  connected_at: timeField,
  bitrate_kbps: z.number().nullable(),
  rtt_ms: z.number().nullable(),
  loss_percent: z.number().nullable(),
  packets_retransmitted: z.int().nullable(),
  packets_dropped: z.int().nullable(),
})
export type CallerResource = z.infer<typeof callerResource>

export const outputResource = z.object({
  id: z.int(),
  input_id: z.int(),
  name: z.string(),
  protocol: z.enum(PROTOCOLS),
  /** Null of a listener: it has no address to send to. */
  url: z.string().nullable(),
  engine: z.enum(ENGINES),
  has_stream_key: z.boolean(),
  has_username: z.boolean(),
  has_password: z.boolean(),
  has_passphrase: z.boolean(),
  srt_port: z.int().nullable(),
  /** What receivers call, without its secrets. */
  listen_url: z.string().nullable(),
  /** Who has called, oldest first; null for outputs that call themselves. */
  callers: z.array(callerResource).nullable(),
  options: z.object({
    latency_ms: z.int().nullable(),
    stream_id: z.string().nullable(),
    ttl: z.int().nullable(),
    interface: z.string().nullable(),
    pkt_size: z.int().nullable(),
    rtsp_transport: z.enum(['tcp', 'udp']).nullable(),
    tls_verify: z.boolean().nullable(),
    transparent: z.boolean().nullable(),
    video: z.enum(VIDEO_CHOICES),
    audio: z.enum(AUDIO_CHOICES),
  }),
  enabled: z.boolean(),
  auto_reconnect: z.boolean(),
  reconnect_delay: z.number(),
  max_reconnect_delay: z.number(),
  max_reconnect_attempts: z.int(),
  stall_timeout: z.number(),
  status: z.enum(OUTPUT_STATUSES),
  status_reason: z.string().nullable(),
  since: timeField,
  warnings: z.array(warningResource),
  next_retry_at: timeField.nullable(),
  attempt: z.int(),
  reconnect_count: z.int(),
  last_error: z.string().nullable(),
  last_exit: exitResource.nullable(),
  process_id: z.int().nullable(),
  started_at: timeField.nullable(),
  stats: outputStats,
  created_at: timeField,
  updated_at: timeField,
})
export type OutputResource = z.infer<typeof outputResource>
