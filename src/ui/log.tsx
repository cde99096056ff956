/** @jsxImportSource hono/jsx */
import { Button } from './button.tsx'
import { Segmented } from './choices.tsx'
import type { Tone } from './states.ts'
import { ClockTime } from './time.tsx'

export type LogLine = { at: string; level: 'debug' | 'info' | 'warning' | 'error'; text: string }

const TONES: Partial<Record<LogLine['level'], Tone>> = { warning: 'warn', error: 'bad' }

/** One line of a log. */
export function LogItem({ line }: { line: LogLine }) {
  return (
    <li data-tone={TONES[line.level]}>
      <ClockTime at={line.at} />
      <span class="level">{line.level}</span>
      <span>{line.text}</span>
    </li>
  )
}

export type LogListProps = {
  id: string
  label: string
  lines: readonly LogLine[]
  /** Asked every 2 seconds for the list anew, while it can be seen. */
  refreshUrl?: string | undefined
}

/** Lines newest last. The browser keeps it at its end while its reader is there. */
export function LogList({ id, label, lines, refreshUrl }: LogListProps) {
  const refresh = refreshUrl
    ? { 'hx-get': refreshUrl, 'hx-trigger': 'every 2s', 'hx-select': `#${id}`, 'hx-swap': 'outerMorph' }
    : {}
  return (
    <ol class="log" id={id} data-log="" tabindex={0} aria-label={label} {...refresh}>
      {lines.length === 0 ? (
        <li class="log-empty">Nothing logged yet</li>
      ) : (
        lines.map((line) => <LogItem line={line} />)
      )}
    </ol>
  )
}

export type LogViewProps = {
  /** `output-8`: the list is `output-8-log`. */
  id: string
  /** Whose log it is. */
  name: string
  lines: readonly LogLine[]
  refreshUrl?: string
}

/** A log with its head: which lines, and a button that copies them. */
export function LogView({ id, name, lines, refreshUrl }: LogViewProps) {
  const listId = `${id}-log`
  return (
    <>
      <div class="drawer-head">
        <h3>Log of {name}</h3>
        <span class="note">the last lines, keys are masked</span>
        <div class="actions push needs-script">
          <Segmented
            name={`${listId}-filter`}
            legend="Which lines"
            value="all"
            choices={[
              { value: 'all', label: 'All' },
              { value: 'warnings', label: 'Warnings' },
            ]}
            filters={listId}
          />
          <Button label="Copy all" icon="copy" small data-do="copy-all" data-from={listId} />
        </div>
      </div>
      <LogList id={listId} label={`Log of ${name}, newest last`} lines={lines} refreshUrl={refreshUrl} />
    </>
  )
}
