import type { FormFields, Typed } from '../http/form.ts'
import { toNameKey } from '../lib/fields.ts'
import type { OutputResource } from './outputs.schema.ts'
import type { Preset } from './presets.ts'

/** What the fields of an output's form stand for; they are named as the API names them. */
export const OUTPUT_FORM: FormFields = {
  preset: 'none',
  fields_of: 'none',
  protocol: 'name',
  name: 'name',
  url: 'name',
  srt_port: 'number',
  engine: 'name',
  stream_key: 'secret',
  username: 'secret',
  password: 'secret',
  passphrase: 'secret',
  'options.stream_id': 'text',
  'options.latency_ms': 'number',
  'options.ttl': 'number',
  'options.interface': 'text',
  'options.pkt_size': 'number',
  'options.tls_verify': 'flag',
  'options.rtsp_transport': 'name',
  'options.transparent': 'flag',
  'options.video': 'name',
  'options.audio': 'name',
  auto_reconnect: 'flag',
  reconnect_delay: 'number',
  max_reconnect_delay: 'number',
  max_reconnect_attempts: 'number',
  stall_timeout: 'number',
  enabled: 'flag',
}

/** The words on the fields, for the summary of a refused form. */
export const OUTPUT_LABELS: Record<string, string> = {
  name: 'Name',
  url: 'Server',
  srt_port: 'Port',
  engine: 'Sent by',
  stream_key: 'Stream key',
  username: 'User name',
  password: 'Password',
  passphrase: 'Passphrase',
  'options.stream_id': 'Stream ID',
  'options.latency_ms': 'Latency',
  'options.ttl': 'Hops at most',
  'options.interface': 'Send from',
  'options.pkt_size': 'Packet size',
  'options.tls_verify': 'Take any certificate',
  'options.rtsp_transport': 'Media over',
  'options.transparent': 'Send the feed untouched',
  'options.video': 'Picture',
  'options.audio': 'Sound',
  auto_reconnect: 'Try again by itself',
  reconnect_delay: 'First retry after',
  max_reconnect_delay: 'Longest pause',
  max_reconnect_attempts: 'Tries at most',
  stall_timeout: 'Stalled after',
  enabled: 'Start at once',
}

/** Fields that stand in the parts of the form which are closed at first. */
export const OUTPUT_FAILING = [
  'auto_reconnect',
  'reconnect_delay',
  'max_reconnect_delay',
  'max_reconnect_attempts',
  'stall_timeout',
] as const
export const OUTPUT_MORE = [
  'engine',
  'options.transparent',
  'options.rtsp_transport',
  'username',
  'password',
  'options.tls_verify',
  'options.pkt_size',
  'options.ttl',
  'options.interface',
  'options.video',
  'options.audio',
] as const

/** What a fresh form of this preset, or one of an output that is there, says before anybody types. Never a secret. */
export function toOutputValues(
  output: OutputResource | null,
  preset: Preset,
  takenNames: readonly string[] = [],
): Typed {
  if (!output)
    return {
      name: freeName(preset, takenNames),
      url: preset.servers[0] ?? '',
      auto_reconnect: 'true',
      'options.video': 'copy',
      'options.audio': 'auto',
      enabled: 'true',
    }
  const { options } = output
  return {
    name: output.name,
    url: output.url ?? '',
    srt_port: String(output.srt_port ?? ''),
    engine: output.engine,
    'options.stream_id': options.stream_id ?? '',
    'options.latency_ms': String(options.latency_ms ?? ''),
    'options.ttl': String(options.ttl ?? ''),
    'options.interface': options.interface ?? '',
    'options.pkt_size': String(options.pkt_size ?? ''),
    'options.tls_verify': options.tls_verify === false ? 'false' : '',
    'options.rtsp_transport': options.rtsp_transport ?? '',
    'options.transparent': options.transparent ? 'true' : '',
    'options.video': options.video,
    'options.audio': options.audio,
    auto_reconnect: String(output.auto_reconnect),
    reconnect_delay: String(output.reconnect_delay),
    max_reconnect_delay: String(output.max_reconnect_delay),
    max_reconnect_attempts: String(output.max_reconnect_attempts),
    stall_timeout: String(output.stall_timeout),
  }
}

/** The name that a preset suggests, with a number behind it where it is taken: `YouTube 2`. Empty where it has none. */
export function freeName({ outputName }: Preset, takenNames: readonly string[]): string {
  if (!outputName) return ''
  const taken = new Set(takenNames.map(toNameKey))
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? outputName : `${outputName} ${n}`
    if (!taken.has(toNameKey(candidate))) return candidate
  }
}
