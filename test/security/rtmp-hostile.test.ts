import { describe, expect, test } from 'bun:test'
import { createManualClock } from '../../src/lib/clock.ts'
import { createRtmpSession } from '../../src/media/rtmp/session.ts'
import { openTestDoor } from '../support/rtmp-door.ts'
import {
  HELLO,
  openRawPublisher,
  type RawPublisher,
  toChunks,
  toConnect,
  toPicture,
  toPublish,
} from '../support/rtmp-wire.ts'
import { createRandom, type Random } from '../support/ts-simulator.ts'
import { eventually } from '../support/waiting.ts'

const SEED = 20_26
const TALK = Buffer.concat([
  toPublish('live', 'abc'),
  toPicture(300),
  toChunks({ type: 8, payload: new Uint8Array([0xaf, 1, 2, 3]), chunkStream: 4, timestampMs: 20 }),
  toChunks({ type: 22, payload: new Uint8Array(200).fill(9), chunkStream: 7 }),
  toPicture(2_000, 0x1000000),
])

/** A publisher's talk with some of its bytes changed, left out, doubled or made up. Its handshake too, now and then. */
function mutate(random: Random): Uint8Array {
  const bytes = Buffer.from(TALK)
  const first = random.chance(0.2) ? 0 : HELLO.length
  const at = () => Math.floor(random.between(first, bytes.length))
  const times = 1 + Math.floor(random.next() * 20)
  for (let i = 0; i < times; i++) bytes[at()] = Math.floor(random.next() * 256)
  const [from, to] = [at(), at()].sort((a, b) => a - b) as [number, number]
  if (random.chance(0.2)) return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
  if (random.chance(0.2)) return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)])
  return bytes
}

describe('what is no RTMP', () => {
  test('in 10,000 forms throws nothing, ends a session at most once, and never brings out more than came in', () => {
    const random = createRandom(SEED)
    let let_in = 0
    let ended = 0
    for (let round = 0; round < 10_000; round++) {
      let mediaBytes = 0
      let ends = 0
      const session = createRtmpSession(
        {
          send: () => undefined,
          publish(path) {
            if (path !== 'live/abc') return 'no'
            let_in++
            return null
          },
          media(bytes) {
            mediaBytes += bytes.length
          },
          again: () => undefined,
          end: () => void ends++,
        },
        () => ({ hevc: random.chance(0.5) }),
      )
      const bytes = mutate(random)
      for (let at = 0; at < bytes.length; ) {
        const size = 1 + Math.floor(random.next() * 3_000)
        session.receive(bytes.subarray(at, at + size))
        at += size
      }
      expect(ends).toBeLessThanOrEqual(1)
      // Each tag has 15 bytes more than its message, and the file a header and what was told of it.
      expect(mediaBytes).toBeLessThanOrEqual(bytes.length + 15 * 100 + 500)
      ended += ends
    }
    // Otherwise the mutations are too tame or too wild to show anything.
    expect(let_in).toBeGreaterThan(1_000)
    expect(ended).toBeGreaterThan(1_000)
  })

  test('a publisher that begins many long messages and ends none holds no more than its limit', () => {
    let ends = 0
    const session = createRtmpSession(
      {
        send: () => undefined,
        publish: () => null,
        media: () => undefined,
        again: () => undefined,
        end: () => void ends++,
      },
      () => ({ hevc: false }),
    )
    session.receive(toPublish('live', 'abc'))
    const before = process.memoryUsage().arrayBuffers
    for (let chunkStream = 3; chunkStream < 60; chunkStream++) {
      const head = toChunks({ type: 9, payload: new Uint8Array(4_000_000), chunkStream }).subarray(0, 12 + 128)
      session.receive(new Uint8Array(head))
    }
    expect(ends).toBe(1)
    Bun.gc(true)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(24 * 1024 * 1024)
  })
})

