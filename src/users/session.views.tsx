/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { BarePage, type PageFiles, type Theme } from '../ui/layout.tsx'
import { Problem } from '../ui/messages.tsx'
import { Delta } from './delta.tsx'

/** What went wrong with the last try. */
export type SignInProblem = {
  kind: 'key' | 'link' | 'wait'
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
  /** Of a sign-in link: one button instead of a field. */
  token?: string | undefined
  problem?: SignInProblem | undefined
}

const WRONG_KEY = 'That did not match. Check the key: it is one line without spaces.'
const DEMO_KEY = 'The demo printed the key, and where it is kept, in its terminal.'

/** The door: one field, or one button where a sign-in link led here. Plain forms, which work without JavaScript. */
export function SignInPage({ files, theme, host, next, demo, token, problem }: SignInPageProps) {
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
            <Said problem={problem} demo={demo} />
            {/* Browsers keep a password under a name; it is not sent. */}
            <input type="text" autocomplete="username" value="Weir" hidden />
            <Field
              type="password"
              name="key"
              label="API key"
              autocomplete="current-password"
              error={problem?.kind === 'key' ? WRONG_KEY : undefined}
            />
            <Button label="Sign in" kind="primary" type="submit" />
          </Form>
          <p class="note">{demo ? DEMO_KEY : <WhereTheKeyIs />} You stay signed in for 30 days.</p>
        </>
      )}
    </BarePage>
  )
}

function WhereTheKeyIs() {
  return (
    <>
      Weir printed the key at its first start and keeps it in the file <code>api-key</code> of its data directory,
      unless the variable <code>API_KEY</code> gives one. <code>./start.sh link</code> on the server prints a link that
      signs you in without it.
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

/** What is said above the form; a wrong key is said at its field. */
function Said({ problem, demo }: { problem: SignInProblem | undefined; demo: boolean }) {
  if (problem?.kind === 'link')
    return (
      <Problem title="This link is used up">
        It works once, within 15 minutes, and a newer one makes it void.{' '}
        {demo ? (
          'Use the key, or start the demo again.'
        ) : (
          <>
            Get a new one with <code>./start.sh link</code> on the server, or use the key.
          </>
        )}
      </Problem>
    )
  if (problem?.kind === 'wait')
    return (
      <Problem title="Too many tries">
        Look the key up before the next one, or wait{' '}
        {problem.waitSeconds === undefined ? 'a little' : `${problem.waitSeconds} s`}. The right key is taken at any
        time.
      </Problem>
    )
  return null
}
