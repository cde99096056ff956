/** @jsxImportSource hono/jsx */
import { Button } from '../ui/button.tsx'
import { Icon, type IconName } from '../ui/icon.tsx'
import { type LogLine, LogView } from '../ui/log.tsx'
import { RelativeTime } from '../ui/time.tsx'
import type { EventResource, InputResource } from './inputs.schema.ts'

export type InputEventsProps = {
  inputId: number
  /** Newest first. */
  items: readonly EventResource[]
  nextCursor: string | null
  /** Names of its outputs by their ids; one that is gone has none. */
  outputNames: ReadonlyMap<number, string>
}

/** The history of an input and its outputs: `#input-3-events`. */
export function InputEvents(props: InputEventsProps) {
  return (
    <ol class="events card-pad" id={`input-${props.inputId}-events`} aria-live="polite">
      {props.items.length > 0 ? (
        <InputEventItems {...props} />
      ) : (
        <li>
          <Icon name="clock" />
          <span class="about">Nothing has happened yet</span>
        </li>
      )}
    </ol>
  )
}

/** The lines alone and the way to earlier ones: what a further page adds to the list. */
export function InputEventItems({ inputId, items, nextCursor, outputNames }: InputEventsProps) {
  return (
    <>
      {items.filter(isShown).map((event) => (
        <EventLine event={event} about={aboutOf(event, outputNames)} />
      ))}
      {nextCursor !== null && (
        <li class="needs-script">
          <span />
          <Button
            label="Show earlier"
            kind="quiet"
            small
            hx-get={`/api/inputs/${inputId}/events?cursor=${encodeURIComponent(nextCursor)}`}
            hx-target="closest li"
            hx-swap="outerHTML"
          />
        </li>
      )}
    </>
  )
}

function aboutOf(event: EventResource, outputNames: ReadonlyMap<number, string>): string {
  const about = event.output_id === null ? 'Feed' : (outputNames.get(event.output_id) ?? 'A deleted output')
  return event.actor === 'weir' ? about : `${about}, by ${event.actor}`
}

function EventLine({ event, about }: { event: EventResource; about: string }) {
  const { state, icon } = lookOf(event.type)
  return (
    <li id={`event-${event.id}`} data-state={state}>
      <Icon name={icon} />
      <span class="about">{about}</span>
      <RelativeTime at={event.at} />
      <span class="detail">{event.message}</span>
    </li>
  )
}

/**
 * Whether people read it. The end of a process is told in words by what follows from it (tried again, given up, waits);
 * the log of the output has its exit code.
 */
export function isShown({ type }: { type: string }): boolean {
  return type !== 'output.exited'
}

type Look = { state?: string; icon: IconName }
const LOOKS: Record<string, Look> = {
  active: { state: 'active', icon: 'state-live' },
  running: { state: 'running', icon: 'state-running' },
  inactive: { state: 'inactive', icon: 'state-waiting' },
  waiting: { state: 'waiting', icon: 'state-waiting' },
  reconnecting: { state: 'reconnecting', icon: 'state-reconnecting' },
  error: { state: 'error', icon: 'state-error' },
  failed: { state: 'error', icon: 'state-error' },
  switched: { icon: 'switch' },
  backup_gone: { icon: 'state-warning' },
  restarted: { icon: 'restart' },
  restart_asked: { icon: 'restart' },
  started: { icon: 'play' },
  stopped: { icon: 'stop' },
  key_renewed: { icon: 'key' },
  created: { icon: 'plus' },
  deleted: { icon: 'trash' },
}

/** How an event is drawn, by the second half of its type: `output.running`. */
export function lookOf(type: string): Look {
  return LOOKS[type.slice(type.indexOf('.') + 1)] ?? { icon: 'edit' }
}

/** The log of what takes the feed in; its lines are `#input-3-log`. */
export function InputLog({ input, lines }: { input: Pick<InputResource, 'id' | 'name'>; lines: readonly LogLine[] }) {
  return (
    <LogView id={`input-${input.id}`} name={input.name} lines={lines} refreshUrl={`/api/inputs/${input.id}/logs`} />
  )
}
