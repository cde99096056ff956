/** @jsxImportSource hono/jsx */
import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { AppError, type ErrorKind } from '../../../src/errors.ts'
import { endpoint } from '../../../src/http/endpoint.ts'
import { createKeyAuth } from '../../../src/http/key-auth.ts'
import { reply } from '../../../src/http/reply.tsx'
import type { Route } from '../../../src/http/router.ts'
import { createHttp } from '../../../src/http/server.ts'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/lib/log.ts'

const tag = 'things'
const HTML = { accept: 'text/html' }
const HTMX = { accept: 'text/html', 'hx-request': 'true' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const pageFiles = { cssUrl: '/static/app.1.css', jsUrl: '/static/app.1.js', iconUrl: '/static/favicon.1.svg' }

const routes: Route[] = [
  {
    method: 'GET',
    path: '/api/thing',
    access: 'public',
    endpoint: endpoint({
      summary: 'one',
      tag,
      handle: ({ c }) => reply(c, { json: { name: 'a' }, fragment: <b id="thing">{'<a>'}</b> }),
    }),
  },
  {
    method: 'POST',
    path: '/api/things',
    access: 'public',
    endpoint: endpoint({
      summary: 'new',
      tag,
      body: z.strictObject({ name: z.string().min(3, 'At least 3 letters.'), stream_key: z.string().optional() }),
      form: { name: 'name', stream_key: 'secret' },
      status: 201,
      invalidFragment: ({ errors, typed }) => (
        <form id="form">
          <input name="name" value={typed['name']} />
          <p>{errors.map((error) => `${error.path}: ${error.message}`)}</p>
          <i>{Object.keys(typed).join()}</i>
        </form>
      ),
      handle({ c, body }) {
        if (body.name === 'taken') throw new AppError({ kind: 'conflict', code: 'x.taken', message: 'Taken already.' })
        return reply(c, {
          json: body,
          status: 201,
          location: '/api/things/1',
          fragment: () => <b>{body.name}</b>,
          redirect: '/things/1',
          toast: { text: `“${body.name}” is there` },
        })
      },
    }),
  },
  {
    method: 'DELETE',
    path: '/api/things/:id',
    access: 'public',
    endpoint: endpoint({
      summary: 'gone',
      tag,
      handle: ({ c }) =>
        reply(c, { json: undefined, status: 204, fragment: <></>, redirect: '/', leave: c.req.query('leave') === '1' }),
    }),
  },
  {
    method: 'GET',
    path: '/fail/:kind',
    access: 'public',
    endpoint: endpoint({
      summary: 'bad',
      tag,
      handle({ c }) {
        throw new AppError({ kind: c.req.param('kind') as ErrorKind, code: 'x', message: 'Why it is <so>.' })
      },
    }),
  },
]

const http = createHttp({
  routes,
  keys: createKeyAuth({ key: 'k', clock: createManualClock() }),
  pageFiles,
  publicUrl: null,
  trustedProxies: [],
  clock: createManualClock(),
  log: createLog({ level: 'error', format: 'json', write: () => undefined }),
})
const ask = (path: string, init: RequestInit = {}) => http.fetch(new Request(`http://weir.local${path}`, init))
const post = (headers: Record<string, string>, body: string) =>
  ask('/api/things', { method: 'POST', headers: { ...FORM, ...headers }, body })

describe('one resource, two faces', () => {
  test('JSON to programs', async () => {
    const answer = await ask('/api/thing')
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(await answer.json()).toEqual({ name: 'a' })
  })
  test('a fragment to those who name HTML, escaped', async () => {
    const answer = await ask('/api/thing', { headers: HTML })
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(answer.headers.get('vary')).toBe('Accept, HX-Request, Accept-Encoding')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.text()).toBe('<b id="thing">&lt;a&gt;</b>')
  })
})

describe('after a change', () => {
  test('a plain form comes back to its page', async () => {
    const answer = await post(HTML, 'name=Anna')
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/things/1'])
  })
  test('HTMX gets the fragment with the true status, and a toast in letters of ASCII', async () => {
    const answer = await post(HTMX, 'name=Zoë')
    expect(answer.status).toBe(201)
    expect(answer.headers.get('location')).toBe('/api/things/1')
    const trigger = answer.headers.get('hx-trigger') ?? ''
    expect(trigger).toMatch(/^[ -~]+$/)
    expect(JSON.parse(trigger)).toEqual({ toast: { text: '“Zoë” is there', target: '#toasts' } })
    expect(await answer.text()).toBe('<b>Zoë</b>')
  })
  test('what is gone leaves its place empty, or the page that was about it', async () => {
    const there = await ask('/api/things/1', { method: 'DELETE', headers: HTMX })
    expect([there.status, await there.text()]).toEqual([200, ''])
    const away = await ask('/api/things/1?leave=1', { method: 'DELETE', headers: HTMX })
    expect([away.status, away.headers.get('hx-redirect')]).toEqual([204, '/'])
    const program = await ask('/api/things/1', { method: 'DELETE' })
    expect([program.status, program.headers.get('hx-redirect')]).toEqual([204, null])
  })
})

