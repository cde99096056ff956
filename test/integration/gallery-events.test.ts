import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Caller, callAs, makePerson } from '../support/people.ts'
import { corners } from '../support/pictures.ts'
import { followEvents } from '../support/sse-client.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

const OWNER: Caller = { name: 'key', headers: { authorization: `Bearer ${TEST_KEY}` } }
let weir: Weir
let viewer: Caller & { id: number }
beforeAll(async () => {
  weir = await startWeir()
  viewer = await makePerson(weir, 'viewer')
})
afterAll(() => weir[Symbol.asyncDispose]())

type Follower = AsyncDisposable & { text(): string; news(): number }

/** The event stream that the page of a gallery opens. */
async function follow(caller: Caller, key: string): Promise<Follower> {
  const page = await callAs(
    weir,
    { ...caller, headers: { ...caller.headers, accept: 'text/html' } },
    'GET',
    `/streams/${key}/gallery`,
  )
  const [, url = ''] = /hx-sse:connect="([^"]+)"/.exec(await page.text()) ?? []
  expect(url).toMatch(/^\/events\?page=gallery:\d+$/)
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

test('a right that comes or goes counts from the next event on', async () => {
  await weir.ok('POST', '/api/streams', { key: 'paid', title: 'Paid', visibility: 'public' })
  await using reader = await follow(viewer, 'paid')
  const member = { role: 'subscriber', user_id: viewer.id }
  const { id } = await weir.ok<{ id: number }>('POST', '/api/streams/paid/members', member)
  await upload('paid', 'subscribers')
  await eventually(20_000, 'a subscriber is told', () => reader.news() === 1)
  await weir.call('DELETE', `/api/streams/paid/members/${id}`)
  await upload('paid', 'subscribers')
  await upload('paid', 'public')
  // Told to every page, behind all that was told before.
  await weir.createInput({ name: 'A last word', kind: 'rtmp', enabled: false })
  await eventually(20_000, 'the last word', () => reader.text().includes('A last word'))
  await eventually(20_000, 'told as everybody is', () => reader.news() >= 2)
  expect(reader.news()).toBe(2)
})

test('programs hear of the pictures that their caller may see, as that caller may see them, and a lost right counts at once', async () => {
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
  const last = await upload('told', 'public')
  await owner.seen('the owner goes on', ({ data }) => (data as { id?: string }).id === last)
  expect(added(reader)).toHaveLength(1)
})
