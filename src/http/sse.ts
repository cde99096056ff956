import { AppError } from '../errors.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { toPlace } from './client-address.ts'
import type { HttpContext } from './endpoint.ts'

/** One event on the wire: a name (none for page fragments) and its data, text as it is or anything else as JSON. */
export type SseEvent = { name?: string; data: unknown }

/** An event for many, with the topics by which a client's `wants` chooses. */
export type SseCast = SseEvent & {
  topics: readonly string[]
  /** False for figures: they are not kept for a client that comes back. Default true. */
  resumable?: boolean
}

export type SseOpen = {
  /** What stands now; sent first, unless `Last-Event-ID` is still within what is kept. */
  snapshot(): SseEvent[] | Promise<SseEvent[]>
  /** Asked for every event again, so that a right lost meanwhile counts. */
  wants(event: SseCast): boolean
}

export type Sse = {
  open(c: HttpContext, o: SseOpen): Response
  publish(event: SseCast): void
  /** Whether any client would be told of these topics: what nobody looks at need not be made. */
  isWanted(topics: readonly string[]): boolean
  clients(): number
  /** Ends every stream; later calls of `open` answer 503. */
  close(): void
}

type Kept = { seq: number; event: SseCast; bytes: Uint8Array }
type Client = {
  controller: ReadableStreamDefaultController<Uint8Array>
  /** A person, a key, or the address of a stranger. */
  who: string
  wants(event: SseCast): boolean
  /** False once its session has ended. */
  isCurrent(): boolean
  /** Events that came while the snapshot was being read; null once it is sent. */
  pending: Kept[] | null
}

const HEARTBEAT_MS = 15_000
/** How long a stream may outlive its session, where no event asks earlier. */
const RIGHTS_MS = 1000
const HIGH_WATER_MARK = 64
const MAX_CLIENTS = 500
const MAX_KEPT = 1000
const MAX_KEPT_BYTES = 4 * 1024 * 1024
const COMMENT = new TextEncoder().encode(': still here\n\n')

/**
 * Server-sent events (WHATWG HTML 9.2). An event is encoded once for all. A client that does not read is closed when 64
 * chunks wait for it, never buffered: it comes back and resumes by `Last-Event-ID` from the last 1,000 events, or gets a
 * snapshot. Ids are `<start of the server>-<number>`, so an id of an earlier run asks for a snapshot. With `resumes: false`
 * nothing is kept and every connection begins with one. A stream ends with the session that opened it. `retryMs` tells clients how soon to come back.
 * `maxPerClient`: how many streams one person, key or address may have; 0 or absent = no limit but the common one.
 */
