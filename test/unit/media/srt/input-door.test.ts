import { describe, expect, test } from 'bun:test'
import { createManualClock } from '../../../../src/lib/clock.ts'
import type { FromDoor } from '../../../../src/media/doors/messages.ts'
import { createInputDoor } from '../../../../src/media/srt/input-door.ts'
import type { SrtLinkSocket, SrtSockets } from '../../../../src/media/srt/sockets.ts'

const KEY = 'the-key-of-this-input'

/** An input's door at a port to which callers come when the test says so. */
function openDoor(wanted: { passphrase?: string; onSecondPublisher?: 'refuse' | 'replace' } = {}) {
  const clock = createManualClock()
  const told: FromDoor[] = []
  const waiting: SrtLinkSocket[] = []
  const handlers = new Map<number, () => void>()
  const sockets: SrtSockets = {
    listen: () => ({ handle: 0, accept: () => waiting.shift() ?? null, close: () => undefined }),
    watch: (handle, ready) => handlers.set(handle, ready) !== undefined,
    unwatch: (handle) => void handlers.delete(handle),
    poll: () => undefined,
    links: 0,
  }
  createInputDoor({
    wanted: {
      ...{ t: 'register_srt_in', inputId: 1, port: 9_000, bindAddress: '127.0.0.1', allowFrom: [], latencyMs: 200 },
      ...{ passphrase: null, streamId: KEY, onSecondPublisher: 'refuse', ...wanted },
    },
    sockets,
    clock,
    worker: { send: (message) => void told.push(message), media: () => null, waitingBytes: 0, close: () => undefined },
  })
  let last = 0
  return {
    clock,
    told,
    /** One calls; answers whether its link was closed, and what makes it send. */
    call(more: Partial<SrtLinkSocket> = {}) {
      const handle = ++last
      const state = { closed: false, waits: 0 }
      waiting.push({
        ...{ handle, place: `192.0.2.${handle}:5`, address: `192.0.2.${handle}`, streamId: KEY, secrecy: 'none' },
        receive: () => (state.waits-- > 0 ? 188 : 0),
        send: () => 'sent',
        backlog: () => ({ ms: 0, bytes: 0 }),
        stats: () => null,
        close: () => {
          state.closed = true
        },
        ...more,
      })
      handlers.get(0)?.()
      const send = () => {
        state.waits = 1
        handlers.get(handle)?.()
      }
      return { state, send }
    },
  }
}

describe('the SRT door of an input', () => {
  test('lets nobody in whose passphrase does not fit, with the key too, and says why', () => {
    const it = openDoor({ passphrase: 'correct-horse-battery' })
    const strangers = (['broken', 'none'] as const).map((secrecy) => {
      it.clock.advance(1_000)
      return it.call({ secrecy }).state.closed
    })
    expect(strangers).toEqual([true, true])
    expect(it.told).toMatchObject([
      { t: 'listening' },
      { t: 'refused', words: 'Its passphrase is wrong.' },
      { t: 'refused', words: 'It came without a passphrase.' },
    ])
    expect(it.call({ secrecy: 'shared', streamId: '' }).state.closed).toBe(false)
    expect(it.told.at(-1)?.t).toBe('publisher')
  })

  test('a publisher keeps its place for 5 s, then another takes it', () => {
    const it = openDoor({ onSecondPublisher: 'replace' })
    const first = it.call()
    for (let n = 0; n < 4; n++) {
      it.clock.advance(1_200)
      first.send()
    }
    expect(it.call().state.closed).toBe(true)
    expect(first.state.closed).toBe(false)
    it.clock.advance(200)
    expect(it.call().state.closed).toBe(false)
    expect(first.state.closed).toBe(true)
    expect(it.told).toMatchObject([
      { t: 'listening' },
      { t: 'publisher', address: '192.0.2.1:5' },
      { t: 'refused', address: '192.0.2.2:5', words: 'Another publisher took the place less than 5 s ago.' },
      { t: 'gone', orderly: false, replacedBy: '192.0.2.3:5' },
      { t: 'publisher', address: '192.0.2.3:5' },
    ])
  })

  test('one that is silent for 2 s gives its place at once', () => {
    const it = openDoor({ onSecondPublisher: 'replace' })
    const first = it.call()
    it.clock.advance(2_000)
    expect(it.call().state.closed).toBe(false)
    expect(first.state.closed).toBe(true)
  })
})
