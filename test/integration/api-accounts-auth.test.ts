import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runWeir } from '../support/command.ts'
import { type Caller, callAs, makeKey, makePerson, PASSWORD, sessionOf, signInAs } from '../support/people.ts'
import { within } from '../support/waiting.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'
import { toStep, totpAt } from '../../src/users/totp.ts'

let weir: Weir
let admin: Caller
const STRANGER: Caller = { name: 'stranger', headers: {} }
const JSON_TYPE = { 'content-type': 'application/json' }

beforeAll(async () => {
  weir = await startWeir({ env: { TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'debug' } })
})
afterAll(() => weir[Symbol.asyncDispose]())

const call = (caller: Caller, method: string, path: string, body?: unknown) => callAs(weir, caller, method, path, body)
const statusOf = async (...args: Parameters<typeof call>) => {
  const answer = await call(...args)
  await answer.body?.cancel()
  return answer.status
}
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code]
const json = async <T>(answer: Response) => (await answer.json()) as T
async function makeToken(): Promise<string> {
  const run = await runWeir(['link'], { DATA_DIR: weir.dataDir, PORT: new URL(weir.url).port })
  return new URL(run.stdout.trim()).searchParams.get('token') ?? ''
}

describe('setting up', () => {
  const person = { email: 'ruth@example.org', name: 'Ruth', password: PASSWORD }

  test('needs the token of a link, a real address and a password that is not the first guess', async () => {
    const wrong = await call(STRANGER, 'POST', '/api/setup', { ...person, token: 'wrong' })
    expect(await codeOf(wrong)).toEqual([401, 'setup.refused'])
    const token = await makeToken()
    for (const [field, value] of [
      ['password', 'short'],
      ['password', 'aaaaaaaaaaaaaaaa'],
      ['password', 'password12345'],
      ['password', 'ruth@example.org'],
      ['email', 'not an address'],
      ['name', ''],
      ['name', 'two\nlines'],
    ]) {
      const answer = await call(STRANGER, 'POST', '/api/setup', { ...person, token, [field as string]: value })
      const problem = await json<{ errors: { path: string }[] }>(answer)
      expect([field, value, answer.status, problem.errors?.[0]?.path]).toEqual([field, value, 422, field])
    }
  })

  test('two at once make one administrator; afterwards there is no such page', async () => {
    const byKey = await call(STRANGER, 'POST', '/api/session', { key: TEST_KEY })
    const keySession = { name: 'by key', headers: { cookie: sessionOf(byKey) } }
    const token = await makeToken()
    const answers = await Promise.all(
      ['ruth', 'mallory'].map((name) =>
        call(STRANGER, 'POST', '/api/setup', { ...person, email: `${name}@example.org`, name, token }),
      ),
    )
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 404])
    const people = await weir.ok<{ email: string; role: string; status: string }[]>('GET', '/api/users')
    expect(people).toMatchObject([{ role: 'admin', status: 'active' }])
    const made = answers.find((answer) => answer.status === 201)
    const view = await json<{ user: { email: string }; role: string; via: string }>(made as Response)
    expect(view).toMatchObject({ user: { email: people[0]?.email }, role: 'admin', via: 'session' })
    admin = { name: 'admin', headers: { cookie: sessionOf(made as Response) } }
    expect(await statusOf(admin, 'GET', '/api/users')).toBe(200)
    // From now on a browser belongs to a person: the key's sessions are over, and it opens no new one.
    expect(await statusOf(keySession, 'GET', '/api/inputs')).toBe(401)
    expect(await codeOf(await call(STRANGER, 'POST', '/api/session', { key: TEST_KEY }))).toEqual([
      401,
      'session.refused',
    ])
    expect((await call(STRANGER, 'GET', '/setup')).status).toBe(404)
    const again = await call(STRANGER, 'POST', '/api/setup', { ...person, token: await makeToken() })
    expect(again.status).toBe(404)
    // The key itself goes on for programs.
    expect((await weir.call('GET', '/api/users')).status).toBe(200)
  })
})

