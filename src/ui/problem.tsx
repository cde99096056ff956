/** @jsxImportSource hono/jsx */
import { Button, LinkButton } from './button.tsx'
import { Problem } from './messages.tsx'

type ProblemDetails = {
  title: string
  detail: string
  status: number
  request_id: string
  errors?: { path: string; message: string }[]
}

/** An error above the page that asked: what went wrong, field by field, and the id to quote. It stays until dismissed. */
export function ProblemNotice({ problem, loginUrl }: { problem: ProblemDetails; loginUrl: string | null }) {
  return (
    <Problem
      title={problem.title}
      requestId={problem.status >= 500 ? problem.request_id : undefined}
      actions={
        <>
          {loginUrl ? <LinkButton label="Sign in" href={loginUrl} small /> : null}
          <Button label="Dismiss" icon="close" kind="quiet" small iconOnly data-do="dismiss" />
        </>
      }
    >
      <ProblemWords problem={problem} />
    </Problem>
  )
}

export type ProblemPageProps = {
  problem: ProblemDetails
  /** Where signing in helps. */
  loginUrl: string | null
  /** The address that was asked for, where asking again does no harm. */
  retryUrl: string | null
  /** They may look at the machine. */
  seesSystem: boolean
}

/** The same as a page of its own. */
export function ProblemPage({ problem, loginUrl, retryUrl, seesSystem }: ProblemPageProps) {
  const mayPass = problem.status === 429 || problem.status >= 500
  return (
    <>
      <div class="stack-2">
        <h1>{problem.title}</h1>
        <ProblemWords problem={problem} />
        <p class="note">
          {problem.status} · request <span class="mono">{problem.request_id}</span>
        </p>
      </div>
      <div class="actions">
        {loginUrl ? <LinkButton label="Sign in" href={loginUrl} kind="primary" /> : null}
        {mayPass && retryUrl ? <LinkButton label="Try again" href={retryUrl} icon="restart" kind="primary" /> : null}
        {loginUrl ? null : (
          <>
            <LinkButton label="To the dashboard" href="/" icon="live" />
            {seesSystem ? <LinkButton label="System" href="/system" icon="system" /> : null}
          </>
        )}
      </div>
    </>
  )
}

function ProblemWords({ problem: { detail, errors = [] } }: { problem: ProblemDetails }) {
  // One message is the detail itself.
  if (errors.length < 2) return <p>{detail}</p>
  return (
    <>
      <p>{detail}</p>
      <ul>
        {errors.map(({ path, message }) => (
          <li>
            <code>{path || 'body'}</code> {message}
          </li>
        ))}
      </ul>
    </>
  )
}
