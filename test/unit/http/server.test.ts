import { describe, expect, test } from 'bun:test'
import { getCookie } from 'hono/cookie'
import { z } from 'zod'
import { AppError } from '../../../src/errors.ts'
import type { AuditEntry } from '../../../src/http/audit.ts'
import { endpoint } from '../../../src/http/endpoint.ts'
import { type Actor, type HttpContext, STRANGER } from '../../../src/http/endpoint.ts'
import { createKeyAuth } from '../../../src/http/key-auth.ts'
import { createRateLimits } from '../../../src/http/rate-limits.ts'
import { reply } from '../../../src/http/reply.tsx'
import type { Route } from '../../../src/http/router.ts'
import { createHttp, type HttpOptions } from '../../../src/http/server.ts'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/lib/log.ts'

const KEY = 'k-123'
const tag = 'things'
const params = z.object({ id: z.coerce.number().int().positive() })
const body = z.strictObject({ name: z.string().min(1), options: z.strictObject({ ttl: z.coerce.number() }).optional() })

const routes: Route[] = [
  {
    method: 'GET',
    path: '/api/things/:id',
    access: 'see',
    endpoint: endpoint({
      summary: 'one',
      tag,
      params,
      query: z.strictObject({ q: z.string().optional() }),
      handle: ({ c, params, query, actor }) => reply(c, { json: { ...params, ...query, actor: actor.name } }),
    }),
  },
  {
    method: 'DELETE',
    path: '/api/things/:id',
    access: 'see',
    endpoint: endpoint({ summary: 'gone', tag, params, handle: ({ c }) => reply(c, { json: undefined, status: 204 }) }),
  },
  {
    method: 'POST',
    path: '/api/things',
    access: 'see',
    endpoint: endpoint({
      summary: 'new',
      tag,
      body,
      status: 201,
      handle: ({ c, body }) => reply(c, { json: body, status: 201, location: '/api/things/1' }),
    }),
  },
  {
    method: 'GET',
    path: '/api/broken',
    access: 'public',
    endpoint: endpoint({
      summary: 'bug',
      tag,
      handle() {
        throw new Error('/srv/secret/path exploded')
      },
    }),
  },
  {
    method: 'GET',
    path: '/page',
    access: 'see',
    endpoint: endpoint({ summary: 'page', tag, handle: ({ c }) => reply(c, { json: {} }) }),
  },
  {
    method: 'GET',
    path: '/api/busy',
    access: 'public',
    endpoint: endpoint({
      summary: 'busy',
      tag,
      handle() {
        throw new AppError({ kind: 'unavailable', code: 'x.busy', message: 'Later.', retryAfterSeconds: 1.2 })
      },
    }),
  },
]

function setup(o: Partial<HttpOptions> = {}) {
  const lines: string[] = []
  const log = createLog({ level: 'debug', format: 'json', write: (line) => lines.push(line) })
  const clock = createManualClock()
  const keys = createKeyAuth({ key: KEY, clock })
  const person: Actor = { ...STRANGER, kind: 'session', id: 'session', name: 'operator', role: 'admin' }
  const identify = (c: HttpContext) => (getCookie(c, 'weir_session') === 'good' ? person : null)
  const sessions = { identify }
  const http = createHttp({ routes, keys, sessions, publicUrl: null, trustedProxies: [], clock, log, ...o })
  const ask = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    if (!headers.has('x-api-key')) headers.set('x-api-key', KEY)
    return http.fetch(new Request(`http://weir.local${path}`, { ...init, headers }))
  }
  const bare = (path: string, init: RequestInit = {}) => http.fetch(new Request(`http://weir.local${path}`, init))
  const post = (text: string | Uint8Array<ArrayBuffer>, type: string | null = 'application/json') =>
    ask('/api/things', { method: 'POST', body: text, headers: type === null ? {} : { 'content-type': type } })
  return { ask, bare, post, lines }
}

async function codeOf(answer: Response): Promise<[number, unknown]> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  return [answer.status, ((await answer.json()) as { code: string }).code]
}

describe('good answers', () => {
  test('params and query arrive parsed, the actor is known', async () => {
    const answer = await setup().ask('/api/things/7?q=x')
    expect(await answer.json()).toEqual({ id: 7, q: 'x', actor: 'API key' })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('vary')).toBe('Accept, HX-Request')
  })

  test('created: 201 with Location', async () => {
    const answer = await setup().post('{"name":"a"}')
    expect([answer.status, answer.headers.get('location'), await answer.json()]).toEqual([
      201,
      '/api/things/1',
      { name: 'a' },
    ])
  })

  test('204 has no body', async () => {
    const answer = await setup().ask('/api/things/7', { method: 'DELETE' })
    expect([answer.status, await answer.text()]).toEqual([204, ''])
  })

  test('HEAD answers as GET without a body', async () => {
    const answer = await setup().ask('/api/things/7', { method: 'HEAD' })
    expect([answer.status, await answer.text()]).toEqual([200, ''])
    expect(answer.headers.get('content-type')).toContain('application/json')
    const got = await setup().ask('/api/things/7')
    expect(answer.headers.get('content-length')).toBe(String((await got.arrayBuffer()).byteLength))
  })

  test('a form is as good as JSON', async () => {
    const answer = await setup().post('name=A+B&options.ttl=4', 'application/x-www-form-urlencoded; charset=utf-8')
    expect(await answer.json()).toEqual({ name: 'A B', options: { ttl: 4 } })
  })
})

