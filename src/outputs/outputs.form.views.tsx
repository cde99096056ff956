/** @jsxImportSource hono/jsx */
import type { Typed } from '../http/form.ts'
import { Button } from '../ui/button.tsx'
import { Tiles } from '../ui/choices.tsx'
import { Confirm } from '../ui/dialog.tsx'
import { Check, Field, type FieldMessage, FormSummary } from '../ui/field.tsx'
import { FormFrame } from '../ui/form-frame.tsx'
import { CheckPlace } from './outputs.check.views.tsx'
import { createFields } from './outputs.fields.ts'
import type { TimingDefaults } from './outputs.draft.ts'
import { ProtocolFields } from './outputs.fields.views.tsx'
import { OUTPUT_LABELS, toOutputValues } from './outputs.form.ts'
import { FailingFields, MoreFields } from './outputs.more.views.tsx'
import type { OutputResource } from './outputs.schema.ts'
import { findPreset, PRESETS, type Preset, presetOf } from './presets.ts'

export type OutputFormProps = {
  /** One as the API gives it fits; its picture says what a transcode costs. */
  input: { id: number; name: string; stats?: { video: { height: number | null } | null } }
  /** The one to edit; null makes a new one. */
  output: OutputResource | null
  /** Of a new one: which kind of destination, by its name; the first where none is given. */
  preset?: string | undefined
  /** What applies where a field is left empty. */
  defaults?: TimingDefaults | undefined
  /** Of the input's other outputs: a suggested name is none of these. */
  takenNames?: readonly string[]
  /** What was typed, where the form was refused. */
  values?: Typed | undefined
  errors?: readonly FieldMessage[] | undefined
  /** In a sheet above a page, sent in place; else it stands on a page of its own and needs no JavaScript. */
  inSheet?: boolean
}

/** The form of an output, new or there. It shows the fields of one kind of destination. */
export function OutputForm({
  input,
  output,
  preset: id,
  defaults,
  takenNames = [],
  values,
  errors = [],
  inSheet = false,
}: OutputFormProps) {
  const preset = output ? presetOf(output) : findPreset(values?.['preset'] ?? id)
  const fields = createFields(values ?? toOutputValues(output, preset, takenNames), errors)
  const path = `/api/inputs/${input.id}/outputs`
  return (
    <FormFrame
      id="output-form"
      title={output ? `Edit ${output.name}` : 'Add output'}
      note={output ? 'A change of address, key or options restarts this output alone.' : `For ${input.name}`}
      create={path}
      edit={output ? `${path}/${output.id}` : null}
      back={`/inputs/${input.id}`}
      submit={output ? 'Save' : 'Add output'}
      inSheet={inSheet}
      foot={
        output ? null : (
          <>
            {inSheet && <CheckPlace id="output-form-check" />}
            <Check name="enabled" label="Start at once" checked={fields.isOn('enabled', true)} />
            {inSheet && <TryButton path={path} />}
          </>
        )
      }
    >
      <FormSummary errors={errors} labels={OUTPUT_LABELS} />
      {!output && <PresetTiles inputId={input.id} preset={preset} inSheet={inSheet} />}
      <Field {...fields.text('name')} hint="As you want to read it in lists and alerts." />
      {preset.protocol !== 'srt_listener' && <ServerField fields={fields} preset={preset} />}
      <ProtocolFields fields={fields} preset={preset} output={output} />
      {preset.limits && <p class="hint">{`${preset.name} takes ${preset.limits}`}</p>}
      <MoreFields fields={fields} preset={preset} output={output} feedHeight={input.stats?.video?.height ?? null} />
      <FailingFields fields={fields} defaults={defaults} />
    </FormFrame>
  )
}

/** Looks at the destination as it is typed; a refused form comes back as it does from sending it. */
function TryButton({ path }: { path: string }) {
  return (
    <Button
      label="Check"
      icon="search"
      hx-post={`${path}/check`}
      hx-target="#output-form-check"
      hx-swap="outerHTML"
      hx-indicator="#output-form-check"
      hx-sync="drop"
      {...{ 'hx-status:422': 'target:#output-form swap:outerMorph' }}
    />
  )
}

/** A tile asks for its own fields; without JavaScript the links beneath do. */
function PresetTiles({ inputId, preset, inSheet }: { inputId: number; preset: Preset; inSheet: boolean }) {
  const page = `/inputs/${inputId}/outputs/new`
  return (
    <div class="field">
      <p class="label">Where to</p>
      {/* Tells a tile that was chosen without its fields, as without JavaScript, from one that stands above its own. */}
      <input type="hidden" name="fields_of" value={preset.id} />
      <Tiles
        name="preset"
        legend="Where to"
        value={preset.id}
        tiles={PRESETS.map(({ id, mark, name, note }) => ({ value: id, mark, label: name, note }))}
        attributes={() => ({
          'hx-get': page,
          'hx-trigger': 'change',
          'hx-target': inSheet ? '#output-form' : 'body',
          'hx-select': inSheet ? '#output-form' : undefined,
          'hx-swap': inSheet ? 'outerMorph' : 'innerHTML',
        })}
      />
      <noscript>
        <p class="hint">
          Show the fields of{' '}
          {PRESETS.map(({ id, name }, i) => (
            <>
              {i > 0 && ', '}
              <a href={`${page}?preset=${id}`}>{name}</a>
            </>
          ))}
          .
        </p>
      </noscript>
    </div>
  )
}

function ServerField({ fields, preset }: { fields: ReturnType<typeof createFields>; preset: Preset }) {
  const others = preset.servers.slice(1)
  return (
    <Field
      {...fields.text('url')}
      mono
      placeholder={preset.placeholder}
      hint={
        <>
          {preset.serverHint}
          {others.map((server) => (
            <>
              {' '}
              <code>{server}</code>
            </>
          ))}
        </>
      }
    />
  )
}

/** The heading above the outputs of an input: where the focus goes when one of them is deleted. */
export const outputsTitleId = (inputId: number) => `input-${inputId}-outputs-box-title`

/** Asks before an output is deleted. A button with `data-open` shows it. */
export function OutputDelete({ output }: { output: Pick<OutputResource, 'id' | 'input_id' | 'name' | 'status'> }) {
  const isSending = output.status === 'running' || output.status === 'starting'
  return (
    <Confirm
      id={`output-${output.id}-delete`}
      title={`Delete the output “${output.name}”?`}
      act="Delete output"
      form={{
        'hx-delete': `/api/inputs/${output.input_id}/outputs/${output.id}`,
        'data-focus-when-done': outputsTitleId(output.input_id),
      }}
    >
      <p>
        {isSending ? 'It goes dark now. ' : ''}
        Its key is gone at once; what happened to it stays in the history. The other outputs go on.
      </p>
    </Confirm>
  )
}
