import { describe, expect, test } from 'bun:test'
import { Hono } from 'hono'
import { isAppError } from '../../../src/errors.ts'
import type { HttpEnv } from '../../../src/http/endpoint.ts'
import { type Actor, STRANGER } from '../../../src/http/endpoint.ts'
import { createSse, type SseCast, type SseOpen } from '../../../src/http/sse.ts'
import type { SseEvent } from '../../../src/http/sse-wire.ts'
import { createManualClock } from '../../../src/lib/clock.ts'

const changed = (n: number): SseCast => ({ name: 'input.changed', topics: ['inputs'], data: { n } })

function setup(
  o: Partial<SseOpen> = {},
  options: { resumes?: boolean; retryMs?: number; maxPerClient?: number; isCurrent?: () => boolean } = {},
) {
  const clock = createManualClock()
  const { isCurrent = () => true, ...how } = options
  const session: Actor = { ...STRANGER, kind: 'session', id: 'session', name: 'operator', role: 'admin', isCurrent }
  const sse = createSse({ clock, epoch: 'run1', ...how })
  const app = new Hono<HttpEnv>()
  app.onError((error, c) => c.text(isAppError(error) ? error.code : String(error), 503))
  const snapshot = (): SseEvent[] => [{ name: 'snapshot', data: 'now' }]
  app.get('/', (c) => {
    const address = c.req.header('x-stranger-at')
    c.set('actor', address === undefined ? session : STRANGER)
    c.set('clientAddress', address ?? '')
    return sse.open(c, { snapshot, wants: () => true, ...o })
  })
  const open = async (headers: Record<string, string> = {}, method = 'GET') => {
    const answer = await app.request('/', { method, headers })
    const reader = answer.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>
    const read = async () => {
      const { value, done } = await reader.read()
      return done ? null : new TextDecoder().decode(value)
    }
    return { answer, read, leave: () => reader.cancel() }
  }
  return { app, clock, sse, open }
}

describe('event stream', () => {
  test('begins with the snapshot, then live events, each with an id', async () => {
    const { sse, open } = setup()
    const client = await open()
    expect(client.answer.headers.get('content-type')).toBe('text/event-stream')
    expect(await client.read()).toBe('id: run1-0\nevent: snapshot\ndata: now\n\n')
    sse.publish(changed(1))
    expect(await client.read()).toBe('id: run1-1\nevent: input.changed\ndata: {"n":1}\n\n')
  })

  test('text of several lines stays one event; an event without a name has none', async () => {
    const { sse, open } = setup()
    const client = await open()
    await client.read()
    sse.publish({ topics: [], data: '<p>\r\na\nb</p>' })
    expect(await client.read()).toBe('id: run1-1\ndata: <p>\ndata: a\ndata: b</p>\n\n')
  })

  test('rights are asked for every event again', async () => {
    let allowed = true
    const { sse, open } = setup({ wants: () => allowed })
    const client = await open()
    await client.read()
    sse.publish(changed(1))
    allowed = false
    sse.publish(changed(2))
    allowed = true
    sse.publish(changed(3))
    expect(await client.read()).toContain('{"n":1}')
    expect(await client.read()).toContain('{"n":3}')
  })

  test('a comment comes every 15 s', async () => {
    const { clock, open } = setup()
    const client = await open()
    await client.read()
    clock.advance(15_000)
    expect(await client.read()).toStartWith(':')
  })

  test('what happens while a slow snapshot is read follows it', async () => {
    const { promise, resolve } = Promise.withResolvers<SseEvent[]>()
    const { sse, open } = setup({ snapshot: () => promise })
    const client = await open()
    sse.publish(changed(1))
    resolve([{ name: 'snapshot', data: 'now' }])
    expect(await client.read()).toStartWith('id: run1-0\nevent: snapshot')
    expect(await client.read()).toContain('{"n":1}')
  })

  test('a snapshot that fails ends the stream', async () => {
    const { sse, open } = setup({ snapshot: () => Promise.reject(new Error('no database')) })
    const client = await open()
    expect(await client.read()).toBeNull()
    expect(sse.clients()).toBe(0)
  })

  test('a client that leaves is forgotten', async () => {
    const { sse, open } = setup()
    const client = await open()
    await client.read()
    expect(sse.clients()).toBe(1)
    await client.leave()
    expect(sse.clients()).toBe(0)
  })

  test("the server's idle timeout is switched off for the stream, and for it alone", async () => {
    const { app } = setup()
    const timeouts: [string, number][] = []
    const server = { timeout: (request: Request, seconds: number) => timeouts.push([request.url, seconds]) }
    await app.request('/', {}, { server: server as never })
    expect(timeouts).toEqual([['http://localhost/', 0]])
  })

  test('HEAD opens no stream', async () => {
    const { sse, open } = setup()
    await open({}, 'HEAD').catch(() => 'a HEAD has no body to read')
    expect(sse.clients()).toBe(0)
  })
})

