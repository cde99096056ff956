import type { Libsrt } from './libsrt.ts'
import { fromStats, type LinkStats, STATS_BYTES } from './link-figures.ts'
import { fromSockaddr, SOCKADDR_BYTES, toSockaddr } from './socket-address.ts'

/** Options and codes of srt.h. */
const OPTION = {
  sendSync: 1,
  receiveSync: 2,
  sendBuffer: 5,
  latency: 23,
  passphrase: 26,
  keyState: 28,
  streamId: 46,
  payloadSize: 49,
  transType: 50,
  enforcedEncryption: 53,
  ipv6Only: 54,
} as const
const TRANSTYPE_LIVE = 0
/** SRT_KM_STATE of srt.h. */
const KEY_STATES: Record<number, SrtLinkSocket['secrecy']> = { 0: 'none', 2: 'shared' }
const SYSTEM_CODES: Record<number, string> = { 98: 'EADDRINUSE', 99: 'EADDRNOTAVAIL', 13: 'EACCES' }
/** Bound before by another socket of this process with other settings. */
const ERR_BIND_CONFLICT = 5015
const ERR_DUPLICATE_LISTENER = 5011
const ERR_NOTHING_TO_READ = 6002
const ERR_NO_ROOM = 6001
const EPOLL_IN = 1
const EPOLL_ERR = 8
/** srt.h: a stream id has at most 512 characters. */
const STREAM_ID_BYTES = 512
/** Callers whose handshake is done and that were not accepted yet; libsrt turns away what comes beyond. */
const BACKLOG = 64
/** Events of one look; the rest is found by the next. */
const EVENTS_AT_ONCE = 256

/** What one link may hold that is not acknowledged: 0.7 s of 40 Mbit/s. libsrt's own limit is thrice as much. */
const SEND_BUFFER_BYTES = 4 * 1024 * 1024

/** The largest payload of one packet in live mode (srt.h, SRT_LIVE_MAX_PLSIZE). */
export const MAX_PACKET_BYTES = 1456

export type SrtListenOptions = {
  address: string
  port: number
  latencyMs: number
  /**
   * 10-79 characters. libsrt is told to let callers with another or none through its handshake, because it would turn them
   * away without a word: whoever takes callers must look at their `secrecy`.
   */
  passphrase: string | null
  /** Bytes of one packet that is sent. */
  packetBytes: number
}

/** One caller whose link stands. */
export type SrtLinkSocket = {
  readonly handle: number
  /** `address:port`. */
  readonly place: string
  readonly address: string
  /** As the caller sent it, at most 512 characters; empty = none. */
  readonly streamId: string
  /** What came of the passphrases: neither side has one, both have the same, or they do not fit. */
  readonly secrecy: 'none' | 'shared' | 'broken'
  /** Bytes of the next packet put into `into`; 0 = nothing now; -1 = the link is over. */
  receive(into: Uint8Array): number
  /** `full`: the packet was not taken, there is no room now. */
  send(packet: Uint8Array): 'sent' | 'full' | 'over'
  /** What was sent and not acknowledged: the time from its first to its last packet, and its size. */
  backlog(): { ms: number; bytes: number }
  /** Counters since the link stands, intervals since the last call; null once it is over. */
  stats(side: 'sender' | 'receiver'): LinkStats | null
  /** The caller is told goodbye. Calls beyond the first do nothing. */
  close(): void
}

export type SrtSockets = {
  /** A port on which callers are awaited. @throws Error with a `code` as Node's (EADDRINUSE ...) */
  listen(options: SrtListenOptions): { readonly handle: number; accept(): SrtLinkSocket | null; close(): void }
  /** Calls `ready` whenever there is something to read, to accept, or an end to notice; false = it is over already. */
  watch(handle: number, ready: () => void): boolean
  unwatch(handle: number): void
  /** Looks once which watched sockets are ready and tells them. */
  poll(): void
  /** Links that stand. */
  readonly links: number
}

