/** @jsxImportSource hono/jsx */
import type { Typed } from '../http/form.ts'
import { Segmented } from '../ui/choices.tsx'
import { Confirm } from '../ui/dialog.tsx'
import { Check, Field, type FieldMessage, FormSummary } from '../ui/field.tsx'
import { FormFrame } from '../ui/form-frame.tsx'
import { Icon } from '../ui/icon.tsx'
import { INPUT_ADVANCED, INPUT_LABELS, toInputValues } from './inputs.form.ts'
import type { InputResource } from './inputs.schema.ts'
import { darkWords } from './inputs.words.ts'

export type InputFormProps = {
  /** The one to edit; null makes a new one. */
  input: InputResource | null
  /** What was typed, where the form was refused. */
  values?: Typed | undefined
  errors?: readonly FieldMessage[] | undefined
  /** In a sheet above a page, sent in place; else it stands on a page of its own and needs no JavaScript. */
  inSheet?: boolean
}

/** The form of an input, new or there. */
export function InputForm({ input, values = toInputValues(input), errors = [], inSheet = false }: InputFormProps) {
  const field = (name: string) => ({
    name,
    label: INPUT_LABELS[name] ?? name,
    value: values[name] ?? '',
    error: errors.find((error) => error.path === name || error.path.startsWith(`${name}.`))?.message,
  })
  const isOpen = INPUT_ADVANCED.some((name) => field(name).error) || (input !== null && isAdvanced(input))
  return (
    <FormFrame
      id="input-form"
      title={input ? `Edit ${input.name}` : 'Add input'}
      note={input ? 'A change of port, address or kind starts the feed anew.' : 'A place where a feed comes in.'}
      create="/api/inputs"
      edit={input ? `/api/inputs/${input.id}` : null}
      back={input ? `/inputs/${input.id}` : '/'}
      submit={input ? 'Save' : 'Add input'}
      inSheet={inSheet}
      foot={input ? null : <Check name="enabled" label="Start at once" checked={values['enabled'] !== 'false'} />}
    >
      <FormSummary errors={errors} labels={INPUT_LABELS} />
      <Field {...field('name')} autofocus hint="As you want to read it in lists and alerts." />
      <div class="field">
        <p class="label">{INPUT_LABELS['kind']}</p>
        <Segmented
          name="kind"
          legend="Kind of feed"
          value={values['kind'] ?? 'udp'}
          choices={[
            { value: 'udp', label: 'MPEG-TS over UDP', icon: 'live' },
            { value: 'test', label: 'Test pattern', icon: 'bars' },
          ]}
        />
        <p class="hint only-udp">From OBS, FFmpeg, a hardware encoder: they send, Weir listens.</p>
        <p class="hint only-test">Weir draws a picture with a clock and a tone. Nothing has to be sent.</p>
      </div>
      <div class="only-udp stack">
        <Field
          {...field('udp_port')}
          type="number"
          min={1}
          max={65_535}
          optional
          hint="A free one is taken if you leave this empty."
        />
        <details class="disclose" open={isOpen}>
          <summary>
            <Icon name="right" />
            More about this feed
          </summary>
          <div class="stack">
            <Field
              {...field('bind_address')}
              mono
              optional
              placeholder="0.0.0.0"
              hint="One address of this machine, if it has several. 127.0.0.1 takes local senders alone."
            />
            <Field
              {...field('allow_from')}
              type="textarea"
              rows={3}
              optional
              hint="Addresses or networks such as 10.0.0.0/8, one a line. Empty lets anybody send."
            />
            <div class="fields">
              <Field
                {...field('program')}
                type="number"
                min={1}
                max={65_535}
                optional
                hint="Where the feed carries several."
              />
              <Field
                {...field('loss_ms')}
                type="number"
                min={300}
                max={10_000}
                unit="ms"
                hint="300 to 10,000 without a packet."
              />
            </div>
          </div>
        </details>
      </div>
    </FormFrame>
  )
}

function isAdvanced(input: InputResource): boolean {
  return input.bind_address !== null || input.allow_from.length > 0 || input.program !== null
}

/** Asks before an input is deleted, and says how many outputs go dark. A button with `data-open` shows it. */
export function InputDelete({
  input,
}: {
  input: Pick<InputResource, 'id' | 'name' | 'outputs_total' | 'outputs_running'>
}) {
  const total = input.outputs_total
  return (
    <Confirm
      id={`input-${input.id}-delete`}
      title={`Delete the input “${input.name}”?`}
      act="Delete input"
      form={{ 'hx-delete': `/api/inputs/${input.id}` }}
    >
      <p>
        {darkWords(input.outputs_running)}{' '}
        {total > 0 &&
          (total === 1
            ? 'Its output and its history go with it.'
            : `Its ${total} outputs and its history go with it.`)}{' '}
        This cannot be undone.
      </p>
    </Confirm>
  )
}
