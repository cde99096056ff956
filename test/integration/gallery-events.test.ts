import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Caller, callAs, makePerson } from '../support/people.ts'
import { corners } from '../support/pictures.ts'
import { followEvents } from '../support/sse-client.ts'
import { eventually, within } from '../support/waiting.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

const STRANGER: Caller = { name: 'a stranger', headers: {} }
const OWNER: Caller = { name: 'key', headers: { authorization: `Bearer ${TEST_KEY}` } }
let weir: Weir
let viewer: Caller & { id: number }
beforeAll(async () => {
  weir = await startWeir()
  viewer = await makePerson(weir, 'viewer')
})
afterAll(() => weir[Symbol.asyncDispose]())

type Follower = AsyncDisposable & {
  text(): string
  news(): number
  /** Resolves when the server has ended it. */
  ended: Promise<void>
  /** The answer to the page that asks again. */
  again(): Promise<number>
}

/** The event stream that the page of a gallery, or of the stream itself, opens. */
async function follow(caller: Caller, key: string, path = `/streams/${key}/gallery`): Promise<Follower> {
  const reader = { ...caller, headers: { ...caller.headers, accept: 'text/html' } }
  const page = await callAs(weir, reader, 'GET', path)
  const [, address = ''] = /hx-sse:connect="([^"]+)"/.exec(await page.text()) ?? []
  const url = address.replaceAll('&amp;', '&')
  expect(url).toBe(
    `/events?page=${path.endsWith('gallery') ? 'gallery' : 'stream'}:${key}${caller === STRANGER ? '' : '&inside=true'}`,
  )
  const abort = new AbortController()
  const answer = await fetch(weir.url + url, { headers: caller.headers, signal: abort.signal })
  expect(answer.status).toBe(200)
  let text = ''
  const done = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>)
      text += decoder.decode(chunk, { stream: true })
  })().catch((error: unknown) => {
    if (!abort.signal.aborted) throw error
  })
  await eventually(20_000, 'the snapshot', () => text.includes('data-pictures-changed="0"'))
  return {
    ended: done,
    async again() {
      const back = await fetch(weir.url + url, { headers: { ...caller.headers, 'last-event-id': 'x-1' } })
      await back.body?.cancel()
      return back.status
    },
    text: () => text,
    news: () => text.match(/data-pictures-changed="[1-9]\d*"/g)?.length ?? 0,
    async [Symbol.asyncDispose]() {
      abort.abort()
      await done
    },
  }
}

let side = 100
async function upload(key: string, visibility: string): Promise<string> {
  const answer = await fetch(`${weir.url}/api/streams/${key}/images?visibility=${visibility}&title=Secret-title`, {
    method: 'POST',
    headers: { ...OWNER.headers, 'content-type': 'image/png' },
    body: Uint8Array.from(await corners(side++, 80).png().toBuffer()),
  })
  expect(answer.status).toBe(201)
  return ((await answer.json()) as { id: string }).id
}

test('each page of a gallery is told of what its reader may see, and nothing more than that something changed', async () => {
  await weir.ok('POST', '/api/streams', { key: 'open', title: 'Open', visibility: 'public' })
  await using owner = await follow(OWNER, 'open')
  await using stranger = await follow(viewer, 'open')
  const hidden = await upload('open', 'private')
  await eventually(20_000, 'its owner is told', () => owner.news() === 1)
  await weir.ok('PATCH', `/api/images/${hidden}`, { visibility: 'subscribers' })
  await eventually(20_000, 'its owner is told again', () => owner.news() === 2)
  await upload('open', 'public')
  await eventually(20_000, 'everybody is told', () => owner.news() === 3 && stranger.news() === 1)
  for (const text of [owner.text(), stranger.text()]) {
    expect(text).not.toContain(hidden)
    expect(text).not.toContain('Secret-title')
  }
})

