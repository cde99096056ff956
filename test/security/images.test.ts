import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { ImageResource } from '../../src/images/images.schema.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'
import { type Asker, newJpeg, picturesOf, refusalOf } from '../support/images.ts'
import { makeAsker, STRANGER } from '../support/stream-people.ts'

/** Who sees which picture, in bytes, lists, counts, single, acts and events alike. */
const VISIBILITIES = ['private', 'subscribers', 'public'] as const
const STREAMS = ['private', 'unlisted', 'public'] as const
type Visibility = (typeof VISIBILITIES)[number]

let app: ApiApp
let on: ReturnType<typeof picturesOf>
const people: Record<string, Asker> = {}
const streams = {} as Record<(typeof STREAMS)[number], { key: string; images: Record<Visibility, ImageResource> }>

const OWNERS = ['owner', 'co-owner', 'administrator']

beforeAll(async () => {
  app = await createApiApp()
  on = picturesOf(app)
  const owner = await makeAsker(app, 'editor')
  const coOwner = await makeAsker(app, 'viewer')
  const subscriber = await makeAsker(app, 'viewer')
  const expired = await makeAsker(app, 'viewer')
  Object.assign(people, { owner, 'co-owner': coOwner, subscriber, expired, stranger: STRANGER })
  people['administrator'] = await makeAsker(app, 'admin')
  for (const role of ['operator', 'editor', 'viewer'] as const) people[role] = await makeAsker(app, role)
  for (const visibility of STREAMS) {
    const made = await on.json('POST', '/api/streams', { title: `A ${visibility} show`, visibility }, owner)
    const { key } = (await made.json()) as { key: string }
    const member = (body: unknown) => on.json('POST', `/api/streams/${key}/members`, body, owner)
    await member({ role: 'co_owner', user_id: coOwner.id })
    await member({ role: 'subscriber', user_id: subscriber.id })
    await member({ role: 'subscriber', user_id: expired.id, until: '2020-01-01' })
    const link = ((await (await member({ role: 'subscriber', name: 'By a link' })).json()) as { link: string }).link
    const joined = await app.ask(new URL(link).pathname, {})
    people[`linked-${visibility}`] = {
      headers: {
        cookie: joined.headers
          .getSetCookie()
          .map((each) => each.split(';')[0])
          .join('; '),
      },
    }
    const images = {} as Record<Visibility, ImageResource>
    for (const each of VISIBILITIES) {
      const answer = await on.send(key, await newJpeg(), `?visibility=${each}&title=Secret`, owner)
      images[each] = (await answer.json()) as ImageResource
    }
    streams[visibility] = { key, images }
  }
}, 60_000)
afterAll(() => app[Symbol.asyncDispose]())

/** By hand, apart from the code: what each sees of a stream. Null = there is no such stream for them. */
function expected(who: string, stream: (typeof STREAMS)[number]): Visibility[] | null {
  if (OWNERS.includes(who)) return ['private', 'subscribers', 'public']
  if (who === 'subscriber' || who === `linked-${stream}`) return ['subscribers', 'public']
  // An operator looks after every stream, not after what is in it.
  if (stream === 'private' && who !== 'operator') return null
  return ['public']
}

const everybody = () => Object.entries(people).flatMap(([who, by]) => STREAMS.map((stream) => ({ who, by, stream })))

