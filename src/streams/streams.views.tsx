/** @jsxImportSource hono/jsx */
import { LinkButton } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Empty } from '../ui/messages.tsx'
import { opensSheet } from '../ui/opens-sheet.ts'
import { RelativeTime } from '../ui/time.tsx'
import type { ShownStream, StreamPicture } from './streams.resource.ts'
import type { StreamResource } from './streams.schema.ts'
import { INTERRUPTED, STATUS, VISIBILITIES } from './streams.words.ts'

type CardsProps = {
  streams: readonly ShownStream[]
  ownerOf?: ((stream: ShownStream) => string | null) | undefined
}

/** Many streams, the newest first: `#streams`. */
export function StreamCards({ streams, ownerOf }: CardsProps) {
  return (
    <section id="streams" aria-labelledby="streams-h">
      <h2 class="sr-only" id="streams-h">
        Newest first
      </h2>
      <div class="wall">
        {streams.map((stream) => (
          <StreamCard stream={stream} owner={ownerOf?.(stream) ?? null} />
        ))}
      </div>
    </section>
  )
}

/** A stream with its cover, its state and who may see it: `#stream-friday-night`. */
export function StreamCard({ stream, owner = null }: { stream: ShownStream; owner?: string | null }) {
  const { key, title } = stream
  return (
    <article class="card feed" id={`stream-${key}`} data-state={lookOf(stream).state} aria-labelledby={`${key}-name`}>
      <StreamCover stream={stream} isCard />
      <div class="feed-body">
        <div>
          <h3 class="feed-name" id={`${key}-name`}>
            <a href={`/streams/${key}`}>{title}</a>
          </h3>
          <p class="feed-meta">
            <StreamTimes stream={stream} />
          </p>
        </div>
        <p class="row">
          <VisibilityChip stream={stream} />
          {owner === null ? null : (
            <span class="chip chip-line">
              <Icon name="user" />
              {owner}
            </span>
          )}
        </p>
      </div>
    </article>
  )
}

/** Its cover, else the live still, greyed with its age where the feed is not there; without either a word says so. */
export function StreamCover({ stream, isCard = false }: { stream: StreamPicture; isCard?: boolean }) {
  const { cover_url, title, feed } = stream
  const still = cover_url?.includes('/live.jpg') ? feed : null
  const isStale = still !== null && !still.isLive
  return (
    <div class={isStale ? 'still is-stale' : 'still'}>
      {cover_url ? (
        <img
          src={cover_url}
          width="640"
          height="360"
          alt={still ? `${title}, ${isStale ? 'as it was last seen' : 'as it looks now'}` : `Cover of ${title}`}
          loading={isCard ? 'lazy' : undefined}
        />
      ) : (
        <p class="still-word">
          <Icon name="streams" />
          No picture yet
        </p>
      )}
      {isCard ? <StreamState stream={stream} /> : null}
      {isStale && still.stillAtMs !== null ? (
        <span class="still-age">
          <RelativeTime at={new Date(still.stillAtMs).toISOString()} ago />
        </span>
      ) : null}
    </div>
  )
}

/** On the page of a stream, which is sent it anew: `#stream-still`. Hidden where there is nothing to show. */
export function StreamStill({ stream }: { stream: StreamPicture }) {
  const isShown = stream.cover_url !== null || stream.status === 'live'
  return (
    <div class="card stream-cover" id="stream-still" hidden={!isShown}>
      {isShown ? <StreamCover stream={stream} /> : null}
    </div>
  )
}

const lookOf = ({ status, feed }: Pick<StreamPicture, 'status' | 'feed'>) =>
  status === 'live' && feed && !feed.isLive ? INTERRUPTED : STATUS[status]

/** `id` where a page is sent it anew. */
export function StreamState({ stream, id }: { stream: Pick<StreamPicture, 'status' | 'feed'>; id?: string }) {
  const { word, icon, state } = lookOf(stream)
  return (
    <span class="state state-pill" id={id} data-state={state}>
      <Icon name={icon} />
      {word}
    </span>
  )
}

export function StreamTimes({ stream }: { stream: StreamResource }) {
  const { status, started_at, ended_at, created_at } = stream
  if (status === 'live' && started_at)
    return (
      <>
        Live for <RelativeTime at={started_at} />
      </>
    )
  if (status === 'ended' && ended_at)
    return (
      <>
        Ended <RelativeTime at={ended_at} ago />
      </>
    )
  return (
    <>
      Made <RelativeTime at={created_at} ago />
    </>
  )
}

export function VisibilityChip({ stream }: { stream: Pick<StreamResource, 'visibility'> }) {
  const { word, icon, note } = VISIBILITIES[stream.visibility]
  return (
    <span class="chip" title={`Seen by: ${note}`}>
      <Icon name={icon} />
      {word}
    </span>
  )
}

/** An empty list says what to do. */
export function NoStreams({ mayMake }: { mayMake: boolean }) {
  return (
    <Empty
      icon="streams"
      title="No streams yet"
      level={2}
      actions={
        mayMake ? <LinkButton label="New stream" icon="plus" kind="primary" {...opensSheet('/streams/new')} /> : null
      }
    >
      {mayMake
        ? 'A stream is a broadcast that people know by name: its page, its live picture and its gallery.'
        : 'Nobody has let you into one, and none is public. Ask its owner for a personal link.'}
    </Empty>
  )
}
