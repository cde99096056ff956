/** @jsxImportSource hono/jsx */
import type { RefusedForm } from '../http/endpoint.ts'
import { Button } from '../ui/button.tsx'
import { CopyField } from '../ui/copy.tsx'
import { Field, type FieldMessage, FormSummary } from '../ui/field.tsx'
import { QrCode } from './qr.views.tsx'
import type { MeResource } from './users.schema.ts'

export type Seed = { secret: string; otpauth_url: string }

const PATH = '/api/me/two-factor'
const LABELS = { password: 'Password', code: 'Code' }
const messageOf = (errors: readonly FieldMessage[], path: string) => errors.find((each) => each.path === path)?.message

/** Turns it on or off, with the password. */
export function TwoFactorForm({ me, refused }: { me: MeResource; refused(action: string): RefusedForm }) {
  const [action, prefix] = me.two_factor ? [`${PATH}/end`, 'end'] : [PATH, 'begin']
  // The page of the codes, sent once more, leads here too.
  const errors = [...refused(action).errors, ...refused(`${PATH}/confirm`).errors]
  return (
    <form class="form" method="post" action={action}>
      <FormSummary errors={errors} labels={LABELS} idPrefix={prefix} />
      {me.two_factor ? (
        <p>On. {me.recovery_codes_left} recovery codes are left. For new ones turn it off and on again.</p>
      ) : (
        <p>Off. With it, a sign-in also asks for a code from an app on your phone.</p>
      )}
      <Field
        type="password"
        name="password"
        label={LABELS.password}
        autocomplete="current-password"
        error={messageOf(errors, 'password')}
        idPrefix={prefix}
      />
      {me.two_factor ? (
        <Button label="Turn off" kind="danger" type="submit" />
      ) : (
        <Button label="Set up" type="submit" />
      )}
    </form>
  )
}

/** The secret for the app, and the code that proves that it has it. */
export function SeedForm({ seed, errors }: { seed: Seed; errors: readonly FieldMessage[] }) {
  return (
    <>
      <p>Read this with your authenticator app, or put the secret into it, then type the code that it shows.</p>
      <p>
        <QrCode text={seed.otpauth_url} label="The secret as a picture for the app" />
      </p>
      <CopyField label="Secret" text={seed.secret} />
      <p>
        <a href={seed.otpauth_url}>Open in an app on this device</a>
      </p>
      <form class="form" method="post" action={`${PATH}/confirm`} novalidate>
        <FormSummary errors={errors} labels={LABELS} />
        <Field name="code" label={LABELS.code} autocomplete="one-time-code" mono error={messageOf(errors, 'code')} />
        <Button label="Turn on" kind="primary" type="submit" />
      </form>
    </>
  )
}

/** Ten codes, a line each, so that none is cut in two. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <>
      <p>Two-factor sign-in is on. Each of these works once in place of a code, on the day the phone is lost.</p>
      <CopyField label="Recovery codes" text={codes.join('\n')} />
    </>
  )
}
