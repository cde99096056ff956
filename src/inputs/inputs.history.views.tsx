/** @jsxImportSource hono/jsx */
import type { z } from 'zod'
import { EVENT_KINDS, type EventKind, isOfKind } from '../live/event-kinds.ts'
import { Button } from '../ui/button.tsx'
import { Segmented } from '../ui/choices.tsx'
import { Icon, type IconName } from '../ui/icon.tsx'
import { type LogLine, LogView } from '../ui/log.tsx'
import { RelativeTime } from '../ui/time.tsx'
import type { EventResource, eventsPage } from './inputs.history.schema.ts'
import type { InputResource } from './inputs.schema.ts'

export type InputEventsProps = {
  inputId: number
  /** Newest first, and counted. */
  page: z.infer<typeof eventsPage>
  /** Names of its outputs by their ids; one that is gone has none. */
  outputNames: ReadonlyMap<number, string>
  /** Only what went wrong, or only what people did. */
  show?: EventKind | undefined
}

const SHOWN = [
  { value: '', label: 'All' },
  { value: 'faults', label: 'Faults' },
  { value: 'people', label: 'By people' },
]
const NOTHING: Record<EventKind | 'all', string> = {
  all: 'Nothing has happened yet',
  faults: 'Nothing has gone wrong',
  people: 'Nobody has done anything',
}

/** What happened to an input, and which of it is shown. Without JavaScript the page itself takes the same query. */
export function InputHistory(props: InputEventsProps) {
  const url = `/inputs/${props.inputId}`
  const box = `#${toBoxId(props.inputId)}`
  const inPlace = { 'hx-get': url, 'hx-trigger': 'change', 'hx-select': box, 'hx-target': box, 'hx-swap': 'outerHTML' }
  return (
    <section class="section card" aria-labelledby="history-h">
      <div class="card-head">
        <h2 id="history-h">History</h2>
        <form action={url} method="get" hx-morph-skip="" hx-replace-url="true" {...inPlace}>
          <Segmented name="show" legend="Which events" value={props.show ?? ''} choices={SHOWN} />
          <noscript>
            <Button label="Show" type="submit" small />
          </noscript>
        </form>
      </div>
      <InputEventsBox {...props} />
    </section>
  )
}

/**
 * The list in a box that says what it shows. All of it is in what a page is sent first; a part of it stays as it is then,
 * and asks for itself.
 */
function InputEventsBox(props: InputEventsProps) {
  const { inputId, show } = props
  const id = toBoxId(inputId)
  const byItself = show && {
    ...{ 'data-show': show, 'hx-morph-skip': '', 'hx-get': `/inputs/${inputId}?show=${show}` },
    ...{ 'hx-trigger': 'htmx:sse:after:connection from:body', 'hx-select': `#${id}`, 'hx-swap': 'outerHTML' },
  }
  return (
    <div id={id} {...byItself}>
      <InputEvents {...props} />
    </div>
  )
}

const toBoxId = (inputId: number) => `input-${inputId}-history`

/** The history of an input and its outputs: `#input-3-events`. */
export function InputEvents(props: InputEventsProps) {
  return (
    <ol class="events card-pad" id={`input-${props.inputId}-events`} aria-live="polite">
      {props.page.items.length > 0 ? (
        <InputEventItems {...props} />
      ) : (
        <li data-nothing="">
          <Icon name="clock" />
          <span class="about">{NOTHING[props.show ?? 'all']}</span>
        </li>
      )}
    </ol>
  )
}

/** The lines alone and the way to earlier ones: what a further page adds to the list. */
export function InputEventItems({ inputId, page, outputNames, show }: InputEventsProps) {
  const { items, next_cursor: cursor, total = 0, earlier = 0 } = page
  const query = new URLSearchParams({ ...(show && { show }), ...(cursor && { cursor }) })
  return (
    <>
      {items.map((event) => (
        <EventLine event={event} about={aboutOf(event, outputNames)} />
      ))}
      {cursor !== null && (
        <li>
          <span />
          <span class="needs-script">
            <Button
              label="Show earlier"
              kind="quiet"
              small
              hx-get={`/api/inputs/${inputId}/events?${query}`}
              hx-target="closest li"
              hx-swap="outerHTML"
            />
          </span>
          <span class="note" data-earlier={earlier}>
            {total - earlier} of {total}
          </span>
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
  const kinds = EVENT_KINDS.filter((kind) => isOfKind(kind, event)).join(' ')
  return (
    <li id={`event-${event.id}`} data-state={state} data-kinds={kinds}>
      <Icon name={icon} />
      <span class="about">{about}</span>
      <RelativeTime at={event.at} />
      <span class="detail">{event.message}</span>
    </li>
  )
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
