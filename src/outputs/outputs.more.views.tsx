/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Check, Field, fieldId } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import { ENGINE_COST_WORDS, pictureCostWords, SOUND_COST_WORDS } from './outputs.costs.ts'
import type { TimingDefaults } from './outputs.draft.ts'
import type { Fields } from './outputs.fields.ts'
import { Login, type PartProps } from './outputs.fields.views.tsx'
import { OUTPUT_FAILING, OUTPUT_LABELS, OUTPUT_MORE } from './outputs.form.ts'

/** Picture and sound with what they cost, and what few destinations need. `feedHeight`: of the picture now, if known. */
export function MoreFields({ fields, preset, output, feedHeight }: PartProps & { feedHeight: number | null }) {
  const { protocol } = preset
  const isSrt = protocol === 'srt_caller' || protocol === 'srt_listener'
  const hasTls = protocol === 'rtmp' || protocol === 'rtsp'
  const isUsed = protocol === 'rtmp' && (output?.has_username ?? false)
  // Platforms know a key alone and have good certificates.
  const isOwnServer = !preset.needsKey
  return (
    <Disclosure
      title="Picture, sound and more"
      isOpen={isUsed || fields.has('options.tls_verify') || fields.hasError(OUTPUT_MORE)}
    >
      <Field
        {...fields.text('options.video')}
        type="select"
        options={[
          { value: 'copy', label: 'As it comes' },
          { value: '720p', label: '720p, made here: H.264, 2.5 Mbit/s' },
          { value: '480p', label: '480p, made here: H.264, 1 Mbit/s' },
          { value: 'none', label: 'No picture' },
        ]}
        hint={pictureCostWords(feedHeight)}
      />
      <Field
        {...fields.text('options.audio')}
        type="select"
        options={[
          { value: 'auto', label: 'As it comes where it fits, else AAC' },
          { value: 'copy', label: 'As it comes' },
          { value: 'aac', label: 'AAC, made here' },
          { value: 'none', label: 'No sound' },
        ]}
        hint={SOUND_COST_WORDS}
      />
      {protocol === 'udp' && <EngineFields fields={fields} />}
      {(protocol === 'udp' || isSrt) && (
        <Field
          {...fields.text('options.pkt_size')}
          type="number"
          min={188}
          max={isSrt ? 1456 : 1472}
          unit="bytes"
          hint="1316 if empty."
        />
      )}
      {protocol === 'rtsp' && (
        <Field
          {...fields.text('options.rtsp_transport')}
          type="select"
          options={[
            { value: 'tcp', label: 'TCP, in the one connection' },
            { value: 'udp', label: 'UDP, in ports of its own' },
          ]}
          hint="TCP goes through firewalls and loses nothing. Over UDP the login stands in the list of processes; rtsps:// knows TCP alone."
        />
      )}
      {protocol === 'rtmp' && (isOwnServer || isUsed || fields.hasError(['username', 'password'])) && (
        <Login fields={fields} output={output} />
      )}
      {hasTls && (isOwnServer || fields.has('options.tls_verify')) && (
        <Tick
          fields={fields}
          name="options.tls_verify"
          value="false"
          hint="For your own servers alone: nobody then proves who answers."
        />
      )}
    </Disclosure>
  )
}

function EngineFields({ fields }: { fields: Fields }) {
  return (
    <>
      <Field
        {...fields.text('engine')}
        type="select"
        options={[
          { value: 'ffmpeg', label: 'FFmpeg' },
          { value: 'direct', label: 'Weir itself (direct)' },
        ]}
        hint={ENGINE_COST_WORDS}
      />
      <Tick
        fields={fields}
        name="options.transparent"
        value="true"
        hint="Direct alone: every byte of the feed as it came, all its programs too. Nothing stands in while the feed is away."
      />
    </>
  )
}

/** A box that stands for the unusual answer, `value`; unticked, the usual one applies. */
function Tick({
  fields,
  name,
  value,
  hint,
}: {
  fields: Fields
  name: 'options.tls_verify' | 'options.transparent'
  value: 'true' | 'false'
  hint: string
}) {
  const { label, value: now, error } = fields.text(name)
  const id = fieldId(name)
  return (
    <div class="check">
      <input type="hidden" name={name} value="" />
      <input
        class="tick"
        type="checkbox"
        id={id}
        name={name}
        value={value}
        checked={now === value}
        aria-describedby={`${id}-hint`}
      />
      <label for={id}>{label}</label>
      <p class={error ? 'field-error' : 'hint'} id={`${id}-hint`}>
        {error ?? hint}
      </p>
    </div>
  )
}

/** How long and how often it is tried again. */
export function FailingFields({ fields, defaults }: { fields: Fields; defaults?: TimingDefaults | undefined }) {
  const apply = (name: keyof TimingDefaults) => ({
    ...fields.text(name),
    placeholder: defaults && String(defaults[name]),
  })
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
        <Field {...apply('reconnect_delay')} type="number" min={0.1} max={3600} step="any" unit="s" />
        <Field {...apply('max_reconnect_delay')} type="number" min={0.1} max={86_400} step="any" unit="s" />
        <Field {...apply('max_reconnect_attempts')} type="number" min={0} max={1_000_000} hint="0 means no end." />
        <Field
          {...apply('stall_timeout')}
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