describe('resuming', () => {
  test('gets what was missed, no snapshot', async () => {
    const { sse, open } = setup()
    for (let n = 1; n <= 4; n++) sse.publish(changed(n))
    const text = (await (await open({ 'last-event-id': 'run1-2' })).read()) ?? ''
    expect([...text.matchAll(/^id: (.*)$/gm)].map((match) => match[1])).toEqual(['run1-3', 'run1-4'])
  })

  test('only what the client wants', async () => {
    const { sse, open } = setup({ wants: (event) => event.topics.includes('input:2') })
    sse.publish({ name: 'a', topics: ['input:1'], data: 1 })
    sse.publish({ name: 'b', topics: ['input:2'], data: 2 })
    const text = await (await open({ 'last-event-id': 'run1-0' })).read()
    expect(text).toBe('id: run1-2\nevent: b\ndata: 2\n\n')
  })

  test('figures are not kept, yet an id of one resumes', async () => {
    const { sse, open } = setup()
    sse.publish(changed(1))
    sse.publish({ name: 'stats', topics: [], data: 1, resumable: false })
    sse.publish(changed(3))
    const text = (await (await open({ 'last-event-id': 'run1-0' })).read()) ?? ''
    expect(text).not.toContain('stats')
    expect(await (await open({ 'last-event-id': 'run1-2' })).read()).toStartWith('id: run1-3')
  })

  test('who missed nothing waits for the next event', async () => {
    const { sse, open } = setup()
    sse.publish(changed(1))
    const client = await open({ 'last-event-id': 'run1-1' })
    sse.publish(changed(2))
    expect(await client.read()).toStartWith('id: run1-2')
  })

  test('of a snapshot of several, the last alone is one to resume from', async () => {
    const events = ['a', 'b', 'c'].map((data) => ({ name: 'snapshot', data }))
    const { sse, open } = setup({ snapshot: () => events })
    sse.publish(changed(1))
    const text = (await (await open()).read()) ?? ''
    const ids = [...text.matchAll(/^id: (.*)$/gm)].map((match) => match[1] ?? '')
    expect(ids).toEqual(['run1-1.1', 'run1-1.2', 'run1-1'])
    sse.publish(changed(2))
    for (const id of ids.slice(0, 2))
      expect(await (await open({ 'last-event-id': id })).read()).toBe(text.replaceAll('run1-1', 'run1-2'))
    expect(await (await open({ 'last-event-id': 'run1-1' })).read()).toStartWith('id: run1-2\nevent: input.changed')
  })

  test('ids say nothing to strangers of how much happens, yet they resume from them', async () => {
    const { sse, open } = setup({ wants: ({ topics }) => topics.includes('theirs') })
    const theirs = (n: number) => sse.publish({ name: 'theirs', topics: ['theirs'], data: n })
    const stranger = { 'x-stranger-at': '192.0.2.1' }
    const client = await open(stranger)
    const ids: string[] = []
    for (let n = 1; n <= 3; n++) {
      const [, id = ''] = /^id: (.*)$/m.exec((await client.read()) ?? '') ?? []
      ids.push(id)
      sse.publish(changed(n))
      theirs(n)
    }
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(new Set(ids).size).toBe(3)
    const resumed = (await (await open({ ...stranger, 'last-event-id': ids[1] ?? '' })).read()) ?? ''
    expect([...resumed.matchAll(/^data: (.*)$/gm)].map((match) => match[1])).toEqual(['2', '3'])
    for (const id of ['run1-2', ids[1]?.replace(/^../, '00') ?? '', '0'.repeat(32)])
      expect(await (await open({ ...stranger, 'last-event-id': id })).read()).toContain('event: snapshot')
    const [inside] = ids
    expect(await (await open({ 'last-event-id': inside ?? '' })).read()).toContain('event: snapshot')
  })

  test.each(['run0-1', 'run1-99', 'nonsense', '', 'run1--1', 'run1-1-1'])('the id "%s" gets a snapshot', async (id) => {
    const { sse, open } = setup()
    sse.publish(changed(1))
    expect(await (await open({ 'last-event-id': id })).read()).toContain('event: snapshot')
  })

  test('an id that is too old gets a snapshot', async () => {
    const { sse, open } = setup()
    for (let n = 1; n <= 1002; n++) sse.publish(changed(n))
    expect(await (await open({ 'last-event-id': 'run1-1' })).read()).toContain('event: snapshot')
    expect(await (await open({ 'last-event-id': 'run1-2' })).read()).toStartWith('id: run1-3\n')
  })

  test('large events push old ones out by their bytes', async () => {
    const { sse, open } = setup()
    for (let n = 1; n <= 10; n++) sse.publish({ name: 'big', topics: [], data: 'x'.repeat(1024 * 1024) })
    expect(await (await open({ 'last-event-id': 'run1-5' })).read()).toContain('event: snapshot')
  })
})

