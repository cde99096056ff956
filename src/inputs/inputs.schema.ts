import { z } from 'zod'
import { INPUT_KINDS, ON_LOSS } from '../db/tables/inputs.ts'
import { idParam, laterField, lineField, nameField, oneOf, wholeField } from '../lib/fields.ts'
import { isMulticast, parseAddress, parseCidr } from '../lib/host.ts'
import { timeField, warningResource } from '../live/wire.ts'
import { DIFFERENCES, INPUT_STATUSES, ON_AIR, ON_AIR_REASONS } from '../media/actual.ts'

const address = z
  .string()
  .refine((text) => parseAddress(text) !== null, 'An IPv4 or IPv6 address of this machine.')
  .transform((text) => parseAddress(text)?.text ?? text)
const network = z
  .string()
  .refine((text) => parseCidr(text) !== null, 'An address or a network such as 10.0.0.0/8.')
  .transform((text) => parseCidr(text) ?? text)

const group = z
  .string()
  .refine((text) => isMulticast(parseAddress(text)?.text ?? ''), 'A multicast group such as 239.10.0.1.')
  .transform((text) => parseAddress(text)?.text ?? text)
/** libsrt takes more; below 20 ms nothing could be sent again, above 8 s our buffers end. */
export const latencyField = wholeField(20, 8000).nullish()

/** Null is for what can be empty or has a default, as in a merge patch (RFC 7396); a client must be able to rely on the rest. */
const NULLS = 'Null takes the default, or clears; `name` and `enabled` are never null. What is left out stays.'

/** Everything of an input that a client may set. */
const fields = {
  kind: oneOf(INPUT_KINDS).nullish(),
  udp_port: wholeField(1, 65_535).nullish(),
  bind_address: address.nullish(),
  allow_from: z.array(network).max(64).nullish(),
  multicast_group: group.nullish(),
  interface: address.nullish(),
  program: wholeField(1, 65_535).nullish(),
  url: z.string().nullish(),
  rtsp_transport: oneOf(['tcp', 'udp']).nullish(),
  username: lineField.nullish(),
  password: lineField.nullish(),
  srt_port: wholeField(1, 65_535).nullish(),
  latency_ms: latencyField,
  passphrase: lineField.nullish(),
  stream_id: lineField.nullish(),
  on_second_publisher: oneOf(['refuse', 'replace']).nullish(),
  path: z
    .string()
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'Small letters, digits and single hyphens.')
    .max(100)
    .nullish(),
  on_loss: oneOf(ON_LOSS).nullish(),
  backup_input_id: z.int('The id of another input.').positive('The id of another input.').nullish(),
  slate_image_id: laterField,
  loss_ms: wholeField(300, 10_000).nullish(),
  return: oneOf(['auto', 'manual']).nullish(),
  return_after_ms: wholeField(0, 60_000).nullish(),
  /** At most a week; 0 = no end. */
  max_fill_minutes: wholeField(0, 10_080).nullish(),
  enabled: z.boolean().optional(),
}

export const inputCreate = z.strictObject({ name: nameField, ...fields })
export const inputPatch = z.strictObject({ name: nameField.optional(), ...fields }).describe(NULLS)
export type InputCreate = z.infer<typeof inputCreate>
export type InputPatch = z.infer<typeof inputPatch>

export const switchBody = z.strictObject({
  to: oneOf(['main', 'backup', 'slate', 'freeze', 'auto']),
  /** At the next keyframe the cut is clean; `now` begins with the pictures since the last one. */
  when: oneOf(['keyframe', 'now']).default('keyframe'),
})
export type SwitchBody = z.infer<typeof switchBody>

export const inputParams = z.object({ id: idParam })

