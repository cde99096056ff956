import { afterAll, beforeAll, expect, test } from 'bun:test'
import { isPlainLine } from '../../src/lib/fields.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'

let app: ApiApp
beforeAll(async () => {
  app = await createApiApp({ maxPerInput: 100, udp: { start: 20_000, end: 40_000 } })
  await app.input({ name: 'Target' })
  await app.output(1, { name: 'Target', url: 'rtmp://h.example/app/key' })
})
afterAll(() => app?.[Symbol.asyncDispose]())

/** Random numbers that are the same at every run (xorshift32), so that a failure can be had again. */
function seeded(seed: number) {
  let state = seed
  return (below: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const INJECTIONS = [
  'x\n-i /etc/passwd',
  'x\r\nHost: evil',
  'x\u0000y',
  'x\u2028y',
  'x\u0085y',
  '\ud800',
  '; reboot',
  '$(reboot)',
  '`reboot`',
  '| tee /tmp/x',
  '-y /tmp/x',
  '"><script>',
  "' or 1=1 --",
  '%0a-i',
  '[f=flv]tcp://x',
  '../../etc/passwd',
  '__proto__',
]
const TEXT_FIELDS = {
  input: ['name', 'bind_address', 'path', 'kind', 'on_loss', 'udp_port', 'program', 'loss_ms', 'enabled'],
  output: ['name', 'url', 'stream_key', 'username', 'password', 'passphrase', 'protocol', 'engine', 'reconnect_delay'],
  options: ['stream_id', 'interface', 'latency_ms', 'ttl', 'pkt_size', 'video', 'audio', 'tls_verify'],
}

/** Everything the workers are asked for, as one text. */
const wanted = () => JSON.stringify(app.media.wanted())

test('no injection in any field becomes anything but a refusal or the same plain text', async () => {
  let n = 0
  for (const text of INJECTIONS) {
    const bodies = [
      ...TEXT_FIELDS.input.map((field) => ['/api/inputs', { name: `i${n++}`, enabled: false, [field]: text }] as const),
      ['/api/inputs', { name: `i${n++}`, enabled: false, allow_from: [text] }] as const,
      ...TEXT_FIELDS.output.map(
        (field) =>
          ['/api/inputs/1/outputs', { name: `o${n++}`, url: 'rtmp://h/app', enabled: false, [field]: text }] as const,
      ),
      ...['srt://h:1', 'udp://239.0.0.1:1'].flatMap((url) =>
        TEXT_FIELDS.options.map(
          (field) =>
            ['/api/inputs/1/outputs', { name: `o${n++}`, url, enabled: false, options: { [field]: text } }] as const,
        ),
      ),
      ...['rtmp://h/app/', 'rtmp://h/', 'rtmp://', 'srt://h:1?streamid=', 'udp://h:1?', 'udp://'].map(
        (start) => ['/api/inputs/1/outputs', { name: `o${n++}`, url: start + text, enabled: false }] as const,
      ),
    ]
    for (const [path, body] of bodies) {
      const answer = await app.call('POST', path, body)
      expect({ body, status: answer.status }).toSatisfy(
        ({ status }) => status === 201 || (status >= 400 && status < 500),
      )
      if (answer.status !== 201) continue
      const { id } = answer.json as { id: number }
      // What was taken is one plain line everywhere, and no host, port or number came out of it.
      expect(isPlainLine(text)).toBe(true)
      expect(wanted()).not.toMatch(/\\n|\\r|\\u0000/)
      await app.ok('DELETE', `${path}/${id}`)
    }
  }
}, 60_000)

test('no name of the prototype is a field', async () => {
  for (const raw of [
    '{"name":"p","__proto__":{"x":1}}',
    '{"name":"p","constructor":{}}',
    '{"__proto__":{"name":"p"}}',
  ]) {
    const response = await app.fetch('/api/inputs', {
      method: 'POST',
      body: raw,
      headers: { 'content-type': 'application/json' },
    })
    expect([raw, response.status]).toEqual([raw, 422])
  }
})

test('500 random bodies, ids and queries: only 2xx and 4xx, nothing of the inside, and all goes on', async () => {
  const below = seeded(42)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!
  const scalars = [
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    '',
    'x',
    '5000',
    'x'.repeat(3000),
    [],
    {},
    [null],
    { a: { b: {} } },
    ...INJECTIONS,
  ]
  const keys = [...TEXT_FIELDS.input, ...TEXT_FIELDS.output, 'options', 'allow_from', 'id', 'stats', 'constructor', '']
  const value = (depth: number): unknown => {
    if (depth > 2 || below(3) > 0) return pick(scalars)
    return Object.fromEntries(Array.from({ length: below(4) }, () => [pick(keys), value(depth + 1)]))
  }
  const ids = ['1', '1', '2', '0', '-1', '1e3', '0x1', '99999999999999999999', 'abc', '%00', '1%2F..', '1;drop', '٣']
  const paths = () => {
    const id = pick(ids)
    const oid = pick(ids)
    return pick([
      '/api/inputs',
      `/api/inputs/${id}`,
      `/api/inputs/${id}/${pick(['start', 'stop', 'restart', 'switch', 'publish-key', 'nope'])}`,
      `/api/inputs/${id}/outputs`,
      `/api/inputs/${id}/outputs/${oid}`,
      `/api/inputs/${id}/outputs/${oid}/${pick(['start', 'stop', 'duplicate', 'logs', 'nope'])}`,
      `/api/inputs/${id}/events?${pick(['limit', 'cursor', 'from', 'type', 'x'])}=${encodeURIComponent(String(pick(scalars)).toWellFormed())}`,
      `/api/inputs/${id}/history?minutes=${pick(['0', '11', 'x', '1e9', '-1', '5'])}`,
      `/api/events?topics=${pick(['x', 'input:x', 'log:-1', ',,', 'input:999'])}`,
    ])
  }
  const raws = [
    '{',
    '[',
    '"',
    'null',
    '[]',
    '1',
    '{"a":}',
    '\u0000',
    `${'['.repeat(500)}${']'.repeat(500)}`,
    '{"name":"a","name":',
  ]
  const types = [
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data',
    '',
    'application/json; charset=x',
  ]
  const counts: Record<number, number> = {}
  for (let i = 0; i < 500; i++) {
    const method = pick(['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'POST', 'PATCH'])
    const body = below(5) === 0 ? pick(raws) : JSON.stringify(value(0))
    const path = paths()
    const init = method === 'GET' ? {} : { body, headers: { 'content-type': pick(types) } }
    const response = await app.fetch(path, { method, ...init })
    const isStream = response.headers.get('content-type') === 'text/event-stream'
    const text = isStream ? '' : await response.text()
    if (isStream) await response.body?.cancel()
    counts[response.status] = (counts[response.status] ?? 0) + 1
    expect({ i, method, path, body, status: response.status }).toSatisfy(({ status }) => status < 500)
    if (response.status < 400) continue
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(text).not.toMatch(/node_modules|\/src\/|\.ts:\d|SQLITE|ZodError|select |insert /)
  }
  expect(Object.keys(counts).length).toBeGreaterThan(4)
  expect((await app.call('GET', '/api/inputs')).status).toBe(200)
}, 60_000)
