/** @jsxImportSource hono/jsx */
import { Button, LinkButton } from '../ui/button.tsx'
import { Segmented } from '../ui/choices.tsx'
import { LogList } from '../ui/log.tsx'
import type { LogsQuery, LogsView } from './system.schema.ts'

export type SystemLogProps = {
  /** As the API gives them: newest first. */
  page: LogsView
  query: Pick<LogsQuery, 'level' | 'cursor'>
}

const LEVELS = [
  { value: '', label: 'All' },
  { value: 'warn', label: 'Warnings' },
  { value: 'error', label: 'Errors' },
]
/** The box is replaced whole; without JavaScript the page itself takes the same query. */
const HERE = { 'hx-target': '#system-log-box', 'hx-swap': 'outerHTML' }

/** The server's own log, a page at a time, newest last: `#system-log-box`. */
export function SystemLog({ page, query }: SystemLogProps) {
  const level = query.level ?? ''
  const lines = page.items.toReversed().map(({ at, level, text, fields }) => ({
    at,
    level: level === 'warn' ? ('warning' as const) : level,
    text: text + toWords(fields),
  }))
  // Old pages stand still; the newest one follows.
  const refreshUrl = query.cursor === undefined ? `/api/system/logs${toQuery(level)}` : undefined
  return (
    <section class="card" id="system-log-box" aria-labelledby="system-log-h">
      <div class="card-head">
        <h2 id="system-log-h">Log</h2>
        <form action="/system" method="get" hx-get="/api/system/logs" hx-trigger="change" {...HERE}>
          <Segmented name="level" legend="Which lines" value={level} choices={LEVELS} />
          <noscript>
            <Button label="Show" type="submit" small />
          </noscript>
        </form>
        {query.cursor === undefined ? null : <Turn label="Newest" level={level} />}
        {page.next_cursor === null ? null : <Turn label="Older" level={level} cursor={page.next_cursor} />}
      </div>
      <div class="card-pad">
        <LogList id="system-log" label="Log lines, newest last" lines={lines} refreshUrl={refreshUrl} />
      </div>
    </section>
  )
}

function Turn({ label, level, cursor }: { label: string; level: string; cursor?: string }) {
  const query = toQuery(level, cursor)
  return <LinkButton label={label} small href={`/system${query}`} hx-get={`/api/system/logs${query}`} {...HERE} />
}

function toQuery(level: string, cursor?: string): string {
  const query = String(new URLSearchParams({ ...(level && { level }), ...(cursor && { cursor }) }))
  return query && `?${query}`
}

/** ` input=3 reason="no feed"`, as the human log has it. */
function toWords(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .map(
      ([name, value]) => ` ${name}=${typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value)}`,
    )
    .join('')
}
