/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import type { RefusedForm } from '../http/endpoint.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Field, type FieldMessage, FormSummary } from '../ui/field.tsx'
import { BarePage, type PageFiles, type Theme } from '../ui/layout.tsx'
import { Problem } from '../ui/messages.tsx'
import { Delta } from './delta.tsx'

const LABELS = { token: 'Setup token', name: 'Your name', email: 'E-mail', password: 'Password' }
const PASSWORD_HINT = 'At least 12 characters. A few words make a good one, and pasting is welcome.'
const errorOf = (errors: readonly FieldMessage[], path: string) => errors.find((error) => error.path === path)?.message

export type EntryProps = { files: PageFiles; theme: Theme; host: string }

/** The very first page of a new server. */
export function SetupPage({ files, theme, host, isUsed, ...form }: EntryProps & SetupFormProps & { isUsed: boolean }) {
  return (
    <BarePage title="Set up" theme={theme} {...files} aside={<Delta host={host} />}>
      <div class="stack-2">
        <h1>Make it yours</h1>
        <p class="lede">One minute, once. You become the first administrator.</p>
      </div>
      {isUsed ? (
        <Problem title="This link is used up">
          It works once, within 30 minutes. <code>./start.sh link</code> on the server prints a new one.
        </Problem>
      ) : null}
      <SetupForm {...form} />
      <p class="note">
        Or <a href="/login?with=key">sign in with the API key</a> and set up accounts later.
      </p>
    </BarePage>
  )
}

export type SetupFormProps = RefusedForm & { token?: string | undefined }

function SetupForm({ token, values, errors }: SetupFormProps) {
  return (
    <form id="setup-form" class="form" method="post" action="/api/setup" novalidate>
      <FormSummary errors={errors} labels={LABELS} />
      {token ? (
        <input type="hidden" name="token" value={token} />
      ) : (
        <Field
          name="token"
          label={LABELS.token}
          mono
          autocomplete="one-time-code"
          error={errorOf(errors, 'token')}
          hint="The server printed a link with it when it started. It proves that the server is yours."
        />
      )}
      <Field
        name="name"
        label={LABELS.name}
        autocomplete="name"
        value={values['name'] ?? ''}
        error={errorOf(errors, 'name')}
      />
      <Field
        type="email"
        name="email"
        label={LABELS.email}
        autocomplete="username"
        value={values['email'] ?? ''}
        error={errorOf(errors, 'email')}
      />
      <Field
        type="password"
        name="password"
        label={LABELS.password}
        error={errorOf(errors, 'password')}
        hint={PASSWORD_HINT}
      />
      <Button label="Create administrator and go on" kind="primary" type="submit" />
    </form>
  )
}

/** Where an invitation or a reset leads: choose a password. */
export function JoinPage({ files, theme, host, ...form }: EntryProps & JoinFormProps) {
  return (
    <BarePage title={form.isNew ? 'Welcome' : 'New password'} theme={theme} {...files} aside={<Delta host={host} />}>
      <h1>{form.isNew ? 'Welcome' : 'New password'}</h1>
      <p class="lede">{form.isNew ? `Choose a password for ${form.email}.` : `For ${form.email}.`}</p>
      <JoinForm {...form} />
    </BarePage>
  )
}

export type JoinFormProps = RefusedForm & { token: string; email: string; name: string; isNew: boolean }

function JoinForm({ token, email, name, isNew, values, errors }: JoinFormProps) {
  return (
    <form id="join-form" class="form" method="post" action="/api/invitations/accept" novalidate>
      <FormSummary errors={errors} labels={LABELS} />
      <input type="hidden" name="token" value={token} />
      {/* For the browser's own keeper of passwords; it is not sent. */}
      <input type="text" autocomplete="username" value={email} hidden />
      {isNew ? (
        <Field
          name="name"
          label={LABELS.name}
          autocomplete="name"
          value={values['name'] ?? name}
          error={errorOf(errors, 'name')}
        />
      ) : null}
      <Field
        type="password"
        name="password"
        label={LABELS.password}
        error={errorOf(errors, 'password')}
        hint={PASSWORD_HINT}
      />
      <Button label="Set password and sign in" kind="primary" type="submit" />
    </form>
  )
}

/** A link that leads nowhere any more. */
export function DeadLinkPage({ files, theme, host }: EntryProps) {
  return (
    <BarePage title="Link used up" theme={theme} {...files} aside={<Delta host={host} />}>
      <h1>This link is used up</h1>
      <p>It was used, taken back, or is too old. Ask for a new one.</p>
      <p>
        <a href="/login">Sign in</a>
      </p>
    </BarePage>
  )
}

export type OncePageProps = {
  title: string
  files: PageFiles
  theme: Theme
  back: string
  /** A form on it is what to do next; else there is only something to copy. */
  hasForm?: boolean
  children?: Child
}

/** A page that shows something this once. */
export function OncePage({ title, files, theme, children, back, hasForm = false }: OncePageProps) {
  return (
    <BarePage title={title} theme={theme} {...files} wide>
      <h1>{title}</h1>
      {hasForm ? null : (
        <Problem title="Shown this once" tone="warn">
          <p>Copy it now: Weir keeps only a fingerprint and cannot show it again.</p>
        </Problem>
      )}
      {children}
      <p>
        <LinkButton kind={hasForm ? 'quiet' : 'primary'} label={hasForm ? 'Not now' : 'I have copied it'} href={back} />
      </p>
    </BarePage>
  )
}
