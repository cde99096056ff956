import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Relation, type Right, may, type Role, ROLES, SCOPES, type Scope } from '../../src/lib/access.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'
import { makeAsker } from '../support/stream-people.ts'

/** What each route about one stream asks for, by hand. */
const EXPECTED: Record<string, Right> = {
  'GET /api/streams/:key': 'public',
  'PATCH /api/streams/:key': 'stream.edit',
  'POST /api/streams/:key': 'stream.edit',
  'DELETE /api/streams/:key': 'stream.edit',
  'POST /api/streams/:key/start': 'stream.edit',
  'POST /api/streams/:key/end': 'stream.edit',
  'POST /api/streams/:key/restore': 'stream.edit',
  'GET /api/streams/:key/live.jpg': 'public',
  'GET /api/streams/:key/members': 'stream.share',
  'POST /api/streams/:key/members': 'stream.share',
  'PATCH /api/streams/:key/members/:mid': 'stream.share',
  'DELETE /api/streams/:key/members/:mid': 'stream.share',
  'POST /api/streams/:key/capture': 'picture.edit',
  'GET /streams/:key': 'public',
  'GET /streams/:key/edit': 'stream.edit',
  'GET /streams/:key/gallery': 'public',
  'GET /streams/:key/gallery/:id': 'public',
}

/** Written by hand from the contract: whom each right lets pass, by what they are to the stream and by their role. */
const LET_IN: Partial<Record<Right, { relations: Relation[]; roles: Role[] }>> = {
  'stream.edit': { relations: ['owner', 'co_owner'], roles: ['operator', 'admin'] },
  'stream.share': { relations: ['owner', 'co_owner'], roles: ['admin'] },
  'picture.edit': { relations: ['owner', 'co_owner'], roles: ['admin'] },
}

type Asker = {
  name: string
  relation: Relation | null
  role: Role | null
  scopes: Scope[] | null
  headers: Record<string, string>
}

