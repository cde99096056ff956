import type { Clock } from '../../lib/clock.ts'
import { createBindPatience } from './bind-patience.ts'
import { joinGroup } from './multicast.ts'
import { toAllowList } from './allow-list.ts'
import { openDatagramReader, type Sender } from './datagram-reader.ts'
import { enlargeReceiveBuffer } from '../socket-buffer.ts'

export type UdpReceiverOptions = {
  port: number
  bindAddress: string
  /** CIDR list; empty = anyone. */
  allowFrom: string[]
  /** A group to join; the socket is then bound to its address, so that groups on one port do not hear each other. */
  multicastGroup: string | null
  /** Address of the local interface on which the group is joined; null = the system's choice. */
  interfaceAddress: string | null
  clock: Clock
  /** `changed`: the sender is not the one before; its stream is another. The bytes are on loan. */
  data(bytes: Uint8Array, nowMs: number, changed: boolean): void
  bound(receiveBufferBytes: number | null): void
  /** It comes faster than it can be read: the kernel throws away what has no room, and others have their turn. */
  flooded(): void
  /** Tried again every 250 ms for 5 s, since a port may only be moving between workers; then every 10 s. */
  failed(what: 'bind' | 'join', error: Error, retryInMs: number, lasting: boolean): void
}

export type UdpReceiver = {
  /** `address:port` that is locked in, null while nobody sends. */
  sender(nowMs: number): string | null
  /** When another sender was last turned away, and which; null when none was. */
  readonly other: { address: string; atMs: number; allowed: boolean } | null
  close(): void
}

/** A sender silent for so long gives the place to the next. */
const LOCK_MS = 2_000
/** Another port of the same host is most often the same encoder, started again; a live feed is never silent so long. */
const LOCK_SAME_HOST_MS = 500
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
/** So often is looked what came. A receive buffer of 208 KiB, the usual limit, takes so much at 95 Mbit/s. */
const LOOK_MS = 10

/** Receives one feed by UDP: bound with patience, locked onto one sender, deaf to addresses that are not allowed. */
export function createUdpReceiver(options: UdpReceiverOptions): UdpReceiver {
  const { clock } = options
  const isAllowed = toAllowList(options.allowFrom)
  let socket: Bun.udp.Socket<'buffer'> | null = null
  let closed = false
  const patience = createBindPatience(clock, () => void bind())
  let stopLooking: (() => void) | null = null
  let senderAddress = ''
  let senderPort = 0
  let lastMs = Number.NEGATIVE_INFINITY
  let other: UdpReceiver['other'] = null

  function receive(data: Uint8Array, { address, port }: Sender, nowMs: number): void {
    let changed = false
    if (port !== senderPort || address !== senderAddress) {
      const permitted = isAllowed(address)
      const lockMs = address === senderAddress ? LOCK_SAME_HOST_MS : LOCK_MS
      if (!permitted || nowMs - lastMs < lockMs) {
        other = { address: formatAddress(address, port), atMs: nowMs, allowed: permitted }
        return
      }
      if (other?.address === formatAddress(address, port)) other = null
      changed = senderPort !== 0
      senderAddress = address
      senderPort = port
    }
    lastMs = nowMs
    options.data(data, nowMs, changed)
  }

  async function bind(): Promise<void> {
    let what: 'bind' | 'join' = 'bind'
    try {
      const bound = await Bun.udpSocket({
        hostname: options.multicastGroup ?? options.bindAddress,
        port: options.port,
        socket: {
          // An ICMP answer to somebody else's datagram; without a handler it would end the socket.
          error: () => undefined,
        },
      })
      if (closed) return bound.close()
      try {
        const { fd } = bound as unknown as { fd: number }
        const reader = openDatagramReader(fd)
        what = 'join'
        if (options.multicastGroup !== null) joinGroup(bound, options.multicastGroup, options)
        options.bound(enlargeReceiveBuffer(fd, RECEIVE_BUFFER_BYTES))
        stopLooking = clock.every(LOOK_MS, () => {
          const nowMs = clock.now()
          if (!reader.drain((bytes, sender) => receive(bytes, sender, nowMs))) options.flooded()
        })
      } catch (cause) {
        bound.close()
        throw cause
      }
      socket = bound
    } catch (error) {
      if (closed) return
      const { retryInMs, lasting } = patience.again()
      options.failed(what, error as Error, retryInMs, lasting)
    }
  }
  void bind()

  return {
    sender: (nowMs) => (senderPort && nowMs - lastMs < LOCK_MS ? formatAddress(senderAddress, senderPort) : null),
    get other() {
      return other
    },
    close() {
      closed = true
      patience.end()
      stopLooking?.()
      socket?.close()
    },
  }
}

function formatAddress(raw: string, port: number): string {
  // An IPv4 sender at a socket bound to `::` (RFC 4291, 2.5.5.2).
  const address = raw.replace(/^::ffff:(?=\d+\.)/i, '')
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
