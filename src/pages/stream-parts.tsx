/** @jsxImportSource hono/jsx */
import type { StreamRow } from '../db/tables/streams.ts'
import type { StreamPicture } from '../streams/streams.resource.ts'
import { StreamState, StreamStill } from '../streams/streams.views.tsx'
import { galleryTopic, streamTopic } from './events.topics.ts'
import { toPartial } from './page-body.tsx'
import type { PagePart } from './page-parts.tsx'

export type StreamPartsDeps = {
  byId(streamId: number): StreamRow | null
  /** As everybody sees it who is told the same of its pictures. */
  toPicture(stream: StreamRow, audience: string): StreamPicture
}

const toNews = (id: string, sign: string) => `<hx-partial hx-target="#${id}" hx-swap="innerHTML">${sign}</hx-partial>`

/**
 * Says to the pages of a gallery that something of what they see is otherwise; each asks for its own list, so that nobody is
 * sent what is not theirs. `change` makes each message another.
 */
export function toGalleryNews(change: number): string {
  return toNews('gallery-news', `<span data-pictures-changed="${change}"></span>`)
}

/** The same of the head of a stream's page: what one reader may do there another may not. */
export function toStreamNews(key: string, change: number): string {
  const others = '#stream-still:outerMorph,#stream-words:outerMorph'
  return toNews(
    'stream-news',
    String(
      <span
        data-change={change}
        hx-get={`/streams/${key}`}
        hx-trigger="load"
        hx-select="#stream-head"
        hx-target="#stream-head"
        hx-swap="outerMorph"
        hx-select-oob={others}
      />,
    ),
  )
}

/** What of a stream's page is told to one audience. */
export function streamParts(streamId: number, audience: string, d: StreamPartsDeps) {
  const topic = streamTopic(streamId, audience)
  const part = (name: string, of: string, render: (stream: StreamRow) => string): PagePart => ({
    key: `${of} ${name}`,
    topic: of,
    async render() {
      const stream = d.byId(streamId)
      return stream?.deletedAt === null ? render(stream) : null
    },
  })
  return {
    pictures: (change: number) => part('news', galleryTopic(streamId, audience), () => toGalleryNews(change)),
    head: (change: number) => part('news', topic, ({ key }) => toStreamNews(key, change)),
    state: part('state', topic, (stream) =>
      toPartial('stream-state', String(<StreamState stream={d.toPicture(stream, audience)} id="stream-state" />)),
    ),
    still: part('still', topic, (stream) =>
      toPartial('stream-still', String(<StreamStill stream={d.toPicture(stream, audience)} />)),
    ),
  }
}