describe('limits', () => {
  test('a client that does not read is closed, the others go on', async () => {
    const { sse, open } = setup()
    const slow = await open()
    const good = await open()
    await good.read()
    for (let n = 1; n <= 100; n++) {
      sse.publish(changed(n))
      expect(await good.read()).toContain(`{"n":${n}}`)
    }
    expect(sse.clients()).toBe(1)
    let last: string | null = ''
    let chunks = 0
    for (; last !== null; chunks++) last = await slow.read()
    expect(chunks).toBeLessThanOrEqual(66)
  })

  test('the 501st stream is refused for now', async () => {
    const { sse, open } = setup()
    for (let i = 0; i < 500; i++) await open()
    expect((await open()).answer.status).toBe(503)
    expect(sse.clients()).toBe(500)
  })

  test('a session that ends takes its stream along within a second, however quiet it is', async () => {
    let isSignedIn = true
    const { sse, open, clock } = setup({}, { isCurrent: () => isSignedIn })
    const client = await open()
    await client.read()
    clock.advance(5000)
    expect(sse.clients()).toBe(1)
    isSignedIn = false
    clock.advance(1000)
    expect([await client.read(), sse.clients()]).toEqual([null, 0])
  })

  test('an event that comes sooner is not told any more', async () => {
    let isSignedIn = true
    const { sse, open } = setup({}, { isCurrent: () => isSignedIn })
    const client = await open()
    await client.read()
    isSignedIn = false
    sse.publish(changed(1))
    expect([await client.read(), sse.clients()]).toEqual([null, 0])
  })

  test('who is told otherwise than when it began begins anew, with a snapshot, and so does everybody else', async () => {
    let isAsOpened = true
    const { sse, open, clock } = setup({ isAsOpened: () => isAsOpened })
    const client = await open()
    await client.read()
    sse.publish(changed(1))
    await client.read()
    isAsOpened = false
    clock.advance(999)
    expect([await client.read(), sse.clients()]).toEqual([null, 0])
    isAsOpened = true
    expect(await (await open({ 'last-event-id': 'run1-1' })).read()).toContain('event: snapshot')
  })

  test('strangers have 50 places for each address and 300 in all; those who are signed in have theirs', async () => {
    const { app, sse, open } = setup({}, { maxPerClient: 200 })
    const at = async (address: string) => {
      const answer = await app.request('/', { headers: { 'x-stranger-at': address } })
      return answer.status === 200 ? 200 : answer.text()
    }
    for (let i = 0; i < 50; i++) expect(await at(`2001:db8:0:1::${i}`)).toBe(200)
    expect(await at('2001:db8:0:1:2:3:4:5')).toBe('events.limited')
    for (let n = 0; n < 250; n++) expect(await at(`192.0.2.${n % 5}`)).toBe(200)
    expect(await at('192.0.2.99')).toBe('events.unavailable')
    for (let i = 0; i < 200; i++) expect((await open()).answer.status).toBe(200)
    expect(sse.clients()).toBe(500)
  })

  test('close ends every stream and refuses new ones', async () => {
    const { sse, open } = setup()
    const client = await open()
    await client.read()
    sse.close()
    expect(await client.read()).toBeNull()
    sse.publish(changed(1))
    expect(sse.clients()).toBe(0)
    expect((await open()).answer.status).toBe(503)
  })

  test('where nothing is resumed, a client that comes back gets a snapshot, and is told how soon to come back', async () => {
    const { sse, open } = setup({}, { resumes: false, retryMs: 700 })
    sse.publish(changed(1))
    const client = await open({ 'last-event-id': 'run1-1' })
    expect(await client.read()).toBe('retry: 700\nid: run1-1\nevent: snapshot\ndata: now\n\n')
  })

  test('what nobody asked for is known before it is made', async () => {
    const { sse, open } = setup({ wants: (event) => event.topics.includes('inputs') })
    expect(sse.isWanted(['inputs'])).toBeFalse()
    const client = await open()
    expect(sse.isWanted(['inputs'])).toBeTrue()
    expect(sse.isWanted(['system'])).toBeFalse()
    await client.leave()
    expect(sse.isWanted(['inputs'])).toBeFalse()
  })
})