test('strangers hear of what is public and of nothing else, neither how much there is of it nor what stands at the side', async () => {
  await weir.ok('POST', '/api/streams', { key: 'seen', title: 'Seen', visibility: 'public' })
  await using owner = await follow(OWNER, 'seen')
  await using stranger = await follow(STRANGER, 'seen')
  await using program = await followEvents(`${weir.url}/api/events?topics=stream:seen`, {})
  await upload('seen', 'private')
  await eventually(20_000, 'its owner is told', () => owner.news() === 1)
  const open = await upload('seen', 'public')
  await eventually(20_000, 'everybody is told', () => owner.news() === 2 && stranger.news() === 1)
  const { id, name } = await program.seen('a program too', ({ data }) => (data as { id?: string }).id === open)
  expect(name).toBe('image.added')
  expect(new Set(program.messages.map(({ data }) => (data as { id: string }).id))).toEqual(new Set([open]))
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  await weir.createInput({ name: 'At the side', kind: 'rtmp', enabled: false })
  await eventually(20_000, 'who is inside is told', () => owner.text().includes('At the side'))
  expect(stranger.text()).not.toContain('At the side')
  expect(stranger.text()).not.toContain('nav-')
  for (const path of [
    '/events?page=frame',
    '/events?page=dashboard',
    '/api/events?topics=stream:seen,inputs',
    '/api/events',
  ])
    expect([path, (await fetch(weir.url + path)).status]).toEqual([path, 401])
  // Signed out, a page of somebody who was signed in is not quietly that of a stranger.
  expect((await fetch(`${weir.url}/events?page=gallery:seen&inside=true`)).status).toBe(401)
  await weir.ok('POST', '/api/streams', { key: 'hidden', title: 'Hidden' })
  for (const key of ['none', 'hidden'])
    expect([key, (await fetch(`${weir.url}/events?page=stream:${key}`)).status]).toEqual([key, 404])
})

test('a right that comes or goes ends the event stream; who comes back is told as they are now, or that it is not there', async () => {
  await weir.ok('POST', '/api/streams', { key: 'paid', title: 'Paid', visibility: 'public' })
  const member = { role: 'subscriber', user_id: viewer.id }
  await using before = await follow(viewer, 'paid')
  const { id } = await weir.ok<{ id: number }>('POST', '/api/streams/paid/members', member)
  await within(5_000, 'it ends as they are let in', before.ended)
  await using reader = await follow(viewer, 'paid')
  await upload('paid', 'subscribers')
  await eventually(20_000, 'a subscriber is told', () => reader.news() === 1)
  await weir.call('DELETE', `/api/streams/paid/members/${id}`)
  await within(5_000, 'it ends as they are put out', reader.ended)
  expect(await reader.again()).toBe(200)

  await using stranger = await follow(STRANGER, 'paid', '/streams/paid')
  await using person = await follow(viewer, 'paid', '/streams/paid')
  await using owner = await follow(OWNER, 'paid', '/streams/paid')
  await weir.ok('PATCH', '/api/streams/paid', { visibility: 'private' })
  await within(5_000, 'it ends for strangers', stranger.ended)
  await within(5_000, 'and for people', person.ended)
  expect([await stranger.again(), await person.again(), await owner.again()]).toEqual([404, 404, 200])
  await eventually(20_000, 'its owner goes on', () => /hx-get="\/streams\/paid"[^>]*/.test(owner.text()))
})

test('the page of a stream is told that it ended or is called otherwise, and asks for its head', async () => {
  await weir.ok('POST', '/api/streams', { key: 'show', title: 'Show', visibility: 'public' })
  await using stranger = await follow(STRANGER, 'show', '/streams/show')
  const asked = () => stranger.text().match(/data-change="[1-9]\d*"/g)?.length ?? 0
  for (const [n, act] of [
    () => weir.ok('POST', '/api/streams/show/start'),
    () => weir.ok('PATCH', '/api/streams/show', { title: 'Renamed' }),
    () => weir.ok('POST', '/api/streams/show/end'),
  ].entries()) {
    await act()
    await eventually(20_000, `change ${n + 1}`, () => asked() === n + 1)
  }
  expect(stranger.text()).not.toContain('Renamed')
})

test('programs hear of the pictures that their caller may see, as that caller may see them, and a lost right ends that at once', async () => {
  await weir.ok('POST', '/api/streams', { key: 'told', title: 'Told', visibility: 'public' })
  await using owner = await followEvents(`${weir.url}/api/events?topics=stream:told`, OWNER.headers)
  await using reader = await followEvents(`${weir.url}/api/events?topics=stream:told`, viewer.headers)
  const added = (follower: typeof reader) =>
    follower.messages.filter(({ name }) => name === 'image.added').map(({ data }) => data as { id: string })
  const hidden = await upload('told', 'private')
  await owner.seen('its owner is told', ({ data }) => (data as { id?: string }).id === hidden)
  const open = await upload('told', 'public')
  await reader.seen('everybody is told', ({ data }) => (data as { id?: string }).id === open)
  expect(added(reader).map(({ id }) => id)).toEqual([open])
  expect(added(reader)[0]).not.toHaveProperty('filename')
  expect(added(owner).map(({ id }) => id)).toEqual([hidden, open])
  await weir.ok('PATCH', '/api/streams/told', { visibility: 'private' })
  await within(5_000, 'it ends', reader.ended)
  const last = await upload('told', 'public')
  await owner.seen('the owner goes on', ({ data }) => (data as { id?: string }).id === last)
  expect(added(reader)).toHaveLength(1)
  expect((await fetch(`${weir.url}/api/events?topics=stream:told`, { headers: viewer.headers })).status).toBe(404)
})
