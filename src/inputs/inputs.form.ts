import type { FormFields, Typed } from '../http/form.ts'
import { hasField, type InputKind, KIND_FIELDS } from './inputs.draft.ts'
import { KINDS } from './inputs.kinds.ts'
import type { InputResource } from './inputs.schema.ts'

/** What the fields of an input's form stand for; they are named as the API names them. */
const FIELDS: FormFields = {
  name: 'name',
  kind: 'name',
  url: 'text',
  udp_port: 'number',
  srt_port: 'number',
  latency_ms: 'number',
  username: 'secret',
  password: 'secret',
  stream_id: 'secret',
  passphrase: 'secret',
  bind_address: 'text',
  allow_from: 'lines',
  multicast_group: 'text',
  interface: 'text',
  on_second_publisher: 'text',
  rtsp_transport: 'text',
  program: 'number',
  on_loss: 'text',
  backup_input_id: 'number',
  loss_ms: 'number',
  max_fill_minutes: 'number',
  return: 'text',
  return_after_ms: 'number',
  enabled: 'flag',
}

/** The same for what was sent: the form has the fields of all kinds, and those of the chosen one count. */
export function toInputForm(sent: Record<string, unknown>): FormFields {
  const kind = KINDS.find(({ value }) => value === sent['kind'])?.value
  if (!kind) return FIELDS
  const others = KIND_FIELDS.filter((field) => !hasField(kind, field)).map((field) => [field, 'off'] as const)
  return { ...FIELDS, ...Object.fromEntries(others) }
}

/** The words on the fields, for the summary of a refused form. */
export const INPUT_LABELS: Record<string, string> = {
  name: 'Name',
  kind: 'Where the feed comes from',
  url: 'Address',
  udp_port: 'UDP port',
  srt_port: 'SRT port',
  latency_ms: 'Latency',
  username: 'User name',
  password: 'Password',
  stream_id: 'Stream ID',
  passphrase: 'Passphrase',
  bind_address: 'Listen on',
  allow_from: 'Allowed senders',
  multicast_group: 'Multicast group',
  interface: 'Join on',
  on_second_publisher: 'A second publisher',
  rtsp_transport: 'Transport',
  program: 'Program',
  on_loss: 'Viewers see',
  backup_input_id: 'Backup',
  loss_ms: 'Lost after',
  max_fill_minutes: 'At most for',
  return: 'Back to the feed',
  return_after_ms: 'Back after',
  enabled: 'Start at once',
}

/** Fields that stand in the part of the form which is closed at first. */
export const INPUT_ADVANCED = [
  'bind_address',
  'allow_from',
  'multicast_group',
  'interface',
  'on_second_publisher',
  'rtsp_transport',
  'program',
] as const

/** The same of the part about a lost feed. */
export const INPUT_LOSS = [
  'on_loss',
  'backup_input_id',
  'loss_ms',
  'max_fill_minutes',
  'return',
  'return_after_ms',
] as const

/** What a fresh form, or one of an input that is there, says before anybody types. Never a secret. */
export function toInputValues(input: InputResource | null, kind: InputKind): Typed {
  if (!input) return { kind, enabled: 'true' }
  return {
    name: input.name,
    kind: input.kind,
    url: input.url ?? '',
    udp_port: String(input.udp_port ?? ''),
    srt_port: String(input.srt_port ?? ''),
    latency_ms: String(input.latency_ms ?? ''),
    bind_address: input.bind_address ?? '',
    allow_from: input.allow_from.join('\n'),
    multicast_group: input.multicast_group ?? '',
    interface: input.interface ?? '',
    on_second_publisher: input.on_second_publisher ?? '',
    rtsp_transport: input.rtsp_transport ?? '',
    program: String(input.program ?? ''),
    on_loss: input.on_loss,
    backup_input_id: String(input.backup_input_id ?? ''),
    loss_ms: String(input.loss_ms),
    max_fill_minutes: String(input.max_fill_minutes),
    return: input.return,
    return_after_ms: String(input.return_after_ms),
  }
}
