import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runWeir } from '../support/command.ts'
import { within } from '../support/waiting.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

const FORM = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }
let weir: Weir

/** One server for all; wrong keys come from here alone, so the tests that send many run last. */
beforeAll(async () => {
  weir = await startWeir({ env: { TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'debug' } })
})
afterAll(() => weir[Symbol.asyncDispose]())

type Headers_ = Record<string, string>
const ask = (method: string, path: string, headers: Headers_ = {}, body?: string) =>
  fetch(weir.url + path, { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body }) })
const post = (body: Record<string, unknown>, headers: Headers_ = {}) =>
  ask('POST', '/api/session', { 'content-type': 'application/json', ...headers }, JSON.stringify(body))
const submit = (fields: Headers_, headers: Headers_ = {}) =>
  ask('POST', '/api/session', { ...FORM, ...headers }, String(new URLSearchParams(fields)))
const cookieOf = (answer: Response) => (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code]

async function signIn(): Promise<{ cookie: string }> {
  const answer = await post({ key: TEST_KEY })
  expect(answer.status).toBe(201)
  return { cookie: cookieOf(answer) }
}
const statusWith = async (headers: Headers_) => (await ask('GET', '/api/inputs', headers)).status

/** A link as the command line makes it, and the token in it. */
async function makeLink() {
  const run = await runWeir(['link'], { DATA_DIR: weir.dataDir, PORT: new URL(weir.url).port })
  expect(run).toMatchObject({ code: 0, stderr: '' })
  const url = new URL(run.stdout.trim())
  return { path: url.pathname + url.search, token: url.searchParams.get('token') ?? '' }
}

describe('a session', () => {
  test('who am I: stranger, key, session', async () => {
    const who = async (headers: Headers_ = {}) => (await ask('GET', '/api/session', headers)).json()
    expect(await who()).toEqual({ user: null, role: null, scopes: [], via: 'anonymous' })
    expect(await who({ 'x-api-key': TEST_KEY })).toMatchObject({ role: 'admin', via: 'key' })
    const session = { user: null, role: 'admin', scopes: ['read', 'images', 'operate', 'admin'], via: 'session' }
    expect(await who(await signIn())).toEqual(session)
  })

  test('the cookie opens what the key opens; without it the door is shut', async () => {
    const session = await signIn()
    expect(await statusWith(session)).toBe(200)
    expect(await statusWith({})).toBe(401)
    expect(await statusWith({ cookie: `${session.cookie}x` })).toBe(401)
    expect(await statusWith({ cookie: 'weir_session=' })).toBe(401)
  })

  test('a wrong key beside a good cookie is a wrong key', async () => {
    expect(await statusWith({ ...(await signIn()), 'x-api-key': 'wrong' })).toBe(401)
  })

  test('signed out: void at once and everywhere, other sessions stay, also over a restart', async () => {
    const [mine, other] = [await signIn(), await signIn()]
    const out = await ask('DELETE', '/api/session', mine)
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      204,
      expect.stringContaining('weir_session=; Max-Age=0'),
    ])
    expect([await statusWith(mine), await statusWith(other)]).toEqual([401, 200])
    await weir.end('SIGTERM')
    await weir.start()
    expect([await statusWith(mine), await statusWith(other)]).toEqual([401, 200])
    expect((await ask('DELETE', '/api/session')).status).toBe(204)
  })

  test('signing in again ends the session that this browser had', async () => {
    const first = await signIn()
    const answer = await post({ key: TEST_KEY }, first)
    expect(await statusWith(first)).toBe(401)
    expect(await statusWith({ cookie: cookieOf(answer) })).toBe(200)
  })

  test('an open event stream ends within a second of its session', async () => {
    const session = await signIn()
    const events = await fetch(`${weir.url}/api/events?topics=input:1`, { headers: session })
    expect(events.status).toBe(404)
    const stream = await fetch(`${weir.url}/api/events?topics=inputs`, { headers: session })
    const reader = stream.body!.getReader()
    await reader.read()
    const began = performance.now()
    await ask('DELETE', '/api/session', session)
    const ended = (async () => {
      while (!(await reader.read()).done);
    })()
    await within(5000, 'the stream ends', ended)
    expect(performance.now() - began).toBeLessThan(2500)
  })

  test('its acts stand in the history under a name', async () => {
    const session = await signIn()
    const headers = { ...session, 'content-type': 'application/json' }
    const made = await ask('POST', '/api/inputs', headers, '{"name":"By hand","kind":"udp","enabled":false}')
    expect(made.status).toBe(201)
    const { id } = (await made.json()) as { id: number }
    const { items } = await weir.ok<{ items: { actor: string }[] }>('GET', `/api/inputs/${id}/events`)
    expect(items[0]?.actor).toBe('operator')
  })
})

