import type { Clock } from '../../lib/clock.ts'
import { createOutbox } from '../doors/outbox.ts'
import type { Takes } from './codecs.ts'
import { createRtmpSession, type SessionEnd } from './session.ts'

/** From accept to publish. */
const PUBLISH_DEADLINE_MS = 10_000
/** A publisher that is silent so long is asked for a sign of life, ... */
const PING_AFTER_MS = 5_000
/** ... and given up after so long. */
const SILENCE_LIMIT_MS = 15_000
/** How long the worker may take nothing while a publisher waits. */
const BUSY_LIMIT_MS = 10_000
/** What an ended connection has to close by itself: a publisher still says the rest of its goodbye. */
const LEAVE_MS = 2_000
/**
 * What may wait here for a worker that is behind. A paused socket gives nothing, but the kernel's receive buffer (6 MiB at
 * most, tcp(7)) all at once when its sender closes.
 */
const BACKLOG_BYTES = 8 * 1024 * 1024
/** We say a few hundred bytes to a publisher; one that reads nothing is not worth more. */
const OUTBOX_BYTES = 64 * 1024

/** Where a publisher's media go; a Promise = wait before the next. */
export type Place = {
  media(bytes: Uint8Array): Promise<void> | null
  /** What follows is another file. */
  again(words: string): void
  gone(end: SessionEnd): void
}

export type Connection = {
  /** `address:port`, for people. */
  readonly address: string
  readonly ip: string
  readonly isPublishing: boolean
  /** When something was last heard of it, `Clock.now`. */
  readonly heardAtMs: number
  data(bytes: Uint8Array): void
  drain(): void
  /** The socket is closed; what it has brought may still be on its way. */
  closed(): void
  /** Closed, and nothing of it is left. */
  readonly isOver: boolean
  /** Ends it from our side; the words go to the publisher and to its place. A stranger hears nothing. */
  end(words: string): void
  /** To be called a few times a second: deadlines. */
  look(nowMs: number): void
}

export type RtmpSocket = {
  readonly remoteAddress: string
  readonly remotePort: number
  write(bytes: Uint8Array): number
  pause(): void
  resume(): void
  end(): void
  terminate(): void
}

/** One socket and its session: back-pressure, deadlines, and one end, however it comes about. */
export function createConnection(deps: {
  socket: RtmpSocket
  clock: Clock
  takes(): Takes
  /** A place for this publisher, or the words that turn it away. */
  publish(path: string, connection: Connection): Place | string
}): Connection {
  const { socket, clock } = deps
  const openedAtMs = clock.now()
  const ip = socket.remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '')
  const address = `${ip.includes(':') ? `[${ip}]` : ip}:${socket.remotePort}`
  let heardAtMs = openedAtMs
  let pingedAtMs = openedAtMs
  let busySinceMs: number | null = null
  let endedAtMs: number | null = null
  let isClosed = false
  let place: Place | null = null
  let batch: Uint8Array[] = []
  let backlog: Uint8Array[] = []
  let backlogBytes = 0
  const outbox = createOutbox({ pipe: () => socket, limitBytes: OUTBOX_BYTES, tooMuch: terminate })

  const session = createRtmpSession(
    {
      send: (bytes) => void outbox.write(bytes),
      publish(path) {
        const answer = deps.publish(path, connection)
        if (typeof answer === 'string') return answer
        place = answer
        return null
      },
      media: (bytes) => void batch.push(bytes),
      again(words) {
        flush()
        place?.again(words)
      },
      end,
    },
    deps.takes,
  )

  function end(how: SessionEnd): void {
    if (endedAtMs !== null) return
    flush()
    endedAtMs = clock.now()
    backlog = []
    socket.resume()
    place?.gone(how)
    place = null
    // After a goodbye its sender closes, once it has said all of it; it would take a closed door for a failure.
    if (how.why !== 'goodbye' && !isClosed) socket.end()
  }

  function terminate(): void {
    isClosed = true
    outbox.close()
    socket.terminate()
    end({ why: 'lost', words: LOST })
  }

  /** Hands over what one read has brought, in one piece; a place that is behind holds back the publisher. */
  function flush(): void {
    if (batch.length === 0) return
    const bytes = batch.length === 1 ? (batch[0] as Uint8Array) : Buffer.concat(batch)
    batch = []
    const pending = place?.media(bytes)
    if (!pending || busySinceMs !== null) return
    busySinceMs = clock.now()
    socket.pause()
    void pending.then(goOn)
  }

  function take(bytes: Uint8Array): void {
    session.receive(bytes)
    flush()
  }

  /** The place has taken all: now what has come meanwhile. */
  function goOn(): void {
    busySinceMs = null
    heardAtMs = clock.now()
    while (busySinceMs === null) {
      const next = backlog.shift()
      if (!next) break
      backlogBytes -= next.length
      take(next)
    }
    if (busySinceMs !== null) return
    if (isClosed) end({ why: 'lost', words: LOST })
    else socket.resume()
  }

  const connection: Connection = {
    address,
    ip,
    get isPublishing() {
      return session.isPublishing
    },
    get heardAtMs() {
      return heardAtMs
    },
    data(bytes) {
      if (endedAtMs !== null) return
      heardAtMs = clock.now()
      if (busySinceMs === null) return take(bytes)
      backlog.push(bytes)
      backlogBytes += bytes.length
      if (backlogBytes > BACKLOG_BYTES) session.close(SLOW)
    },
    drain: outbox.drain,
    closed() {
      isClosed = true
      outbox.close()
      if (busySinceMs === null) end({ why: 'lost', words: LOST })
    },
    get isOver() {
      return isClosed && endedAtMs !== null
    },
    end(words) {
      if (session.isPublishing) session.close(words)
      else terminate()
    },
    look(nowMs) {
      if (endedAtMs !== null) {
        if (!isClosed && nowMs - endedAtMs >= LEAVE_MS) terminate()
      } else if (!session.isPublishing) {
        if (nowMs - openedAtMs >= PUBLISH_DEADLINE_MS) terminate()
      } else if (busySinceMs !== null) {
        if (nowMs - busySinceMs >= BUSY_LIMIT_MS) session.close(SLOW)
      } else if (nowMs - heardAtMs >= SILENCE_LIMIT_MS) terminate()
      else if (nowMs - Math.max(heardAtMs, pingedAtMs) >= PING_AFTER_MS) {
        pingedAtMs = nowMs
        session.ping(nowMs)
      }
    },
  }
  return connection
}

const LOST = 'The connection of the publisher was lost.'
const SLOW = 'This server could not take the stream in time.'