describe('each picture for everybody', () => {
  test('in lists, counts and statistics', async () => {
    for (const { who, by, stream } of everybody()) {
      const { key, images } = streams[stream]
      const seen = expected(who, stream)
      const list = await on.ask('GET', `/api/streams/${key}/images?total=true`, {}, by)
      const stats = await on.ask('GET', `/api/streams/${key}/images/stats`, {}, by)
      const what = `${who} at ${stream}`
      expect([what, list.status, stats.status]).toEqual([what, seen ? 200 : 404, seen ? 200 : 404])
      if (!seen) continue
      const { items, total } = (await list.json()) as { items: ImageResource[]; total: number }
      expect([what, items.map(({ id }) => id).sort()]).toEqual([what, seen.map((each) => images[each].id).sort()])
      const sums = (await stats.json()) as Record<string, number>
      expect([what, total, sums['total'], sums['private'], sums['subscribers'], sums['public']]).toEqual([
        what,
        seen.length,
        seen.length,
        ...VISIBILITIES.map((each) => Number(seen.includes(each))),
      ])
      // What is for owners alone stands in no other answer.
      const isOwner = OWNERS.includes(who)
      for (const item of items)
        expect([what, 'filename' in item, 'sha256' in item, 'view_count' in item]).toEqual([
          what,
          isOwner,
          isOwner,
          isOwner,
        ])
    }
  })

  test('in searches, where an unlisted stream is found by those alone who are let in', async () => {
    for (const [who, by] of Object.entries(people)) {
      const finds = (stream: (typeof STREAMS)[number]) =>
        stream !== 'unlisted' || [...OWNERS, 'operator', 'subscriber', 'linked-unlisted'].includes(who)
      const wanted = STREAMS.filter(finds).flatMap((stream) =>
        (expected(who, stream) ?? []).map((each) => streams[stream].images[each].id),
      )
      const answer = await on.ask('GET', '/api/images/search?q=secret&total=true', {}, by)
      const { items, total } = (await answer.json()) as { items: ImageResource[]; total: number }
      expect([who, answer.status, items.map(({ id }) => id).sort(), total]).toEqual([
        who,
        200,
        wanted.sort(),
        wanted.length,
      ])
      const isOwner = OWNERS.includes(who)
      expect([who, items.every((item) => 'filename' in item === isOwner)]).toEqual([who, true])
    }
  })

  test('in bytes, whatever the headers say, and in what is known of it', async () => {
    for (const { who, by, stream } of everybody()) {
      for (const visibility of VISIBILITIES) {
        const image = streams[stream].images[visibility]
        const isSeen = expected(who, stream)?.includes(visibility) ?? false
        const what = `${who} at ${visibility} in ${stream}`
        const status = async (path: string, init: RequestInit = {}, method = 'GET') => {
          const answer = await on.ask(method, path, init, by)
          await answer.body?.cancel()
          return answer.status
        }
        const api = `/api/images/${image.id}`
        expect([what, await status(api)]).toEqual([what, isSeen ? 200 : 404])
        expect([what, await status(image.variants['thumb'] ?? '')]).toEqual([what, isSeen ? 200 : 404])
        const guess = { headers: { 'if-none-match': '*' } }
        expect([what, await status(image.variants['thumb'] ?? '', guess)]).toEqual([what, isSeen ? 304 : 404])
        const isOwner = OWNERS.includes(who)
        expect([what, await status(image.variants['original'] ?? '')]).toEqual([what, isOwner ? 200 : 404])
        expect([what, await status(`${api}/view`, {}, 'POST')]).toEqual([what, isSeen ? 204 : 404])
      }
    }
  })

  test('nobody but owners changes anything', async () => {
    for (const { who, by, stream } of everybody()) {
      if (OWNERS.includes(who)) continue
      const { key, images } = streams[stream]
      for (const visibility of VISIBILITIES) {
        const { id } = images[visibility]
        const isSeen = expected(who, stream)?.includes(visibility) ?? false
        const refusal = !isSeen ? 404 : 'cookie' in by.headers && !who.startsWith('linked') ? 403 : 401
        const acts = [
          on.json('PATCH', `/api/images/${id}`, { title: 'Mine' }, by),
          on.ask('DELETE', `/api/images/${id}`, {}, by),
          on.ask('DELETE', `/api/images/${id}?purge=true`, {}, by),
          on.ask('POST', `/api/images/${id}/restore`, {}, by),
          on.ask('POST', `/api/images/${id}/revoke-links`, {}, by),
          on.ask('GET', `/api/images/${id}/signed-url`, {}, by),
          on.ask('GET', `/api/images/${id}/stats`, {}, by),
        ]
        const what = `${who} at ${visibility} in ${stream}`
        for (const answer of await Promise.all(acts)) expect([what, answer.status]).toEqual([what, refusal])
        const bulk = await on.json('POST', '/api/images/bulk', { ids: [id], action: 'delete' }, by)
        expect([what, ((await bulk.json()) as { results: { status: number }[] }).results[0]?.status]).toEqual([
          what,
          refusal,
        ])
      }
      const status = (await on.send(key, await newJpeg(), '', by)).status
      const refusal =
        expected(who, stream) === null ? 404 : 'cookie' in by.headers && !who.startsWith('linked') ? 403 : 401
      expect([who, stream, status]).toEqual([who, stream, refusal])
    }
    expect((await app.ok<ImageResource>('GET', `/api/images/${streams.public.images.public.id}`)).title).toBe('Secret')
  }, 60_000)

  test('the trash is for owners', async () => {
    const { key } = streams.public
    const image = await on.add(key, '?visibility=public')
    await app.call('DELETE', `/api/images/${image.id}`)
    for (const [who, by] of Object.entries(people)) {
      const isOwner = OWNERS.includes(who)
      expect([who, (await on.ask('GET', image.variants['thumb'] ?? '', {}, by)).status]).toEqual([
        who,
        isOwner ? 200 : 404,
      ])
      expect([who, (await on.list(key, '', by)).items.some(({ id }) => id === image.id)]).toEqual([who, false])
      const trash = await on.ask('GET', `/api/streams/${key}/images?trash=true`, {}, by)
      expect([who, trash.status === 200]).toEqual([who, isOwner])
    }
  })

  test('with a stream in the trash all its pictures are gone for everybody, links too', async () => {
    const key = await on.stream({ visibility: 'public' })
    const image = await on.add(key, '?visibility=public')
    const { url } = await app.ok<{ url: string }>('GET', `/api/images/${image.id}/signed-url`)
    await app.call('DELETE', `/api/streams/${key}`)
    const { pathname, search } = new URL(url)
    for (const path of [image.variants['thumb'] ?? '', `/api/images/${image.id}`, pathname + search])
      expect((await app.fetch(path)).status).toBe(404)
  })
})

