import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { callAs, makeKey, makePerson, PASSWORD, sessionOf } from '../support/people.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

let weir: Weir
beforeAll(async () => {
  weir = await startWeir({ env: { TRUSTED_PROXIES: '127.0.0.1' } })
})
afterAll(() => weir[Symbol.asyncDispose]())

type Extra = { address: string; cookie?: string }
const post = (body: unknown, { address, cookie }: Extra) =>
  fetch(`${weir.url}/api/session`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': address,
      ...(cookie === undefined ? {} : { cookie }),
    },
    body: JSON.stringify(body),
  })
const statusOf = async (answer: Response) => {
  await answer.body?.cancel()
  return answer.status
}

describe('guessing passwords', () => {
  test('from many addresses: the account slows down, its owner still gets in from where they were before', async () => {
    const email = 'owner@example.org'
    await makePerson(weir, 'operator', 'owner')
    const owner = { address: '198.51.100.7' }
    const first = await post({ email, password: PASSWORD }, owner)
    const mark = first.headers.getSetCookie().find((cookie) => cookie.startsWith('weir_browser='))
    expect(mark).toMatch(/Path=\/api\/session; HttpOnly; SameSite=Lax/)
    const cookie = mark?.split(';')[0] ?? ''

    // 200 tries, two from each of a hundred addresses, all at once.
    const tries = Array.from({ length: 200 }, (_, i) =>
      post({ email, password: `guess number ${i}` }, { address: `203.0.113.${i % 100}` }).then(async (answer) => {
        await answer.body?.cancel()
        return [answer.status, Number(answer.headers.get('retry-after') ?? 0)] as const
      }),
    )
    const answers = await Promise.all(tries)
    const looked = answers.filter(([status]) => status === 401).length
    expect(looked).toBeGreaterThan(0)
    // Ten at once, and as many more as minutes pass on a busy machine.
    expect(looked).toBeLessThanOrEqual(13)
    const limited = answers.filter(([status]) => status === 429)
    expect(limited.length).toBe(200 - looked)
    expect(limited.every(([, seconds]) => seconds > 0)).toBe(true)

    // Who guesses the right one now is refused like all others; the owner's own browser is not.
    expect(await statusOf(await post({ email, password: PASSWORD }, { address: '203.0.113.200' }))).toBe(429)
    const back = await post({ email, password: PASSWORD }, { ...owner, cookie })
    expect(back.status).toBe(201)
    expect(
      await statusOf(await callAs(weir, { name: '', headers: { cookie: sessionOf(back) } }, 'GET', '/api/me')),
    ).toBe(200)
    // Another person's mark, or a made-up one, helps nobody.
    const forged = cookie.replace(/v1\.\d+\./, 'v1.999.')
    for (const other of [forged, 'weir_browser=v1.1.x.y'])
      expect(
        await statusOf(await post({ email, password: PASSWORD }, { address: '203.0.113.201', cookie: other })),
      ).toBe(429)
  })

  test('of many accounts from one address: the address slows down, others do not', async () => {
    await makePerson(weir, 'viewer', 'bystander')
    const from = { address: '192.0.2.50' }
    let looked = 0
    for (let i = 0; i < 60; i++)
      if ((await statusOf(await post({ email: `nobody${i}@example.org`, password: 'a guess of mine' }, from))) === 401)
        looked++
    expect(looked).toBeWithin(30, 50)
    const elsewhere = { address: '192.0.2.51' }
    expect(await statusOf(await post({ email: 'bystander@example.org', password: PASSWORD }, elsewhere))).toBe(201)
  })

  test('the browser of before has a budget, not a free pass', async () => {
    const email = 'careless@example.org'
    await makePerson(weir, 'viewer', 'careless')
    const from = { address: '192.0.2.60' }
    const first = await post({ email, password: PASSWORD }, from)
    const cookie =
      first.headers
        .getSetCookie()
        .find((each) => each.startsWith('weir_browser='))
        ?.split(';')[0] ?? ''
    const statuses: number[] = []
    for (let i = 0; i < 14; i++)
      statuses.push(await statusOf(await post({ email, password: 'not it' }, { ...from, cookie })))
    expect(statuses.at(-1)).toBe(429)
  })

  test('an address that nobody has takes as long as a wrong password', async () => {
    const people = ['time-a', 'time-b', 'time-c', 'time-d']
    for (const name of people) await makePerson(weir, 'viewer', name)
    const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
    // In turns, so that whatever else the machine does falls on both.
    for (let i = 0; i < 24; i++)
      for (const kind of ['known', 'unknown'] as const) {
        const email = kind === 'known' ? `${people[i % 4]}@example.org` : `unknown-${i}@example.org`
        const began = performance.now()
        const answer = await post({ email, password: 'not the password at all' }, { address: `10.9.${i}.1` })
        times[kind].push(performance.now() - began)
        expect(await statusOf(answer)).toBe(401)
      }
    const median = (list: number[]) => list.toSorted((a, b) => a - b)[list.length / 2] ?? 0
    const ratio = median(times.known) / median(times.unknown)
    // Without the work of a hash it would be a twentieth.
    expect(ratio).toBeWithin(0.5, 2)
  })
})

