import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { createDoorServer, type Link, type LinkHandlers } from '../doors/link.ts'
import type { FromDoor, RegisterRtmp, ToDoor } from '../doors/messages.ts'
import { createRefusals, toLeftOut } from '../doors/refusals.ts'
import { ANOTHER_CAME, mayReplace, REPLACED } from '../doors/takeover.ts'
import type { Takes } from './codecs.ts'
import { type Connection, createConnection, type Place, type RtmpSocket } from './connection.ts'
import { OFF, SECOND, toBlocked, UNKNOWN } from './door-words.ts'
import { createListener, type Listener, type TlsFiles } from './listener.ts'
import { createRegistry } from './registry.ts'

/** Connections in all. The oldest that does not publish gives way to a new one. */
const MAX_CONNECTIONS = 200
/** Connections of one address that do not publish (yet). The oldest of them gives way to a new one too. */
const MAX_STRANGERS_OF_ADDRESS = 20
const LOOK_MS = 500
/** A publisher silent so long gives its place to the next: most often it is itself, after its line broke. */
const STALE_MS = 3_000
/** The port stays open so long without an input behind it, because an edit ends one registration and begins another. */
const LINGER_MS = 5_000

/** Where in the directory of doors the registrations for RTMP are made. */
export const toRtmpSocketPath = (runDir: string): string => join(runDir, 'rtmp.sock')

const LISTENING: FromDoor = { t: 'listening', receiveBufferBytes: null, mediaPath: null }

export type RtmpPlaces = { host: string; port: number; tls: (TlsFiles & { port: number }) | null }

/** One input's registration. */
type Input = {
  link: Link<FromDoor>
  app: string
  onSecondPublisher: RegisterRtmp['onSecondPublisher']
  publisher: Connection | null
  /** When the publisher was let in, `Clock.now`. */
  publisherSinceMs: number
  /** While its publisher is put out for another: who that is. */
  replacedBy: string | null
  refused: ReturnType<typeof createRefusals>
}

/**
 * The door for RTMP publishers: one port for all inputs, which register through a Unix socket at `socketPath` and are
 * told apart by application and key. `places` null = no port is wanted, and whoever registers is told so.
 */