describe('a refused form', () => {
  test('comes again with its messages and what was typed, never a secret', async () => {
    const answer = await post(HTMX, 'name=A%22&stream_key=s3cret')
    expect(answer.status).toBe(422)
    expect(answer.headers.get('hx-retarget')).toBeNull()
    const text = await answer.text()
    expect(text).toContain('value="A&quot;"')
    expect(text).toContain('name: At least 3 letters.')
    expect(text).toContain('<i>name</i>')
    expect(text).not.toContain('s3cret')
  })
  test('also where something else is in the way', async () => {
    const answer = await post(HTMX, 'name=taken')
    expect(answer.status).toBe(409)
    expect(await answer.text()).toContain(': Taken already.')
  })
  test('stands on a page of its own without JavaScript', async () => {
    const answer = await post(HTML, 'name=A')
    expect(answer.status).toBe(422)
    const text = await answer.text()
    expect(text).toStartWith('<!doctype html><html lang="en">')
    expect(text).toContain('href="/static/app.1.css"')
    expect(text).toContain('<form id="form">')
  })
  test('stays a problem for programs', async () => {
    const answer = await post({}, 'name=A')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })
})

describe('errors in HTML', () => {
  test('HTMX shows a message apart and leaves the page as it is', async () => {
    const answer = await ask('/fail/conflict', { headers: HTMX })
    expect([answer.status, answer.headers.get('hx-retarget'), answer.headers.get('hx-reswap')]).toEqual([
      409,
      '#toasts',
      'beforeend',
    ])
    const text = await answer.text()
    expect(text).toContain('class="problem"')
    expect(text).toContain('Why it is &lt;so&gt;.')
    expect(text).not.toContain('<html')
  })

  const pages: [ErrorKind, number][] = [
    ['forbidden', 403],
    ['not_found', 404],
    ['too_large', 413],
    ['invalid', 422],
    ['busy', 429],
    ['internal', 500],
    ['unavailable', 503],
  ]
  test.each(pages)('a browser gets a page: %s', async (kind, status) => {
    const answer = await ask(`/fail/${kind}`, { headers: HTML })
    expect(answer.status).toBe(status)
    const text = await answer.text()
    expect(text).toStartWith('<!doctype html>')
    expect(text).toContain(answer.headers.get('x-request-id') ?? 'no id')
    expect(text.includes('Try again')).toBe(status === 429 || status >= 500)
  })
  test('a wrong method gets a page and Allow', async () => {
    const answer = await ask('/fail/x', { method: 'POST', headers: HTML })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect(await answer.text()).toStartWith('<!doctype html>')
  })

  test('a stranger who looks for a page is sent to sign in', async () => {
    const answer = await ask('/fail/unauthorized?a=1', { headers: HTML })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/login?next=%2Ffail%2Funauthorized%3Fa%3D1'])
  })
  test('whose session ended under an open page finds the way back to it', async () => {
    const headers = { ...HTMX, 'hx-current-url': 'http://weir.local/inputs/3' }
    const answer = await ask('/fail/unauthorized', { headers })
    expect(answer.status).toBe(401)
    expect(await answer.text()).toContain('href="/login?next=%2Finputs%2F3"')
  })
  test('an address of another site leads nowhere', async () => {
    const headers = { ...HTMX, 'hx-current-url': 'http://evil.example//evil.example' }
    const answer = await ask('/fail/unauthorized', { headers })
    expect(await answer.text()).toContain('href="/login"')
  })
})

describe('the theme and compression of a page', () => {
  test('the cookie decides the first paint', async () => {
    const page = await ask('/fail/not_found', { headers: { ...HTML, cookie: 'theme=dark' } })
    expect(await page.text()).toContain('<html lang="en" data-theme="dark">')
    const other = await ask('/fail/not_found', { headers: { ...HTML, cookie: 'theme="><script>' } })
    expect(await other.text()).toContain('<html lang="en">')
  })
  test.each([
    ['gzip, deflate, br', 'gzip'],
    ['br;q=1, gzip;q=0.5', 'gzip'],
    ['gzip;q=0', null],
    ['identity', null],
  ])('%s', async (accepted, encoding) => {
    const answer = await ask('/fail/not_found', { headers: { ...HTML, 'accept-encoding': accepted } })
    expect(answer.headers.get('content-encoding')).toBe(encoding)
    const bytes = new Uint8Array(await answer.arrayBuffer())
    const text = new TextDecoder().decode(encoding ? Bun.gunzipSync(bytes) : bytes)
    expect(text).toStartWith('<!doctype html>')
  })
})