let app: ApiApp
beforeAll(async () => {
  app = await createApiApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const isOfOne = (path: string) => /^(\/api)?\/streams\/:key(\/(?!images)|$)/.test(path)

test('every route about one stream has the rule that was meant', () => {
  const rules = app.rules.filter(({ path }) => isOfOne(path))
  expect(rules.length).toBeGreaterThan(12)
  for (const { method, path, access } of rules) {
    const rule = `${method} ${path}`
    expect([rule, access as Right | undefined]).toEqual([rule, EXPECTED[rule]])
  }
})

/** Everybody who can be anything to a stream, with every scope a key of theirs can have. */
async function makeAskers(key: string): Promise<Asker[]> {
  const askers: Asker[] = [{ name: 'a stranger', relation: null, role: null, scopes: null, headers: {} }]
  const ownerId = async (userId: number) => {
    const row = app.streams.byKey(key)
    if (row)
      await app.db.client.execute({ sql: 'update streams set owner_id = ? where id = ?', args: [userId, row.id] })
    if (row) Object.assign(row, { ownerId: userId })
  }
  const relations: (Relation | null)[] = ['owner', 'co_owner', 'subscriber', null]
  for (const relation of relations) {
    for (const role of relation === 'owner' ? (['editor'] as const) : ROLES) {
      const person = await makeAsker(app, role)
      if (relation === 'owner') await ownerId(person.id)
      else if (relation) await app.ok('POST', `/api/streams/${key}/members`, { role: relation, user_id: person.id })
      const what = `${relation ?? 'nothing to it'}, ${role}`
      askers.push({ name: what, relation, role, scopes: null, headers: person.headers })
      for (const scope of SCOPES) {
        const user = { id: person.id, email: '', name: person.name }
        const maker = { kind: 'session', id: 'x', name: role, role: 'admin', scopes: null, user } as const
        const made = await app.accounts.apiKeys.create({ name: scope, scopes: [scope] }, maker)
        const headers = { 'x-api-key': made.key ?? '' }
        askers.push({ name: `a key, ${scope}, of ${what}`, relation, role, scopes: [scope], headers })
      }
    }
  }
  const { link } = await app.ok<{ link: string }>('POST', `/api/streams/${key}/members`, { role: 'subscriber' })
  const joined = await app.ask(new URL(link).pathname)
  const cookie = joined.headers.get('set-cookie')?.split(';')[0] ?? ''
  askers.push({ name: 'a personal link', relation: 'subscriber', role: null, scopes: null, headers: { cookie } })
  return askers
}

test.each(['private', 'unlisted', 'public'] as const)(
  'every route of a %s stream against everybody: not there, refused or let through',
  async (visibility) => {
    const key = `walk-${visibility}`
    await app.ok('POST', '/api/streams', { key, visibility })
    const askers = await makeAskers(key)
    const rules = app.rules.filter(({ method, path }) => isOfOne(path) && method !== 'DELETE')
    let asked = 0
    for (const { method, path, access } of rules) {
      for (const asker of askers) {
        // No such member, and no body that would change anything.
        const address = path
          .replace(':key', key)
          .replace(':mid', '999999')
          .replace(':id', '01900000-0000-7000-8000-000000000000')
        const body = method === 'GET' ? {} : { body: '{"nothing":1}' }
        const headers = { ...asker.headers, 'content-type': 'application/json' }
        const answer = await app.ask(address, { method, headers, ...body })
        await answer.body?.cancel()
        asked++
        const what = `${method} ${path} by ${asker.name}`
        const isThere =
          visibility !== 'private' ||
          ((asker.relation !== null || asker.role === 'operator' || asker.role === 'admin') &&
            may({ role: 'admin', scopes: asker.scopes }, 'stream.see_private'))
        const rule = LET_IN[access]
        const mayByScope = may({ role: 'admin', scopes: asker.scopes }, access)
        const isLetIn =
          access === 'public' ||
          (mayByScope &&
            rule !== undefined &&
            ((asker.relation !== null && rule.relations.includes(asker.relation)) ||
              (asker.role !== null && rule.roles.includes(asker.role))))
        if (!isThere) expect([what, answer.status]).toEqual([what, 404])
        else if (!isLetIn) expect([what, answer.status]).toEqual([what, asker.role === null ? 401 : 403])
        else expect([what, [401, 403].includes(answer.status)]).toEqual([what, false])
      }
    }
    expect(asked).toBeGreaterThan(700)
  },
  120_000,
)

test('another stream’s owner, co-owner and subscriber are nothing to this one', async () => {
  await app.ok('POST', '/api/streams', { key: 'theirs' })
  const owner = await makeAsker(app, 'editor')
  const json = { 'content-type': 'application/json' }
  const body = JSON.stringify({ key: 'mine' })
  await app.ask('/api/streams', { method: 'POST', headers: { ...owner.headers, ...json }, body })
  const others = [owner, await makeAsker(app, 'viewer'), await makeAsker(app, 'viewer')]
  await app.ok('POST', '/api/streams/mine/members', { role: 'co_owner', user_id: others[1]?.id })
  await app.ok('POST', '/api/streams/mine/members', { role: 'subscriber', user_id: others[2]?.id })
  const { link } = await app.ok<{ link: string }>('POST', '/api/streams/mine/members', { role: 'subscriber' })
  const cookie = (await app.ask(new URL(link).pathname)).headers.get('set-cookie')?.split(';')[0] ?? ''
  // The cookie of one stream under the name of another is still the link of its own.
  const renamed = cookie.replace(/weir_stream_\d+/, `weir_stream_${app.streams.byKey('theirs')?.id}`)
  for (const { headers } of [...others, { headers: { cookie } }, { headers: { cookie: renamed } }]) {
    expect((await app.ask('/api/streams/mine', { headers })).status).toBe(200)
    expect((await app.ask('/api/streams/theirs', { headers })).status).toBe(404)
    expect((await app.ask('/streams/theirs', { headers })).status).toBe(404)
    expect((await app.ask('/api/streams/theirs/start', { method: 'POST', headers })).status).toBe(404)
  }
})

test('an editor cannot choose the input of their own stream; an operator can', async () => {
  const input = await app.input()
  const editor = await makeAsker(app, 'editor')
  const operator = await makeAsker(app, 'operator')
  const send = (who: { headers: Record<string, string> }, method: string, path: string, body: unknown) =>
    app.ask(path, {
      method,
      headers: { ...who.headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  expect((await send(editor, 'POST', '/api/streams', { key: 'fed', input_id: input.id })).status).toBe(403)
  expect((await send(editor, 'POST', '/api/streams', { key: 'fed' })).status).toBe(201)
  expect((await send(editor, 'PATCH', '/api/streams/fed', { input_id: input.id })).status).toBe(403)
  expect((await send(operator, 'PATCH', '/api/streams/fed', { input_id: input.id })).status).toBe(200)
  expect((await send(editor, 'PATCH', '/api/streams/fed', { input_id: input.id, title: 'Fed' })).status).toBe(200)
  expect((await send(editor, 'PATCH', '/api/streams/fed', { input_id: null })).status).toBe(403)
})
