import { describe, expect, test } from 'bun:test'
import { createManualClock } from '../../../../src/lib/clock.ts'
import { createCallers } from '../../../../src/media/srt/callers.ts'
import type { SrtLinkSocket } from '../../../../src/media/srt/sockets.ts'

const CHUNK_MS = 40
const KEY_EVERY = 50

/** A listener on air: a chunk of two packets every 40 ms, a keyframe every 2 s; byte 0 numbers it, byte 1 tells a keyframe. */
function air(packetBytes = 1_316) {
  const clock = createManualClock()
  const handlers = new Map<SrtLinkSocket, () => void>()
  const skipped: [string, number][] = []
  let changes = 0
  let number = 0
  const callers = createCallers({
    clock,
    packetBytes,
    latencyMs: 120,
    watch(link, ready) {
      handlers.set(link, ready)
      return true
    },
    changed: () => changes++,
    skipped: (address, times) => skipped.push([address, times]),
  })
  const push = (anywhere = false, keys = true) => {
    const data = new Uint8Array(2 * packetBytes)
    const key = keys && number % KEY_EVERY === 0
    for (const at of [0, packetBytes]) data.set([number >> 8, number & 255, key ? 1 : 0], at)
    number++
    callers.push(data, key, anywhere)
  }
  return {
    clock,
    callers,
    changes: () => changes,
    skipped,
    leave: (link: SrtLinkSocket) => handlers.get(link)?.(),
    async run(ms: number, o: { anywhere?: boolean; keys?: boolean } = {}) {
      for (let t = 0; t < ms; t += CHUNK_MS) {
        push(o.anywhere, o.keys)
        for (let tick = 0; tick < CHUNK_MS; tick += 10) {
          clock.advance(10)
          callers.tick()
          // A sink that has room again says so by a promise.
          await Promise.resolve()
        }
      }
    },
  }
}

/** A link of which only what it is given is known; `backlog` and `over` are for the test to set. */
function fakeLink(streamId = 'id') {
  const got: { number: number; key: boolean }[] = []
  const state = { backlogMs: 0, over: false, closed: false }
  const link: SrtLinkSocket = {
    handle: 1,
    place: '192.0.2.1:5',
    address: '192.0.2.1',
    streamId,
    secrecy: 'none',
    receive: () => (state.over ? -1 : 0),
    send(packet) {
      if (state.over) return 'over'
      got.push({ number: ((packet[0] as number) << 8) | (packet[1] as number), key: packet[2] === 1 })
      return 'sent'
    },
    backlog: () => ({ ms: state.backlogMs, bytes: 0 }),
    stats: () => null,
    close: () => {
      state.closed = true
    },
  }
  return { link, got, state }
}

const numbers = (got: { number: number }[]) => [...new Set(got.map(({ number }) => number))]

/** Whole numbers from the first to the last, none left out. */
function expectWhole(got: { number: number }[]): void {
  const seen = numbers(got)
  const first = seen[0] as number
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => first + i))
}

describe('callers of a listener', () => {
  test('each starts at a keyframe and then gets everything, in packets of the right size', async () => {
    const it = air()
    const links = [fakeLink(), fakeLink(), fakeLink()]
    for (const { link } of links) {
      await it.run(1_300)
      it.callers.add(link)
    }
    await it.run(6_000)
    for (const { got } of links) {
      expect(got[0]?.key).toBe(true)
      expectWhole(got)
      expect(got.length).toBe(2 * numbers(got).length)
    }
    expect(it.callers.list().map(({ id, address }) => [id, address])).toEqual([
      [1, '192.0.2.1:5'],
      [2, '192.0.2.1:5'],
      [3, '192.0.2.1:5'],
    ])
  })

  test('what is before the live edge comes at four times the speed at most', async () => {
    const it = air()
    await it.run(1_900)
    const { link, got } = fakeLink()
    it.callers.add(link)
    expect(numbers(got).length).toBeLessThan(1_900 / CHUNK_MS / 2)
    await it.run(2_000)
    expectWhole(got)
    expect(numbers(got).at(-1)).toBeGreaterThan(95)
  })

  test('one that came before the stream gets it from its first byte', async () => {
    const it = air()
    const { link, got } = fakeLink()
    it.callers.add(link)
    await it.run(1_000)
    expect(got[0]).toEqual({ number: 0, key: true })
  })

  test('one that does not follow goes on at a keyframe; the other notices nothing', async () => {
    const it = air()
    const slow = fakeLink()
    const quick = fakeLink()
    await it.run(600)
    it.callers.add(slow.link)
    it.callers.add(quick.link)
    await it.run(2_000)
    slow.state.backlogMs = 5_000
    await it.run(9_000)
    const before = slow.got.length
    slow.state.backlogMs = 0
    await it.run(3_000)
    // What was half written is finished, then comes the keyframe.
    const jump = slow.got.findIndex(({ number }, i) => i >= before && number - (slow.got[i - 1]?.number ?? 0) > 1)
    expect(jump).toBeGreaterThanOrEqual(before)
    expect(slow.got[jump]?.key).toBe(true)
    expectWhole(quick.got)
    it.callers.figures()
    it.callers.figures()
    expect(it.skipped).toEqual([['192.0.2.1:5', 1]])
  })

  test('after another muxer began, new callers get nothing from before', async () => {
    const it = air()
    await it.run(2_600)
    it.callers.cut()
    const { link, got } = fakeLink()
    it.callers.add(link)
    await it.run(3_000)
    expect(got[0]).toEqual({ number: 100, key: true })
    expectWhole(got)
  })

  test('without pictures one starts at once, with pictures but no keyframe after 10 s', async () => {
    const sound = air()
    const listener = fakeLink()
    await sound.run(1_000, { keys: false, anywhere: true })
    sound.callers.add(listener.link)
    await sound.run(200, { keys: false, anywhere: true })
    expect(listener.got.length).toBeGreaterThan(0)

    const picture = air()
    const viewer = fakeLink()
    picture.callers.add(viewer.link)
    await picture.run(9_900, { keys: false })
    expect(viewer.got).toEqual([])
    await picture.run(400, { keys: false })
    expect(viewer.got.length).toBeGreaterThan(0)
  })

  test('one that leaves, one that is put out, one whose link breaks while it is sent to', async () => {
    const it = air()
    const links = [fakeLink(), fakeLink(), fakeLink()]
    for (const { link } of links) it.callers.add(link)
    await it.run(400)
    const changes = it.changes()
    const [leaving, kicked, broken] = links as [(typeof links)[0], (typeof links)[0], (typeof links)[0]]
    leaving.state.over = true
    it.leave(leaving.link)
    expect(it.callers.kick(2)).toBe('192.0.2.1')
    expect(it.callers.kick(99)).toBeNull()
    broken.state.over = true
    await it.run(80)
    expect(it.callers.size).toBe(0)
    expect(it.changes()).toBe(changes + 3)
    expect([leaving, kicked, broken].map(({ state }) => state.closed)).toEqual([true, true, true])
  })

  test('what they say of themselves is shown short and clean, so that a hundred fit into one message', async () => {
    const it = air()
    for (let n = 0; n < 100; n++) it.callers.add(fakeLink(`${'\u0000\u001b\n'.repeat(50)}${'"ü🎥'.repeat(128)}`).link)
    const told = it.callers.list()
    expect(told[0]?.streamId).toMatch(/^("ü🎥)+/)
    expect(Buffer.byteLength(JSON.stringify({ t: 'callers', callers: told }))).toBeLessThan(64 * 1024)
  })
})
