/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { BarePage, type PageFiles, type Theme } from '../ui/layout.tsx'
import { Problem } from '../ui/messages.tsx'
import { Delta } from './delta.tsx'

/** What went wrong with the last try. */
export type SignInProblem = {
  kind: 'key' | 'password' | 'link' | 'wait'
  waitSeconds?: number | undefined
}

export type SignInPageProps = {
  files: PageFiles
  theme: Theme
  /** The name under which people reach this Weir. */
  host: string
  /** Where to go afterwards. */
  next: string
  demo: boolean
  /** There are accounts: the server's own key opens no browser any more. */
  hasAccounts?: boolean
  /** Of a sign-in link: one button instead of a field. */
  token?: string | undefined
  problem?: SignInProblem | undefined
  /** What was typed the last time, where that was refused. */
  email?: string | undefined
}

const WRONG_KEY = 'That did not match. Check the key: it is one line without spaces.'
const WRONG_PASSWORD = 'That did not match. Check address, password and, where you have set it up, the code.'
const DEMO_KEY = 'The demo printed the key, and where it is kept, in its terminal.'

/** The door: a form, or one button where a sign-in link led here. Plain forms, which work without JavaScript. */
export function SignInPage({ files, theme, host, next, demo, hasAccounts, token, problem, email }: SignInPageProps) {
  return (
    <BarePage title="Sign in" theme={theme} {...files} aside={<Delta host={host} />}>
      <h1>Sign in</h1>
      {token ? (
        <Form next={next}>
          <p>This link signs in this browser, once.</p>
          <input type="hidden" name="token" value={token} />
          <Button label="Sign in" kind="primary" type="submit" />
        </Form>
      ) : (
        <>
          <Form next={next}>
            <Said problem={problem} demo={demo} hasAccounts={hasAccounts ?? false} />
            {hasAccounts ? <PersonFields problem={problem} email={email} /> : <KeyField problem={problem} />}
            <Button label="Sign in" kind="primary" type="submit" />
          </Form>
          <p class="note">{hasAccounts ? <LostPassword /> : demo ? DEMO_KEY : <WhereTheKeyIs />}</p>
        </>
      )}
    </BarePage>
  )
}

function PersonFields({ problem, email }: Pick<SignInPageProps, 'problem' | 'email'>) {
  const isWrong = problem?.kind === 'password'
  return (
    <>
      <Field
        type="email"
        name="email"
        label="E-mail"
        autocomplete="username"
        value={email ?? ''}
        autofocus={!email}
        required
      />
      <Field
        type="password"
        name="password"
        label="Password"
        autocomplete="current-password"
        error={isWrong ? WRONG_PASSWORD : undefined}
      />
      <Field
        name="code"
        label="Code"
        optional
        autocomplete="one-time-code"
        hint="Only with two-factor sign-in: what your app shows now, or a recovery code."
      />
    </>
  )
}

function KeyField({ problem }: { problem: SignInProblem | undefined }) {
  return (
    <>
      {/* Browsers keep a password under a name; it is not sent. */}
      <input type="text" autocomplete="username" value="Weir" hidden />
      <Field
        type="password"
        name="key"
        label="API key"
        autocomplete="current-password"
        error={problem?.kind === 'key' ? WRONG_KEY : undefined}
      />
    </>
  )
}

function LostPassword() {
  return (
    <>
      Password lost? An administrator can send you a link, or run <code>weir user reset</code> on the server. You stay
      signed in for at most 30 days.
    </>
  )
}

function WhereTheKeyIs() {
  return (
    <>
      The key is in the file <code>api-key</code> of Weir’s data directory, unless the variable <code>API_KEY</code>{' '}
      gives one. <code>./start.sh link</code> on the server prints a link that signs you in without it.{' '}
      <a href="/setup">Set up accounts</a> to sign in with a password.
    </>
  )
}

function Form({ next, children }: { next: string; children?: Child }) {
  return (
    <form class="form" method="post" action="/api/session">
      <input type="hidden" name="next" value={next} />
      {children}
    </form>
  )
}

/** What is said above the form; a wrong key or password is said at its field. */
function Said({
  problem,
  demo,
  hasAccounts,
}: {
  problem: SignInProblem | undefined
  demo: boolean
  hasAccounts: boolean
}) {
  if (problem?.kind === 'link')
    return (
      <Problem title="This link is used up">
        It works once, within 30 minutes, and a newer one makes it void.{' '}
        {demo ? (
          'Use the key, or start the demo again.'
        ) : (
          <>
            Get a new one with <code>./start.sh link</code> on the server, or use{' '}
            {hasAccounts ? 'your password' : 'the key'}.
          </>
        )}
      </Problem>
    )
  if (problem?.kind === 'wait') {
    const wait = problem.waitSeconds === undefined ? 'a little' : `${problem.waitSeconds} s`
    return (
      <Problem title="Too many tries">
        {hasAccounts
          ? `Wait ${wait} before the next one, or ask an administrator for a link.`
          : `Look the key up before the next one, or wait ${wait}. The right key is taken at any time.`}
      </Problem>
    )
  }
  return null
}
