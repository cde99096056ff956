/** @jsxImportSource hono/jsx */
import { Button, LinkButton } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Empty } from '../ui/messages.tsx'
import type { ShownStream } from './streams.resource.ts'
import { STREAM_STATUS, type StreamStatus } from './streams.schema.ts'
import { StreamCards } from './streams.views.tsx'
import { STATUS } from './streams.words.ts'

export type StreamListProps = {
  streams: readonly ShownStream[]
  next: string | null
  query: { q?: string | undefined; status?: StreamStatus | undefined }
  /** Who owns a stream, for those who look after all of them. */
  ownerOf?: ((stream: ShownStream) => string | null) | undefined
}

/** The streams that one may see, with what narrows them: each choice shows at once, without JavaScript by a button. */
export function StreamList({ streams, next, query, ownerOf }: StreamListProps) {
  const { q = '', status = '' } = query
  const further = new URLSearchParams({ ...(q && { q }), ...(status && { status }), cursor: next ?? '' })
  return (
    <div class="stack">
      <form
        class="filters"
        id="stream-filters"
        aria-label="Streams"
        method="get"
        action="/streams"
        hx-get="/streams"
        hx-trigger="submit, input delay:200ms"
        hx-select="#stream-list"
        hx-target="#stream-list"
        hx-swap="outerMorph"
        hx-replace-url="true"
        hx-sync="this:replace"
      >
        <div class="input-icon">
          <Icon name="search" />
          <input
            class="input"
            type="search"
            name="q"
            id="stream-search"
            value={q}
            placeholder="Search"
            aria-label="Search in titles and keys"
            maxlength={200}
            autocomplete="off"
          />
        </div>
        <select class="select select-auto" name="status" id="stream-status" aria-label="State" autocomplete="off">
          <option value="">All states</option>
          {STREAM_STATUS.map((each) => (
            <option value={each} selected={each === status}>
              {STATUS[each].word}
            </option>
          ))}
        </select>
        <noscript>
          <Button type="submit" label="Show" />
        </noscript>
      </form>
      <div id="stream-list">
        {streams.length > 0 ? (
          <StreamCards streams={streams} ownerOf={ownerOf} />
        ) : (
          <Empty
            icon="search"
            title="No stream fits"
            level={2}
            actions={<LinkButton label="Show all" href="/streams" />}
          >
            Look for other words, or in all states.
          </Empty>
        )}
        {next ? (
          <p class="row section">
            <LinkButton label="Older streams" href={`/streams?${further}`} />
          </p>
        ) : null}
      </div>
    </div>
  )
}