describe('every answer', () => {
  test.each(['/api/things/7', '/api/things/x', '/nowhere', '/api/broken'])(
    '%s has an id and is guarded',
    async (path) => {
      const answer = await setup().ask(path)
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f]{16}$/)
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    },
  )

  test('a problem quotes the id of its answer', async () => {
    const answer = await setup().ask('/nowhere')
    const problem = (await answer.json()) as { request_id: string }
    expect(problem.request_id).toBe(answer.headers.get('x-request-id') ?? '-')
  })
})

describe('refusals', () => {
  test.each<[string, string, RequestInit, number, string]>([
    ['unknown page', '/nowhere', {}, 404, 'not_found'],
    ['unknown address of the API', '/api/nowhere', {}, 404, 'not_found'],
    ['an id that is none', '/api/things/seven', {}, 404, 'not_found'],
    ['a negative id', '/api/things/-1', {}, 404, 'not_found'],
    ['unknown query parameter', '/api/things/7?limt=5', {}, 422, 'invalid'],
    ['query parameter given twice', '/api/things/7?q=a&q=b', {}, 422, 'invalid'],
    ['another method', '/api/things', { method: 'PUT' }, 405, 'method_not_allowed'],
    [
      'another site',
      '/api/things/7',
      { method: 'DELETE', headers: { origin: 'https://evil.example' } },
      403,
      'cross_origin',
    ],
    ['wrong key', '/api/things/7', { headers: { 'x-api-key': 'no' } }, 401, 'auth.wrong_key'],
    ['busy', '/api/busy', {}, 503, 'x.busy'],
  ])('%s', async (_, path, init, status, code) => {
    expect(await codeOf(await setup().ask(path, init))).toEqual([status, code])
  })

  test('what pages of other sites try is counted and written down, by where it comes from', async () => {
    const told: AuditEntry[] = []
    const write = async (entry: AuditEntry) => void told.push(entry)
    const limits = createRateLimits({ clock: createManualClock(), perMinute: { reads: 0, writes: 2, uploads: 0 } })
    const { ask } = setup({ audit: { read: async () => null, write }, limits })
    const tried = { method: 'DELETE', headers: { origin: 'https://evil.example' } }
    const answers = [await ask('/api/things/7', tried), await ask('/nowhere', tried), await ask('/api/things/7', tried)]
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 429])
    expect(answers[2]?.headers.get('retry-after')).toBe('30')
    expect(told.map(({ action, target, code }) => [action, target, code])).toEqual([
      ['request.cross_site', '/api/things/7', 'cross_origin'],
      ['request.cross_site', '/nowhere', 'cross_origin'],
      ['request.cross_site', '/api/things/7', 'request.limited'],
    ])
    // Whoever has a key goes on.
    expect((await ask('/api/things/7', { method: 'DELETE' })).status).toBe(204)
  })

  test.each<[string, string | Uint8Array<ArrayBuffer>, string | null, number]>([
    ['not JSON', '{"name":', 'application/json', 400],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'application/json', 400],
    ['wrong type', '<a/>', 'text/xml', 415],
    ['no type', '{"name":"a"}', null, 415],
    ['multipart', 'x', 'multipart/form-data; boundary=x', 415],
    ['an array', '[]', 'application/json', 422],
    ['null', 'null', 'application/json', 422],
    ['a number', '1', 'application/json', 422],
    ['no body', '', 'application/json', 422],
    ['unknown field', '{"name":"a","nme":1}', 'application/json', 422],
    ['proto', '{"name":"a","__proto__":{"x":1}}', 'application/json', 422],
    ['wrong value', '{"name":1}', 'application/json', 422],
    ['100 levels', `{"name":"a","options":${'['.repeat(100)}${']'.repeat(100)}}`, 'application/json', 400],
    ['30,000 levels', '['.repeat(30_000) + ']'.repeat(30_000), 'application/json', 400],
    ['too long', JSON.stringify({ name: 'x'.repeat(70_000) }), 'application/json', 413],
  ])('a body: %s', async (_, text, type, status) => {
    const answer = await setup().post(text, type)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  test('a chunked body without a length is cut off at the limit, not read to its end', async () => {
    let pulled = 0
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(16 * 1024).fill(32))
      },
    })
    const headers = { 'content-type': 'application/json' }
    const answer = await setup().ask('/api/things', { method: 'POST', headers, body: stream })
    expect(answer.status).toBe(413)
    expect(pulled).toBeLessThan(10)
  })

  test('a body that says it is larger than 24 MiB is a problem like any other, wherever it goes', async () => {
    const headers = { 'content-length': String(24 * 1024 * 1024 + 1) }
    const { ask, bare } = setup()
    for (const answer of [await ask('/api/things/7', { headers }), await bare('/nowhere', { headers })]) {
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f]{16}$/)
      expect(await codeOf(answer)).toEqual([413, 'too_large'])
    }
  })

  test('405 says what is allowed', async () => {
    const { ask } = setup()
    expect((await ask('/api/things/7', { method: 'PUT' })).headers.get('allow')).toBe('DELETE, GET, HEAD')
    expect((await ask('/api/things', { method: 'GET' })).headers.get('allow')).toBe('POST')
  })

  test('503 says when to come back, in whole seconds', async () => {
    expect((await setup().ask('/api/busy')).headers.get('retry-after')).toBe('2')
  })

  test('each complaint stands at its field', async () => {
    const answer = await setup().post('{"options":{"ttl":"x","tl":1}}')
    const { errors } = (await answer.json()) as { errors: { path: string }[] }
    expect(errors.map((error) => error.path).sort()).toEqual(['name', 'options.tl', 'options.ttl'])
  })

  test('a bug shows nothing but its id, and the log has the rest', async () => {
    const { ask, lines } = setup()
    const answer = await ask('/api/broken')
    const text = await answer.text()
    expect(answer.status).toBe(500)
    expect(text).not.toContain('exploded')
    const logged = lines.find((line) => line.includes('exploded')) ?? ''
    expect(logged).toContain(answer.headers.get('x-request-id') ?? '-')
  })

  test('a browser gets the same refusal as a fragment, escaped', async () => {
    const answer = await setup().ask('/api/things', {
      method: 'POST',
      headers: { accept: 'text/html', 'content-type': 'application/json' },
      body: '{"name":"a","<script>":1}',
    })
    const html = await answer.text()
    expect(answer.status).toBe(422)
    expect(answer.headers.get('content-type')).toContain('text/html')
    expect(html).toContain('role="alert"')
    expect(html).toContain('&lt;script&gt;')
    expect(html).not.toContain('<script>')
  })
})