export function createRtmpDoor(deps: {
  socketPath: string
  places: RtmpPlaces | null
  clock: Clock
  takes(): Takes
  /** What the operator of the machine should know. */
  warn(words: string): void
}): { close(): void } {
  const { clock, places } = deps
  const registry = createRegistry<Input>()
  const connections = new Set<Connection>()
  let listener: Listener | null = null
  let secure: Listener | null = null
  let blocked: FromDoor | null = null
  let cancelLinger: (() => void) | null = null
  const refusedUnknown = createRefusals(clock, ({ address, words, leftOut }) =>
    deps.warn(`the RTMP publisher ${address} was turned away. ${words}${toLeftOut(leftOut)}`),
  )

  const socket: Bun.SocketHandler<Connection> = {
    open(opened) {
      const connection = createConnection({ socket: opened as RtmpSocket, clock, takes: deps.takes, publish })
      opened.data = connection
      if (makeRoom(connection.ip)) connections.add(connection)
      else opened.terminate()
    },
    data: (from, bytes) => from.data.data(bytes),
    drain: (to) => to.data.drain(),
    close(gone) {
      gone.data.closed()
      if (gone.data.isOver) connections.delete(gone.data)
    },
    error: (from) => void from.terminate(),
  }

  /** Decides whether another connection may be; where all is full, the stranger that has been here longest makes room. */
  function makeRoom(ip: string): boolean {
    // A Set keeps the order of coming.
    const strangers = [...connections].filter((each) => !each.isPublishing)
    const ofAddress = strangers.filter((each) => each.ip === ip)
    const isCrowded = ofAddress.length >= MAX_STRANGERS_OF_ADDRESS
    if (!isCrowded && connections.size < MAX_CONNECTIONS) return true
    const [oldest] = isCrowded ? ofAddress : strangers
    if (!oldest) return false
    oldest.end('')
    connections.delete(oldest)
    return true
  }

  function publish(path: string, connection: Connection): Place | string {
    const input = registry.find(path)
    if (!input) {
      // After the answer, so that the answer's time says nothing of which applications there are.
      setImmediate(() => tellUnknown(path, connection.address))
      return UNKNOWN
    }
    const { publisher } = input
    if (publisher) {
      const stale = clock.now() - publisher.heardAtMs >= STALE_MS
      if (input.onSecondPublisher === 'refuse' && !stale) {
        input.refused(connection.address, `It is not the first: ${publisher.address} publishes already.`)
        return SECOND
      }
      if (!stale && !mayReplace(input.publisherSinceMs, clock.now())) {
        input.refused(connection.address, ANOTHER_CAME)
        return SECOND
      }
      input.replacedBy = connection.address
      publisher.end(REPLACED)
      input.replacedBy = null
    }
    const arrived = () => input.link.send({ t: 'publisher', address: connection.address, streamId: null })
    input.publisher = connection
    input.publisherSinceMs = clock.now()
    arrived()
    return {
      media: input.link.media,
      again(words) {
        input.link.send({ t: 'gone', orderly: false, words, replacedBy: null })
        arrived()
      },
      gone({ why, words }) {
        input.publisher = null
        if (why === 'unfit') input.refused(connection.address, words)
        input.link.send({ t: 'gone', orderly: why === 'goodbye', words, replacedBy: input.replacedBy })
      },
    }
  }

  function tellUnknown(path: string, address: string): void {
    const [only, another] = registry.places()
    const isOfApp = only && (path.startsWith(`${only.app}/`) || path === only.app)
    // Of several nobody knows whose key it was to be, and a stranger is not to alarm them all.
    if (isOfApp && !another) only.refused(address, 'Its stream key is wrong.')
    else refusedUnknown(address, 'Its application or stream key is none of this server.')
  }

  function tellAll(control: FromDoor): void {
    for (const input of registry.places()) input.link.send(control)
  }

  function open(): void {
    cancelLinger?.()
    if (!places || listener) return
    const { host, port, tls } = places
    const notRenewed = (error: Error) => deps.warn(`the new RTMPS certificate cannot be used: ${error.message}`)
    listener = createListener({
      ...{ host, port, tls: null, clock, socket, notRenewed },
      listening() {
        blocked = null
        tellAll(LISTENING)
      },
      failed(error, retryInMs, lasting) {
        if (!lasting) return
        blocked = toBlocked(error, host, port, clock.wall() + retryInMs)
        tellAll(blocked)
      },
    })
    if (!tls) return
    let told = false
    secure = createListener({
      ...{ host, port: tls.port, tls, clock, socket, notRenewed },
      listening: () => undefined,
      failed(error, _, lasting) {
        if (lasting && !told) deps.warn(`RTMPS port ${tls.port} cannot be opened: ${error.message}. It is tried on.`)
        told = lasting
      },
    })
  }

  function shut(): void {
    listener?.close()
    secure?.close()
    listener = null
    secure = null
    blocked = null
  }

  function register(link: Link<FromDoor>, wanted: RegisterRtmp): Input {
    const { app, onSecondPublisher } = wanted
    const input: Input = {
      ...{ link, app, onSecondPublisher, publisher: null, publisherSinceMs: 0, replacedBy: null },
      refused: createRefusals(clock, link.send),
    }
    registry.add(`${app}/${wanted.streamKey}`, input)
    if (!places) link.send({ t: 'unavailable', words: OFF })
    else {
      const wasOpen = listener?.isOpen ?? false
      open()
      if (wasOpen) link.send(LISTENING)
      else if (blocked) link.send(blocked)
    }
    return input
  }

  function onOpen(link: Link<FromDoor>): LinkHandlers<ToDoor> {
    let input: Input | null = null
    return {
      onControl(control) {
        if (!input && control.t === 'register_rtmp') input = register(link, control)
        else if (input && control.t === 'end') input.publisher?.end(control.words)
        else link.close()
      },
      onMedia() {
        link.close()
        return null
      },
      onClose() {
        if (!input) return
        registry.remove(input)
        input.publisher?.end('The input was stopped or changed.')
        if (registry.places().length > 0) return
        cancelLinger?.()
        cancelLinger = clock.after(LINGER_MS, shut)
      },
    }
  }

  const server = createDoorServer(deps.socketPath, { onOpen })
  const stopLooking = clock.every(LOOK_MS, () => {
    const nowMs = clock.now()
    for (const connection of connections) {
      connection.look(nowMs)
      if (connection.isOver) connections.delete(connection)
    }
  })

  return {
    close() {
      stopLooking()
      server.close()
      cancelLinger?.()
      shut()
      for (const connection of connections) connection.end('This server is stopping.')
    },
  }
}