describe('signing in', () => {
  test('one answer for every cause', async () => {
    const { email } = (await weir.ok<{ email: string }[]>('GET', '/api/users'))[0]!
    const answers = [
      { email, password: 'wrong password here' },
      { email: 'nobody@example.org', password: 'wrong password here' },
      { email: 'not an address', password: 'x' },
    ]
    const seen = await Promise.all(answers.map((body) => call(STRANGER, 'POST', '/api/session', body)))
    const bodies = await Promise.all(
      seen.map(async (answer) => {
        const { request_id: _, ...rest } = await json<Record<string, unknown>>(answer)
        return JSON.stringify([answer.status, rest, answer.headers.get('set-cookie')])
      }),
    )
    expect(new Set(bodies).size).toBe(1)
    expect(bodies[0]).toContain('session.refused')
  })

  test('a new secret each time; the one that was there before is void', async () => {
    const viewer = await makePerson(weir, 'viewer', 'fixed')
    const planted = { cookie: 'weir_session=planted-by-somebody-else' }
    const body = { email: 'fixed@example.org', password: PASSWORD }
    const first = await call({ name: '', headers: planted }, 'POST', '/api/session', body)
    const cookie = sessionOf(first)
    expect(cookie).not.toContain('planted')
    const second = await call({ name: '', headers: { cookie } }, 'POST', '/api/session', body)
    expect(sessionOf(second)).not.toBe(cookie)
    expect(await statusOf({ name: '', headers: { cookie } }, 'GET', '/api/me')).toBe(401)
    expect(await statusOf(viewer, 'GET', '/api/me')).toBe(200)
  })

  test('a stolen cookie is nothing after the owner signed out', async () => {
    const thief = await signInAs(weir, 'fixed@example.org')
    expect(await statusOf(thief, 'GET', '/api/me')).toBe(200)
    const out = await call(thief, 'DELETE', '/api/session')
    expect([out.status, out.headers.get('clear-site-data')]).toEqual([204, '"cache"'])
    expect(await statusOf(thief, 'GET', '/api/me')).toBe(401)
  })

  test('behind a trusted proxy that speaks https the cookie is __Host- and Secure', async () => {
    const headers = { ...JSON_TYPE, 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.9' }
    const body = JSON.stringify({ email: 'fixed@example.org', password: PASSWORD })
    const answer = await fetch(`${weir.url}/api/session`, { method: 'POST', headers, body })
    const cookies = answer.headers.getSetCookie()
    expect(cookies[0]).toMatch(/^__Host-weir_session=.*Path=\/; HttpOnly; SameSite=Lax; Secure$/)
    const cookie = sessionOf(answer)
    expect(await statusOf({ name: '', headers: { cookie } }, 'GET', '/api/me')).toBe(401)
    const secure = { cookie, 'x-forwarded-proto': 'https' }
    expect(await statusOf({ name: '', headers: secure }, 'GET', '/api/me')).toBe(200)
  })

  test('a link from the command line signs the administrator in, once', async () => {
    const token = await makeToken()
    const answer = await call(STRANGER, 'POST', '/api/session', { token })
    expect([answer.status, (await json<{ role: string }>(answer)).role]).toEqual([201, 'admin'])
    expect(await statusOf(STRANGER, 'POST', '/api/session', { token })).toBe(401)
  })
})

describe('people', () => {
  test('invited by a link that is spent once, by choosing a password', async () => {
    const body = { email: 'Ines@Example.org', name: 'Ines', role: 'operator' }
    const made = await call(admin, 'POST', '/api/users', body)
    const { id, link, status } = await json<{ id: number; link: string; status: string }>(made)
    expect([made.status, made.headers.get('location'), status]).toEqual([201, `/api/users/${id}`, 'invited'])
    const path = new URL(link).pathname
    for (let i = 0; i < 2; i++) {
      const page = await fetch(weir.url + path)
      expect([page.status, page.headers.get('referrer-policy')]).toEqual([200, 'strict-origin'])
      expect(await page.text()).toContain('Ines@Example.org')
    }
    const token = path.split('/').at(-1)
    const accept = { token, password: PASSWORD }
    expect(await statusOf(STRANGER, 'POST', '/api/invitations/accept', { token, password: 'short' })).toBe(422)
    expect(await statusOf(STRANGER, 'POST', '/api/session', { email: body.email, password: PASSWORD })).toBe(401)
    expect(await statusOf(STRANGER, 'POST', '/api/invitations/accept', accept)).toBe(201)
    expect(await codeOf(await call(STRANGER, 'POST', '/api/invitations/accept', accept))).toEqual([410, 'link.used'])
    expect((await fetch(weir.url + path)).status).toBe(410)
    const shown = await json<Record<string, unknown>>(await call(admin, 'GET', `/api/users/${id}`))
    expect(shown).toMatchObject({ status: 'active', role: 'operator' })
    expect(shown['link']).toBeUndefined()
    // Another spelling of the address is the same person.
    await signInAs(weir, 'ines@example.ORG')
    expect(await codeOf(await call(admin, 'POST', '/api/users', { ...body, email: 'INES@example.org' }))).toEqual([
      409,
      'user.email_taken',
    ])
  })

  test('a role that becomes less counts at once, and open streams end within a second', async () => {
    const { id, headers } = await makePerson(weir, 'operator', 'demoted')
    const caller = { name: 'demoted', headers }
    expect(await statusOf(caller, 'GET', '/api/system/logs')).toBe(200)
    const stream = await fetch(`${weir.url}/api/events`, { headers })
    const reader = stream.body!.getReader()
    await reader.read()
    const began = performance.now()
    expect(await statusOf(admin, 'PATCH', `/api/users/${id}`, { status: 'disabled' })).toBe(200)
    const ended = (async () => {
      while (!(await reader.read()).done);
    })()
    await within(5000, 'the stream ends', ended)
    expect(performance.now() - began).toBeLessThan(2500)
    expect(await statusOf(caller, 'GET', '/api/me')).toBe(401)
    expect(await statusOf(STRANGER, 'POST', '/api/session', { email: 'demoted@example.org', password: PASSWORD })).toBe(
      401,
    )
  })

  test('the last administrator stays one', async () => {
    const { user } = await json<{ user: { id: number } }>(await call(admin, 'GET', '/api/session'))
    for (const [method, body] of [
      ['PATCH', { role: 'viewer' }],
      ['PATCH', { status: 'disabled' }],
      ['DELETE', undefined],
    ] as const)
      expect(await codeOf(await call(admin, method, `/api/users/${user.id}`, body))).toEqual([409, 'user.last_admin'])
  })

  test('a reset is a link too; using it ends every session and the second factor', async () => {
    const { id, headers } = await makePerson(weir, 'viewer', 'forgetful')
    const link = (await json<{ link: string }>(await call(admin, 'POST', `/api/users/${id}/reset`))).link
    expect(await statusOf({ name: '', headers }, 'GET', '/api/me')).toBe(200)
    const token = link.split('/').at(-1)
    expect(
      await statusOf(STRANGER, 'POST', '/api/invitations/accept', { token, password: 'nine ladies dancing' }),
    ).toBe(201)
    expect(await statusOf({ name: '', headers }, 'GET', '/api/me')).toBe(401)
    expect(
      await statusOf(STRANGER, 'POST', '/api/session', { email: 'forgetful@example.org', password: PASSWORD }),
    ).toBe(401)
    await signInAs(weir, 'forgetful@example.org', 'nine ladies dancing')
  })

  test('gone with their sessions and keys', async () => {
    const person = await makePerson(weir, 'operator', 'leaver')
    const key = await makeKey(weir, person, ['read'])
    expect(await statusOf(admin, 'DELETE', `/api/users/${person.id}`)).toBe(204)
    expect(await statusOf(person, 'GET', '/api/inputs')).toBe(401)
    expect(await statusOf(key, 'GET', '/api/inputs')).toBe(401)
    expect(await statusOf(admin, 'GET', `/api/users/${person.id}`)).toBe(404)
  })
})

describe('my account', () => {
  test('a new password ends all other sessions', async () => {
    const here = await makePerson(weir, 'viewer', 'careful')
    const there = await signInAs(weir, 'careful@example.org')
    const body = { current_password: PASSWORD, password: 'ten lords a-leaping' }
    const wrong = await call(here, 'POST', '/api/me/password', { ...body, current_password: 'not this one' })
    expect((await json<{ errors: { path: string }[] }>(wrong)).errors[0]?.path).toBe('current_password')
    expect(await statusOf(here, 'POST', '/api/me/password', body)).toBe(204)
    expect([await statusOf(here, 'GET', '/api/me'), await statusOf(there, 'GET', '/api/me')]).toEqual([200, 401])
    await signInAs(weir, 'careful@example.org', body.password)
  })

  test('sessions: listed, ended one by one or all but this', async () => {
    const here = await makePerson(weir, 'viewer', 'roaming')
    const others = [await signInAs(weir, 'roaming@example.org'), await signInAs(weir, 'roaming@example.org')]
    type Session = { id: string; current: boolean }
    const list = async () => json<Session[]>(await call(here, 'GET', '/api/sessions'))
    const sessions = await list()
    expect([sessions.length, sessions.filter(({ current }) => current).length]).toEqual([3, 1])
    const stranger = await makePerson(weir, 'viewer', 'nosy')
    const id = sessions.find(({ current }) => !current)?.id
    expect(await statusOf(stranger, 'DELETE', `/api/sessions/${id}`)).toBe(404)
    expect(await statusOf(here, 'DELETE', `/api/sessions/${id}`)).toBe(204)
    expect(await list()).toHaveLength(2)
    expect(await statusOf(here, 'DELETE', '/api/sessions')).toBe(204)
    expect(await list()).toMatchObject([{ current: true }])
    for (const other of others) expect(await statusOf(other, 'GET', '/api/me')).toBe(401)
  })

  test('two-factor sign-in: a code each time, each once; a recovery code when the phone is lost', async () => {
    const me = await makePerson(weir, 'operator', 'double')
    const password = PASSWORD
    expect(await statusOf(me, 'POST', '/api/me/two-factor', { password: 'not mine at all' })).toBe(422)
    const begun = await call(me, 'POST', '/api/me/two-factor', { password })
    const { secret, otpauth_url } = await json<{ secret: string; otpauth_url: string }>(begun)
    expect(otpauth_url).toContain(`secret=${secret}`)
    // Not asked for before a code was shown.
    await signInAs(weir, 'double@example.org')
    expect(await statusOf(me, 'POST', '/api/me/two-factor/confirm', { code: '000000x' })).toBe(422)
    const code = totpAt(secret, toStep(Date.now()))
    const on = await call(me, 'POST', '/api/me/two-factor/confirm', { code })
    const { recovery_codes } = await json<{ recovery_codes: string[] }>(on)
    expect(new Set(recovery_codes).size).toBe(10)

    const enter = (code?: string) =>
      statusOf(STRANGER, 'POST', '/api/session', { email: 'double@example.org', password, ...(code && { code }) })
    expect(await enter()).toBe(401)
    // The code that turned it on is spent, the next one is still to come within the window.
    expect(await enter(code)).toBe(401)
    const next = totpAt(secret, toStep(Date.now()) + 1)
    expect([await enter(next), await enter(next)]).toEqual([201, 401])
    const recovery = recovery_codes[3]!.toLowerCase().replaceAll('-', ' ')
    expect([await enter(recovery), await enter(recovery)]).toEqual([201, 401])
    expect(await json<object>(await call(me, 'GET', '/api/me'))).toMatchObject({
      two_factor: true,
      recovery_codes_left: 9,
    })
    expect(await statusOf(me, 'POST', '/api/me/two-factor/end', { password })).toBe(204)
    expect(await enter()).toBe(201)
    const database =
      readFileSync(join(weir.dataDir, 'weir.db'), 'latin1') + readFileSync(join(weir.dataDir, 'weir.db-wal'), 'latin1')
    for (const text of [secret, recovery_codes[0]!, PASSWORD]) expect(database).not.toContain(text)
  })
})

describe('keys', () => {
  test('shown once, taken back at once; X-API-Key and Bearer', async () => {
    const made = await call(admin, 'POST', '/api/keys', { name: 'Desk', scopes: ['operate'] })
    const { id, key, prefix } = await json<{ id: number; key: string; prefix: string }>(made)
    expect([made.status, key.startsWith(`${prefix}_`)]).toEqual([201, true])
    const asBearer = { name: '', headers: { authorization: `Bearer ${key}` } }
    const asHeader = { name: '', headers: { 'x-api-key': key } }
    for (const caller of [asBearer, asHeader]) {
      expect(await statusOf(caller, 'GET', '/api/inputs')).toBe(200)
      expect(await statusOf(caller, 'GET', '/api/users')).toBe(403)
    }
    const list = await (await call(admin, 'GET', '/api/keys')).text()
    expect(list).toContain(prefix)
    expect(list).not.toContain(key)
    const mine = (JSON.parse(list) as { id: number; last_used_at: string | null }[]).find((each) => each.id === id)
    expect(mine?.last_used_at).not.toBeNull()
    expect(await statusOf(admin, 'DELETE', `/api/keys/${id}`)).toBe(204)
    expect(await statusOf(asBearer, 'GET', '/api/inputs')).toBe(401)
  })

  test('an end in the past is refused, one that comes ends it, its stream too', async () => {
    const body = { name: 'Short', scopes: ['read'] }
    const past = await call(admin, 'POST', '/api/keys', { ...body, expires_at: '2020-01-01T00:00:00Z' })
    expect(past.status).toBe(422)
    const expires_at = new Date(Date.now() + 1500).toISOString()
    const { key } = await json<{ key: string }>(await call(admin, 'POST', '/api/keys', { ...body, expires_at }))
    const headers = { 'x-api-key': key }
    const stream = await fetch(`${weir.url}/api/events`, { headers })
    expect(stream.status).toBe(200)
    const reader = stream.body!.getReader()
    const ended = (async () => {
      while (!(await reader.read()).done);
    })()
    await within(8000, 'the stream ends with its key', ended)
    expect(await statusOf({ name: '', headers }, 'GET', '/api/inputs')).toBe(401)
  })

  test('nobody gives what they have not; others see and touch only their own', async () => {
    const viewer = await makePerson(weir, 'viewer', 'small')
    const tooMuch = await call(viewer, 'POST', '/api/keys', { name: 'x', scopes: ['read', 'operate'] })
    expect((await json<{ errors: { path: string }[] }>(tooMuch)).errors[0]?.path).toBe('scopes')
    const key = await makeKey(weir, viewer, ['read'])
    expect(await statusOf(key, 'GET', '/api/inputs')).toBe(200)
    const other = await makePerson(weir, 'viewer', 'other')
    expect(await statusOf(other, 'DELETE', `/api/keys/${key.id}`)).toBe(404)
    expect(await json<unknown[]>(await call(other, 'GET', '/api/keys'))).toEqual([])
    // What its maker may less, it may less.
    const operator = await makePerson(weir, 'operator', 'sinking')
    const strong = await makeKey(weir, operator, ['operate'])
    expect(await statusOf(strong, 'POST', '/api/inputs/999/start')).toBe(404)
    await call(admin, 'PATCH', `/api/users/${operator.id}`, { role: 'viewer' })
    expect(await statusOf(strong, 'POST', '/api/inputs/999/start')).toBe(403)
  })
})

describe('what publishes', () => {
  test('is for operators: null for viewers, in lists and in events', async () => {
    const viewer = await makePerson(weir, 'viewer', 'onlooker')
    const made = await weir.createInput({ name: 'Stage', kind: 'rtmp', enabled: false })
    const mine = await weir.ok<{ publish_key: string }>('GET', `/api/inputs/${made.id}`)
    expect(mine.publish_key.length).toBeGreaterThan(15)
    const theirs = await json<Record<string, unknown>>(await call(viewer, 'GET', `/api/inputs/${made.id}`))
    expect([theirs['publish_key'], theirs['publish_url'], theirs['publish_server']]).toEqual([null, null, null])
    expect(await (await call(viewer, 'GET', '/api/inputs')).text()).not.toContain(mine.publish_key)
    for (const path of [`/inputs/${made.id}`, '/'])
      expect(await (await call(viewer, 'GET', path)).text()).not.toContain(mine.publish_key)

    const read = async (path: string) => {
      const stream = await fetch(`${weir.url}${path}`, { headers: viewer.headers })
      const reader = stream.body!.getReader()
      const decoder = new TextDecoder()
      let text = ''
      const until = async (word: string) => {
        while (!text.includes(word)) text += decoder.decode((await reader.read()).value)
        return text
      }
      return { until, cancel: () => reader.cancel() }
    }
    const events = await read('/api/events')
    const page = await read(`/events?page=input:${made.id}`)
    await within(5000, 'the snapshots', Promise.all([events.until('input.changed'), page.until('Stage')]))
    await weir.ok('PATCH', `/api/inputs/${made.id}`, { name: 'Stage two' })
    const told = await within(5000, 'the change', Promise.all([events.until('Stage two'), page.until('Stage two')]))
    for (const text of told) expect(text).not.toContain(mine.publish_key)
    await Promise.all([events.cancel(), page.cancel()])
    expect((await fetch(`${weir.url}/api/events?topics=log:1`, { headers: viewer.headers })).status).toBe(403)
  })
})

describe('the audit log', () => {
  type Item = {
    actor: { id: string; name: string }
    action: string
    target: string
    result: string
    code: string | null
    before: Record<string, unknown> | null
    after: Record<string, unknown> | null
  }
  const items = async (query: string) =>
    (await weir.ok<{ items: Item[]; next_cursor: string | null }>('GET', `/api/audit?${query}`)).items

  test('who, what, on which thing, before and after', async () => {
    const operator = await makePerson(weir, 'operator', 'clerk')
    const made = await call(operator, 'POST', '/api/inputs', { name: 'Audited', kind: 'test', enabled: false })
    const { id } = await json<{ id: number }>(made)
    await call(operator, 'PATCH', `/api/inputs/${id}`, { name: 'Renamed', loss_ms: 1500 })
    await call(operator, 'DELETE', `/api/inputs/${id}`)
    const [removed, edited, created] = await items(`target=input:${id}`)
    expect(created).toMatchObject({
      actor: { id: `user:${operator.id}`, name: 'clerk' },
      action: 'input.create',
      result: 'done',
      before: null,
      after: { name: 'Audited', kind: 'test', enabled: false },
    })
    expect(edited).toMatchObject({
      action: 'input.edit',
      before: { name: 'Audited', loss_ms: 1000 },
      after: { name: 'Renamed', loss_ms: 1500 },
    })
    expect(Object.keys(edited?.after ?? {})).toEqual(expect.arrayContaining(['name', 'loss_ms']))
    expect(removed).toMatchObject({ action: 'input.delete', before: { name: 'Renamed' }, after: null })
  })

  test('what people do to their own account stands at the person', async () => {
    const person = await makePerson(weir, 'viewer', 'renamed')
    await call(person, 'PATCH', '/api/me', { name: 'Somebody else' })
    await call(person, 'POST', '/api/me/password', { current_password: PASSWORD, password: 'ten lords a-leaping' })
    const [password, name] = await items(`target=user:${person.id}&actor=user:${person.id}`)
    expect(name).toMatchObject({ action: 'me.edit', before: { name: 'renamed' }, after: { name: 'Somebody else' } })
    expect(password).toMatchObject({ action: 'me.password', result: 'done' })
    expect(JSON.stringify(password)).not.toMatch(/swans|lords/)
  })

  test('secrets are named, not told', async () => {
    const input = await weir.createInput({ name: 'Sealed', kind: 'test', enabled: false })
    const stream_key = 'canary-key-in-audit-7351'
    const url = 'rtmp://127.0.0.1:1/live'
    const output = await weir.createOutput(input.id, { name: 'Out', url, stream_key, enabled: false })
    const [entry] = await items(`target=output:${output.id}`)
    expect(entry).toMatchObject({ action: 'output.create', actor: { id: 'key', name: 'API key' } })
    expect(entry?.after).toMatchObject({ name: 'Out', stream_key: '***' })
    expect((await weir.call('GET', '/api/audit?limit=200')).text).not.toContain(stream_key)
  })

  test('refused attempts: no right, a wrong password, a wrong key, a page of another site', async () => {
    const viewer = await makePerson(weir, 'viewer', 'curious')
    await call(viewer, 'POST', '/api/inputs/1/start')
    await call(viewer, 'GET', '/api/audit')
    await call(viewer, 'GET', '/api/events?topics=log:1')
    await call(STRANGER, 'POST', '/api/session', { email: 'curious@example.org', password: 'a wrong guess here' })
    await call({ name: '', headers: { 'x-api-key': 'nonsense' } }, 'POST', '/api/inputs', { name: 'x' })
    const elsewhere = { name: '', headers: { ...viewer.headers, origin: 'https://evil.example' } }
    await call(elsewhere, 'DELETE', '/api/users/1')
    const mine = await items(`actor=user:${viewer.id}`)
    expect(mine.filter(({ result }) => result === 'refused')).toMatchObject([
      { action: 'event.see', target: '/api/events', code: 'auth.not_allowed' },
      { action: 'audit.see', target: '/api/audit', code: 'auth.not_allowed' },
      { action: 'input.start', target: 'input:1', code: 'auth.not_allowed' },
    ])
    const strangers = await items('actor=anonymous')
    expect(strangers).toContainEqual(expect.objectContaining({ action: 'input.create', code: 'auth.wrong_key' }))
    expect(strangers).toContainEqual(
      expect.objectContaining({ action: 'request.cross_site', target: '/api/users/1', code: 'cross_origin' }),
    )
    expect(strangers).toContainEqual(
      expect.objectContaining({
        action: 'session.create',
        code: 'session.refused',
        after: { email: 'curious@example.org' },
      }),
    )
  })

  test('in pages by cursor, filtered, and as lines', async () => {
    const first = await weir.ok<{ items: { id: number }[]; next_cursor: string }>('GET', '/api/audit?limit=5')
    const second = await weir.ok<{ items: { id: number }[] }>('GET', `/api/audit?limit=5&cursor=${first.next_cursor}`)
    expect(first.items).toHaveLength(5)
    expect(first.items.at(-1)!.id).toBeGreaterThan(second.items[0]!.id)
    const headers = { 'x-api-key': TEST_KEY, accept: 'application/x-ndjson' }
    const lines = await fetch(`${weir.url}/api/audit?action=user.create`, { headers })
    expect(lines.headers.get('content-type')).toBe('application/x-ndjson')
    const parsed = (await lines.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Item)
    expect(parsed.length).toBeGreaterThan(5)
    expect(new Set(parsed.map(({ action }) => action))).toEqual(new Set(['user.create']))
    expect(await items('to=2020-01-01T00:00:00Z')).toEqual([])
    const counted = await weir.ok<{ items: object[]; total: number }>(
      'GET',
      '/api/audit?action=user.create&limit=1&total=true',
    )
    expect([counted.items.length, counted.total]).toEqual([1, parsed.length])
    // From the page of it, for a browser to keep: its field for a time knows no zone.
    const at = new Date(Date.now() + 120_000).toISOString().slice(0, 16)
    const file = await call(admin, 'GET', `/audit/lines?action=user.create&actor=&from=&to=${at}`)
    expect(file.headers.get('content-disposition')).toContain('weir-audit.jsonl')
    expect((await file.text()).trimEnd().split('\n')).toHaveLength(parsed.length)
    expect(await statusOf(await makePerson(weir, 'operator', 'prying'), 'GET', '/audit/lines')).toBe(403)
  })
})

test('all of it survives a restart; what was ended stays ended', async () => {
  const person = await makePerson(weir, 'operator', 'lasting')
  const key = await makeKey(weir, person, ['operate'])
  const gone = await signInAs(weir, 'lasting@example.org')
  await call(gone, 'DELETE', '/api/session')
  await weir.end('SIGTERM')
  await weir.start()
  expect([await statusOf(person, 'GET', '/api/me'), await statusOf(key, 'GET', '/api/inputs')]).toEqual([200, 200])
  expect(await statusOf(gone, 'GET', '/api/me')).toBe(401)
  expect((await call(STRANGER, 'GET', '/setup')).status).toBe(404)
})

test('no password, key, token or cookie is in the log, the database or the process list', async () => {
  const key = await makeKey(weir, admin, ['admin'], 'canary')
  await call(key, 'GET', '/api/users')
  const { link } = await json<{ link: string }>(await call(admin, 'POST', '/api/users/1/reset'))
  await weir.end('SIGTERM')
  await weir.start()
  const pid = weir.pid()
  const places = {
    log: weir.lines.join('\n'),
    database: readFileSync(join(weir.dataDir, 'weir.db'), 'latin1'),
    'command line': readFileSync(`/proc/${pid}/cmdline`, 'latin1'),
    answers: (await Promise.all(['keys', 'users', 'audit?limit=200'].map((path) => weir.call('GET', `/api/${path}`))))
      .map(({ text }) => text)
      .join('\n'),
  }
  const cookie = admin.headers['cookie']?.split('=')[1] ?? ''
  const token = link.split('/').at(-1) ?? ''
  expect([cookie.length, token.length]).toEqual([43, 43])
  for (const [place, text] of Object.entries(places))
    for (const secret of [PASSWORD, TEST_KEY, cookie, token, key.key])
      expect([place, text.length > 0, text.includes(secret)]).toEqual([place, true, false])
})
