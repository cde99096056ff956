import { z } from 'zod'
import { endpoint } from '../http/endpoint.ts'
import { requestHost } from '../http/request-host.ts'
import type { Sse } from '../http/sse.ts'
import type { EventFeed } from './events.feed.ts'
import { atHost, parseTopics } from './events.topics.ts'

const eventsQuery = z.strictObject({ topics: z.string().max(1000).optional() })

/** GET /api/events: what happens, to programs. A snapshot first, then named events whose data is JSON. */
export function createEventRoutes({ sse, feed, publicUrl }: { sse: Sse; feed: EventFeed; publicUrl: string | null }) {
  return {
    stream: endpoint({
      summary: 'Server-sent events: a snapshot, then changes. Topics: inputs, input:ID, system, log:ID.',
      tag: 'events',
      query: eventsQuery,
      async handle({ c, query }) {
        const topics = parseTopics(query.topics)
        const host = requestHost(c, publicUrl)
        feed.welcome(host)
        // Read before the stream opens, so that a topic that is not there is an honest 404.
        await feed.check(topics)
        // A HEAD has no body that would ever be read, and so no end.
        if (c.req.raw.method === 'HEAD') return new Response(null, { headers: { 'content-type': 'text/event-stream' } })
        const mine = new Set([...topics.names].flatMap((name) => [name, atHost(name, host)]))
        return sse.open(c, {
          snapshot: () => feed.snapshot(topics, host),
          wants: (event) => event.topics.some((topic) => mine.has(topic)),
        })
      },
    }),
  }
}