describe('signed links', () => {
  const signed = async (id: string, query = '') => {
    const { url, expires_at } = await app.ok<{ url: string; expires_at: string }>(
      'GET',
      `/api/images/${id}/signed-url${query}`,
    )
    const { pathname, searchParams } = new URL(url)
    return { pathname, searchParams, expires_at }
  }
  const open = async (pathname: string, query: URLSearchParams) =>
    (await on.ask('GET', `${pathname}?${query}`, {}, STRANGER)).status

  test('open one size of one picture to whoever has them, and are kept by nobody', async () => {
    const { id } = streams.private.images.private
    for (const variant of ['thumb', 'large', 'small.webp', 'full', 'original']) {
      const { pathname, searchParams } = await signed(id, `?variant=${variant}`)
      const answer = await on.ask('GET', `${pathname}?${searchParams}`, {}, STRANGER)
      expect([variant, answer.status, answer.headers.get('cache-control')]).toEqual([variant, 200, 'private, no-cache'])
    }
  })

  test('are 404 with any part of them changed, for another size, another picture or by another key', async () => {
    const { id } = streams.private.images.private
    const { pathname, searchParams } = await signed(id, '?variant=small')
    const changed = (name: string, value: string) => {
      const query = new URLSearchParams(searchParams)
      if (value === '') query.delete(name)
      else query.set(name, value)
      return query
    }
    expect(await open(pathname, searchParams)).toBe(200)
    const later = String(Number(searchParams.get('exp')) + 1)
    for (const [name, value] of [
      ['exp', later],
      ['exp', ''],
      ['exp', `${searchParams.get('exp')}.0`],
      ['kid', '00000000'],
      ['kid', ''],
      ['sig', 'x'.repeat(43)],
      ['sig', ''],
    ] as const)
      expect([name, value, await open(pathname, changed(name, value))]).toEqual([name, value, 404])
    for (const path of [
      pathname.replace('small', 'large'),
      `${pathname}.jpg`,
      pathname.replace(id, streams.private.images.public.id),
    ])
      expect([path, await open(path, searchParams)]).toEqual([path, 404])
  })

  test('are 410 when they have expired, and 404 if they were never right', async () => {
    const { id } = streams.private.images.private
    const { pathname, searchParams } = await signed(id, '?expires=1')
    const end = Number(searchParams.get('exp')) * 1000
    while (Date.now() <= end) await Bun.sleep(end - Date.now() + 1)
    expect(await open(pathname, searchParams)).toBe(410)
    searchParams.set('sig', 'A'.repeat(43))
    expect(await open(pathname, searchParams)).toBe(404)
  })

  test('die with revoke-links, all of that picture and of no other', async () => {
    const { private: mine, subscribers: other } = streams.private.images
    const [a, b, c] = [await signed(mine.id), await signed(mine.id, '?variant=thumb'), await signed(other.id)]
    expect((await app.call('POST', `/api/images/${mine.id}/revoke-links`)).status).toBe(202)
    expect([await open(a.pathname, a.searchParams), await open(b.pathname, b.searchParams)]).toEqual([404, 404])
    expect(await open(c.pathname, c.searchParams)).toBe(200)
    const next = await signed(mine.id)
    expect(await open(next.pathname, next.searchParams)).toBe(200)
  })

  test('work as long as is said, half an hour where nobody says, at most 7 days', async () => {
    const { id } = streams.public.images.public
    const seconds = async (query: string) => (Date.parse((await signed(id, query)).expires_at) - Date.now()) / 1000
    expect(await seconds('')).toBeWithin(1700, 1801)
    expect(await seconds('?expires=604800')).toBeWithin(604_000, 604_801)
    for (const query of ['?expires=604801', '?expires=0', '?expires=soon', '?variant=teaser'])
      expect((await app.call('GET', `/api/images/${id}/signed-url${query}`)).status).toBe(422)
  })
})

