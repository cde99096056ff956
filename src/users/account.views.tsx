/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import type { RefusedForm } from '../http/endpoint.ts'
import { Button } from '../ui/button.tsx'
import { Field, type FieldMessage, FormSummary } from '../ui/field.tsx'
import { PageHead } from '../ui/page-head.tsx'
import { Problem } from '../ui/messages.tsx'
import { RelativeTime } from '../ui/time.tsx'
import { type KeysProps, KeysCard } from './keys.views.tsx'
import { ROLE_WORDS } from './users.words.ts'
import { TwoFactorForm } from './two-factor.views.tsx'
import type { MeResource, SessionResource } from './users.schema.ts'

const messageOf = (errors: readonly FieldMessage[], path: string) => errors.find((each) => each.path === path)?.message
const LABELS = {
  name: 'Name',
  theme: 'Theme',
  current_password: 'Present password',
  password: 'New password',
}
const THEMES = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const

/** What the page says after a form of it. */
const DONE = {
  saved: 'Saved',
  password: 'The password is changed, and you are signed out everywhere else',
  'two-factor': 'Two-factor sign-in is off',
}

/** The page, with a word that it worked. */
export const toDonePath = (done: keyof typeof DONE) => `/account?done=${done}`

export type AccountProps = {
  me: MeResource
  sessions: readonly SessionResource[]
  keys: KeysProps
  /** What was done just now: a word of `DONE`. */
  done?: string | undefined
  /** What the form that is sent there says, where it was refused. */
  refused(action: string): RefusedForm
}

/** The inside of one's own page. */
export function AccountPage({ me, sessions, keys, done = '', refused }: AccountProps) {
  return (
    <>
      <PageHead
        title="Your account"
        lede={<p class="lede">{`${me.email}, ${ROLE_WORDS[me.role].label.toLowerCase()}`}</p>}
      />
      <div class="split wide-aside">
        <div class="stack">
          {Object.hasOwn(DONE, done) ? <Problem title={DONE[done as keyof typeof DONE]} tone="ok" /> : null}
          <SessionsCard sessions={sessions} />
          <KeysCard {...keys} />
        </div>
        <div class="stack">
          <Card id="you" title="You">
            <NameForm me={me} {...refused('/api/me')} />
          </Card>
          <Card id="password" title="Password">
            <PasswordForm {...refused('/api/me/password')} />
          </Card>
          <Card id="two-factor" title="Two-factor sign-in">
            <TwoFactorForm me={me} refused={refused} />
          </Card>
        </div>
      </div>
    </>
  )
}

/** Who is signed in with the server's own key has no account yet. */
export function NoAccount({ canSetUp }: { canSetUp: boolean }) {
  return (
    <>
      <PageHead title="Your account" />
      <Problem title={canSetUp ? 'You have no account yet' : 'A demo has no accounts'} tone="idle">
        <p>
          You are signed in with the key of this server.{' '}
          {canSetUp ? (
            <>
              After <a href="/setup">the set-up</a> everybody has a name and a password of their own.
            </>
          ) : null}
        </p>
      </Problem>
    </>
  )
}

function NameForm({ me, values, errors }: RefusedForm & { me: MeResource }) {
  return (
    <form class="form" method="post" action="/api/me">
      <FormSummary errors={errors} labels={LABELS} />
      <Field
        name="name"
        label={LABELS.name}
        autocomplete="name"
        value={values['name'] ?? me.name}
        error={messageOf(errors, 'name')}
      />
      <Field type="select" name="theme" label={LABELS.theme} value={values['theme'] ?? me.theme} options={THEMES} />
      <Button label="Save" type="submit" />
    </form>
  )
}

function PasswordForm({ errors }: RefusedForm) {
  return (
    <form class="form" method="post" action="/api/me/password" novalidate>
      <FormSummary errors={errors} labels={LABELS} />
      <Field
        type="password"
        name="current_password"
        label={LABELS.current_password}
        autocomplete="current-password"
        error={messageOf(errors, 'current_password')}
      />
      <Field
        type="password"
        name="password"
        label={LABELS.password}
        error={messageOf(errors, 'password')}
        hint="At least 12 characters. Everywhere else you are signed out."
      />
      <Button label="Change password" type="submit" />
    </form>
  )
}

function SessionsCard({ sessions }: { sessions: readonly SessionResource[] }) {
  return (
    <section class="card table-box" aria-labelledby="sessions-h">
      <div class="card-head">
        <h2 id="sessions-h">Where you are signed in</h2>
        {sessions.length > 1 ? (
          <form method="post" action="/api/sessions/delete" hx-delete="/api/sessions" hx-swap="none">
            <Button label="Sign out everywhere else" kind="quiet" small type="submit" />
          </form>
        ) : null}
      </div>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Browser</th>
            <th scope="col">Address</th>
            <th scope="col">Last used</th>
            <th scope="col">
              <span class="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr>
              <th scope="row">
                {toBrowserName(session.user_agent)} {session.current ? <span class="chip">this one</span> : null}
              </th>
              <td data-label="Address">{session.address}</td>
              <td data-label="Last used">
                <RelativeTime at={session.last_seen_at} ago />
              </td>
              <td class="acts">
                {session.current ? null : (
                  <form
                    method="post"
                    action={`/api/sessions/${session.id}/delete`}
                    hx-delete={`/api/sessions/${session.id}`}
                    hx-swap="none"
                  >
                    <Button label="Sign out" kind="quiet" small type="submit" />
                  </form>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** `Firefox on Linux`; what nobody knows is said as it is. */
export function toBrowserName(userAgent: string): string {
  const browser = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari'].find((word) => userAgent.includes(`${word}/`))
  const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS X', 'Linux'].find((word) => userAgent.includes(word))
  if (!browser) return userAgent.slice(0, 60) || 'A program'
  const name = { Edg: 'Edge', OPR: 'Opera' }[browser] ?? browser
  return system ? `${name} on ${system.replace(' OS X', '')}` : name
}

function Card({ id, title, children }: { id: string; title: string; children?: Child }) {
  return (
    <section class="card card-pad" aria-labelledby={`${id}-h`}>
      <div class="section-head">
        <h2 id={`${id}-h`}>{title}</h2>
      </div>
      {children}
    </section>
  )
}
