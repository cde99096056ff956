import { AppError } from '../errors.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { HttpContext } from './endpoint.ts'
import { checkPlaces, type SseOwner, toSseOwner } from './sse-places.ts'
import { createEventIds, encodeEvent, encodeSnapshot, type SseEvent } from './sse-wire.ts'

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
  /** False once they are told otherwise than when it was opened: the stream ends, and begins anew as they are told now. */
  isAsOpened?(): boolean
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

type Kept = { seq: number; event: SseCast; bytes: Uint8Array; veiled?: Uint8Array }
type Client = SseOwner & {
  controller: ReadableStreamDefaultController<Uint8Array>
  wants(event: SseCast): boolean
  isAsOpened(): boolean
  /** False once its session has ended. */
  isCurrent(): boolean
  /** Events that came while the snapshot was being read; null once it is sent. */
  pending: Kept[] | null
}

const HEARTBEAT_MS = 15_000
/** How long a stream may outlive its session or its rights, where no event asks earlier. */
const RIGHTS_MS = 500
const HIGH_WATER_MARK = 64
const MAX_KEPT = 1000
const MAX_KEPT_BYTES = 4 * 1024 * 1024
const COMMENT = new TextEncoder().encode(': still here\n\n')

/**
 * Server-sent events (WHATWG HTML 9.2). An event is encoded once for all. A client that does not read is closed when 64
 * chunks wait for it, never buffered: it comes back and resumes by `Last-Event-ID` from the last 1,000 events, or gets a
 * snapshot. Ids are `<start of the server>-<number>`, so an id of an earlier run asks for a snapshot. With `resumes: false`
 * nothing is kept and every connection begins with one. A stream ends with the session that opened it. `retryMs` tells clients
 * how soon to come back. `maxPerClient`: see `checkPlaces`.
 */
export function createSse(
  o: { clock?: Clock; epoch?: string; resumes?: boolean; retryMs?: number; maxPerClient?: number } = {},
): Sse {
  const clock = o.clock ?? systemClock
  const epoch = o.epoch ?? clock.wall().toString(36)
  const resumes = o.resumes ?? true
  const maxPerClient = o.maxPerClient ?? 0
  const opening = new TextEncoder().encode(o.retryMs === undefined ? '' : `retry: ${o.retryMs}\n`)
  const ids = createEventIds(epoch)
  const clients = new Set<Client>()
  const kept: Kept[] = []
  let keptBytes = 0
  let seq = 0
  /** Everything after this number that is resumable is in `kept`. */
  let completeAfter = 0
  let closed = false
  let lastSnapshot: { events: SseEvent[]; id: string; bytes: Uint8Array } | null = null

  const stopHeartbeat = clock.every(HEARTBEAT_MS, () => {
    for (const client of clients) send(client, COMMENT)
  })

  const stopRights = clock.every(RIGHTS_MS, () => {
    for (const client of clients) endIfOver(client)
  })

  function drop(client: Client): void {
    if (!clients.delete(client)) return
    client.controller.close()
  }

  /** Ends the stream of whoever lost the session or the rights that it was opened with. */
  function endIfOver(client: Client): void {
    if (!client.isCurrent()) drop(client)
    if (!clients.has(client) || client.isAsOpened()) return
    drop(client)
    // What they were told before is not what they would be told: everybody begins with a snapshot.
    kept.length = 0
    keptBytes = 0
    completeAfter = ++seq
  }

  function send(client: Client, bytes: Uint8Array): void {
    endIfOver(client)
    if ((client.controller.desiredSize ?? 0) <= 0) drop(client)
    else if (clients.has(client)) client.controller.enqueue(bytes)
  }

  /** Encoded once for all strangers too. */
  function bytesFor({ isStranger }: Pick<Client, 'isStranger'>, entry: Kept): Uint8Array {
    if (!isStranger) return entry.bytes
    entry.veiled ??= encodeEvent(entry.event, ids.of(entry.seq, true))
    return entry.veiled
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

  /** The number after which this client has to be told, or null where it needs a snapshot. */
  function resumePoint(lastId: string | undefined, isStranger: boolean): number | null {
    const last = resumes ? ids.read(lastId, isStranger) : null
    return last !== null && last >= completeAfter && last <= seq ? last : null
  }

  /** Clients that come between two events and are shown the same get the same bytes. */
  function toSnapshot(events: SseEvent[], id: string): Uint8Array {
    if (events.length === 0) return COMMENT
    if (lastSnapshot?.events === events && lastSnapshot.id === id) return lastSnapshot.bytes
    const bytes = Buffer.concat([opening, encodeSnapshot(events, id)])
    lastSnapshot = { events, id, bytes }
    return bytes
  }

  async function begin(client: Client, o: SseOpen, lastId: string | undefined): Promise<void> {
    const after = resumePoint(lastId, client.isStranger)
    if (after !== null) {
      const missed = kept.filter((entry) => entry.seq > after && o.wants(entry.event))
      if (missed.length > 0) send(client, Buffer.concat(missed.map((entry) => bytesFor(client, entry))))
    } else {
      // Subscribed already: what happens while the snapshot is read waits in `pending` and follows it.
      const at = seq
      const events = await o.snapshot()
      if (!clients.has(client)) return
      send(client, toSnapshot(events, ids.of(at, client.isStranger)))
    }
    const pending = client.pending ?? []
    client.pending = null
    for (const entry of pending)
      if (clients.has(client) && client.wants(entry.event)) send(client, bytesFor(client, entry))
  }

  return {
    open(c, o) {
      if (closed)
        throw new AppError({
          kind: 'unavailable',
          code: 'events.unavailable',
          message: 'Weir is stopping.',
          retryAfterSeconds: 5,
        })
      const owner = toSseOwner(c)
      checkPlaces(clients, owner, maxPerClient)
      const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
      // A HEAD has nobody to read the stream, which would stay open for ever.
      if (c.req.method === 'HEAD') return new Response(null, { headers })
      // Bun closes a silent connection after its idle timeout otherwise.
      c.env?.server?.timeout(c.req.raw, 0)
      const log = c.get('log')
      const isCurrent = c.get('actor')?.isCurrent ?? (() => true)
      const isAsOpened = o.isAsOpened ?? (() => true)
      const lastId = c.req.header('last-event-id')
      let client: Client | undefined
      const stream = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            const me: Client = { ...owner, controller, wants: o.wants, isCurrent, isAsOpened, pending: [] }
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
      const entry: Kept = { seq, event, bytes: encodeEvent(event, ids.of(seq, false)) }
      if (resumes && event.resumable !== false) keep(entry)
      for (const client of clients) {
        if (client.pending) {
          if (client.pending.push(entry) > MAX_KEPT) drop(client)
        } else if (client.wants(event)) send(client, bytesFor(client, entry))
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