describe('without a key', () => {
  test.each<[string, string, number]>([
    ['/api/things/7', 'GET', 401],
    ['/api/things/x', 'GET', 401],
    ['/api/things', 'PUT', 401],
    ['/api/nowhere', 'GET', 401],
    ['/api/busy', 'GET', 503],
    ['/nowhere', 'GET', 404],
  ])('%s %s', async (path, method, status) => {
    const answer = await setup().bare(path, { method })
    expect(answer.status).toBe(status)
    if (status === 401) expect(answer.headers.get('www-authenticate')).toContain('Bearer')
  })

  test('eleven wrong keys end in 429 with Retry-After', async () => {
    const { bare } = setup()
    const wrong = () => bare('/api/things/7', { headers: { authorization: 'Bearer nope' } })
    for (let i = 0; i < 10; i++) expect((await wrong()).status).toBe(401)
    const answer = await wrong()
    expect(answer.status).toBe(429)
    expect(Number(answer.headers.get('retry-after'))).toBeWithin(1, 7)
  })

  test('each counted wrong key is a line of the log, with the address and never the key', async () => {
    const { bare, lines } = setup()
    const headers = { authorization: 'Bearer nope-1234' }
    for (let i = 0; i < 12; i++) await bare('/api/things/7', { headers })
    const warnings = lines.map((line) => JSON.parse(line)).filter((line) => line.level === 'warn')
    expect(warnings).toHaveLength(10)
    expect(warnings[0]).toMatchObject({ msg: 'a wrong password, key or link was shown', address: expect.any(String) })
    expect(lines.join()).not.toContain('nope-1234')
  })

  test('while wrong keys must wait, the right one passes', async () => {
    const { bare, ask } = setup()
    for (let i = 0; i < 11; i++) await bare('/api/things/7', { headers: { authorization: 'Bearer nope' } })
    expect((await ask('/api/things/7')).status).toBe(200)
  })

  test.each<[string, Record<string, string>]>([
    ['a wrong key', { 'x-api-key': 'nope' }],
    ["a proxy's password", { authorization: `Basic ${btoa('me:hunter2')}` }],
  ])('%s is nobody on a public route and on a page, and is not counted there', async (_, headers) => {
    const { bare } = setup()
    for (let i = 0; i < 20; i++) {
      expect((await bare('/api/busy', { headers })).status).toBe(503)
      expect((await bare('/page', { headers })).status).toBe(401)
    }
    expect(await codeOf(await bare('/api/things/7', { headers }))).toEqual([401, 'auth.wrong_key'])
  })

  test("a session counts beside a proxy's password, but not beside a wrong key", async () => {
    const { bare } = setup()
    const cookie = 'weir_session=good'
    const actor = async (headers: Record<string, string>) => (await bare('/page', { headers })).status
    expect(await actor({ cookie })).toBe(200)
    expect(await actor({ cookie, authorization: `Basic ${btoa('me:hunter2')}` })).toBe(200)
    expect(await actor({ cookie, authorization: 'Bearer nope' })).toBe(401)
  })

  test('no log line repeats a key', async () => {
    const { bare, lines } = setup()
    await bare('/api/things/7?key=hunter2', { headers: { authorization: 'Bearer hunter2' } })
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.join('\n')).not.toContain('hunter2')
  })
})
