import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { streams as streamTable } from '../../src/db/tables/streams.ts'
import type { MemberResource, StreamResource } from '../../src/streams/streams.schema.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'
import type { Problem } from '../support/resources.ts'
import { makeAsker, STRANGER, type StreamAsker } from '../support/stream-people.ts'
import { eventually } from '../support/waiting.ts'

let app: ApiApp
beforeAll(async () => {
  app = await createApiApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const ask = (asker: StreamAsker, method: string, path: string, body?: unknown) =>
  app.ask(path, {
    method,
    headers: { ...asker.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
const make = (body: Record<string, unknown>) => app.ok<StreamResource>('POST', '/api/streams', body)
const get = (key: string) => app.ok<StreamResource>('GET', `/api/streams/${key}`)
const keysOf = async (answer: Promise<Response>) =>
  ((await (await answer).json()) as { items: StreamResource[] }).items.map(({ key }) => key)

describe('a stream', () => {
  test('has the key that its form gives, or one made of the title where the form leaves it out', async () => {
    const send = (fields: Record<string, string>) =>
      app.fetch('/api/streams', { method: 'POST', body: new URLSearchParams(fields) })
    const keyOf = async (answer: Promise<Response>) => ((await (await answer).json()) as StreamResource).key
    expect(await keyOf(send({ title: '金曜の夜', key: 'kinyo-no-yoru' }))).toBe('kinyo-no-yoru')
    expect(await keyOf(send({ title: 'Quiet night', key: '' }))).toBe('quiet-night')
    expect((await send({ title: 'Loud night', key: 'Loud night' })).status).toBe(422)
  })

  test('is made with defaults, found by its key, changed, and says what it is to the caller', async () => {
    const answer = await app.call('POST', '/api/streams', { title: 'Friday night at St Mark’s' })
    expect(answer.status).toBe(201)
    expect(answer.headers.get('location')).toBe('/api/streams/friday-night-at-st-mark-s')
    expect(answer.json as StreamResource).toEqual({
      key: 'friday-night-at-st-mark-s',
      title: 'Friday night at St Mark’s',
      description: '',
      owner_id: null,
      input_id: null,
      streamer_id: null,
      category_id: null,
      visibility: 'private',
      default_visibility: 'private',
      teasers: false,
      allow_download: false,
      cover_image_id: null,
      cover_url: null,
      snapshot_interval_seconds: null,
      snapshot_keep: 20,
      status: 'planned',
      role: null,
      started_at: null,
      ended_at: null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
      deleted_at: null,
    })
    const patch = { description: 'Four bands,\nfrom seven.', visibility: 'unlisted', teasers: true }
    Object.assign(patch, { snapshot_interval_seconds: 60, snapshot_keep: 5 })
    expect(await app.ok('PATCH', '/api/streams/friday-night-at-st-mark-s', patch)).toMatchObject(patch)
    expect(await get('friday-night-at-st-mark-s')).toMatchObject({ ...patch, title: 'Friday night at St Mark’s' })
    const never = { snapshot_interval_seconds: null }
    expect(await app.ok('PATCH', '/api/streams/friday-night-at-st-mark-s', never)).toMatchObject(never)
  })

  test('keys: given, made from the title, never twice, no word that a page needs', async () => {
    expect(await make({ key: 'live-001' })).toMatchObject({ key: 'live-001', title: 'live-001' })
    expect((await make({ title: 'Cup final' })).key).toBe('cup-final')
    expect((await make({ title: 'Cup final' })).key).toBe('cup-final-2')
    expect((await make({ title: '舞台' })).key).toBe('stream')
    expect((await make({ title: 'New' })).key).toBe('new-2')
    const taken = await app.problem('POST', '/api/streams', { key: 'live-001', title: 'Again' })
    expect(taken).toMatchObject({ status: 409, code: 'stream.key_taken', errors: [{ path: 'key' }] })
    expect(await app.problem('POST', '/api/streams', { key: 'new' })).toMatchObject({ status: 422 })
    expect(await app.ok('PATCH', '/api/streams/live-001', { key: 'live-002' })).toMatchObject({ key: 'live-002' })
    expect((await app.call('GET', '/api/streams/live-001')).status).toBe(404)
    expect(await get('live-002')).toMatchObject({ title: 'live-001' })
  })

  test.each([
    [{}, 'title'],
    [{ title: '' }, 'title'],
    [{ title: 'a\nb' }, 'title'],
    [{ title: 'x'.repeat(256) }, 'title'],
    [{ key: 'Live 1' }, 'key'],
    [{ key: '../etc' }, 'key'],
    [{ key: 'a--b' }, 'key'],
    [{ key: 'x'.repeat(65) }, 'key'],
    [{ title: 'A', visibility: 'secret' }, 'visibility'],
    [{ title: 'A', default_visibility: 'unlisted' }, 'default_visibility'],
    [{ title: 'A', teasers: 'yes' }, 'teasers'],
    [{ title: 'A', snapshot_keep: 51 }, 'snapshot_keep'],
    [{ title: 'A', snapshot_interval_seconds: 9 }, 'snapshot_interval_seconds'],
    [{ title: 'A', snapshot_interval_seconds: 86_401 }, 'snapshot_interval_seconds'],
    [{ title: 'A', snapshot_interval_seconds: 10.5 }, 'snapshot_interval_seconds'],
    [{ title: 'A', streamer_id: 1 }, 'streamer_id'],
    [{ title: 'A', input_id: 999 }, 'input_id'],
    [{ title: 'A', input_id: '1' }, 'input_id'],
    [{ title: 'A', description: '\u0000' }, 'description'],
    [{ title: 'A', owner_id: 1 }, 'owner_id'],
    [{ title: 'A', status: 'live' }, 'status'],
  ])('%j is refused at %s', async (body, path) => {
    const problem = await app.problem('POST', '/api/streams', body)
    expect([problem.status, problem.errors?.map((error) => error.path)]).toEqual([422, [path]])
  })

  test('a cover is a picture of this very stream', async () => {
    const { key } = await make({ title: 'Covered' })
    const id = '01930000-0000-7000-8000-000000000001'
    expect(await app.problem('PATCH', `/api/streams/${key}`, { cover_image_id: id })).toMatchObject({ status: 422 })
    expect(await app.ok('PATCH', `/api/streams/${key}`, { cover_image_id: null })).toMatchObject({
      cover_image_id: null,
    })
  })
})

describe('planned, live, ended', () => {
  test('live when its input is first on; a lost feed ends nothing; ended by hand alone', async () => {
    const input = await app.input()
    const { key } = await make({ title: 'Match', input_id: input.id })
    expect((await get(key)).status).toBe('planned')
    app.media.input(input.id, { status: 'active' })
    await eventually(5000, 'the stream is live', async () => ((await get(key)).status === 'live' ? true : null))
    const { started_at } = await get(key)
    app.media.input(input.id, { status: 'inactive' })
    app.media.input(input.id, { status: 'active' })
    await app.live.settle()
    expect(await get(key)).toMatchObject({ status: 'live', started_at })
    const ended = await app.call('POST', `/api/streams/${key}/end`)
    expect([ended.status, (ended.json as StreamResource).status]).toEqual([202, 'ended'])
    app.media.input(input.id, { status: 'inactive' })
    app.media.input(input.id, { status: 'active' })
    await app.live.settle()
    expect(await get(key)).toMatchObject({ status: 'ended', ended_at: (ended.json as StreamResource).ended_at })
    expect(await app.ok('POST', `/api/streams/${key}/start`)).toMatchObject({ status: 'live', ended_at: null })
  })

  test('an input that is on already makes it live at once', async () => {
    const input = await app.input()
    app.media.input(input.id, { status: 'active' })
    expect(await make({ title: 'Joined late', input_id: input.id })).toMatchObject({ status: 'live' })
    const other = await app.input()
    app.media.input(other.id, { status: 'active' })
    const { key } = await make({ title: 'Linked late' })
    expect(await app.ok('PATCH', `/api/streams/${key}`, { input_id: other.id })).toMatchObject({ status: 'live' })
  })

  test('start and end by hand, each as often as one likes', async () => {
    const { key } = await make({ title: 'By hand' })
    const first = await app.ok<StreamResource>('POST', `/api/streams/${key}/start`)
    expect(await app.ok('POST', `/api/streams/${key}/start`)).toEqual(first)
    const end = await app.ok<StreamResource>('POST', `/api/streams/${key}/end`)
    expect(await app.ok('POST', `/api/streams/${key}/end`)).toEqual(end)
  })

  test('an input has one stream that has not ended, whichever way it would get a second', async () => {
    const input = await app.input()
    const first = await make({ title: 'First', input_id: input.id })
    const taken = { status: 409, code: 'stream.input_taken' }
    expect(await app.problem('POST', '/api/streams', { title: 'Second', input_id: input.id })).toMatchObject(taken)
    const second = await make({ title: 'Second' })
    expect(await app.problem('PATCH', `/api/streams/${second.key}`, { input_id: input.id })).toMatchObject(taken)
    await app.ok('POST', `/api/streams/${first.key}/end`)
    await app.ok('PATCH', `/api/streams/${second.key}`, { input_id: input.id })
    expect(await app.problem('POST', `/api/streams/${first.key}/start`)).toMatchObject(taken)
    await app.call('DELETE', `/api/streams/${second.key}`)
    await app.ok('POST', `/api/streams/${first.key}/start`)
    expect(await app.problem('POST', `/api/streams/${second.key}/restore`)).toMatchObject(taken)
    const both = [1, 2].map(() => app.call('POST', '/api/streams', { title: 'Race', input_id: input.id }))
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([409, 409])
  })

  test('an input that is deleted leaves its stream without one', async () => {
    const input = await app.input()
    const { key } = await make({ title: 'Orphan', input_id: input.id })
    await app.call('DELETE', `/api/inputs/${input.id}`)
    await eventually(5000, 'the stream has no input', async () => ((await get(key)).input_id === null ? true : null))
  })
})

describe('the live still', () => {
  test('for whoever may see the stream, as the input’s, and only until it has ended', async () => {
    const input = await app.input()
    const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xd9])
    app.media.picture(input.id, jpeg)
    const { key } = await make({ title: 'Seen', input_id: input.id, visibility: 'public' })
    const seen = await ask(STRANGER, 'GET', `/api/streams/${key}/live.jpg?width=640`)
    expect([seen.status, seen.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
    expect(new Uint8Array(await seen.arrayBuffer())).toEqual(jpeg)
    const etag = seen.headers.get('etag') ?? ''
    const again = await ask({ ...STRANGER, headers: { 'if-none-match': etag } }, 'GET', `/api/streams/${key}/live.jpg`)
    expect(again.status).toBe(304)
    expect((await ask(STRANGER, 'GET', `/api/streams/${key}/live.jpg?width=7`)).status).toBe(422)
    expect((await ask(STRANGER, 'GET', `/api/inputs/${input.id}/live.jpg`)).status).toBe(401)
    await app.ok('PATCH', `/api/streams/${key}`, { visibility: 'private' })
    const hidden = { ...STRANGER, headers: { 'if-none-match': etag } }
    expect((await ask(hidden, 'GET', `/api/streams/${key}/live.jpg`)).status).toBe(404)
    await app.ok('PATCH', `/api/streams/${key}`, { visibility: 'public' })
    await app.ok('POST', `/api/streams/${key}/end`)
    const ended = await ask(STRANGER, 'GET', `/api/streams/${key}/live.jpg`)
    expect([ended.status, ((await ended.json()) as Problem).code]).toEqual([404, 'input.no_picture'])
  })
})

describe('lists', () => {
  test('strangers find public streams alone; an unlisted one by its key; of a private one nothing', async () => {
    const open = await make({ title: 'Open day', visibility: 'public', input_id: (await app.input()).id })
    const unlisted = await make({ title: 'Open to some', visibility: 'unlisted' })
    const hidden = await make({ title: 'Open to none' })
    expect(await keysOf(ask(STRANGER, 'GET', '/api/streams?q=open'))).toEqual([open.key])
    expect(await keysOf(app.fetch('/api/streams?q=open'))).toEqual([hidden.key, unlisted.key, open.key])
    const told = await ask(STRANGER, 'GET', `/api/streams/${unlisted.key}`)
    expect([told.status, ((await told.json()) as StreamResource).visibility]).toEqual([200, 'unlisted'])
    const none = await ask(STRANGER, 'GET', `/api/streams/${hidden.key}`)
    const nothing = await ask(STRANGER, 'GET', '/api/streams/there-is-none')
    const told404 = async (answer: Response) => ({ ...((await answer.json()) as Problem), request_id: '' })
    expect([none.status, await told404(none)]).toEqual([404, await told404(nothing)])
    const seen = (await (await ask(STRANGER, 'GET', `/api/streams/${open.key}`)).json()) as StreamResource
    expect(seen).toMatchObject({ input_id: null, owner_id: null, role: null })
  })

  test('by pages, the newest first, each once; total on demand; by status', async () => {
    for (let i = 0; i < 5; i++) await make({ title: `Paged ${i}` })
    const seen: string[] = []
    let cursor: string | null = ''
    for (let i = 0; cursor !== null && i < 10; i++) {
      const page: { items: StreamResource[]; next_cursor: string | null; total?: number } = await app.ok(
        'GET',
        `/api/streams?q=paged&limit=2&total=true${cursor && `&cursor=${cursor}`}`,
      )
      expect(page.total).toBe(5)
      seen.push(...page.items.map(({ title }) => title))
      cursor = page.next_cursor
    }
    expect(seen).toEqual([4, 3, 2, 1, 0].map((i) => `Paged ${i}`))
    await app.ok('POST', '/api/streams/paged-3/start')
    expect(await keysOf(app.fetch('/api/streams?q=paged&status=live'))).toEqual(['paged-3'])
    expect((await app.call('GET', '/api/streams?limit=0')).status).toBe(422)
    expect((await app.call('GET', '/api/streams?status=gone')).status).toBe(422)
    expect((await app.call('GET', '/api/streams?wrong=1')).status).toBe(422)
  })
})

describe('the trash', () => {
  test('takes a stream from everybody and keeps its key; restored it is as it was', async () => {
    const { key } = await make({ title: 'Thrown away', visibility: 'public', description: 'As it was' })
    const before = await get(key)
    expect((await app.call('DELETE', `/api/streams/${key}`)).status).toBe(204)
    for (const path of ['', '/live.jpg', '/members']) {
      expect((await app.call('GET', `/api/streams/${key}${path}`)).status).toBe(404)
      expect((await ask(STRANGER, 'GET', `/api/streams/${key}${path}`)).status).toBe(404)
    }
    expect((await app.call('DELETE', `/api/streams/${key}`)).status).toBe(404)
    expect((await app.call('PATCH', `/api/streams/${key}`, { title: 'x' })).status).toBe(404)
    expect(await keysOf(app.fetch('/api/streams?q=thrown'))).toEqual([])
    expect(await keysOf(app.fetch('/api/streams?trash=true'))).toContain(key)
    expect(await keysOf(ask(STRANGER, 'GET', '/api/streams?trash=true'))).toEqual([])
    expect(await app.problem('POST', '/api/streams', { key })).toMatchObject({ code: 'stream.key_taken' })
    const back = await app.call('POST', `/api/streams/${key}/restore`)
    expect(back.status).toBe(202)
    expect(back.json as StreamResource).toEqual({ ...before, updated_at: expect.any(String) } as never)
    // The same by the plain form of the page.
    await app.call('DELETE', `/api/streams/${key}`)
    const html = { headers: { accept: 'text/html' } }
    const action = `/api/streams/${key}/restore`
    expect(await (await app.fetch('/trash', html)).text()).toContain(`action="${action}"`)
    const plain = await app.fetch(action, { ...html, method: 'POST', redirect: 'manual' })
    expect([plain.status, plain.headers.get('location')]).toEqual([303, `/streams/${key}`])
    expect(await (await app.fetch('/trash', html)).text()).not.toContain(action)
  })

  test('what was in it too long goes for ever, after its pictures; what was not stays', async () => {
    const gone = await make({ title: 'Long gone' })
    const young = await make({ title: 'Just gone' })
    await app.call('DELETE', `/api/streams/${gone.key}`)
    const goneId = app.streams.byKey(gone.key)?.id ?? 0
    const atMs = app.streams.byKey(gone.key)?.deletedAt ?? 0
    await eventually(5000, 'a later millisecond', async () => (Date.now() > atMs ? true : null))
    await app.call('DELETE', `/api/streams/${young.key}`)
    const cleared: number[] = []
    await app.streams.sweep(atMs + 1, async (id) => void cleared.push(id))
    expect(cleared).toContain(goneId)
    expect(app.streams.byKey(gone.key)).toBeNull()
    expect(app.streams.byKey(young.key)).not.toBeNull()
    const failing = app.streams.sweep(Date.now() + 1000, () => Promise.reject(new Error('its files are still there')))
    await expect(failing).rejects.toThrow('still there')
    expect(app.streams.byKey(young.key)).not.toBeNull()
  })
})

describe('members', () => {
  test('a person by their account, once, and never the owner', async () => {
    const owner = await makeAsker(app, 'editor')
    const guest = await makeAsker(app, 'viewer')
    const made = await ask(owner, 'POST', '/api/streams', { title: 'Shared' })
    const { key } = (await made.json()) as StreamResource
    expect((await ask(guest, 'GET', `/api/streams/${key}`)).status).toBe(404)
    const added = await ask(owner, 'POST', `/api/streams/${key}/members`, { role: 'subscriber', user_id: guest.id })
    const member = (await added.json()) as MemberResource
    expect([added.status, member]).toEqual([
      201,
      {
        id: member.id,
        role: 'subscriber',
        user_id: guest.id,
        name: guest.name,
        until: null,
        created_at: member.created_at,
      },
    ])
    const seen = (await (await ask(guest, 'GET', `/api/streams/${key}`)).json()) as StreamResource
    expect(seen.role).toBe('subscriber')
    const twice = await ask(owner, 'POST', `/api/streams/${key}/members`, { role: 'co_owner', user_id: guest.id })
    expect([twice.status, ((await twice.json()) as Problem).code]).toEqual([409, 'member.exists'])
    const self = await ask(owner, 'POST', `/api/streams/${key}/members`, { role: 'co_owner', user_id: owner.id })
    expect(self.status).toBe(409)
    const path = `/api/streams/${key}/members/${member.id}`
    expect((await ask(owner, 'PATCH', path, { name: 'Another' })).status).toBe(422)
    expect((await ask(owner, 'PATCH', path, { role: 'co_owner' })).status).toBe(200)
    expect((await ask(guest, 'PATCH', `/api/streams/${key}`, { title: 'Ours' })).status).toBe(200)
    expect((await ask(owner, 'DELETE', path)).status).toBe(204)
    expect((await ask(guest, 'GET', `/api/streams/${key}`)).status).toBe(404)
    expect((await ask(owner, 'DELETE', path)).status).toBe(404)
  })

  test.each([
    [{ role: 'owner' }, 'role'],
    [{}, 'role'],
    [{ role: 'co_owner' }, 'role'],
    [{ role: 'subscriber', user_id: 999 }, 'user_id'],
    [{ role: 'subscriber', until: '2001-01-01' }, 'until'],
    [{ role: 'subscriber', until: 'tomorrow' }, 'until'],
    [{ role: 'subscriber', name: 'a\nb' }, 'name'],
    [{ role: 'subscriber', link: 'x' }, 'link'],
  ])('%j is refused at %s', async (body, path) => {
    const { key } = await make({ title: 'Refusing' })
    const problem = await app.problem('POST', `/api/streams/${key}/members`, body)
    expect([problem.status, problem.errors?.map((error) => error.path)]).toEqual([422, [path]])
  })

  test('a personal link opens its stream alone, is told once, kept as a hash, and dies when it is taken back', async () => {
    const { key } = await make({ title: 'By link' })
    const other = await make({ title: 'Not by link' })
    const member = await app.ok<MemberResource>('POST', `/api/streams/${key}/members`, {
      role: 'subscriber',
      name: 'The Hallorans',
    })
    const { link = '' } = member
    const path = new URL(link).pathname
    const token = path.split('/').at(-1) ?? ''
    expect(path).toMatch(/^\/join\/[\w-]{43}$/)
    const list = await app.ok<MemberResource[]>('GET', `/api/streams/${key}/members`)
    expect(list).toEqual([{ ...member, link: undefined } as never])
    const stored = await app.db.client.execute('select * from stream_members')
    expect(JSON.stringify(stored.rows)).not.toContain(token)

    const joined = await ask(STRANGER, 'GET', path)
    expect([joined.status, joined.headers.get('location')]).toEqual([302, `/streams/${key}`])
    const setCookie = joined.headers.get('set-cookie') ?? ''
    expect(setCookie).toMatch(/^weir_stream_\d+=[\w-]{43}; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax$/)
    const guest = { ...STRANGER, headers: { cookie: setCookie.split(';')[0] ?? '' } }
    const seen = (await (await ask(guest, 'GET', `/api/streams/${key}`)).json()) as StreamResource
    expect(seen).toMatchObject({ key, role: 'subscriber' })
    expect(await keysOf(ask(guest, 'GET', '/api/streams?q=by-link'))).toEqual([key])
    expect((await ask(guest, 'GET', `/api/streams/${other.key}`)).status).toBe(404)
    for (const [method, rest] of [
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/start'],
      ['GET', '/members'],
      ['POST', '/members'],
    ] as const)
      expect((await ask(guest, method, `/api/streams/${key}${rest}`)).status).toBe(401)

    expect((await ask(STRANGER, 'GET', '/join/wrong')).status).toBe(410)
    expect((await app.call('DELETE', `/api/streams/${key}/members/${member.id}`)).status).toBe(204)
    expect((await ask(guest, 'GET', `/api/streams/${key}`)).status).toBe(404)
    expect((await ask(STRANGER, 'GET', path)).status).toBe(410)
  })

  test('a link and a membership end when they were said to', async () => {
    const { key } = await make({ title: 'For a while' })
    const body = { role: 'subscriber', until: new Date(Date.now() + 400).toISOString() }
    const { link = '' } = await app.ok<MemberResource>('POST', `/api/streams/${key}/members`, body)
    const joined = await ask(STRANGER, 'GET', new URL(link).pathname)
    const cookie = (joined.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const guest = { ...STRANGER, headers: { cookie } }
    const status = async () => (await ask(guest, 'GET', `/api/streams/${key}`)).status
    await eventually(5000, 'the link has ended', async () => ((await status()) === 404 ? true : null))
    expect(joined.status === 302 || joined.status === 410).toBe(true)
    const day = await app.ok<MemberResource>('POST', `/api/streams/${key}/members`, {
      role: 'subscriber',
      until: '2199-01-31',
    })
    expect(day.until).toBe('2199-01-31T23:59:59.999Z')
  })

  test('a person who is deleted is a member no more', async () => {
    const guest = await makeAsker(app, 'viewer')
    const { key } = await make({ title: 'Left' })
    await app.ok('POST', `/api/streams/${key}/members`, { role: 'subscriber', user_id: guest.id })
    await app.call('DELETE', `/api/users/${guest.id}`)
    expect(await app.ok<MemberResource[]>('GET', `/api/streams/${key}/members`)).toEqual([])
  })

  test('the streams of a person who is deleted belong to the administrators, at once and after a restart', async () => {
    const owner = await makeAsker(app, 'editor')
    const made = await ask(owner, 'POST', '/api/streams', { title: 'Orphan', visibility: 'unlisted' })
    expect((await made.json()) as object).toMatchObject({ owner_id: owner.id })
    await app.ok('DELETE', `/api/users/${owner.id}`)
    expect(await app.ok<object>('GET', '/api/streams/orphan')).toMatchObject({ owner_id: null })
    const [row] = await app.db.orm.select().from(streamTable).where(eq(streamTable.key, 'orphan'))
    expect(row).toMatchObject({ ownerId: null })
  })
})

test('streams, members and what they may are there again after a restart', async () => {
  const file = await (async () => {
    await using first = await createApiApp()
    await first.ok('POST', '/api/streams', { title: 'Kept', visibility: 'unlisted' })
    await first.ok('POST', '/api/streams/kept/members', { role: 'subscriber', name: 'Kim' })
    await first.ok('POST', '/api/streams/kept/start')
    return first.databaseFile
  })()
  await using second = await createApiApp({ databaseFile: file })
  expect(await second.ok('GET', '/api/streams/kept')).toMatchObject({ visibility: 'unlisted', status: 'live' })
  expect(await second.ok('GET', '/api/streams/kept/members')).toMatchObject([{ name: 'Kim' }])
})

test('changes stand in the audit log, with what was and what is', async () => {
  await make({ title: 'Audited' })
  await app.ok('PATCH', '/api/streams/audited', { visibility: 'public' })
  await app.ok('POST', '/api/streams/audited/end')
  const member = await app.ok<MemberResource>('POST', '/api/streams/audited/members', { role: 'subscriber' })
  type Items = { items: { action: string; before: unknown; after: unknown }[] }
  const { items } = await app.ok<Items>('GET', '/api/audit?target=stream:audited')
  const lines = items.map(({ action, before, after }) => ({ action, before, after }))
  expect(lines).toContainEqual({
    action: 'stream.edit',
    before: { visibility: 'private' },
    after: { visibility: 'public' },
  })
  expect(lines).toContainEqual({ action: 'stream.end', before: { status: 'planned' }, after: { status: 'ended' } })
  const told = await app.ok<Items>('GET', `/api/audit?target=member:${member.id}`)
  expect(told.items).toMatchObject([{ action: 'member.create', after: { role: 'subscriber' } }])
  expect(JSON.stringify([items, told])).not.toContain((member.link ?? '').split('/').at(-1) ?? '?')
})
