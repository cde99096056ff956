import { afterAll, beforeAll, expect, test } from 'bun:test'
import { endpoint } from '../../src/http/endpoint.ts'
import { createKeyAuth } from '../../src/http/key-auth.ts'
import { createHttp, type Http } from '../../src/http/server.ts'
import { createSse, type Sse } from '../../src/http/sse.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createLog } from '../../src/lib/log.ts'
import { followEvents } from '../support/sse-client.ts'
import { eventually } from '../support/waiting.ts'

let sse: Sse
let listener: ReturnType<Http['listen']>

beforeAll(() => {
  sse = createSse()
  const http = createHttp({
    routes: [
      {
        method: 'GET',
        path: '/api/events',
        access: 'public',
        endpoint: endpoint({
          summary: 'events',
          tag: 'events',
          handle: ({ c }) => sse.open(c, { snapshot: () => [{ name: 'snapshot', data: 1 }], wants: () => true }),
        }),
      },
    ],
    keys: createKeyAuth({ key: 'k', clock: systemClock }),
    publicUrl: null,
    trustedProxies: [],
    clock: systemClock,
    log: createLog({ level: 'error', format: 'json', write: () => undefined }),
  })
  listener = http.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => listener.close())

/** Asks for the stream and then reads nothing, as a stuck browser does. */
async function openStuckClient() {
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: listener.port,
    socket: {
      open(socket) {
        socket.write('GET /api/events HTTP/1.1\r\nHost: h\r\n\r\n')
        socket.pause()
      },
      data: () => undefined,
    },
  })
  return { [Symbol.dispose]: () => socket.terminate() }
}

test('a client that reads nothing is closed at a bounded cost, the others miss nothing', async () => {
  await using good = await followEvents(`${listener.url}/api/events`, {})
  using _stuck = await openStuckClient()
  await eventually(5000, 'both are connected', () => sse.clients() === 2)
  const before = process.memoryUsage.rss()
  const text = 'x'.repeat(64 * 1024)
  let sent = 0
  while (sse.clients() === 2 && sent < 2000) {
    sse.publish({ name: 'big', topics: [], data: { n: ++sent, text }, resumable: false })
    await good.seen(`event ${sent}`, (message) => (message.data as { n?: number }).n === sent)
    good.messages.splice(0)
  }
  expect(sse.clients()).toBe(1)
  expect(sent).toBeLessThan(500)
  expect(process.memoryUsage.rss() - before).toBeLessThan(100e6)
})

test('a client that goes away is noticed', async () => {
  await eventually(5000, 'those of before are gone', () => sse.clients() === 0)
  const follower = await followEvents(`${listener.url}/api/events`, {})
  await follower.seen('the snapshot', (message) => message.name === 'snapshot')
  expect(sse.clients()).toBe(1)
  await follower[Symbol.asyncDispose]()
  await eventually(5000, 'it is forgotten', () => sse.clients() === 0)
})
