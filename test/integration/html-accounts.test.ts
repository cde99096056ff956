import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { toStep, totpAt } from '../../src/users/totp.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'
import { PASSWORD, sessionOf } from '../support/people.ts'

const RUTH = 'ruth@example.org'
let app: ApiApp
let cookie: string
/** The set-up form as a stranger sends it, before there is anybody. */
let emptySetUp: { status: number; html: string }

beforeAll(async () => {
  app = await createApiApp()
  emptySetUp = await send('/api/setup', { name: '', email: RUTH, password: '' }, '')
  await app.accounts.users.setUp({ email: RUTH, name: 'Ruth', password: PASSWORD }, () => true)
  const answer = await app.ask('/api/session', {
    method: 'POST',
    body: JSON.stringify({ email: RUTH, password: PASSWORD }),
    headers: { 'content-type': 'application/json' },
  })
  cookie = sessionOf(answer)
})
afterAll(() => app[Symbol.asyncDispose]())

/** A form as a browser sends it, from page to page. */
async function send(path: string, fields: Record<string, string>, as = cookie) {
  const headers = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded', cookie: as }
  const answer = await app.ask(path, { method: 'POST', headers, body: String(new URLSearchParams(fields)) })
  return { status: answer.status, headers: answer.headers, html: await answer.text() }
}

/** What is said at a field. */
function errorAt(html: string, id: string): string | null {
  const [, words] = new RegExp(`id="${id}-error">.*?</svg>(.*?)</p>`, 's').exec(html) ?? []
  return words ?? null
}

describe('a refused form stands on its own page again, with the words at the fields', () => {
  const WRONG = 'This is not your password.'
  const LAST = 'This is the last administrator. Make somebody else one first.'

  test.each([
    ['/api/me', { name: '' }, 422, 'Your account', 'f-name', 'At least one character.'],
    [
      '/api/me/password',
      { current_password: 'not mine at all', password: PASSWORD },
      422,
      'Your account',
      'f-current_password',
      WRONG,
    ],
    ['/api/me/two-factor', { password: 'not mine at all' }, 422, 'Your account', 'begin-password', WRONG],
    [
      '/api/keys',
      { name: 'Desk', scopes: 'read', expires_at: 'soon' },
      422,
      'Your account',
      'key-expires_at',
      'A day such as',
    ],
    ['/api/users', { name: 'Ines', email: 'ines', role: 'viewer' }, 422, 'People', 'new-email', 'An e-mail address'],
    ['/api/users/1', { name: 'Ruth', email: RUTH, role: 'viewer', status: 'active' }, 409, 'Ruth', 'u1-role', LAST],
    ['/api/users/1', { name: 'Ruth', email: RUTH, role: 'admin', status: 'disabled' }, 409, 'Ruth', 'u1-status', LAST],
  ] as [string, Record<string, string>, number, string, string, string][])(
    '%s %p',
    async (path, fields, status, title, id, words) => {
      const answer = await send(path, fields)
      expect(answer.status).toBe(status)
      expect(answer.html).toContain(`<h1>${title}</h1>`)
      expect(answer.html).toContain('aria-label="Main"')
      expect(errorAt(answer.html, id)).toContain(words)
      expect(answer.html).toContain(`href="#${id}"`)
      for (const [name, value] of Object.entries(fields))
        if (/password/.test(name)) expect(answer.html).not.toContain(value)
      if (fields['email']) expect(answer.html).toContain(`value="${fields['email']}"`)
      // The rest of the page is there too.
      if (path === '/api/users/1') expect(answer.html).toContain('Delete Ruth')
    },
  )

  test('the set-up says what is missing in plain words', () => {
    expect([emptySetUp.status, emptySetUp.html.includes('Make it yours')]).toEqual([422, true])
    const words = ['f-token', 'f-name', 'f-password'].map((id) => errorAt(emptySetUp.html, id))
    expect(words).toEqual(['This is missing.', 'At least one character.', 'This is missing.'])
    expect(emptySetUp.html).toContain(`value="${RUTH}"`)
    expect(emptySetUp.html).not.toMatch(/expected|Too small/)
  })

  test('an invitation with a password that is too short', async () => {
    const { token } = await app.accounts.users.invite({ email: 'ines@example.org', name: 'Ines', role: 'viewer' })
    const answer = await send('/api/invitations/accept', { token, name: 'Ines D', password: 'tuesday' }, '')
    expect([answer.status, answer.html.includes('<h1>Welcome</h1>')]).toEqual([422, true])
    expect(errorAt(answer.html, 'f-password')).toContain('At least 12 characters')
    expect(answer.html).toContain('value="Ines D"')
    expect((await send('/api/invitations/accept', { token, name: 'Ines D', password: PASSWORD }, '')).status).toBe(303)
  })

  test('two-factor sign-in: a wrong code keeps secret and picture; sent twice, the page of the account says why', async () => {
    const begun = await send('/api/me/two-factor', { password: PASSWORD })
    const secret = /secret=([A-Z2-7]+)/.exec(begun.html)?.[1] ?? ''
    const wrong = await send('/api/me/two-factor/confirm', { code: '000000' })
    expect([wrong.status, wrong.html.includes('<h1>Two-factor sign-in</h1>')]).toEqual([422, true])
    expect(errorAt(wrong.html, 'f-code')).toBe('This is not the code that your app shows now.')
    expect(wrong.html).toContain(`secret=${secret}`)
    expect(wrong.html).toContain('The secret as a picture')
    const code = totpAt(secret, toStep(Date.now()))
    const done = await send('/api/me/two-factor/confirm', { code })
    expect([done.status, done.html.includes('Recovery codes')]).toEqual([201, true])
    const again = await send('/api/me/two-factor/confirm', { code })
    expect([again.status, again.html.includes('<h1>Your account</h1>')]).toEqual([409, true])
    expect(again.html).toContain('Two-factor sign-in is on already.')
    const off = await send('/api/me/two-factor/end', { password: 'not mine at all' })
    expect([off.status, errorAt(off.html, 'end-password')]).toEqual([422, WRONG])
    expect((await send('/api/me/two-factor/end', { password: PASSWORD })).status).toBe(303)
  })

  test('what worked is said too', async () => {
    const saved = await send('/api/me', { name: 'Ruth', theme: 'system' })
    expect([saved.status, saved.headers.get('location')]).toEqual([303, '/account?done=saved'])
    const page = await (await app.ask('/account?done=saved', { headers: { cookie } })).text()
    expect(page).toContain('<strong>Saved</strong>')
    expect(await (await app.ask('/account?done=made+up', { headers: { cookie } })).text()).not.toContain('made up')
  })

  test('the audit log has their codes', async () => {
    const { items } = await app.ok<{ items: { action: string; status: number; code: string | null }[] }>(
      'GET',
      '/api/audit?limit=200',
    )
    const refused = items.filter(({ status }) => status >= 400)
    expect(refused.map(({ code }) => code)).not.toContain(null)
    expect(refused).toContainEqual(
      expect.objectContaining({ action: 'user.edit', status: 409, code: 'user.last_admin' }),
    )
  })
})

test('a refused sign-in keeps the address that was typed, and not in an address', async () => {
  const answer = await send('/api/session', { email: 'Ruth+stage@example.org', password: 'not mine at all' }, '')
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/login?error=password'])
  const [typed = ''] = (answer.headers.get('set-cookie') ?? '').split(';')
  const page = async (path: string) => (await app.ask(path, { headers: { cookie: typed } })).text()
  expect(await page('/login?error=password')).toContain('value="Ruth+stage@example.org"')
  expect(await page('/login')).not.toContain('Ruth+stage')
})