export function createSse(
  o: { clock?: Clock; epoch?: string; resumes?: boolean; retryMs?: number; maxPerClient?: number } = {},
): Sse {
  const clock = o.clock ?? systemClock
  const epoch = o.epoch ?? clock.wall().toString(36)
  const resumes = o.resumes ?? true
  const maxPerClient = o.maxPerClient ?? 0
  const opening = new TextEncoder().encode(o.retryMs === undefined ? '' : `retry: ${o.retryMs}\n`)
  const clients = new Set<Client>()
  const kept: Kept[] = []
  let keptBytes = 0
  let seq = 0
  /** Everything after this number that is resumable is in `kept`. */
  let completeAfter = 0
  let closed = false
  let lastSnapshot: { events: SseEvent[]; at: number; bytes: Uint8Array } | null = null

  const stopHeartbeat = clock.every(HEARTBEAT_MS, () => {
    for (const client of clients) send(client, COMMENT)
  })

  const stopRights = clock.every(RIGHTS_MS, () => {
    for (const client of clients) if (!client.isCurrent()) drop(client)
  })

  function drop(client: Client): void {
    if (!clients.delete(client)) return
    client.controller.close()
  }

  function send(client: Client, bytes: Uint8Array): void {
    if ((client.controller.desiredSize ?? 0) <= 0 || !client.isCurrent()) drop(client)
    else client.controller.enqueue(bytes)
  }

  function keep(entry: Kept): void {
    kept.push(entry)
    keptBytes += entry.bytes.byteLength
    while (kept.length > MAX_KEPT || keptBytes > MAX_KEPT_BYTES) {
      const oldest = kept.shift()
      if (!oldest) break
      keptBytes -= oldest.bytes.byteLength
      completeAfter = oldest.seq
    }
  }

  function countOf(who: string): number {
    let count = 0
    for (const client of clients) if (client.who === who) count++
    return count
  }

  /** The number after which this client has to be told, or null where it needs a snapshot. */
  function resumePoint(lastId: string | undefined): number | null {
    if (!resumes) return null
    const match = /^([0-9a-z]+)-(\d{1,15})$/.exec(lastId ?? '')
    if (match?.[1] !== epoch) return null
    const last = Number(match[2])
    return last >= completeAfter && last <= seq ? last : null
  }

  /** Clients that come between two events and are shown the same get the same bytes. */
  function encodeSnapshot(events: SseEvent[], at: number): Uint8Array {
    if (events.length === 0) return COMMENT
    if (lastSnapshot?.events === events && lastSnapshot.at === at) return lastSnapshot.bytes
    const bytes = Buffer.concat([opening, ...events.map((event) => encode(event, `${epoch}-${at}`))])
    lastSnapshot = { events, at, bytes }
    return bytes
  }

  async function begin(client: Client, o: SseOpen, lastId: string | undefined): Promise<void> {
    const after = resumePoint(lastId)
    if (after !== null) {
      const missed = kept.filter((entry) => entry.seq > after && o.wants(entry.event)).map((entry) => entry.bytes)
      if (missed.length > 0) send(client, Buffer.concat(missed))
    } else {
      // Subscribed already: what happens while the snapshot is read waits in `pending` and follows it.
      const at = seq
      const events = await o.snapshot()
      if (!clients.has(client)) return
      send(client, encodeSnapshot(events, at))
    }
    const pending = client.pending ?? []
    client.pending = null
    for (const entry of pending) if (clients.has(client) && client.wants(entry.event)) send(client, entry.bytes)
  }

  return {
    open(c, o) {
      if (closed || clients.size >= MAX_CLIENTS)
        throw new AppError({
          kind: 'unavailable',
          code: 'events.unavailable',
          message: closed ? 'Weir is stopping.' : 'Too many event streams are open.',
          retryAfterSeconds: 5,
        })
      const who = whoIs(c)
      if (maxPerClient > 0 && countOf(who) >= maxPerClient)
        throw new AppError({
          kind: 'busy',
          code: 'events.limited',
          message: 'Too many event streams of yours are open. Close a page or a program.',
          retryAfterSeconds: 5,
        })
      const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
      // A HEAD has nobody to read the stream, which would stay open for ever.
      if (c.req.method === 'HEAD') return new Response(null, { headers })
      // Bun closes a silent connection after its idle timeout otherwise.
      c.env?.server?.timeout(c.req.raw, 0)
      const log = c.get('log')
      const isCurrent = c.get('actor')?.isCurrent ?? (() => true)
      const lastId = c.req.header('last-event-id')
      let client: Client | undefined
      const stream = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            const me: Client = { controller, who, wants: o.wants, isCurrent, pending: [] }
            client = me
            clients.add(me)
            begin(me, o, lastId).catch((error: unknown) => {
              log?.error('event stream could not begin', { error })
              drop(me)
            })
          },
          cancel() {
            if (client) clients.delete(client)
          },
        },
        { highWaterMark: HIGH_WATER_MARK },
      )
      return new Response(stream, { headers })
    },
    publish(event) {
      if (closed) return
      seq++
      const entry: Kept = { seq, event, bytes: encode(event, `${epoch}-${seq}`) }
      if (resumes && event.resumable !== false) keep(entry)
      for (const client of clients) {
        if (client.pending) {
          if (client.pending.push(entry) > MAX_KEPT) drop(client)
        } else if (client.wants(event)) send(client, entry.bytes)
      }
    },
    isWanted(topics) {
      for (const client of clients) if (client.wants({ data: null, topics })) return true
      return false
    },
    clients: () => clients.size,
    close() {
      closed = true
      stopHeartbeat()
      stopRights()
      for (const client of clients) drop(client)
    },
  }
}

function whoIs(c: HttpContext): string {
  const actor = c.get('actor')
  return actor && actor.kind !== 'anonymous' ? actor.id : toPlace(c.get('clientAddress') ?? '')
}

function encode(event: SseEvent, id: string): Uint8Array {
  const data = typeof event.data === 'string' ? event.data : JSON.stringify(event.data)
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`)
  return new TextEncoder().encode(`id: ${id}\n${event.name ? `event: ${event.name}\n` : ''}${lines.join('')}\n`)
}
