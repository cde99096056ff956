import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { may, RIGHTS, type Right, type Role, ROLES, SCOPES, type Scope } from '../../src/lib/access.ts'
import { createApiApp, type ApiApp } from '../support/api-app.ts'

/** What each route and page asks for, by hand: a route that is not here has no rule that anybody thought about. */
const EXPECTED: Record<string, Right> = {
  'GET /api/health': 'public',
  'GET /health': 'public',
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /api/session': 'public',
  'POST /api/session': 'public',
  'DELETE /api/session': 'public',
  'POST /api/setup': 'public',
  'POST /api/invitations/accept': 'public',
  'GET /login': 'public',
  'POST /logout': 'public',
  'GET /setup': 'public',
  'GET /join/:token': 'public',
  'GET /': 'public',
  'GET /api/streams': 'public',
  'POST /api/streams': 'stream.make',
  'GET /streams': 'stream.see',
  'GET /streams/new': 'stream.make',
  'GET /browse': 'public',
  'GET /trash': 'stream.see',
  'GET /api/me': 'self',
  'PATCH /api/me': 'self',
  'POST /api/me': 'self',
  'POST /api/me/password': 'self',
  'POST /api/me/two-factor': 'self',
  'POST /api/me/two-factor/confirm': 'self',
  'POST /api/me/two-factor/end': 'self',
  'GET /api/sessions': 'self',
  'DELETE /api/sessions': 'self',
  'DELETE /api/sessions/:id': 'self',
  'POST /api/sessions/delete': 'self',
  'POST /api/sessions/:id/delete': 'self',
  'GET /account': 'self',
  'GET /api/keys': 'keys',
  'POST /api/keys': 'keys',
  'GET /api/keys/:id': 'keys',
  'PATCH /api/keys/:id': 'keys',
  'DELETE /api/keys/:id': 'keys',
  'POST /api/keys/:id/delete': 'keys',
  'GET /account/keys/:id/delete': 'keys',
  'GET /api/users': 'manage',
  'POST /api/users': 'manage',
  'GET /api/users/:id': 'manage',
  'PATCH /api/users/:id': 'manage',
  'POST /api/users/:id': 'manage',
  'DELETE /api/users/:id': 'manage',
  'POST /api/users/:id/delete': 'manage',
  'POST /api/users/:id/reset': 'manage',
  'GET /api/audit': 'manage',
  'GET /users': 'manage',
  'GET /users/:id': 'manage',
  'GET /users/:id/delete': 'manage',
  'GET /audit': 'manage',
  'GET /audit/lines': 'manage',
  'POST /api/system/faults': 'manage',
  'GET /api/system/settings': 'operate',
  'GET /api/system/logs': 'operate',
  'GET /system': 'operate',
  'GET /inputs/new': 'operate',
  'GET /inputs/:id/edit': 'operate',
  'GET /inputs/:id/outputs/new': 'operate',
  'GET /inputs/:id/outputs/:oid/edit': 'operate',
  'GET /inputs/:id/outputs/:oid/check': 'operate',
  'POST /api/images/bulk': 'public',
  // Each asks for what its topics or its page need: gallery-events.test.ts goes there.
  'GET /api/events': 'public',
  'GET /events': 'public',
  'GET /api/images/search': 'public',
  'GET /api/images/check': 'manage',
  'POST /api/images/check': 'manage',
  'GET /api/images/cache/stats': 'operate',
  'POST /api/images/cache/clear': 'operate',
  'GET /images/:id/:variant': 'public',
  'GET /api/images/:id': 'public',
  'POST /api/images/:id/view': 'public',
  'PATCH /api/images/:id': 'picture.edit',
  'DELETE /api/images/:id': 'picture.edit',
  'POST /api/images/:id/restore': 'picture.edit',
  'POST /api/images/:id/revoke-links': 'picture.edit',
  'GET /api/images/:id/signed-url': 'picture.edit',
  'GET /api/images/:id/stats': 'picture.edit',
  'GET /api/streams/:key/images': 'public',
  'POST /api/streams/:key/images': 'picture.edit',
  'GET /api/streams/:key/images/stats': 'public',
  'GET /api/inputs/:id/logs': 'operate',
  'GET /api/inputs/:id/outputs/:oid/logs': 'operate',
}

/** Of inputs and outputs: looking is for all who are signed in, everything else for operators. */
function expectedOf(rule: string): Right | undefined {
  const own = EXPECTED[rule]
  if (own) return own
  if (/^(POST|PATCH|DELETE) \/api\/inputs/.test(rule)) return 'operate'
  if (/^GET (\/api\/(inputs|system|openapi\.json)|\/inputs\/:id$)/.test(rule)) return 'see'
  return undefined
}

/** Who may what depends on what they are to it: stream-walk.test.ts goes there. */
const isOfOneStream = (path: string) => /^(\/api)?\/streams\/:key(\/(?!images)|$)/.test(path)
/** The same of pictures; whoever may not see one is told that there is none. */
const isOfPictures = (path: string) => /^\/api\/(images\/:id|streams\/:key\/images)/.test(path)

