import { describe, expect, test } from 'bun:test'
import { createRawFeed } from '../../../../src/media/input/raw-feed.ts'

function open() {
  const changes: boolean[] = []
  const raw = createRawFeed(() => changes.push(raw.program.onAir))
  return { raw, changes }
}

/** A sink that keeps what it is given, and is full while `full` is set. */
function sink() {
  const got: number[][] = []
  let room: PromiseWithResolvers<void> | null = null
  return {
    got,
    fill() {
      room = Promise.withResolvers()
    },
    empty() {
      room?.resolve()
      room = null
    },
    write(chunk: Uint8Array) {
      got.push([...chunk])
      return room?.promise ?? null
    },
  }
}

const packets = (count: number, from = 0) => Uint8Array.from({ length: count * 188 }, (_, i) => (from + i) & 255)

describe('the feed as it came', () => {
  test('is on air from its first byte until it was silent for two seconds', () => {
    const { raw, changes } = open()
    raw.push(new Uint8Array(1), true, 1_000)
    raw.push(new Uint8Array(1), true, 2_000)
    raw.tick(3_999)
    expect(changes).toEqual([true])
    raw.tick(4_000)
    raw.tick(9_000)
    expect(changes).toEqual([true, false])
  })

  test('a datagram stays one, whatever its size', () => {
    const { raw } = open()
    const to = sink()
    const feed = raw.program.attach(to, { paced: true, adapts: false })
    for (const size of [1, 188, 1_316, 1_328, 9_000]) raw.push(new Uint8Array(size), true, 0)
    expect(to.got.map((chunk) => chunk.length)).toEqual([1, 188, 1_316, 1_328, 9_000])
    expect(feed.bytesWritten).toBe(11_833)
    feed.detach()
    raw.push(new Uint8Array(5), true, 0)
    expect(to.got).toHaveLength(5)
  })

  test('a stream leaves in whole packets, at most seven together, wherever it was cut', () => {
    const { raw } = open()
    const to = sink()
    raw.program.attach(to, { paced: true, adapts: false })
    const bytes = packets(20)
    for (const [from, end] of [
      [0, 100],
      [100, 2_000],
      [2_000, 2_001],
      [2_001, 20 * 188],
    ])
      raw.push(bytes.subarray(from, end), false, 0)
    expect(to.got.flat()).toEqual([...bytes])
    expect(to.got.every((chunk) => chunk.length % 188 === 0 && chunk.length <= 1_316)).toBe(true)
  })

  test('who comes in the middle of a packet begins with the next one', () => {
    const { raw } = open()
    const bytes = packets(4)
    raw.push(bytes.subarray(0, 250), false, 0)
    const to = sink()
    raw.program.attach(to, { paced: true, adapts: false })
    raw.push(bytes.subarray(250, 300), false, 0)
    raw.push(bytes.subarray(300), false, 0)
    expect(to.got.flat()).toEqual([...bytes.subarray(376)])
  })

  test('a new stream begins with a packet of its own', () => {
    const { raw } = open()
    const to = sink()
    raw.program.attach(to, { paced: true, adapts: false })
    raw.push(packets(1).subarray(0, 50), false, 0)
    raw.reset()
    raw.push(packets(2, 7), false, 0)
    expect(to.got.flat()).toEqual([...packets(2, 7)])
  })

  test('one that is full loses what comes meanwhile, counted once, and holds up nobody', async () => {
    const { raw } = open()
    const [slow, fast] = [sink(), sink()]
    const feed = raw.program.attach(slow, { paced: true, adapts: false })
    raw.program.attach(fast, { paced: true, adapts: false })
    slow.fill()
    for (let i = 0; i < 5; i++) raw.push(Uint8Array.of(i), true, 10 + i)
    expect(slow.got).toEqual([[0]])
    expect(fast.got).toHaveLength(5)
    expect(feed).toMatchObject({ skips: 1, busySinceMs: 10 })
    slow.empty()
    await Promise.resolve()
    raw.push(Uint8Array.of(9), true, 20)
    expect(slow.got).toEqual([[0], [9]])
    expect(feed).toMatchObject({ skips: 1, busySinceMs: null })
  })

  test('one that fails is let go', () => {
    const { raw } = open()
    let writes = 0
    const broken = {
      write(): never {
        writes++
        throw new Error('gone')
      },
    }
    raw.program.attach(broken, { paced: true, adapts: false })
    raw.push(Uint8Array.of(1), true, 0)
    raw.push(Uint8Array.of(2), true, 0)
    expect(writes).toBe(1)
  })
})
