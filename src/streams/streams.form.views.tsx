/** @jsxImportSource hono/jsx */
import { PICTURE_VISIBILITIES, STREAM_VISIBILITIES } from '../db/tables/streams.ts'
import type { Typed } from '../http/form.ts'
import { type Asker, may } from '../lib/access.ts'
import { Check, Field, type FieldMessage, FormSummary } from '../ui/field.tsx'
import { FormFrame } from '../ui/form-frame.tsx'
import { STREAM_LABELS } from './streams.form.ts'
import type { StreamResource } from './streams.schema.ts'
import { PICTURE_VISIBILITIES_WORDS, VISIBILITIES } from './streams.words.ts'

type Refused = { values?: Typed; errors?: readonly FieldMessage[] }

export type StreamFormProps = Refused & {
  /** Null: a new one. */
  stream: StreamResource | null
  inputs: readonly { id: number; name: string }[]
  actor: Asker
  inSheet?: boolean
}

/** What a refused form shows again. */
export const refusedStream = (values: Typed, errors: readonly FieldMessage[]): Required<Refused> => ({ values, errors })

/** Makes a stream, or changes one. */
export function StreamForm({ stream, inputs, actor, values = {}, errors = [], inSheet = false }: StreamFormProps) {
  const messageOf = (path: string) => errors.find((each) => each.path === path)?.message
  const edit = stream ? `/api/streams/${stream.key}` : null
  const isOn = (name: 'teasers' | 'allow_download') => (values[name] ?? String(stream?.[name] ?? false)) === 'true'
  return (
    <FormFrame
      id="stream-form"
      title={stream ? `Edit ${stream.title}` : 'New stream'}
      note="A broadcast that people know by name, with a page and a gallery of its own."
      create="/api/streams"
      edit={edit}
      back={stream ? `/streams/${stream.key}` : '/streams'}
      submit={stream ? 'Save' : 'Make stream'}
      inSheet={inSheet}
    >
      <FormSummary errors={errors} labels={STREAM_LABELS} />
      <Field
        name="title"
        label="Title"
        value={values['title'] ?? stream?.title ?? ''}
        error={messageOf('title')}
        autofocus={inSheet}
      />
      <Field
        type="textarea"
        name="description"
        label="Description"
        rows={3}
        optional
        value={values['description'] ?? stream?.description ?? ''}
        error={messageOf('description')}
      />
      <Field
        type="select"
        name="visibility"
        label="Who may see the stream"
        value={values['visibility'] ?? stream?.visibility ?? 'private'}
        options={STREAM_VISIBILITIES.map((value) => toOption(value, VISIBILITIES[value]))}
        error={messageOf('visibility')}
      />
      <Field
        type="select"
        name="default_visibility"
        label="Who may see new pictures"
        value={values['default_visibility'] ?? stream?.default_visibility ?? 'private'}
        options={PICTURE_VISIBILITIES.map((value) => toOption(value, PICTURE_VISIBILITIES_WORDS[value]))}
        hint="Each picture can say otherwise. None is ever more visible than its stream."
        error={messageOf('default_visibility')}
      />
      {may(actor, 'operate') ? (
        <Field
          type="select"
          name="input_id"
          label="Input"
          value={values['input_id'] ?? String(stream?.input_id ?? '')}
          options={[
            { value: '', label: 'None yet' },
            ...inputs.map(({ id, name }) => ({ value: String(id), label: name })),
          ]}
          hint="The stream is live as soon as this feed is, and shows its picture to whoever may see the stream."
          error={messageOf('input_id')}
        />
      ) : null}
      <Field
        type="number"
        name="snapshot_interval_seconds"
        label={STREAM_LABELS['snapshot_interval_seconds'] ?? ''}
        unit="s"
        optional
        min={10}
        max={86_400}
        value={values['snapshot_interval_seconds'] ?? stream?.snapshot_interval_seconds ?? ''}
        hint="While the stream is live, what it shows goes into the gallery by itself. Empty: never."
        error={messageOf('snapshot_interval_seconds')}
      />
      <Field
        type="number"
        name="snapshot_keep"
        label="Keep the last"
        min={1}
        max={50}
        value={values['snapshot_keep'] ?? stream?.snapshot_keep ?? 20}
        hint="Of these pictures the oldest go by themselves, and they make room for what is uploaded."
        error={messageOf('snapshot_keep')}
      />
      <Check name="allow_download" label="Whoever sees a picture may download it" checked={isOn('allow_download')} />
      <Check name="teasers" label="Strangers see subscribers’ pictures blurred" checked={isOn('teasers')} />
      <Field
        name="key"
        label="Key"
        mono
        value={values['key'] ?? stream?.key ?? ''}
        hint={
          stream
            ? 'Its name in addresses. Links to the old one lead nowhere.'
            : 'Its name in addresses, such as friday-night. Empty: made from the title.'
        }
        error={messageOf('key')}
        optional={!stream}
      />
    </FormFrame>
  )
}

const toOption = (value: string, look: { word: string; note: string }) => ({
  value,
  label: `${look.word}: ${look.note}`,
})
