import type { Typed } from '../http/form.ts'
import type { FieldMessage } from '../ui/field.tsx'
import { OUTPUT_LABELS } from './outputs.form.ts'

export type Fields = ReturnType<typeof createFields>

/** What each field of the form shows: its words, what was typed, and the message about it. */
export function createFields(values: Typed, errors: readonly FieldMessage[]) {
  const errorOf = (name: string) => errors.find((error) => error.path === name)?.message
  const bare = (name: string) => ({ name, label: OUTPUT_LABELS[name] ?? name, error: errorOf(name) })
  return {
    text: (name: string) => ({ ...bare(name), value: values[name] ?? '' }),
    /** A secret has no value: it is typed anew or kept. */
    secret: bare,
    isOn: (name: string, fallback: boolean) => (values[name] === undefined ? fallback : values[name] === 'true'),
    has: (name: string) => (values[name] ?? '') !== '',
    hasError: (names: readonly string[]) => names.some((name) => errorOf(name) !== undefined),
  }
}