let app: ApiApp
beforeAll(async () => {
  app = await createApiApp()
})
afterAll(() => app[Symbol.asyncDispose]())

test('every address that answers has a rule, and it is the one that was meant', () => {
  // Static files and the icon hold nothing; `*` is what stands around every route.
  const open = new Set(['/static/*', '/favicon.ico', '/*', '*'])
  const mounted = new Set(app.mounted.filter(({ path }) => !open.has(path)).map(({ path }) => path))
  const ruled = new Set(app.rules.map(({ path }) => path))
  expect([...mounted].filter((path) => !ruled.has(path))).toEqual([])
  expect(app.rules.length).toBeGreaterThan(60)
  for (const { method, path, access } of app.rules.filter(({ path }) => !isOfOneStream(path))) {
    const rule = `${method} ${path}`
    expect([rule, access as Right | undefined]).toEqual([rule, expectedOf(rule)])
  }
})

type Asker = { name: string; role: Role | null; scopes: Scope[] | null; headers: Record<string, string> }

/** A stranger, a person of each role, and a key of each scope for each role. */
async function makeAskers(): Promise<Asker[]> {
  const askers: Asker[] = [{ name: 'a stranger', role: null, scopes: null, headers: {} }]
  for (const role of ROLES) {
    const { accounts } = app
    const { row } = await accounts.users.invite({ email: `${role}@example.org`, name: role, role })
    await accounts.users.update(row.id, { status: 'active', passwordHash: 'none' })
    const start = { userId: row.id, userAgent: '', address: '', isSecure: false }
    const cookie = (await accounts.sessions.start(start)).setCookie.split(';')[0] ?? ''
    askers.push({ name: `a person, ${role}`, role, scopes: null, headers: { cookie } })
    for (const scope of SCOPES) {
      // A person's role may have become less since they made the key.
      const maker = { kind: 'session', id: 'x', name: role, role: 'admin', scopes: null, user: { ...row } } as const
      const { key } = await accounts.apiKeys.create({ name: scope, scopes: [scope] }, maker)
      askers.push({ name: `a key, ${scope}, of a ${role}`, role, scopes: [scope], headers: { 'x-api-key': key ?? '' } })
    }
  }
  return askers
}

test('every route against everybody: who may is let through, who may not is told so', async () => {
  const askers = await makeAskers()
  let asked = 0
  // Signing out and ending sessions come last, in an order of their own: they would take the askers' cookies.
  const ends = ['/api/session', '/logout', '/api/sessions']
  const rules = app.rules.filter(({ path }) => !ends.includes(path) && !isOfOneStream(path) && !isOfPictures(path))
  for (const { method, path, access: ruled } of rules) {
    // Strangers see public streams on the first page; there is none here, so it is as any other page.
    // Who names no topic of the events asks for all that is inside.
    const access: Right = path === '/' || path === '/api/events' ? 'see' : ruled
    // Ids of things that are not there: rights are asked for before anything is looked up.
    const address = path.replace(':token', 'x').replace(/:\w+/g, '999999')
    for (const asker of askers) {
      const answer = await app.ask(address, { method, headers: asker.headers })
      await answer.body?.cancel()
      asked++
      const isAllowed = may(asker, access)
      const refusal = asker.role === null ? 401 : 403
      const what = `${method} ${path} (${access}) by ${asker.name}`
      if (isAllowed)
        expect([what, [401, 403].includes(answer.status) && path !== '/api/session']).toEqual([
          what,
          path === '/api/setup' && answer.status === 401,
        ])
      else expect([what, answer.status]).toEqual([what, refusal])
    }
  }
  expect(asked).toBeGreaterThan(1000)
}, 60_000)

test('a picture that is not there is not there for anybody, nor is a gallery', async () => {
  const askers = [{}, { authorization: 'Bearer api-test-key' }]
  const rules = app.rules.filter(({ path }) => isOfPictures(path))
  expect(rules.length).toBeGreaterThan(8)
  for (const { method, path } of rules)
    for (const headers of askers) {
      const address = path.replace(
        /:\w+/,
        path.includes('images/:id') ? '01900000-0000-7000-8000-000000000000' : 'none',
      )
      const answer = await app.ask(address, { method, headers })
      await answer.body?.cancel()
      expect([method, path, answer.status]).toEqual([method, path, 404])
    }
})

test('a method that an address does not take tells nothing to who may do nothing there', async () => {
  const stranger = await app.ask('/api/users', { method: 'PUT' })
  expect(stranger.status).toBe(401)
})

describe('the table', () => {
  test('names no right that no route could mean', () => {
    const used = new Set(app.rules.map(({ access }) => access))
    const forStreams = (Object.keys(RIGHTS) as Right[]).filter((right) => !used.has(right))
    expect(forStreams.every((right) => /^(stream|picture)\./.test(right))).toBe(true)
  })
})
