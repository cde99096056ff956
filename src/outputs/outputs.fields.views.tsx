/** @jsxImportSource hono/jsx */
import { Field } from '../ui/field.tsx'
import { SecretField } from '../ui/secret-field.tsx'
import type { Fields } from './outputs.fields.ts'
import type { OutputResource } from './outputs.schema.ts'
import type { Preset } from './presets.ts'

export type PartProps = { fields: Fields; preset: Preset; output: OutputResource | null }

/** What a destination of this kind must know beside its address. */
export function ProtocolFields({ fields, preset, output }: PartProps) {
  switch (preset.protocol) {
    case 'rtmp':
      return (
        <SecretField
          {...fields.secret('stream_key')}
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
              hint="About four times the round trip. 200 if empty."
            />
            <Field {...fields.text('options.stream_id')} mono optional hint="Where the receiver asks for one." />
          </div>
          <SecretField
            {...fields.secret('passphrase')}
            isSet={output?.has_passphrase ?? false}
            hint="10 to 79 characters, the same on both sides. Weir stores it encrypted and never shows it again."
          />
        </>
      )
    case 'srt_listener':
      return (
        <>
          <input type="hidden" name="protocol" value="srt_listener" />
          <div class="fields">
            <Field
              {...fields.text('srt_port')}
              type="number"
              min={1}
              max={65_535}
              optional
              hint="Where receivers call. The next free one if empty."
            />
            <Field
              {...fields.text('options.latency_ms')}
              type="number"
              min={20}
              max={8000}
              unit="ms"
              hint="About four times the round trip. 200 if empty."
            />
          </div>
          <Field
            {...fields.text('options.stream_id')}
            mono
            optional
            hint="Receivers must say it. Empty lets in whoever calls."
          />
          <SecretField
            {...fields.secret('passphrase')}
            isSet={output?.has_passphrase ?? false}
            hint="10 to 79 characters without blanks, the same on both sides. Without one the feed is not encrypted."
          />
        </>
      )
    case 'rtsp':
      return <Login fields={fields} output={output} />
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

/** User name and password, where a server asks for them. */
export function Login({ fields, output }: Pick<PartProps, 'fields' | 'output'>) {
  return (
    <div class="fields">
      <SecretField
        {...fields.secret('username')}
        isSet={output?.has_username ?? false}
        hint="Where the server asks for a login."
      />
      <SecretField {...fields.secret('password')} isSet={output?.has_password ?? false} hint="Stored encrypted." />
    </div>
  )
}