describe('the sign-in page', () => {
  test('asks for the key; a good one leads on', async () => {
    const page = await ask('GET', '/login?next=/inputs/3')
    expect([page.status, page.headers.get('cache-control'), page.headers.get('referrer-policy')]).toEqual([
      200,
      'no-store',
      'strict-origin',
    ])
    const html = await page.text()
    expect(html).toContain('name="key"')
    expect(html).toContain('value="/inputs/3"')
    const answer = await submit({ key: TEST_KEY, next: '/inputs/3' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/inputs/3'])
    const back = await ask('GET', '/login?next=/system', { cookie: cookieOf(answer) })
    expect([back.status, back.headers.get('location')]).toEqual([302, '/system'])
  })

  test.each(['https://evil.example/', '//evil.example', '/\\evil.example', '/..//evil.example', '/\t/evil.example'])(
    'next=%p stays here',
    async (next) => {
      expect((await submit({ key: TEST_KEY, next })).headers.get('location')).toBe('/')
      expect(await (await ask('GET', `/login?next=${encodeURIComponent(next)}`)).text()).not.toContain('evil')
    },
  )

  test('what stands in the address is text', async () => {
    const html = await (await ask('GET', `/login?token=${encodeURIComponent('"><script>x</script>')}`)).text()
    expect(html).not.toContain('<script>x')
  })

  test('a wrong key leads back to the page, by its own address, with the message at the field', async () => {
    const answer = await submit({ key: 'not-the-key', next: '/inputs/3' })
    const location = answer.headers.get('location') ?? ''
    expect([answer.status, location]).toEqual([303, '/login?error=key&next=%2Finputs%2F3'])
    const html = await (await ask('GET', location)).text()
    expect(html).toContain('aria-invalid="true"')
    expect(html).toContain('value="/inputs/3"')
    const madeUp = await (await ask('GET', '/login?error=call+this+number')).text()
    expect(madeUp).not.toMatch(/call this number|role="alert"|aria-invalid/)
  })

  test('a key that was copied with its line end is the key', async () => {
    expect((await submit({ key: ` ${TEST_KEY}\r\n` })).headers.get('location')).toBe('/')
    expect((await post({ key: `${TEST_KEY}\n` })).status).toBe(201)
  })

  test('HTMX is sent on by its own header', async () => {
    const answer = await submit({ key: TEST_KEY, next: '/system' }, { 'hx-request': 'true' })
    expect([answer.status, answer.headers.get('hx-redirect')]).toEqual([204, '/system'])
    const out = await ask('DELETE', '/api/session', { ...FORM, 'hx-request': 'true', cookie: cookieOf(answer) })
    expect([out.status, out.headers.get('hx-redirect')]).toEqual([204, '/login'])
  })

  test('signing out by a plain form; by looking at it nothing ends', async () => {
    const session = await signIn()
    expect((await ask('GET', '/logout', session)).status).toBe(404)
    const out = await ask('POST', '/logout', { ...FORM, ...session })
    expect([out.status, out.headers.get('location'), out.headers.get('set-cookie')]).toEqual([
      303,
      '/login',
      expect.stringContaining('Max-Age=0'),
    ])
    expect(await statusWith(session)).toBe(401)
  })
})

describe('the sign-in link', () => {
  test('looking spends nothing; pressing signs in, once', async () => {
    const { path, token } = await makeLink()
    for (let i = 0; i < 3; i++) {
      const page = await ask('GET', path)
      expect([page.status, page.headers.get('set-cookie'), page.headers.get('referrer-policy')]).toEqual([
        200,
        null,
        'strict-origin',
      ])
      expect(await page.text()).toContain(`value="${token}"`)
    }
    const answer = await submit({ token, next: '/' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/'])
    expect(await statusWith({ cookie: cookieOf(answer) })).toBe(200)
    const again = await submit({ token, next: '/' })
    expect([again.status, again.headers.get('set-cookie'), again.headers.get('location')]).toEqual([
      303,
      null,
      '/login?error=link',
    ])
    for (const used of ['/login?error=link', path]) {
      const html = await (await ask('GET', used)).text()
      expect(html).toContain('This link is used up')
      expect(html).toContain('name="key"')
      expect(html).not.toContain(token)
    }
  })

  test('a new link makes the last one void', async () => {
    const [old, now] = [await makeLink(), await makeLink()]
    expect(await codeOf(await post({ token: old.token }))).toEqual([401, 'session.refused'])
    expect((await post({ token: now.token })).status).toBe(201)
  })

  test('no token is in the log, nor is a key or a cookie', async () => {
    const { token, path } = await makeLink()
    await ask('GET', path)
    const answer = await post({ token })
    const log = weir.lines.join('\n')
    expect(log).toContain('/api/session')
    for (const secret of [token, TEST_KEY, cookieOf(answer).split('=')[1]!]) expect(log).not.toContain(secret)
  })

  test('no link where no Weir has run', async () => {
    const run = await runWeir(['link'], { DATA_DIR: join(weir.dataDir, 'nothing') })
    expect([run.code, run.stdout]).toEqual([1, ''])
    expect(run.stderr).toContain('DATA_DIR')
  })
})

describe('pages of other sites', () => {
  const CROSS = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  ] as Headers_[]

  test.each(CROSS)('%p changes nothing with a cookie', async (headers) => {
    const session = await signIn()
    for (const [method, path] of [
      ['POST', '/api/inputs'],
      ['DELETE', '/api/session'],
      ['POST', '/api/session'],
    ] as const)
      expect(await codeOf(await ask(method, path, { ...session, ...headers }))).toEqual([403, 'cross_origin'])
    expect(await statusWith(session)).toBe(200)
  })

  test('reads nothing with it either, but may link to a page', async () => {
    const session = await signIn()
    expect(await statusWith({ ...session, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' })).toBe(401)
    expect(await statusWith({ ...session, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' })).toBe(401)
    expect(await statusWith({ ...session, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toBe(200)
    expect(await statusWith({ ...session, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })).toBe(200)
  })
})

describe('refused', () => {
  test('both or neither is 422, as is an unknown field', async () => {
    for (const body of [{}, { key: 'a', token: 'b' }, { key: 'a', role: 'admin' }])
      expect((await post(body)).status).toBe(422)
  })

  test('one answer for every wrong secret; then a pause, for this address alone', async () => {
    const from = (address: string) => ({ 'x-forwarded-for': address })
    const answers: unknown[] = []
    for (let i = 0; i < 5; i++) {
      answers.push(await codeOf(await post({ key: 'wrong' }, from('192.0.2.7'))))
      answers.push(await codeOf(await post({ token: 'wrong' }, from('192.0.2.7'))))
    }
    expect(answers).toEqual(Array(10).fill([401, 'session.refused']))
    const limited = await post({ key: 'wrong' }, from('192.0.2.7'))
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await codeOf(limited)).toEqual([429, 'auth.limited'])
    // A key in a header counts with them; the right one passes.
    expect(await statusWith({ ...from('192.0.2.7'), 'x-api-key': 'wrong' })).toBe(429)
    expect(await statusWith({ ...from('192.0.2.7'), 'x-api-key': TEST_KEY })).toBe(200)
    const page = await submit({ key: 'wrong' }, from('192.0.2.7'))
    const location = page.headers.get('location') ?? ''
    expect([page.status, location]).toEqual([303, expect.stringMatching(/^\/login\?error=wait&wait_seconds=\d+$/)])
    expect(await (await ask('GET', location)).text()).toMatch(/or wait \d+ s/)
    expect((await post({ key: 'wrong' }, from('192.0.2.8'))).status).toBe(401)
    expect((await post({ key: TEST_KEY }, from('192.0.2.7'))).status).toBe(201)
  })
})

test('the address is https: the cookie is Secure', async () => {
  await using other = await startWeir({ env: { PUBLIC_URL: 'https://weir.example' } })
  const answer = await fetch(`${other.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'https://weir.example' },
    body: JSON.stringify({ key: TEST_KEY }),
  })
  expect(answer.headers.get('set-cookie')).toEndWith('; Path=/; HttpOnly; SameSite=Lax; Secure')
})

test('each start prints a link until somebody has set it up; it leads to the setup page', async () => {
  await using other = await startWeir({ env: { API_KEY: '' } })
  const url = /\S+\/login\?token=\S+/.exec(other.lines[1] ?? '')?.[0] ?? ''
  expect(url).toStartWith(other.url)
  const token = new URL(url).searchParams.get('token')
  const visit = async (path: string) => {
    const answer = await fetch(other.url + path, { redirect: 'manual', headers: { accept: 'text/html' } })
    return answer.headers.get('location') ?? answer.status
  }
  expect(await visit('/')).toBe('/login')
  expect(await visit('/login')).toBe('/setup')
  expect(await visit(`/login?token=${token}`)).toBe(`/setup?token=${token}`)
  expect(await visit('/login?with=key')).toBe(200)
  const links = () => other.lines.filter((line) => line.includes('token='))
  await other.end('SIGTERM')
  await other.start()
  expect(links()).toHaveLength(2)
  const fresh = new URL(/\S+\/login\?token=\S+/.exec(links()[1] ?? '')?.[0] ?? '').searchParams.get('token')
  const set = async (token: string | null) => {
    const body = { token, email: 'ruth@example.org', name: 'Ruth', password: 'seven swans a-swimming' }
    const headers = { 'content-type': 'application/json' }
    return (await fetch(`${other.url}/api/setup`, { method: 'POST', headers, body: JSON.stringify(body) })).status
  }
  expect([await set(token), await set(fresh), await set(fresh)]).toEqual([401, 201, 404])
  expect([await visit('/login'), await visit('/setup')]).toEqual([200, 404])
  await other.end('SIGTERM')
  await other.start()
  expect(links()).toHaveLength(2)
  expect(readFileSync(join(other.dataDir, 'api-key'), 'utf8').trim()).not.toBe('')
})