test('a key that may look changes nothing, one for pictures does', async () => {
  const { accounts } = app
  const [admin] = accounts.users.all().filter(({ role }) => role === 'admin')
  if (!admin) throw new Error('no administrator')
  const maker = { kind: 'session', id: 'x', name: 'x', role: 'admin', scopes: null, user: { ...admin } } as const
  const keyOf = async (scope: 'read' | 'images' | 'operate') => {
    const { key } = await accounts.apiKeys.create({ name: scope, scopes: [scope] }, maker)
    return { headers: { 'x-api-key': key ?? '' } }
  }
  const { id } = streams.private.images.private
  const edit = async (by: Asker) => (await on.json('PATCH', `/api/images/${id}`, { alt: 'x' }, by)).status
  expect([
    await edit(await keyOf('read')),
    await edit(await keyOf('images')),
    await edit(await keyOf('operate')),
  ]).toEqual([403, 200, 404])
  expect(await refusalOf(await on.ask('GET', '/api/images/check', {}, await keyOf('images')))).toEqual([
    403,
    'auth.not_allowed',
  ])
})

test('ids that are none name nothing, and no error tells where files are', async () => {
  for (const path of [
    '/api/images/..%2f..%2fetc%2fpasswd',
    '/api/images/1',
    `/api/images/${crypto.randomUUID()}`,
    '/images/..%2f..%2foriginal/thumb',
    `/images/${crypto.randomUUID()}/thumb`,
  ]) {
    const answer = await app.fetch(path)
    const text = await answer.text()
    expect([path, answer.status]).toEqual([path, 404])
    expect(text).not.toMatch(/stream-images|ENOENT|\/tmp/)
  }
})
