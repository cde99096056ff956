import { z } from 'zod'
import { type Actor, endpoint, type HttpContext } from '../http/endpoint.ts'
import { viewerOf } from '../http/viewer.ts'
import { requireRight } from '../http/router.ts'
import type { Sse } from '../http/sse.ts'
import { may } from '../lib/access.ts'
import { toAudience } from './audience.ts'
import type { EventFeed } from './events.feed.ts'
import { atHost, galleryTopic, parseTopics, streamTopic } from './events.topics.ts'
import type { PageFeed } from './page-feed.ts'
import { parsePageName, streamKeyOf } from './page-name.ts'

const eventsQuery = z.strictObject({ topics: z.string().max(1000).optional() })
const pageQuery = z.strictObject({
  page: z.string().max(80),
  /** Asked for by a page of somebody who is signed in: refused once they are not. */
  inside: z.literal('true').optional(),
})

export type EventRoutesDeps = {
  /** To programs, and to pages: a client that falls behind of one kind takes no place from the other. */
  sse: Sse
  pageSse: Sse
  feed: EventFeed
  pageFeed: PageFeed
  publicUrl: string | null
  pictures: {
    /** @throws AppError 404 where they are told of no such stream */
    streamIdOf(actor: Actor, key: string): number
    /** What somebody is told of the pictures of a stream; null = nothing. */
    audienceOf(actor: Actor, streamId: number): string | null
  }
}

/** What happens, as it happens: a snapshot first, then changes. Of a stream, whoever sees it is told; of all else, whoever is signed in. */
export function createEventRoutes({ sse, pageSse, feed, pageFeed, publicUrl, pictures }: EventRoutesDeps) {
  const audienceOf = (c: HttpContext) => toAudience(viewerOf(c, publicUrl))

  /** What they are told of these streams, as long as that is so. A right that comes or goes ends the event stream. */
  function follow(actor: Actor, streamIds: readonly number[]) {
    const told = streamIds.map((id) => ({ id, audience: pictures.audienceOf(actor, id) ?? 'nobody' }))
    return { told, isAsOpened: () => told.every(({ id, audience }) => pictures.audienceOf(actor, id) === audience) }
  }

  return {
    /** GET /api/events: to programs, as named events whose data is JSON. */
    stream: endpoint({
      summary: 'Server-sent events: a snapshot, then changes. Topics: inputs, input:ID, system, log:ID, stream:KEY.',
      tag: 'events',
      query: eventsQuery,
      mediaType: 'text/event-stream',
      refusals: ['unauthorized', 'forbidden', 'not_found', 'busy', 'unavailable'],
      async handle({ c, query }) {
        const topics = parseTopics(query.topics)
        if (topics.streamKeys.length < topics.names.size) requireRight(c, 'see')
        if (topics.logIds.length > 0) requireRight(c, 'operate')
        const host = audienceOf(c)
        // Strangers are told nothing that says an address: the hosts that they make up are not remembered.
        if (may(c.get('actor'), 'see')) feed.welcome(host)
        // Read before the stream opens, so that a topic that is not there is an honest 404.
        const actor = c.get('actor')
        const { streamIds } = await feed.check(topics, actor)
        // A HEAD has no body that would ever be read, and so no end.
        if (c.req.raw.method === 'HEAD') return new Response(null, { headers: { 'content-type': 'text/event-stream' } })
        const { told, isAsOpened } = follow(actor, streamIds)
        const mine = new Set([
          ...[...topics.names]
            .filter((name) => !name.startsWith('stream:'))
            .flatMap((name) => [name, atHost(name, host)]),
          ...told.map(({ id, audience }) => galleryTopic(id, audience)),
        ])
        return sse.open(c, {
          snapshot: () => feed.snapshot(topics, host, actor),
          wants: (event) => event.topics.some((topic) => mine.has(topic)),
          isAsOpened,
        })
      },
    }),
    /** GET /events: to pages, as unnamed events whose data is HTML that names the elements it replaces. */
    page: endpoint({
      summary:
        'Server-sent events for pages: HTML fragments. Page: dashboard, input:ID, stream:KEY, gallery:KEY, system or frame.',
      tag: 'events',
      query: pageQuery,
      mediaType: 'text/event-stream',
      refusals: ['unauthorized', 'forbidden', 'not_found', 'busy', 'unavailable'],
      async handle({ c, query }) {
        const page = parsePageName(query.page)
        const actor = c.get('actor')
        const key = streamKeyOf(page)
        if (key === null || query.inside) requireRight(c, 'see')
        if (page === 'system') requireRight(c, 'operate')
        const host = may(actor, 'see') ? audienceOf(c) : null
        if (host !== null) pageFeed.welcome(host)
        // A page that comes back is told that its input is gone; it could only try again for ever otherwise.
        if (!c.req.header('last-event-id')) pageFeed.check(page)
        const { told, isAsOpened } = follow(actor, key === null ? [] : [pictures.streamIdOf(actor, key)])
        // A host is what the client says it is: with a page's name of its choice it must make no topic of a stream.
        const mine = new Set(host === null ? [] : key === null ? ['frame', page, atHost(page, host)] : ['frame'])
        for (const { id, audience } of told) {
          mine.add(galleryTopic(id, audience))
          if (page.startsWith('stream:')) mine.add(streamTopic(id, audience))
        }
        return pageSse.open(c, {
          snapshot: () => pageFeed.snapshot(page, host),
          wants: ({ topics }) => topics.some((topic) => mine.has(topic)),
          isAsOpened,
        })
      },
    }),
  }
}
