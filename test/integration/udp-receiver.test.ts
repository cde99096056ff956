import { afterEach, expect, test } from 'bun:test'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { createUdpReceiver, type UdpReceiver, type UdpReceiverOptions } from '../../src/media/input/udp-receiver.ts'
import { startProgram } from '../support/processes.ts'
import { eventually } from '../support/waiting.ts'

const HAS_IPV6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))
const FLOOD = join(import.meta.dir, '../fixtures/children/udp-flood.ts')

/** Real sockets on 127.0.0.0/8: every address of it is ours, so several senders can be told apart. */
const cleanUp: (() => void)[] = []
afterEach(() => {
  for (const undo of cleanUp.splice(0)) undo()
})

async function freePort(): Promise<number> {
  const probe = await Bun.udpSocket({ hostname: '127.0.0.1', port: 0, socket: {} })
  const { port } = probe
  probe.close()
  return port
}

async function sender(hostname: string) {
  const socket = await Bun.udpSocket({ hostname, port: 0, socket: { error: () => undefined } })
  cleanUp.push(() => socket.close())
  return {
    name: `${hostname}:${socket.port}`,
    send: (text: string, port: number) => socket.send(text, port, '127.0.0.1'),
    sendBytes: (bytes: Buffer, port: number) => socket.send(bytes, port, '127.0.0.1'),
  }
}

async function receive(change: Partial<UdpReceiverOptions> & { port: number }) {
  const got: { text: string; changed: boolean }[] = []
  const failures: boolean[] = []
  const bound = Promise.withResolvers<number | null>()
  let arrived = Promise.withResolvers<void>()
  const receiver: UdpReceiver = createUdpReceiver({
    bindAddress: '127.0.0.1',
    allowFrom: [],
    multicastGroup: null,
    interfaceAddress: null,
    clock: systemClock,
    data(bytes, _, changed) {
      got.push({ text: new TextDecoder().decode(bytes), changed })
      arrived.resolve()
    },
    bound: bound.resolve,
    flooded: () => undefined,
    failed: (_what, _error, _retryInMs, lasting) => failures.push(lasting),
    ...change,
  })
  cleanUp.push(() => receiver.close())
  return {
    receiver,
    got,
    failures,
    bound: bound.promise,
    async next() {
      await arrived.promise
      arrived = Promise.withResolvers<void>()
    },
  }
}

/** A clock whose `now` can be moved, over real timers. */
function movable(): Clock & { skip(ms: number): void } {
  let offset = 0
  return {
    ...systemClock,
    now: () => systemClock.now() + offset,
    skip(ms) {
      offset += ms
    },
  }
}

test('the first sender keeps the place until it has been silent for 2 s; then the next is told as changed', async () => {
  const clock = movable()
  const port = await freePort()
  const it = await receive({ port, clock })
  expect(await it.bound).toBeGreaterThanOrEqual(212_992)
  const [first, second] = [await sender('127.0.0.1'), await sender('127.0.0.2')]
  first.send('a', port)
  await it.next()
  second.send('intruder', port)
  first.send('b', port)
  await it.next()
  expect(it.receiver.sender(clock.now())).toBe(first.name)
  expect(it.receiver.other).toMatchObject({ address: second.name, allowed: true })
  clock.skip(2_100)
  expect(it.receiver.sender(clock.now())).toBeNull()
  second.send('c', port)
  await it.next()
  expect(it.got).toEqual([
    { text: 'a', changed: false },
    { text: 'b', changed: false },
    { text: 'c', changed: true },
  ])
  expect(it.receiver.sender(clock.now())).toBe(second.name)
})

test('an encoder that starts again on the same host has its place back after half a second', async () => {
  const clock = movable()
  const port = await freePort()
  const it = await receive({ port, clock })
  await it.bound
  const [before, after, stranger] = [await sender('127.0.0.1'), await sender('127.0.0.1'), await sender('127.0.0.2')]
  before.send('a', port)
  await it.next()
  clock.skip(300)
  after.send('too soon', port)
  before.send('b', port)
  await it.next()
  expect(it.receiver.other).toMatchObject({ address: after.name })
  clock.skip(600)
  stranger.send('not the same host', port)
  after.send('c', port)
  await it.next()
  expect(it.got.at(-1)).toEqual({ text: 'c', changed: true })
  expect(it.receiver.sender(clock.now())).toBe(after.name)
  expect(it.receiver.other).toMatchObject({ address: stranger.name })
})

