/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Check, Field, fieldId } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import type { Fields } from './outputs.fields.ts'
import { OUTPUT_FAILING, OUTPUT_LABELS, OUTPUT_MORE } from './outputs.form.ts'
import type { OutputResource } from './outputs.schema.ts'
import type { Preset } from './presets.ts'

type PartProps = { fields: Fields; preset: Preset; output: OutputResource | null }

/** What a destination of this kind must know beside its address. */
export function ProtocolFields({ fields, preset, output }: PartProps) {
  switch (preset.protocol) {
    case 'rtmp':
      return (
        <Secret
          fields={fields}
          name="stream_key"
          isSet={output?.has_stream_key ?? false}
          hint={`${preset.keyHint ?? ''} Weir stores it encrypted and never shows it again.`}
        />
      )
    case 'srt_caller':
      return (
        <>
          <div class="fields">
            <Field
              {...fields.text('options.latency_ms')}
              type="number"
              min={20}
              max={8000}
              unit="ms"
              hint="About four times the round trip. 120 if empty."
            />
            <Field {...fields.text('options.stream_id')} mono optional hint="Where the receiver asks for one." />
          </div>
          <Secret
            fields={fields}
            name="passphrase"
            isSet={output?.has_passphrase ?? false}
            hint="10 to 79 characters, the same on both sides. Weir stores it encrypted and never shows it again."
          />
        </>
      )
    case 'udp':
      return (
        <div class="fields">
          <Field
            {...fields.text('options.ttl')}
            type="number"
            min={1}
            max={255}
            optional
            hint="Multicast alone: 1 stays in this network."
          />
          <Field
            {...fields.text('options.interface')}
            mono
            optional
            hint="Multicast alone: address of a local interface."
          />
        </div>
      )
  }
}

/** A secret that is typed anew or kept, and, where one is stored, a way to be rid of it. */
function Secret({ fields, name, isSet, hint }: { fields: Fields; name: string; isSet: boolean; hint: string }) {
  return (
    <div class="stack-2">
      <Field {...fields.secret(name)} type="password" isSet={isSet} hint={hint} />
      {isSet && (
        <label class="check">
          <input class="tick" type="checkbox" name="remove" value={name} id={fieldId(`remove-${name}`)} />
          <span>Remove the stored {OUTPUT_LABELS[name]?.toLowerCase()}</span>
        </label>
      )}
    </div>
  )
}

/** Picture and sound, and what few destinations need. */
export function MoreFields({ fields, preset, output }: PartProps) {
  const isRtmp = preset.protocol === 'rtmp'
  const isUsed = (output?.has_username ?? false) || fields.has('options.tls_verify')
  return (
    <Disclosure title="Picture, sound and more" isOpen={isUsed || fields.hasError(OUTPUT_MORE)}>
      <div class="fields">
        <Field
          {...fields.text('options.video')}
          type="select"
          options={[
            { value: 'copy', label: 'As it comes' },
            { value: 'none', label: 'No picture' },
          ]}
        />
        <Field
          {...fields.text('options.audio')}
          type="select"
          options={[
            { value: 'auto', label: 'As it comes, else AAC' },
            { value: 'copy', label: 'As it comes' },
            { value: 'none', label: 'No sound' },
          ]}
        />
        {!isRtmp && (
          <Field
            {...fields.text('options.pkt_size')}
            type="number"
            min={188}
            max={1472}
            unit="bytes"
            hint="1316 if empty."
          />
        )}
      </div>
      {isRtmp && (
        <>
          <div class="fields">
            <Secret
              fields={fields}
              name="username"
              isSet={output?.has_username ?? false}
              hint="Where the server asks for a login."
            />
            <Secret fields={fields} name="password" isSet={output?.has_password ?? false} hint="Stored encrypted." />
          </div>
          <Trust fields={fields} />
        </>
      )}
    </Disclosure>
  )
}

/** The box stands for the unusual answer, so it says `false`; unticked, the usual one applies. */
function Trust({ fields }: { fields: Fields }) {
  const { name, label, value, error } = fields.text('options.tls_verify')
  const id = fieldId(name)
  return (
    <div class="check">
      <input type="hidden" name={name} value="" />
      <input class="tick" type="checkbox" id={id} name={name} value="false" checked={value === 'false'} />
      <label for={id}>{label}</label>
      <p class={error ? 'field-error' : 'hint'}>
        {error ?? 'For your own servers alone: nobody then proves who answers.'}
      </p>
    </div>
  )
}

/** How long and how often it is tried again. */
export function FailingFields({ fields }: { fields: Fields }) {
  return (
    <Disclosure title="When it fails" isOpen={fields.hasError(OUTPUT_FAILING)}>
      <Check
        name="auto_reconnect"
        label={OUTPUT_LABELS['auto_reconnect'] ?? ''}
        switch
        checked={fields.isOn('auto_reconnect', true)}
        hint="The pause doubles after each try, up to the longest."
      />
      <div class="fields">
        <Field {...fields.text('reconnect_delay')} type="number" min={0.1} max={3600} step="any" unit="s" />
        <Field {...fields.text('max_reconnect_delay')} type="number" min={0.1} max={86_400} step="any" unit="s" />
        <Field
          {...fields.text('max_reconnect_attempts')}
          type="number"
          min={0}
          max={1_000_000}
          hint="0 means no end."
        />
        <Field
          {...fields.text('stall_timeout')}
          type="number"
          min={1}
          max={3600}
          step="any"
          unit="s"
          hint="Without progress."
        />
      </div>
    </Disclosure>
  )
}

function Disclosure({ title, isOpen, children }: { title: string; isOpen: boolean; children?: Child }) {
  return (
    <details class="disclose" open={isOpen}>
      <summary>
        <Icon name="right" />
        {title}
      </summary>
      <div class="stack">{children}</div>
    </details>
  )
}
