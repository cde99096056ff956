import { expect, test } from 'bun:test'
import { createCallerSink } from '../../../../src/media/srt/caller-sink.ts'
import type { SrtLinkSocket } from '../../../../src/media/srt/sockets.ts'

const OPTIONS = { packetBytes: 4, latencyMs: 100, bytesPerSecond: () => 1_000_000 }

/** A link that takes `room` packets. */
function open(room: number) {
  const state = { room, backlog: { ms: 0, bytes: 0 }, over: false }
  const sent: string[] = []
  const link: SrtLinkSocket = {
    ...{
      handle: 1,
      place: '',
      address: '',
      streamId: '',
      secrecy: 'none',
      receive: () => 0,
      stats: () => null,
      close: () => undefined,
    },
    send(packet) {
      if (state.over) return 'over'
      if (state.room === 0) return 'full'
      state.room--
      sent.push(new TextDecoder().decode(packet))
      return 'sent'
    },
    backlog: () => state.backlog,
  }
  return { state, sent, sink: createCallerSink(link, OPTIONS) }
}

const bytes = (text: string) => new TextEncoder().encode(text)

test('a chunk goes in packets, the last one as long as it is', () => {
  const { sink, sent } = open(10)
  expect(sink.write(bytes('aaaabbbbcc'))).toBeNull()
  expect(sent).toEqual(['aaaa', 'bbbb', 'cc'])
})

test('what has no room waits, in order, and is told when it is sent', async () => {
  const { sink, sent, state } = open(1)
  const full = sink.write(bytes('aaaabbbbcc'))
  expect(full).toBeInstanceOf(Promise)
  sink.tick()
  expect(sent).toEqual(['aaaa'])
  state.room = 5
  sink.tick()
  await full
  expect(sent).toEqual(['aaaa', 'bbbb', 'cc'])
  expect(sink.write(bytes('dddd'))).toBeNull()
})

test.each([
  ['time', { ms: 700, bytes: 0 }, { ms: 701, bytes: 0 }, { ms: 176, bytes: 0 }, { ms: 175, bytes: 0 }],
  [
    'of the program',
    { ms: 0, bytes: 700_000 },
    { ms: 0, bytes: 700_001 },
    { ms: 0, bytes: 175_001 },
    { ms: 0, bytes: 175_000 },
  ],
])('a link with too much %s unacknowledged is full until most of it is gone', (_, most, over, still, gone) => {
  const { sink, sent, state } = open(10)
  state.backlog = most
  expect(sink.write(bytes('aaaa'))).toBeNull()
  state.backlog = over
  expect(sink.write(bytes('bbbb'))).toBeInstanceOf(Promise)
  state.backlog = still
  sink.tick()
  expect(sent).toEqual(['aaaa'])
  state.backlog = gone
  sink.tick()
  expect(sent).toEqual(['aaaa', 'bbbb'])
})

test('a link that is over ends whoever writes, at once or while waiting', async () => {
  const now = open(10)
  now.state.over = true
  expect(() => now.sink.write(bytes('aaaa'))).toThrow('over')
  const later = open(0)
  const full = later.sink.write(bytes('aaaa')) as Promise<unknown>
  later.state.over = true
  later.sink.tick()
  expect(full).rejects.toThrow('over')
})
