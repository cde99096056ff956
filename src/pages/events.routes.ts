import { z } from 'zod'
import { type Actor, endpoint, type HttpContext } from '../http/endpoint.ts'
import { viewerOf } from '../http/viewer.ts'
import { requireRight } from '../http/router.ts'
import type { Sse } from '../http/sse.ts'
import { toAudience } from './audience.ts'
import type { EventFeed } from './events.feed.ts'
import { atHost, galleryTopic, parseTopics } from './events.topics.ts'
import type { PageFeed } from './page-feed.ts'
import { galleryIdOf, parsePageName } from './page-name.ts'

const eventsQuery = z.strictObject({ topics: z.string().max(1000).optional() })
const pageQuery = z.strictObject({ page: z.string().max(40) })

export type EventRoutesDeps = {
  /** To programs, and to pages: a client that falls behind of one kind takes no place from the other. */
  sse: Sse
  pageSse: Sse
  feed: EventFeed
  pageFeed: PageFeed
  publicUrl: string | null
  /** What somebody is told of the pictures of a stream; null = nothing. Asked again for each event. */
  galleryAudience(actor: Actor, streamId: number): string | null
}

/** What happens, as it happens: a snapshot first, then changes. */
export function createEventRoutes({ sse, pageSse, feed, pageFeed, publicUrl, galleryAudience }: EventRoutesDeps) {
  const audienceOf = (c: HttpContext) => toAudience(viewerOf(c, publicUrl))

  return {
    /** GET /api/events: to programs, as named events whose data is JSON. */
    stream: endpoint({
      summary: 'Server-sent events: a snapshot, then changes. Topics: inputs, input:ID, system, log:ID, stream:KEY.',
      tag: 'events',
      query: eventsQuery,
      mediaType: 'text/event-stream',
      refusals: ['not_found', 'unavailable'],
      async handle({ c, query }) {
        const topics = parseTopics(query.topics)
        if (topics.logIds.length > 0) requireRight(c, 'operate')
        const host = audienceOf(c)
        feed.welcome(host)
        // Read before the stream opens, so that a topic that is not there is an honest 404.
        const actor = c.get('actor')
        const { streamIds } = await feed.check(topics, actor)
        // A HEAD has no body that would ever be read, and so no end.
        if (c.req.raw.method === 'HEAD') return new Response(null, { headers: { 'content-type': 'text/event-stream' } })
        const mine = new Set([...topics.names].flatMap((name) => [name, atHost(name, host)]))
        return sse.open(c, {
          snapshot: () => feed.snapshot(topics, host, actor),
          wants: (event) =>
            event.topics.some((topic) => mine.has(topic)) ||
            streamIds.some((id) => event.topics.includes(galleryTopic(id, galleryAudience(actor, id) ?? 'nobody'))),
        })
      },
    }),
    /** GET /events: to pages, as unnamed events whose data is HTML that names the elements it replaces. */
    page: endpoint({
      summary: 'Server-sent events for pages: HTML fragments. Page: dashboard, input:ID, gallery:ID, system or frame.',
      tag: 'events',
      query: pageQuery,
      mediaType: 'text/event-stream',
      refusals: ['not_found', 'unavailable'],
      async handle({ c, query }) {
        const page = parsePageName(query.page)
        if (page === 'system') requireRight(c, 'operate')
        const host = audienceOf(c)
        pageFeed.welcome(host)
        // A page that comes back is told that its input is gone; it could only try again for ever otherwise.
        if (!c.req.header('last-event-id')) pageFeed.check(page)
        const mine = new Set<string>(['frame', page, atHost(page, host)])
        const actor = c.get('actor')
        const galleryId = galleryIdOf(page)
        const pictures = () => {
          const audience = galleryId === null ? null : galleryAudience(actor, galleryId)
          return galleryId === null || audience === null ? null : galleryTopic(galleryId, audience)
        }
        return pageSse.open(c, {
          snapshot: () => pageFeed.snapshot(page, host),
          wants: ({ topics }) => topics.some((topic) => mine.has(topic)) || topics.includes(pictures() ?? ''),
        })
      },
    }),
  }
}
