import type { Clock } from '../lib/clock.ts'
import type { FeedEvents, FeedSource, SourceState } from './feed-source.ts'
import type { InputSource } from './protocol.ts'
import { createUdpReceiver } from './udp-receiver.ts'

/** A feed received by UDP, told in the words of a source. */
export function createUdpFeed(
  source: Extract<InputSource, { kind: 'udp' }>,
  deps: { clock: Clock; events: FeedEvents },
): FeedSource {
  const { clock, events } = deps
  const state: SourceState = {
    status: 'starting',
    reason: null,
    processId: null,
    nextRetryAt: null,
    reconnectCount: 0,
    receiveBufferBytes: null,
  }

  const receiver = createUdpReceiver({
    ...source,
    clock,
    data: events.data,
    bound(receiveBufferBytes) {
      Object.assign(state, { status: 'open', reason: null, nextRetryAt: null, receiveBufferBytes })
      events.note(
        'info',
        `listens on UDP ${source.bindAddress}:${source.port}, receive buffer ${receiveBufferBytes} bytes`,
      )
      events.changed()
    },
    bindFailed(error, retryInMs) {
      const lasting = retryInMs >= 1_000
      if (!lasting) return
      events.note('error', `cannot listen on UDP ${source.bindAddress}:${source.port}: ${error.message}`)
      Object.assign(state, {
        status: 'error',
        reason: bindWords(error, source.bindAddress, source.port),
        nextRetryAt: clock.wall() + retryInMs,
      })
      events.changed()
    },
  })

  return {
    state: () => state,
    sender: receiver.sender,
    other: () => receiver.other,
    exits: () => [],
    close: async () => receiver.close(),
  }
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
