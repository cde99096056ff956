/** @jsxImportSource hono/jsx */
import type { Typed } from '../http/form.ts'
import { Tiles } from '../ui/choices.tsx'
import { Confirm } from '../ui/dialog.tsx'
import { Check, Field, type FieldMessage, FormSummary } from '../ui/field.tsx'
import { FormFrame } from '../ui/form-frame.tsx'
import { Icon } from '../ui/icon.tsx'
import type { InputKind } from './inputs.draft.ts'
import { createInputFields, ForKinds, MainFields, MoreFields } from './inputs.fields.views.tsx'
import { INPUT_ADVANCED, INPUT_LABELS, INPUT_LOSS, toInputValues } from './inputs.form.ts'
import { findKind, KINDS } from './inputs.kinds.ts'
import { LossFields } from './inputs.loss.views.tsx'
import type { InputResource } from './inputs.schema.ts'
import { darkWords } from './inputs.words.ts'

export type InputFormProps = {
  /** The one to edit; null makes a new one. */
  input: InputResource | null
  /** Of a new one: which kind is chosen at first, by its name. */
  kind?: string | undefined
  /** What was typed, where the form was refused. */
  values?: Typed | undefined
  errors?: readonly FieldMessage[] | undefined
  /** All inputs, of which one may be its backup. */
  others?: readonly InputResource[] | undefined
  /** In a sheet above a page, sent in place; else it stands on a page of its own and needs no JavaScript. */
  inSheet?: boolean
}

/**
 * The form of an input, new or there. It has the fields of every kind, and the style shows those of the chosen one alone:
 * so it needs no JavaScript, and a change of mind loses nothing that was typed.
 */
export function InputForm({ input, kind, values, errors = [], others = [], inSheet = false }: InputFormProps) {
  const shown = values ?? toInputValues(input, findKind(kind).value)
  const fields = createInputFields(shown, errors)
  const isOpen = fields.hasError(INPUT_ADVANCED) || (input !== null && isAdvanced(input))
  return (
    <FormFrame
      id="input-form"
      title={input ? `Edit ${input.name}` : 'Add input'}
      note={input ? 'A change of address, port, key or kind starts the feed anew.' : 'A place where a feed comes in.'}
      create="/api/inputs"
      edit={input ? `/api/inputs/${input.id}` : null}
      back={input ? `/inputs/${input.id}` : '/'}
      submit={input ? 'Save' : 'Add input'}
      inSheet={inSheet}
      foot={input ? null : <Check name="enabled" label="Start at once" checked={shown['enabled'] !== 'false'} />}
    >
      <FormSummary errors={errors} labels={INPUT_LABELS} />
      <Field {...fields.text('name')} autofocus hint="As you want to read it in lists and alerts." />
      <KindChoice kind={findKind(shown['kind']).value} error={fields.text('kind').error} />
      <MainFields fields={fields} input={input} />
      <ForKinds not={['test']}>
        <details class="disclose" open={isOpen}>
          <summary>
            <Icon name="right" />
            More about this feed
          </summary>
          <MoreFields fields={fields} />
        </details>
      </ForKinds>
      <LossFields
        fields={fields}
        input={input}
        others={others}
        isOpen={fields.hasError(INPUT_LOSS) || (input !== null && input.on_loss !== 'freeze')}
      />
    </FormFrame>
  )
}

function KindChoice({ kind, error }: { kind: InputKind; error: string | undefined }) {
  return (
    <div class="field" id="f-kind">
      <p class="label">Where does the feed come from?</p>
      <Tiles name="kind" legend="Where does the feed come from?" value={kind} tiles={KINDS} />
      {error && (
        <p class="field-error">
          <Icon name="state-error" />
          {error}
        </p>
      )}
      {KINDS.map(({ value, about }) => (
        <p class="hint" data-kinds={value}>
          {about}
        </p>
      ))}
    </div>
  )
}

function isAdvanced(input: InputResource): boolean {
  return (
    input.bind_address !== null ||
    input.allow_from.length > 0 ||
    input.program !== null ||
    input.multicast_group !== null ||
    input.on_second_publisher === 'replace' ||
    input.rtsp_transport === 'udp'
  )
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
