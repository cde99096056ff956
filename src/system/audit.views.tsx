/** @jsxImportSource hono/jsx */
import { Button, LinkButton } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import { Empty } from '../ui/messages.tsx'
import { PageHead } from '../ui/page-head.tsx'
import { RelativeTime } from '../ui/time.tsx'
import type { AuditItem, AuditQuery } from './audit.schema.ts'

export type AuditPageProps = {
  query: AuditQuery
  items: readonly AuditItem[]
  nextCursor: string | null
}

/** The inside of the page that says who did what. */
export function AuditLog({ query, items, nextCursor }: AuditPageProps) {
  return (
    <>
      <PageHead
        title="Audit"
        lede={<p class="lede">Who changed what, and who was refused. Newest first.</p>}
        actions={<LinkButton label="Save as a file" icon="download" href={`/audit/lines?${toSearch(query)}`} />}
      />
      <form class="card card-pad form" method="get" action="/audit">
        <div class="fields">
          <Field name="actor" label="Who" value={query.actor ?? ''} placeholder="a name, or user:3" />
          <Field name="action" label="Did what" value={query.action ?? ''} placeholder="input.start" />
          <Field name="target" label="To what" value={query.target ?? ''} placeholder="input:3" />
        </div>
        <div class="form form-page">
          <Field type="datetime-local" name="from" label="From (UTC)" value={toLocal(query.from)} />
          <Field type="datetime-local" name="to" label="Until (UTC)" value={toLocal(query.to)} />
        </div>
        <div>
          <Button label="Filter" type="submit" />
        </div>
      </form>
      {items.length === 0 ? (
        <Empty icon="info" title="Nothing here" level={2}>
          Nothing fits, or nothing has happened yet.
        </Empty>
      ) : (
        <section class="section card table-box" aria-label="Entries">
          <Entries items={items} />
        </section>
      )}
      {nextCursor ? (
        <p>
          <a class="btn" href={`/audit?${toSearch(query, nextCursor)}`}>
            Older
          </a>
        </p>
      ) : null}
    </>
  )
}

function Entries({ items }: { items: readonly AuditItem[] }) {
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Who</th>
          <th scope="col">What</th>
          <th scope="col">Result</th>
          <th scope="col">Change</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr>
            <td data-label="When">
              <RelativeTime at={item.at} ago />
            </td>
            <th scope="row">
              {item.actor.name}
              <br />
              <span class="note">{item.address}</span>
            </th>
            <td data-label="What">
              <span>
                <code>{item.action}</code> {item.target}
              </span>
            </td>
            <td data-label="Result">
              <span class="state" data-state={item.result === 'done' ? 'running' : 'error'}>
                <Icon name={item.result === 'done' ? 'check' : 'state-error'} />
                {item.result === 'done' ? 'done' : `refused: ${toReason(item)}`}
              </span>
            </td>
            <td class="wide">
              <Change before={item.before} after={item.after} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What was and what is, a line each. */
function Change({ before, after }: Pick<AuditItem, 'before' | 'after'>) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  if (names.length === 0) return null
  return (
    <details class="disclose">
      <summary>
        <Icon name="right" />
        {names.slice(0, 3).join(', ')}
        {names.length > 3 ? ` and ${names.length - 3} more` : ''}
      </summary>
      <ul class="audit-change">
        {names.map((name) => (
          <li>
            <code>{name}</code>: {toText(before?.[name])} → {toText(after?.[name])}
          </li>
        ))}
      </ul>
    </details>
  )
}

const toText = (value: unknown) =>
  value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value)

/** What the commonest refusals mean; the others are said by their codes, as the API has them. */
const REASONS: Record<string, string> = {
  'auth.no_key': 'not signed in',
  'auth.wrong_key': 'wrong key',
  'auth.limited': 'too many wrong keys',
  'auth.not_allowed': 'not allowed',
  cross_origin: 'from a page of another site',
  invalid: 'a field was not right',
  'request.limited': 'too many requests',
  'session.refused': 'wrong password, key or link',
  'session.limited': 'too many wrong passwords',
  'setup.refused': 'old setup link',
}

const toReason = ({ code, status }: AuditItem) => (code === null ? status : (REASONS[code] ?? code))

/** As a field for date and time takes it. */
const toLocal = (time: string | undefined) =>
  time === undefined ? '' : new Date(time).toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length)

function toSearch(query: AuditQuery, cursor?: string): URLSearchParams {
  const next = new URLSearchParams(cursor === undefined ? {} : { cursor })
  for (const name of ['actor', 'action', 'target', 'from', 'to'] as const) {
    const value = query[name]
    if (value !== undefined) next.set(name, value)
  }
  return next
}
