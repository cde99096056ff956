/** @jsxImportSource hono/jsx */
import { Icon } from './icon.tsx'
import { INPUT_STATES, type InputState, OUTPUT_STATES, type OutputState } from './states.ts'
import { RelativeTime } from './time.tsx'

export type StateBadgeProps = ({ of: 'input'; state: InputState } | { of: 'output'; state: OutputState }) & {
  /** On a picture or beside the page's title. */
  pill?: boolean
  /** Says more than the state alone: `Waits for a caller`. */
  word?: string | undefined
  /** Since when (ISO 8601); shown as a span of time behind the word. */
  since?: string | null | undefined
  id?: string
}

/** Icon and word of a state; the colour only helps. */
export function StateBadge(props: StateBadgeProps) {
  const look = props.of === 'input' ? INPUT_STATES[props.state] : OUTPUT_STATES[props.state]
  return (
    <span id={props.id} class={props.pill ? 'state state-pill' : 'state'} data-state={props.state}>
      <Icon name={look.icon} />
      {props.word ?? look.word}
      {props.since ? (
        <span class="since">
          {' '}
          <RelativeTime at={props.since} />
        </span>
      ) : null}
    </span>
  )
}
