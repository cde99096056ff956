/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Field, fieldId } from './field.tsx'

export type SecretFieldProps = {
  name: string
  label: string
  error?: string | undefined
  hint?: Child
  /** One is stored. */
  isSet: boolean
  optional?: boolean
}

/** A secret that is typed anew or kept, and, where one is stored, a way to be rid of it. */
export function SecretField({ isSet, ...field }: SecretFieldProps) {
  return (
    <div class="stack-2">
      <Field {...field} type="password" isSet={isSet} />
      {isSet && (
        <label class="check">
          <input class="tick" type="checkbox" name="remove" value={field.name} id={fieldId(`remove-${field.name}`)} />
          <span>Remove the stored {field.label.toLowerCase()}</span>
        </label>
      )}
    </div>
  )
}
