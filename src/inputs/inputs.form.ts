import type { FormFields, Typed } from '../http/form.ts'
import type { InputResource } from './inputs.schema.ts'

/** What the fields of an input's form stand for; they are named as the API names them. */
export const INPUT_FORM: FormFields = {
  name: 'name',
  kind: 'name',
  udp_port: 'number',
  bind_address: 'text',
  allow_from: 'lines',
  program: 'number',
  loss_ms: 'number',
  enabled: 'flag',
}

/** The words on the fields, for the summary of a refused form. */
export const INPUT_LABELS: Record<string, string> = {
  name: 'Name',
  kind: 'Kind of feed',
  udp_port: 'Port',
  bind_address: 'Listen on',
  allow_from: 'Allowed senders',
  program: 'Program',
  loss_ms: 'Lost after',
  enabled: 'Start at once',
}

/** Fields that stand in the part of the form which is closed at first. */
export const INPUT_ADVANCED = ['bind_address', 'allow_from', 'program', 'loss_ms'] as const

/** What a fresh form, or one of an input that is there, says before anybody types. */
export function toInputValues(input: InputResource | null): Typed {
  if (!input) return { kind: 'udp', enabled: 'true' }
  return {
    name: input.name,
    kind: input.kind,
    udp_port: String(input.udp_port ?? ''),
    bind_address: input.bind_address ?? '',
    allow_from: input.allow_from.join('\n'),
    program: String(input.program ?? ''),
    loss_ms: String(input.loss_ms),
  }
}