export const inputStats = z.object({
  bitrate_kbps: z.number().nullable(),
  bytes_total: z.number(),
  continuity_errors: z.int(),
  continuity_errors_hour: z.int(),
  last_packet_at: timeField.nullable(),
  video: z
    .object({
      codec: z.string(),
      profile: z.string().nullable(),
      width: z.int().nullable(),
      height: z.int().nullable(),
      fps: z.number().nullable(),
    })
    .nullable(),
  audio: z.object({ codec: z.string(), sample_rate: z.int().nullable(), channels: z.int().nullable() }).nullable(),
  /** Changes of what is on air, and time with a slate or a freeze on it, since the server started. */
  switches: z.int(),
  filled_seconds: z.number(),
  /** Of the publisher's SRT link, since it stands. */
  link: z
    .object({
      rtt_ms: z.number(),
      latency_ms: z.number(),
      bandwidth_kbps: z.number(),
      packets_lost: z.int(),
      packets_retransmitted: z.int(),
      packets_dropped: z.int(),
      loss_percent: z.number(),
    })
    .nullable(),
})
export type InputStats = z.infer<typeof inputStats>

export const inputResource = z.object({
  id: z.int(),
  name: z.string(),
  kind: z.enum(INPUT_KINDS),
  udp_port: z.int().nullable(),
  bind_address: z.string().nullable(),
  allow_from: z.array(z.string()),
  multicast_group: z.string().nullable(),
  interface: z.string().nullable(),
  program: z.int().nullable(),
  url: z.string().nullable(),
  rtsp_transport: z.enum(['tcp', 'udp']).nullable(),
  has_username: z.boolean(),
  has_password: z.boolean(),
  srt_port: z.int().nullable(),
  latency_ms: z.int().nullable(),
  has_passphrase: z.boolean(),
  has_stream_id: z.boolean(),
  on_second_publisher: z.enum(['refuse', 'replace']).nullable(),
  path: z.string(),
  on_loss: z.enum(ON_LOSS),
  backup_input_id: z.int().nullable(),
  slate_image_id: z.null(),
  /** Its own slate picture; null = a plain card with its name. */
  slate_url: z.string().nullable(),
  loss_ms: z.int(),
  return: z.enum(['auto', 'manual']),
  return_after_ms: z.int(),
  max_fill_minutes: z.int(),
  on_air: z.enum(ON_AIR),
  on_air_since: timeField,
  on_air_reason: z.enum(ON_AIR_REASONS).nullable(),
  /** What goes on air at its next keyframe. */
  pending: z.enum(['main', 'backup']).nullable(),
  /** Whether the backup could take over without a restart of outputs, and what viewers would notice. */
  backup_ready: z.object({ ok: z.boolean(), differs: z.array(z.enum(DIFFERENCES)) }).nullable(),
  slate_ready: z.boolean().nullable(),
  mediamtx_path: z.string(),
  publish_url: z.string().nullable(),
  publish_server: z.string().nullable(),
  /** The same over TLS, where the server has a certificate. */
  publish_server_tls: z.string().nullable(),
  publish_key: z.string().nullable(),
  publish_example: z.string().nullable(),
  enabled: z.boolean(),
  status: z.enum(INPUT_STATUSES),
  status_reason: z.string().nullable(),
  since: timeField,
  warnings: z.array(warningResource),
  source: z.string().nullable(),
  process_id: z.int().nullable(),
  reconnect_count: z.int(),
  next_retry_at: timeField.nullable(),
  receive_buffer_bytes: z.int().nullable(),
  stats: inputStats,
  last_error: z.string().nullable(),
  outputs_total: z.int(),
  outputs_running: z.int(),
  created_at: timeField,
  updated_at: timeField,
})
export type InputResource = z.infer<typeof inputResource>

const track = z.object({
  pid: z.int(),
  type: z.enum(['video', 'audio', 'data']),
  codec: z.string(),
  profile: z.string().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  fps: z.number().nullable(),
  sample_rate: z.int().nullable(),
  channels: z.int().nullable(),
  language: z.string().nullable(),
})
export const probeResource = z.object({
  bitrate_kbps: z.number().nullable(),
  programs: z.array(
    z.object({
      number: z.int(),
      pmt_pid: z.int(),
      pcr_pid: z.int().nullable(),
      chosen: z.boolean(),
      tracks: z.array(track),
    }),
  ),
})
export type ProbeResource = z.infer<typeof probeResource>