describe('the door', () => {
  async function stage(clock = createManualClock()) {
    const it = await openTestDoor({ clock })
    const input = it.register()
    await input.hears('listening')
    const publisher = await openRawPublisher(it.port)
    publisher.write(toPublish('live', 'abc'))
    await publisher.statusIs('NetStream.Publish.Start')
    /** The publisher goes on as if nothing were. */
    const undisturbed = async () => {
      const before = input.mediaBytes()
      publisher.write(toPicture(10_000))
      await eventually(5_000, 'its media', () => input.mediaBytes() >= before + 10_000)
      expect(input.heard.filter(({ t }) => t === 'gone')).toEqual([])
    }
    await undisturbed()
    return { ...it, [Symbol.dispose]: it[Symbol.dispose], input, publisher, clock, undisturbed }
  }
  const openMany = (count: number, port: number, from: (i: number) => string) =>
    Promise.all(Array.from({ length: count }, (_, i) => openRawPublisher(port, from(i))))
  const openCount = (many: RawPublisher[]) => many.filter((each) => !each.isClosed).length
  const endAll = (many: RawPublisher[]) => {
    for (const each of many) each.end()
  }

  test('has 20 places for those of one address that do not publish', async () => {
    using it = await stage()
    const many = await openMany(60, it.port, () => '127.0.0.1')
    await eventually(5_000, 'the others are closed', () => openCount(many) <= 20)
    expect(openCount(many)).toBe(20)
    await it.undisturbed()
    endAll(many)
  })

  test('with 200 half-open connections from many addresses lets others in, and disturbs nobody', async () => {
    using it = await stage()
    const many = await openMany(220, it.port, (i) => `127.0.1.${1 + (i % 20)}`)
    await eventually(5_000, 'the oldest have made room', () => openCount(many) <= 199)
    await it.undisturbed()
    it.register({ streamKey: 'def' })
    const other = await openRawPublisher(it.port)
    other.write(toPublish('live', 'def'))
    await other.statusIs('NetStream.Publish.Start')
    await it.undisturbed()
    other.end()
    endAll(many)
  })

  test('closes those that have not published after 10 s, however busy they look', async () => {
    using it = await stage()
    const many = await openMany(20, it.port, () => '127.0.0.1')
    const talk = [HELLO, toConnect('live'), toConnect('live').subarray(0, 20)]
    many.forEach((each, i) => {
      for (const bytes of talk.slice(0, i % 4)) each.write(bytes)
    })
    for (let second = 1; second <= 11; second++) {
      await it.undisturbed()
      for (const each of many) each.write(new Uint8Array(1))
      it.clock.advance(1_000)
    }
    await Promise.all(many.map((each) => each.closed()))
    await it.undisturbed()
  })

  test('takes 300 broken talks through real sockets, and disturbs nobody', async () => {
    using it = await stage()
    const random = createRandom(SEED + 1)
    const before = process.memoryUsage().rss
    for (let round = 0; round < 30; round++) {
      const many = await openMany(10, it.port, (i) => `127.0.2.${1 + i}`)
      for (const each of many) each.write(mutate(random))
      await it.undisturbed()
      endAll(many)
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024)
    await it.undisturbed()
  })

  test('is no help to those who look for applications and keys: all wrong ones get the same bytes', async () => {
    using it = await stage()
    const answers: string[] = []
    for (const [app, key] of [
      ['live', 'abd'],
      ['live', 'abcd'],
      ['nope', 'abc'],
      ['nope', 'nope'],
    ] as const) {
      const stranger = await openRawPublisher(it.port)
      stranger.write(toPublish(app, key))
      await stranger.closed()
      // Behind the handshake, whose bytes are random.
      answers.push(Buffer.from(stranger.bytes().subarray(1 + 2 * 1536)).toString('hex'))
    }
    expect(answers[0]?.length).toBeGreaterThan(100)
    expect(new Set(answers).size).toBe(1)
    await it.undisturbed()
  })
})