/** libsrt's calls as Weir needs them: nothing here waits for the network. */
export function createSrtSockets(lib: Libsrt): SrtSockets {
  const epoll = lib.srt_epoll_create()
  const handlers = new Map<number, () => void>()
  const events = new Int32Array(2 * EVENTS_AT_ONCE)
  const systemError = new Int32Array(1)
  const stats = new Uint8Array(STATS_BYTES)
  const peer = new Uint8Array(SOCKADDR_BYTES)
  const peerBytes = new Int32Array(1)
  const text = new Uint8Array(STREAM_ID_BYTES + 1)
  const textBytes = new Int32Array(1)
  const keyState = new Int32Array(1)
  const keyStateBytes = new Int32Array(1)
  const sendBytes = new BigUint64Array(1)
  let links = 0

  const lastError = () => lib.srt_getlasterror(systemError)

  function fail(doing: string): never {
    const number = lastError()
    const conflict = number === ERR_BIND_CONFLICT || number === ERR_DUPLICATE_LISTENER
    const code = conflict ? 'EADDRINUSE' : SYSTEM_CODES[systemError[0] ?? 0]
    throw Object.assign(new Error(`${doing}: ${lib.srt_getlasterror_str()}`), { code })
  }

  function set(handle: number, option: number, value: Uint8Array | Int32Array, what: string): void {
    if (lib.srt_setsockflag(handle, option, value, value.byteLength) < 0) fail(what)
  }

  function readStreamId(handle: number): string {
    textBytes[0] = text.length
    if (lib.srt_getsockflag(handle, OPTION.streamId, text, textBytes) < 0) return ''
    return new TextDecoder().decode(text.subarray(0, textBytes[0])).replace(/\0.*$/s, '')
  }

  /** Known from the handshake on (libsrt 1.3 and newer); older callers exchange keys later, and count as without. */
  function readSecrecy(handle: number): SrtLinkSocket['secrecy'] {
    keyStateBytes[0] = keyState.byteLength
    if (lib.srt_getsockflag(handle, OPTION.keyState, keyState, keyStateBytes) < 0) return 'none'
    return KEY_STATES[keyState[0] as number] ?? 'broken'
  }

  function toLink(handle: number): SrtLinkSocket {
    const { address, port } = fromSockaddr(peer)
    let closed = false
    let retransmitted = 0
    links++
    return {
      handle,
      address,
      place: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
      streamId: readStreamId(handle),
      secrecy: readSecrecy(handle),
      receive(into) {
        const bytes = lib.srt_recv(handle, into, into.length)
        if (bytes >= 0) return bytes
        return lastError() === ERR_NOTHING_TO_READ ? 0 : -1
      },
      send(packet) {
        if (lib.srt_send(handle, packet, packet.length) >= 0) return 'sent'
        return lastError() === ERR_NO_ROOM ? 'full' : 'over'
      },
      backlog() {
        // Answers the time in milliseconds, or -1 once the link is over.
        const ms = lib.srt_getsndbuffer(handle, null, sendBytes)
        return ms < 0 ? { ms: 0, bytes: 0 } : { ms, bytes: Number(sendBytes[0]) }
      },
      stats(side) {
        if (lib.srt_bistats(handle, stats, 1, 1) < 0) return null
        const found = fromStats(stats, side)
        if (side === 'sender') return found
        retransmitted += found.recentRetransmitted
        return { ...found, link: { ...found.link, packetsRetransmitted: retransmitted } }
      },
      close() {
        if (closed) return
        closed = true
        links--
        unwatch(handle)
        lib.srt_close(handle)
      },
    }
  }

  function unwatch(handle: number): void {
    if (handlers.delete(handle)) lib.srt_epoll_remove_usock(epoll, handle)
  }

  function open(handle: number, options: SrtListenOptions): void {
    const int = (option: number, value: number, what: string) => set(handle, option, Int32Array.of(value), what)
    int(OPTION.transType, TRANSTYPE_LIVE, 'live mode')
    int(OPTION.sendSync, 0, 'sending without waiting')
    int(OPTION.receiveSync, 0, 'receiving without waiting')
    int(OPTION.sendBuffer, SEND_BUFFER_BYTES, 'send buffer')
    int(OPTION.latency, options.latencyMs, 'latency')
    int(OPTION.payloadSize, options.packetBytes, 'packet size')
    if (options.address.includes(':')) int(OPTION.ipv6Only, options.address === '::' ? 0 : 1, 'IPv6')
    int(OPTION.enforcedEncryption, 0, 'encryption')
    if (options.passphrase) set(handle, OPTION.passphrase, new TextEncoder().encode(options.passphrase), 'passphrase')
    const name = toSockaddr(options.address, options.port)
    if (lib.srt_bind(handle, name, name.length) < 0) fail('bind')
    if (lib.srt_listen(handle, BACKLOG) < 0) fail('listen')
  }

  return {
    listen(options) {
      const handle = lib.srt_create_socket()
      if (handle < 0) fail('socket')
      try {
        open(handle, options)
      } catch (error) {
        lib.srt_close(handle)
        throw error
      }
      return {
        handle,
        accept() {
          peerBytes[0] = peer.length
          const caller = lib.srt_accept(handle, peer, peerBytes)
          return caller < 0 ? null : toLink(caller)
        },
        close() {
          unwatch(handle)
          lib.srt_close(handle)
        },
      }
    },
    watch(handle, ready) {
      if (lib.srt_epoll_add_usock(epoll, handle, Int32Array.of(EPOLL_IN | EPOLL_ERR)) < 0) return false
      handlers.set(handle, ready)
      return true
    },
    unwatch,
    poll() {
      const found = lib.srt_epoll_uwait(epoll, events, EVENTS_AT_ONCE, 0)
      // A handler may close others that are ready too: they are no longer in the map.
      for (const handle of Array.from({ length: Math.max(0, found) }, (_, i) => events[2 * i] as number))
        handlers.get(handle)?.()
    },
    get links() {
      return links
    },
  }
}
