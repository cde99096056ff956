/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import type { Typed } from '../http/form.ts'
import { Field, type FieldMessage } from '../ui/field.tsx'
import { SecretField } from '../ui/secret-field.tsx'
import type { InputKind } from './inputs.draft.ts'
import { INPUT_LABELS } from './inputs.form.ts'
import { KINDS } from './inputs.kinds.ts'
import type { InputResource } from './inputs.schema.ts'

export type InputFields = ReturnType<typeof createInputFields>

/** What each field of the form shows: its words, what was typed, and the message about it. */
export function createInputFields(values: Typed, errors: readonly FieldMessage[]) {
  const errorOf = (name: string) =>
    errors.find((error) => error.path === name || error.path.startsWith(`${name}.`))?.message
  const bare = (name: string) => ({ name, label: INPUT_LABELS[name] ?? name, error: errorOf(name) })
  return {
    text: (name: string) => ({ ...bare(name), value: values[name] ?? '' }),
    /** A secret has no value: it is typed anew or kept. */
    secret: (name: string, isSet = false) => ({ ...bare(name), isSet, optional: !isSet }),
    hasError: (names: readonly string[]) => names.some((name) => errorOf(name) !== undefined),
  }
}

type ForKindsProps = { children?: Child } & ({ only: readonly InputKind[] } | { not: readonly InputKind[] })

/** Seen while one of these kinds is chosen; the style looks which that is. */
export function ForKinds({ children, ...kinds }: ForKindsProps) {
  const all = KINDS.map(({ value }) => value)
  const shown = 'only' in kinds ? kinds.only : all.filter((kind) => !kinds.not.includes(kind))
  return (
    <div class="stack" data-kinds={shown.join(' ')}>
      {children}
    </div>
  )
}

/** What must be known of a feed, or nearly. */
export function MainFields({ fields, input }: { fields: InputFields; input: InputResource | null }) {
  return (
    <>
      <ForKinds only={['srt_caller', 'rtsp', 'hls']}>
        <Field
          {...fields.text('url')}
          mono
          hint={
            <>
              <span data-kinds="srt_caller">
                Such as <code>srt://studio.example.org:9000</code>. A passphrase and a streamid in it are kept apart.
              </span>
              <span data-kinds="rtsp">
                Such as <code>rtsp://192.168.1.20/stream1</code>. The manual of the camera has it.
              </span>
              <span data-kinds="hls">
                Such as <code>https://cdn.example.org/live/index.m3u8</code>.
              </span>
            </>
          }
        />
      </ForKinds>
      <ForKinds only={['udp']}>
        <Field
          {...fields.text('udp_port')}
          type="number"
          min={1}
          max={65_535}
          optional
          hint="A free one is taken if you leave this empty."
        />
      </ForKinds>
      <ForKinds only={['srt_listener', 'srt_caller']}>
        <div class="fields">
          <ForKinds only={['srt_listener']}>
            <Field
              {...fields.text('srt_port')}
              type="number"
              min={1}
              max={65_535}
              optional
              hint="A free one is taken if you leave this empty."
            />
          </ForKinds>
          <Field
            {...fields.text('latency_ms')}
            type="number"
            min={20}
            max={8000}
            unit="ms"
            hint="About four times the round trip. 200 if empty."
          />
        </div>
      </ForKinds>
      <ForKinds only={['rtsp', 'hls']}>
        <div class="fields">
          <SecretField {...fields.secret('username', input?.has_username)} hint="Where one is asked for." />
          <SecretField {...fields.secret('password', input?.has_password)} hint="Stored encrypted." />
        </div>
      </ForKinds>
      <ForKinds only={['srt_caller']}>
        <SecretField {...fields.secret('stream_id', input?.has_stream_id)} hint="Where the server asks for one." />
      </ForKinds>
      <ForKinds only={['srt_listener', 'srt_caller']}>
        <SecretField
          {...fields.secret('passphrase', input?.has_passphrase)}
          hint="Encrypts the link. 10 to 79 characters without blanks, the same on both sides."
        />
      </ForKinds>
    </>
  )
}

/** What few feeds need. */
export function MoreFields({ fields }: { fields: InputFields }) {
  return (
    <div class="stack">
      <ForKinds only={['udp', 'srt_listener']}>
        <Field
          {...fields.text('bind_address')}
          mono
          optional
          placeholder="0.0.0.0"
          hint="One address of this machine, if it has several. 127.0.0.1 takes local senders alone."
        />
        <Field
          {...fields.text('allow_from')}
          type="textarea"
          rows={3}
          optional
          hint="Addresses or networks such as 10.0.0.0/8, one a line. Empty lets anybody send. Single addresses make a group source-specific: the network is asked for these senders alone."
        />
      </ForKinds>
      <ForKinds only={['udp']}>
        <div class="fields">
          <Field
            {...fields.text('multicast_group')}
            mono
            optional
            placeholder="239.10.0.1"
            hint="Taken from the network instead of being sent to this machine. It needs a port."
          />
          <Field
            {...fields.text('interface')}
            mono
            optional
            placeholder="10.0.0.5"
            hint="Address of this machine in the network of the group."
          />
        </div>
      </ForKinds>
      <ForKinds only={['rtmp', 'srt_listener']}>
        <Field
          {...fields.text('on_second_publisher')}
          type="select"
          options={[
            { value: 'refuse', label: 'Is refused while the first one sends' },
            { value: 'replace', label: 'Takes the place of the first one' },
          ]}
        />
      </ForKinds>
      <ForKinds only={['rtsp']}>
        <Field
          {...fields.text('rtsp_transport')}
          type="select"
          options={[
            { value: 'tcp', label: 'TCP, through every firewall' },
            { value: 'udp', label: 'UDP, for cameras that know no other' },
          ]}
        />
      </ForKinds>
      <ForKinds only={['udp', 'srt_listener']}>
        <Field
          {...fields.text('program')}
          type="number"
          min={1}
          max={65_535}
          optional
          hint="Where the feed carries several."
        />
      </ForKinds>
    </div>
  )
}
