import type { Clock } from '../lib/clock.ts'
import type { FeedEvents, FeedSource } from './feed-source.ts'
import type { InputSource } from './specs.ts'
import { createUdpReceiver } from './udp-receiver.ts'

/** A feed received by UDP, told in the words of a source. */
export function createUdpFeed(
  source: Extract<InputSource, { kind: 'udp' }>,
  deps: { clock: Clock; events: FeedEvents },
): FeedSource {
  const { clock, events } = deps
  const place = `UDP ${source.bindAddress}:${source.port}`
  const receiver = createUdpReceiver({
    ...source,
    clock,
    data: events.data,
    bound(receiveBufferBytes) {
      events.note('info', `listens on ${place}, receive buffer ${receiveBufferBytes ?? 'unknown'} bytes`)
      events.opened({ processId: null, receiveBufferBytes })
    },
    bindFailed(error, retryInMs, lasting) {
      if (!lasting) return
      events.note('error', `cannot listen on ${place}: ${error.message}`)
      events.blocked(bindCode(error), bindWords(error, source.bindAddress, source.port), clock.wall() + retryInMs)
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

const bindCode = (error: Error & { code?: string }) =>
  error.code === 'EADDRINUSE' ? 'input.port_taken' : 'input.cannot_listen'
