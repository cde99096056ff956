import type { Clock } from '../../lib/clock.ts'
import type { FeedEvents, FeedSource } from './feed-source.ts'
import type { InputSource } from '../specs.ts'
import { createUdpReceiver } from './udp-receiver.ts'

/** A flood is told of once in so long. */
const FLOOD_NOTE_MS = 10_000

/** A feed received by UDP, told in the words of a source. */
export function createUdpFeed(
  source: Extract<InputSource, { kind: 'udp' }>,
  deps: { clock: Clock; events: FeedEvents },
): FeedSource {
  const { clock, events } = deps
  const { multicastGroup: group, interfaceAddress, bindAddress, port } = source
  const on = interfaceAddress === null ? '' : ` on ${interfaceAddress}`
  const place = group === null ? `UDP ${bindAddress}:${port}` : `UDP port ${port} of the group ${group}${on}`
  let floodNotedMs = Number.NEGATIVE_INFINITY
  const receiver = createUdpReceiver({
    ...source,
    clock,
    data: events.data,
    bound(receiveBufferBytes) {
      events.note('info', `listens on ${place}, receive buffer ${receiveBufferBytes ?? 'unknown'} bytes`)
      events.opened({ processId: null, receiveBufferBytes })
    },
    flooded() {
      if (clock.now() - floodNotedMs < FLOOD_NOTE_MS) return
      floodNotedMs = clock.now()
      const what = 'part of it was thrown away, so that other inputs go on'
      events.note('warning', `more comes to ${place} than this machine can read: ${what}`)
    },
    failed(what, error, retryInMs, lasting) {
      if (!lasting) return
      events.note('error', `cannot listen on ${place}: ${error.message}`)
      const retryAt = clock.wall() + retryInMs
      if (what === 'join') events.blocked('input.cannot_join', joinWords(error, group, interfaceAddress), retryAt)
      else events.blocked(bindCode(error), bindWords(error, group ?? bindAddress, port), retryAt)
    },
  })
  return { sender: receiver.sender, other: () => receiver.other, close: async () => receiver.close() }
}

function bindWords(error: Error & { code?: string }, address: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `UDP port ${port} is taken by another program on this machine. Weir tries again every 10 s.`
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${address}. Choose another bind address; Weir tries again every 10 s.`
    case 'EACCES':
      return `Weir is not allowed to use UDP port ${port}. Ports under 1024 need more rights.`
    default:
      return `UDP port ${port} cannot be opened. Weir tries again every 10 s.`
  }
}

function joinWords(error: Error & { code?: string }, group: string | null, interfaceAddress: string | null): string {
  if (error.code === 'ENODEV' || error.code === 'EADDRNOTAVAIL' || error.code === 'EINVAL')
    return interfaceAddress === null
      ? `The system does not know on which network the group ${group} is. Set the interface. Weir tries again every 10 s.`
      : `The group ${group} cannot be joined on ${interfaceAddress}: no network of this machine has that address. Weir tries again every 10 s.`
  if (error.code === 'ENOBUFS')
    return `The system lets nobody join more groups or senders. Raise net.ipv4.igmp_max_memberships or igmp_max_msf. Weir tries again every 10 s.`
  return `The group ${group} cannot be joined (${error.code ?? error.message}). Weir tries again every 10 s.`
}

const bindCode = (error: Error & { code?: string }) =>
  error.code === 'EADDRINUSE' ? 'input.port_taken' : 'input.cannot_listen'