test('a sender that was turned away and then has the place is no other sender any more', async () => {
  const clock = movable()
  const port = await freePort()
  const it = await receive({ port, clock, bindAddress: '::' })
  await it.bound
  const [first, second] = [await sender('127.0.0.1'), await sender('127.0.0.2')]
  first.send('a', port)
  await it.next()
  second.send('refused', port)
  first.send('b', port)
  await it.next()
  expect(it.receiver.other).toMatchObject({ address: second.name })
  clock.skip(2_100)
  second.send('c', port)
  await it.next()
  expect(it.receiver.other).toBeNull()
  expect(it.receiver.sender(clock.now())).toBe(second.name)
})

test('who is not in the list is turned away and named', async () => {
  const port = await freePort()
  const it = await receive({ port, allowFrom: ['127.0.0.2/32', 'fd00::/8'] })
  await it.bound
  const [stranger, friend] = [await sender('127.0.0.3'), await sender('127.0.0.2')]
  stranger.send('no', port)
  friend.send('yes', port)
  await it.next()
  expect(it.got.map((each) => each.text)).toEqual(['yes'])
  expect(it.receiver.other).toMatchObject({ address: stranger.name, allowed: false })
})

test('datagrams of any size come whole and in order, from whom they are', async () => {
  const port = await freePort()
  const got: { sizeBytes: number; first: number }[] = []
  const all = Promise.withResolvers<void>()
  const it = await receive({
    port,
    bindAddress: HAS_IPV6 ? '::' : '127.0.0.1',
    data(bytes) {
      got.push({ sizeBytes: bytes.length, first: bytes[0] as number })
      if (got.length === 100) all.resolve()
    },
  })
  await it.bound
  const from = await sender('127.0.0.1')
  const sizes = Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? 9_000 : 188 * (i % 8) + 1))
  for (const [i, sizeBytes] of sizes.entries()) from.sendBytes(Buffer.alloc(sizeBytes, i), port)
  await all.promise
  expect(got).toEqual(sizes.map((sizeBytes, first) => ({ sizeBytes, first })))
  expect(it.receiver.sender(systemClock.now())).toBe(from.name)
})

test('who sends faster than can be read does not hold up the thread, and is heard when it slows down', async () => {
  const port = await freePort()
  const counted = Promise.withResolvers<void>()
  let floodsSeen = 0
  const it = await receive({
    port,
    flooded: () => ++floodsSeen === 3 && counted.resolve(),
    data(bytes) {
      // What is done with a datagram takes longer than to send one, on any machine.
      const until = performance.now() + 0.02
      while (performance.now() < until);
      if (bytes.byteLength < 10) it.got.push({ text: new TextDecoder().decode(bytes), changed: false })
    },
  })
  await it.bound
  let lastMs = performance.now()
  let longestMs = 0
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - lastMs)
    lastMs = performance.now()
  }, 20)
  const floods = Array.from({ length: 2 }, () => startProgram([process.execPath, FLOOD, String(port)]))
  await counted.promise
  await Promise.all(floods.map((flood) => flood.stop()))
  clearInterval(timer)
  // Long on a machine with too much to do; without an end it lasts as long as the flood.
  expect(longestMs).toBeLessThan(10_000)
  const calm = await sender('127.0.0.1')
  await eventually(5_000, 'the sender is heard', () => {
    calm.send('calm', port)
    return it.got.some(({ text }) => text === 'calm')
  })
}, 30_000)

test('a taken port is tried until it is free', async () => {
  const holder = await Bun.udpSocket({ hostname: '127.0.0.1', port: 0, socket: {} })
  const it = await receive({ port: holder.port })
  const refused = Promise.withResolvers<void>()
  const check = setInterval(() => it.failures.length > 0 && refused.resolve(), 10)
  await refused.promise
  clearInterval(check)
  expect(it.failures[0]).toBe(false)
  holder.close()
  await it.bound
})

test('a port that stays taken is reported as lasting after 5 s, and tried every 10 s', async () => {
  const holder = await Bun.udpSocket({ hostname: '127.0.0.1', port: 0, socket: {} })
  cleanUp.push(() => holder.close())
  const delays: number[] = []
  const lasting = Promise.withResolvers<void>()
  let nowMs = 0
  const clock: Clock = {
    ...systemClock,
    now: () => nowMs,
    after(delayMs, fn) {
      delays.push(delayMs)
      nowMs += delayMs
      if (delays.length > 22) {
        lasting.resolve()
        return () => undefined
      }
      return systemClock.after(0, fn)
    },
  }
  const it = await receive({ port: holder.port, clock })
  await lasting.promise
  expect(delays.slice(0, 20)).toEqual(Array(20).fill(250))
  expect(delays.slice(20)).toEqual([10_000, 10_000, 10_000])
  expect(it.failures.slice(19, 22)).toEqual([false, true, true])
})
