/** @jsxImportSource hono/jsx */
import type { RefusedForm } from '../http/endpoint.ts'
import { type Role, type Scope, scopesOf } from '../lib/access.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Confirm } from '../ui/dialog.tsx'
import { Field, FormSummary } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import { RelativeTime } from '../ui/time.tsx'
import { QuestionPage } from './question.views.tsx'
import type { KeyResource } from './users.schema.ts'
import { SCOPE_WORDS } from './users.words.ts'

const LABELS = { name: 'What is it for', scopes: 'It may', expires_at: 'Ends' }

export type KeysProps = {
  keys: readonly KeyResource[]
  role: Role | null
  /** The names of those who made them, where one sees those of others too. */
  makers: ReadonlyMap<number, string> | null
  nowMs: number
  refused: RefusedForm
}

/** Keys for programs: what each may, and taking it back. */
export function KeysCard({ keys, role, makers, nowMs, refused }: KeysProps) {
  return (
    <section class="card table-box" id="keys" aria-labelledby="keys-h">
      <div class="card-head">
        <h2 id="keys-h">API keys</h2>
        <span class="note">for programs: each may what it was made for, and never more than its maker</span>
      </div>
      {keys.length === 0 ? (
        <p class="card-pad muted">No keys yet.</p>
      ) : (
        <KeyTable keys={keys} makers={makers} nowMs={nowMs} />
      )}
      <details class="disclose card-pad" open={refused.errors.length > 0}>
        <summary>
          <Icon name="right" />
          New API key
        </summary>
        <KeyForm role={role} {...refused} />
      </details>
    </section>
  )
}

function KeyTable({ keys, makers, nowMs }: Omit<KeysProps, 'role' | 'refused'>) {
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">May</th>
          <th scope="col">State</th>
          <th scope="col">Ends</th>
          <th scope="col">Last used</th>
          <th scope="col">
            <span class="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr>
            <th scope="row">
              {key.name}
              <br />
              <code class="muted">{key.prefix}…</code>
              {makers ? (
                <span class="note"> {(key.user_id !== null && makers.get(key.user_id)) || 'the server'}</span>
              ) : null}
            </th>
            <td data-label="May">
              <span>
                {key.scopes.map((scope) => (
                  <>
                    <span class="chip">{scope}</span>{' '}
                  </>
                ))}
              </span>
            </td>
            <td data-label="State">
              <State at={key.expires_at} nowMs={nowMs} />
            </td>
            <td class="nowrap" data-label="Ends">
              {key.expires_at === null ? (
                <span class="muted">never</span>
              ) : (
                <time datetime={key.expires_at}>{key.expires_at.slice(0, 10)}</time>
              )}
            </td>
            <td class="nowrap" data-label="Last used">
              {key.last_used_at ? <RelativeTime at={key.last_used_at} ago /> : <span class="muted">never</span>}
            </td>
            <td class="acts">
              <noscript>
                <LinkButton label="Take back" kind="danger" small href={`/account/keys/${key.id}/delete`} />
              </noscript>
              <span class="needs-script">
                <Button label="Take back" kind="danger" small data-open={`key-${key.id}-end`} />
              </span>
              <Confirm
                id={`key-${key.id}-end`}
                title={toKeyQuestion(key)}
                act={TAKE_BACK}
                form={{ action: '/account', 'hx-delete': `/api/keys/${key.id}` }}
              >
                <KeyWarning />
              </Confirm>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const TAKE_BACK = 'Take it back'
const toKeyQuestion = ({ name }: KeyResource) => `Take back the key “${name}”?`

function KeyWarning() {
  return <p>Programs that use it are refused from now on. This cannot be undone.</p>
}

/** The question before a key is taken back, as a page. */
export function KeyEndPage({ keyResource }: { keyResource: KeyResource }) {
  const action = `/api/keys/${keyResource.id}/delete`
  return (
    <QuestionPage title={toKeyQuestion(keyResource)} act={TAKE_BACK} action={action} back="/account">
      <KeyWarning />
    </QuestionPage>
  )
}

/** A key that ends within this is about to be missed, milliseconds. */
const SOON_MS = 7 * 24 * 60 * 60 * 1000

function State({ at, nowMs }: { at: string | null; nowMs: number }) {
  const leftMs = at === null ? Number.POSITIVE_INFINITY : Date.parse(at) - nowMs
  const [word, state, icon] =
    leftMs <= 0
      ? (['Ended', 'stopped', 'state-stopped'] as const)
      : leftMs <= SOON_MS
        ? (['Ends soon', 'waiting', 'state-waiting'] as const)
        : (['Good', 'running', 'check'] as const)
  return (
    <span class="state" data-state={state}>
      <Icon name={icon} />
      {word}
    </span>
  )
}

function KeyForm({ role, values, errors }: RefusedForm & { role: Role | null }) {
  const messageOf = (path: string) => errors.find((each) => each.path === path)?.message
  const allowed: Scope[] = role === null ? [] : scopesOf(role)
  return (
    <form class="form" method="post" action="/api/keys" novalidate>
      <FormSummary errors={errors} labels={LABELS} idPrefix="key" />
      <Field name="name" label={LABELS.name} value={values['name'] ?? ''} error={messageOf('name')} idPrefix="key" />
      <fieldset class="stack-2">
        <legend>{LABELS.scopes}</legend>
        {allowed.map((scope, i) => (
          <label class="check">
            <input class="tick" type="checkbox" name="scopes" value={scope} checked={i === 0} />
            <span>{SCOPE_WORDS[scope]}</span>
          </label>
        ))}
        {messageOf('scopes') ? <p class="field-error">{messageOf('scopes')}</p> : null}
      </fieldset>
      <Field
        type="date"
        name="expires_at"
        label={LABELS.expires_at}
        optional
        value={values['expires_at'] ?? ''}
        error={messageOf('expires_at')}
        hint="The last day, in UTC. Empty: never."
        idPrefix="key"
      />
      <Button label="Make the key" type="submit" />
    </form>
  )
}
