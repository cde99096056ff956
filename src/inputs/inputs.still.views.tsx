/** @jsxImportSource hono/jsx */
import { Icon, type IconName } from '../ui/icon.tsx'
import { StateBadge } from '../ui/state.tsx'
import { RelativeTime } from '../ui/time.tsx'
import type { InputResource } from './inputs.schema.ts'
import { isFilled, viewersSee } from './inputs.air.words.ts'
import { stillWords } from './inputs.words.ts'

export type StillProps = {
  input: InputResource
  /** When its newest still was made, wall-clock milliseconds; null before anybody looked. */
  stillAtMs: number | null
}

/** The newest picture on an input's page: `#input-3-still`. */
export function InputStill(props: StillProps) {
  return <StillParts {...props} width={1280} isCard={false} />
}

const WORD_ICONS: Partial<Record<InputResource['status'], IconName>> = {
  starting: 'clock',
  stopping: 'clock',
  inactive: 'state-waiting',
  stopped: 'stop',
}

/**
 * The picture with its age; greyed, with words over it, where the feed is not live. Without a still there is no picture
 * to ask for: the page hears when the first is there.
 */
export function StillParts({ input, stillAtMs, width, isCard }: StillProps & { width: number; isCard: boolean }) {
  const isStandIn = isFilled(input)
  // Whatever viewers see is the truth of now, with a feed or without.
  const isLive = input.status === 'active' || isStandIn
  const words = isStandIn ? null : stillWords(input, stillAtMs !== null)
  const isShown = stillAtMs !== null && input.status !== 'stopped'
  return (
    <div class={isLive ? 'still' : 'still is-stale'} id={isCard ? undefined : `input-${input.id}-still`}>
      {isShown && (
        <img
          src={stillUrl(input.id, width, stillAtMs)}
          width="640"
          height="360"
          alt={`${input.name}, ${isStandIn ? 'as viewers see it now' : isLive ? 'as it looks now' : 'as it was last seen'}`}
          loading={isCard ? 'lazy' : undefined}
        />
      )}
      {words !== null && (
        <p class="still-word">
          <Icon name={WORD_ICONS[input.status] ?? 'state-error'} />
          {words}
        </p>
      )}
      {isStandIn && <span class="still-air">{viewersSee(input.on_air)}</span>}
      {isCard && <StateBadge of="input" state={input.status} pill since={input.since} />}
      {isShown && (
        <span class="still-age">
          <RelativeTime at={new Date(stillAtMs).toISOString()} ago />
        </span>
      )}
    </div>
  )
}

/** The address of a still; its time is part of it, so that a page asks anew when there is a newer one. */
export function stillUrl(inputId: number, width: number, stillAtMs: number): string {
  return `/api/inputs/${inputId}/live.jpg?width=${width}&at=${Math.round(stillAtMs)}`
}