describe('limits are settings', () => {
  test('writes, uploads, pages and streams: 429 with Retry-After, for who asks too much alone', async () => {
    await using strict = await startWeir({
      env: {
        ...{ RATE_LIMIT_WRITES: '5', RATE_LIMIT_READS: '40', RATE_LIMIT_UPLOADS: '3' },
        ...{ MAX_EVENT_STREAMS: '2', TRUSTED_PROXIES: '127.0.0.1' },
      },
    })
    const admin = { name: 'admin', headers: { 'x-api-key': TEST_KEY } }
    const other = await makeKey(strict, admin, ['operate'])
    const many = async (caller: typeof admin, n: number, method: string, path: string) => {
      const answers = await Promise.all(Array.from({ length: n }, () => callAs(strict, caller, method, path)))
      return answers.map((answer) => [answer.status, answer.headers.get('retry-after')] as const)
    }
    const writes = await many(other, 8, 'POST', '/api/inputs/999/start')
    expect(writes.map(([status]) => status).filter((status) => status === 404)).toHaveLength(5)
    for (const [status, wait] of writes.filter(([status]) => status !== 404))
      expect([status, Number(wait) > 0]).toEqual([429, true])
    // Uploads have a budget of their own.
    const uploads = await many(other, 5, 'POST', '/api/inputs/999/slate')
    expect(uploads.filter(([status]) => status !== 429)).toHaveLength(3)
    for (const [status, wait] of uploads.filter(([status]) => status === 429))
      expect([status, Number(wait) > 0]).toEqual([429, true])
    // Looking goes on, and so do others.
    expect((await callAs(strict, other, 'GET', '/api/inputs')).status).toBe(200)
    expect((await callAs(strict, admin, 'POST', '/api/inputs/999/start')).status).toBe(404)

    const streams = await Promise.all([1, 2].map(() => callAs(strict, other, 'GET', '/api/events')))
    expect(streams.map(({ status }) => status)).toEqual([200, 200])
    const third = await callAs(strict, other, 'GET', '/api/events')
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '5'])
    for (const stream of streams) await stream.body?.cancel()

    // A stranger is counted by the address behind the proxy, not by the proxy's.
    const look = (address: string) => fetch(`${strict.url}/login`, { headers: { 'x-forwarded-for': address } })
    const looks = await Promise.all(Array.from({ length: 50 }, () => look('192.0.2.99')))
    expect(looks.filter(({ status }) => status === 429).length).toBeGreaterThan(0)
    expect((await look('192.0.2.98')).status).toBe(200)
  })
})

describe('pages of other sites', () => {
  test('CORS is closed', async () => {
    const origin = 'https://dash.example'
    const preflight = await fetch(`${weir.url}/api/inputs`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    })
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
    const read = await fetch(`${weir.url}/api/inputs`, { headers: { origin, 'x-api-key': TEST_KEY } })
    expect(read.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('named in CORS_ORIGINS they may use a key, and never the cookies of the browser', async () => {
    const origin = 'https://dash.example'
    await using open = await startWeir({ env: { CORS_ORIGINS: `${origin}, https://other.example` } })
    const preflight = await fetch(`${open.url}/api/inputs`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' },
    })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, origin])
    expect(preflight.headers.get('access-control-allow-headers')).toContain('X-API-Key')
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull()
    const headers = { origin, 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' }
    const body = '{"name":"From afar","kind":"test","enabled":false}'
    const made = await fetch(`${open.url}/api/inputs`, {
      method: 'POST',
      body,
      headers: { ...headers, 'x-api-key': TEST_KEY },
    })
    expect([made.status, made.headers.get('access-control-allow-origin'), made.headers.get('vary')]).toEqual([
      201,
      origin,
      expect.stringContaining('Origin'),
    ])
    const session = await fetch(`${open.url}/api/session`, {
      method: 'POST',
      body: JSON.stringify({ key: TEST_KEY }),
      headers: { 'content-type': 'application/json' },
    })
    const cookie = sessionOf(session)
    for (const extra of [headers, { origin, 'content-type': 'application/json' }]) {
      const byCookie = await fetch(`${open.url}/api/inputs`, { method: 'POST', body, headers: { ...extra, cookie } })
      expect(byCookie.status).toBe(401)
    }
    const evil = await fetch(`${open.url}/api/inputs`, {
      method: 'POST',
      body,
      headers: { ...headers, origin: 'https://evil.example', 'x-api-key': TEST_KEY },
    })
    expect(evil.status).toBe(403)
  })
})

test.each([
  '/static/..%2f..%2fpackage.json',
  '/static/%2e%2e/%2e%2e/package.json',
  '/static/app.css/../../../etc/passwd',
  '/join/..%2f..%2fweir.db',
  '/api/inputs/..%2f..%2fusers',
  '/api/users/1%00',
  '/inputs/1%2f..%2f..%2fsecret-key',
])('%s leads nowhere', async (path) => {
  const answer = await fetch(weir.url + path, { headers: { 'x-api-key': TEST_KEY } })
  expect([404, 410]).toContain(answer.status)
  expect(await answer.text()).not.toMatch(/root:|"name": "weir"|SQLite/)
})
