import { enlargeSendBuffer } from '../socket-buffer.ts'
import type { OutputTarget } from '../specs.ts'

export type DatagramSender = {
  /** Null = taken; a Promise = the socket is full, and it resolves when these have left. Never more than once at a time. */
  send(datagrams: Uint8Array[]): Promise<void> | null
  readonly bytesSent: number
  close(): void
}

/** As FFmpeg's `buffer_size`: holds a keyframe's burst. */
const SEND_BUFFER_BYTES = 1_048_576
/** A closed port on this machine answers every datagram, and each answer makes the next call fail once. */
const MAX_REFUSALS = 3

/**
 * A UDP socket that sends to one place. That nobody listens there (ICMP) is no failure of a UDP output; whatever else
 * the kernel refuses is told through `failed`. Rejects when it cannot be opened.
 */
export async function createDatagramSender(deps: {
  address: string
  /** 4 or 6. */
  family: number
  target: Extract<OutputTarget, { protocol: 'udp' }>
  failed(cause: unknown): void
}): Promise<DatagramSender> {
  const { address, target } = deps
  let waiting: Uint8Array[] = []
  let room: PromiseWithResolvers<void> | null = null
  let bytesSent = 0
  let closed = false

  const socket = await Bun.udpSocket({
    hostname: deps.family === 6 ? '::' : '0.0.0.0',
    port: 0,
    socket: {
      drain,
      // An ICMP answer to an earlier datagram.
      error: () => undefined,
    },
  })
  try {
    if (target.ttl !== null) {
      socket.setTTL(target.ttl)
      socket.setMulticastTTL(target.ttl)
    }
    if (target.interfaceAddress !== null) socket.setMulticastInterface(target.interfaceAddress)
  } catch (cause) {
    socket.close()
    throw cause
  }
  enlargeSendBuffer((socket as unknown as { fd: number }).fd, SEND_BUFFER_BYTES)

  /** How many of them the kernel took; 0 = its buffer is full. */
  function offer(datagrams: Uint8Array[]): number {
    for (let refusals = 0; ; refusals++) {
      try {
        return socket.sendMany(datagrams.flatMap((datagram) => [datagram, target.port, address]))
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw cause
        if (refusals === MAX_REFUSALS) return 1
      }
    }
  }

  function drain(): void {
    try {
      while (waiting.length > 0) {
        const taken = offer(waiting)
        if (taken === 0) return
        for (const datagram of waiting.slice(0, taken)) bytesSent += datagram.length
        waiting = waiting.slice(taken)
      }
    } catch (cause) {
      waiting = []
      deps.failed(cause)
    }
    room?.resolve()
    room = null
  }

  return {
    send(datagrams) {
      if (closed) throw new Error('the socket is closed')
      waiting = datagrams
      drain()
      if (waiting.length === 0) return null
      // The ring and the feed may use their memory again before the socket has room.
      waiting = waiting.map((datagram) => new Uint8Array(datagram))
      room = Promise.withResolvers<void>()
      return room.promise
    },
    get bytesSent() {
      return bytesSent
    },
    close() {
      if (closed) return
      closed = true
      waiting = []
      room?.resolve()
      socket.close()
    },
  }
}
