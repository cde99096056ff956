/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { RelativeTime } from './time.tsx'
import { Icon, type IconName } from './icon.tsx'
import type { Tone } from './states.ts'

export type Fact = readonly [name: string, value: Child]

/** What something is, as names and values. */
export function Facts({ facts, id }: { facts: readonly Fact[]; id?: string }) {
  return (
    <dl class="facts" id={id}>
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  )
}

export type EventItem = { at: string; icon: IconName; state?: string; tone?: Tone; about: Child; detail?: Child }

/** What happened, to whom and when; newest first. */
export function EventList({ id, events, nowMs }: { id: string; events: readonly EventItem[]; nowMs?: number }) {
  return (
    <ol class="events" id={id} aria-live="polite">
      {events.map(({ at, icon, state, tone, about, detail }) => (
        <li data-state={state} data-tone={tone}>
          <Icon name={icon} />
          <span class="about">{about}</span>
          <RelativeTime at={at} {...(nowMs === undefined ? {} : { nowMs })} />
          {detail ? <span class="detail">{detail}</span> : null}
        </li>
      ))}
    </ol>
  )
}
