/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'

type Common = {
  /** The name in the form, as the API has it: `options.latency_ms`. */
  name: string
  label: string
  hint?: Child
  /** What is wrong and what is right. */
  error?: string | undefined
  optional?: boolean
  disabled?: boolean
  /** Where a page has several forms with the same names. */
  idPrefix?: string
  /** What the browser may fill in by itself. */
  autocomplete?: string
  required?: boolean
}

export type FieldProps = Common &
  (
    | {
        type?: 'text' | 'url' | 'email' | 'date' | 'datetime-local'
        value?: string
        placeholder?: string
        mono?: boolean
        autofocus?: boolean
      }
    | {
        type: 'number'
        value?: number | string
        placeholder?: string | undefined
        min?: number
        max?: number
        step?: number | 'any'
        unit?: string
      }
    | { type: 'password'; isSet?: boolean; value?: never }
    | { type: 'select'; value?: string; options: readonly { value: string; label: string }[] }
    | { type: 'textarea'; value?: string; rows?: number }
  )

/** The id of a field's control; the summary of a refused form leads there. */
export function fieldId(name: string, prefix = 'f'): string {
  return `${prefix}-${name.replaceAll('.', '-')}`
}

/** A field with its label, its hint and its message, tied together for listeners. */
export function Field(props: FieldProps) {
  const id = fieldId(props.name, props.idPrefix)
  return (
    <div class="field">
      <label for={id}>
        {props.label}
        {props.optional ? <span class="optional"> optional</span> : null}
      </label>
      <Control {...props} id={id} />
      <Below id={id} {...props} />
    </div>
  )
}

/** The message comes before the hint, for it is the news. */
function Below({ id, hint, error }: { id: string; hint?: Child; error?: string | undefined }) {
  return (
    <>
      {error ? (
        <p class="field-error" id={`${id}-error`}>
          <Icon name="state-error" />
          {error}
        </p>
      ) : null}
      {hint ? (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
    </>
  )
}

function wiring(id: string, { name, hint, error, disabled, required }: Common) {
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ')
  return {
    id,
    name,
    disabled,
    required,
    'aria-invalid': error ? 'true' : undefined,
    'aria-describedby': described || undefined,
  } as const
}

function Control(props: FieldProps & { id: string }) {
  const common = wiring(props.id, props)
  switch (props.type) {
    case 'select':
      return (
        <select class="select" {...common}>
          {props.options.map(({ value, label }) => (
            <option value={value} selected={value === props.value}>
              {label}
            </option>
          ))}
        </select>
      )
    case 'textarea':
      return (
        <textarea class="textarea" rows={props.rows} {...common}>
          {props.value ?? ''}
        </textarea>
      )
    case 'password':
      return (
        <div class="input-group">
          <input
            class="input mono"
            type="password"
            autocomplete={props.autocomplete ?? 'new-password'}
            spellcheck={false}
            placeholder={props.isSet ? 'set, leave empty to keep' : undefined}
            {...common}
          />
          <Button label="Show" icon="eye" data-do="reveal" aria-pressed="false" />
        </div>
      )
    case 'number': {
      const { unit, min, max, step, value, placeholder } = props
      const input = (
        <input
          class="input"
          type="number"
          inputmode="decimal"
          {...{ min, max, step, value, placeholder }}
          {...common}
        />
      )
      if (!unit) return input
      return (
        <div class="input-group">
          {input}
          <span class="suffix">{unit}</span>
        </div>
      )
    }
    default:
      return (
        <input
          class={props.mono ? 'input mono' : 'input'}
          type={props.type ?? 'text'}
          value={props.value}
          placeholder={props.placeholder}
          autofocus={props.autofocus}
          autocomplete={props.autocomplete ?? 'off'}
          spellcheck={false}
          {...common}
        />
      )
  }
}

export type CheckProps = Common & { checked?: boolean; switch?: boolean }

/**
 * Yes or no. A browser says nothing about a box that is not ticked, so a hidden field before it says `false`, and the
 * form means what it shows.
 */
export function Check(props: CheckProps) {
  const id = fieldId(props.name, props.idPrefix)
  return (
    <div class="check">
      <input type="hidden" name={props.name} value="false" />
      <input
        class={props.switch ? 'switch' : 'tick'}
        type="checkbox"
        role={props.switch ? 'switch' : undefined}
        value="true"
        checked={props.checked}
        {...wiring(id, props)}
      />
      <label for={id}>{props.label}</label>
      <Below id={id} {...props} />
    </div>
  )
}

export type FieldMessage = { path: string; message: string }

export type FormSummaryProps = {
  errors: readonly FieldMessage[]
  /** The words on the fields, by name; a message about anything else stands without a link. */
  labels: Record<string, string>
  idPrefix?: string
}

/** On top of a refused form: how many fields are wrong, and a link to each. */
export function FormSummary({ errors, labels, idPrefix }: FormSummaryProps) {
  if (errors.length === 0) return null
  return (
    <div class="problem" data-tone="bad" role="alert">
      <Icon name="state-error" />
      <div>
        <strong>{toSummary(errors, labels)}</strong>
        <ul>
          {errors.map(({ path, message }) => {
            const label = labels[path]
            return (
              <li>
                {label ? <a href={`#${fieldId(path, idPrefix)}`}>{label}</a> : null}
                {label ? ': ' : null}
                {message}
              </li>
            )
          })}
        </ul>
      </div>
    </div>
  )
}

function toSummary(errors: readonly FieldMessage[], labels: Record<string, string>): string {
  if (!errors.some(({ path }) => labels[path])) return 'Nothing was changed'
  return errors.length === 1 ? 'One field needs a look' : `${errors.length} fields need a look`
}
