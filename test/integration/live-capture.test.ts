import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { ImageResource } from '../../src/images/images.schema.ts'
import type { StreamResource } from '../../src/streams/streams.schema.ts'
import type { Problem } from '../support/resources.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
let key: string
beforeAll(async () => {
  weir = await startWeir()
  const input = await weir.createInput({ name: 'Camera', kind: 'test' })
  await weir.inputIs(input.id, 'active', ({ status }) => status === 'active', 60_000)
  const body = { title: 'Show', input_id: input.id, visibility: 'public' }
  const stream = await weir.ok<StreamResource>('POST', '/api/streams', body)
  expect(stream.status).toBe('live')
  key = stream.key
}, 90_000)
afterAll(() => weir[Symbol.asyncDispose]())

const asStranger = async <T>(path: string) => (await (await fetch(weir.url + path)).json()) as T
const get = () => weir.ok<StreamResource>('GET', `/api/streams/${key}`)
let image: ImageResource

test('a capture is the live frame at full size, whoever watches a small one; it is private until somebody says otherwise', async () => {
  const still = () => fetch(`${weir.url}/api/streams/${key}/live.jpg?width=160`)
  await eventually(30_000, 'there is a still', async () => ((await still()).status === 200 ? true : null))
  const probe = await weir.ok<{ programs: { tracks: { width?: number; height?: number }[] }[] }>(
    'GET',
    '/api/inputs/1/probe',
  )
  const size = probe.programs.flatMap(({ tracks }) => tracks).find(({ width }) => width !== undefined)
  const before = Date.now()
  const answer = await weir.call<ImageResource>('POST', `/api/streams/${key}/capture`)
  expect(answer.status).toBe(201)
  image = answer.json
  expect(answer.headers.get('location')).toBe(`/api/images/${image.id}`)
  expect(image).toMatchObject({ stream_key: key, visibility: 'private', source: 'snapshot', mime_type: 'image/jpeg' })
  expect([image.width, image.height]).toEqual([size?.width ?? 0, size?.height ?? 0])
  expect(Math.abs(Date.parse(image.taken_at ?? '') - before)).toBeLessThan(30_000)
  // What is made for those who watch is never wider than the feed, whatever a capture has asked for.
  const wide = await fetch(`${weir.url}/api/streams/${key}/live.jpg?width=1920`)
  expect((await new Bun.Image(await wide.bytes()).metadata()).width).toBe(size?.width ?? 0)
  expect((await weir.call('GET', `/api/images/${image.id}`)).status).toBe(200)
  expect((await fetch(`${weir.url}/api/images/${image.id}`)).status).toBe(404)
  expect((await fetch(`${weir.url}/api/streams/${key}/capture`, { method: 'POST' })).status).toBe(401)
}, 90_000)

test('a cover is as private as the picture: strangers see the live still instead', async () => {
  const path = `/api/streams/${key}`
  const covered = await weir.ok<StreamResource>('PATCH', path, { cover_image_id: image.id })
  expect(covered.cover_url).toStartWith(`/images/${image.id}/large?v=`)
  const cover = await fetch(weir.url + covered.cover_url, { headers: { 'x-api-key': 'test-key-0123456789abcdef' } })
  expect([cover.status, cover.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
  expect((await fetch(weir.url + covered.cover_url)).status).toBe(404)
  const outside = await asStranger<StreamResource>(path)
  expect(outside.cover_image_id).toBeNull()
  expect(outside.cover_url).toStartWith(`/api/streams/${key}/live.jpg?at=`)
  await weir.ok('PATCH', `/api/images/${image.id}`, { visibility: 'public' })
  const open = await asStranger<StreamResource>(path)
  expect(open.cover_image_id).toBe(image.id)
  expect((await fetch(weir.url + open.cover_url)).status).toBe(200)
  await weir.ok('PATCH', path, { visibility: 'private' })
  expect((await fetch(weir.url + open.cover_url)).status).toBe(404)
  await weir.ok('POST', '/api/streams', { key: 'another' })
  const foreign = await weir.call<Problem>('PATCH', '/api/streams/another', { cover_image_id: image.id })
  expect([foreign.status, foreign.json.errors?.[0]?.path]).toEqual([422, 'cover_image_id'])
}, 60_000)

test('pictures by themselves: the first at once, of the frame that is on, until nobody wants them', async () => {
  const path = `/api/streams/${key}`
  const list = async () => (await weir.ok<{ items: ImageResource[] }>('GET', `${path}/images`)).items
  const before = (await list()).length
  await weir.ok('PATCH', path, { snapshot_interval_seconds: 10, snapshot_keep: 1 })
  const found = await eventually(30_000, 'one is taken', async () => {
    const items = await list()
    return items.length > before ? items[0] : null
  })
  expect(found).toMatchObject({ source: 'snapshot', owner_id: null, width: image.width, height: image.height })
  await weir.ok('PATCH', path, { snapshot_interval_seconds: null })
}, 60_000)

test('without a feed, or once it has ended, there is nothing to capture', async () => {
  const none = await weir.call<Problem>('POST', '/api/streams/another/capture')
  expect([none.status, none.json.code]).toEqual([404, 'input.no_picture'])
  await weir.ok('POST', `/api/streams/${key}/end`)
  const ended = await weir.call<Problem>('POST', `/api/streams/${key}/capture`)
  expect([ended.status, ended.json.code]).toEqual([404, 'input.no_picture'])
  expect((await get()).cover_url).toStartWith('/images/')
})

test('a stream in the trash takes its pictures along and brings them back', async () => {
  await weir.ok('PATCH', `/api/streams/${key}`, { visibility: 'public' })
  const path = `/api/images/${image.id}`
  expect((await weir.call('DELETE', `/api/streams/${key}`)).status).toBe(204)
  expect((await weir.call('GET', path)).status).toBe(404)
  expect((await fetch(weir.url + (image.variants['thumb'] ?? ''))).status).toBe(404)
  await weir.ok('POST', `/api/streams/${key}/restore`)
  expect((await weir.call('GET', path)).status).toBe(200)
  expect((await fetch(`${weir.url}/images/${image.id}/thumb`)).status).toBe(200)
})
