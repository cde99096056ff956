import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import type { CacheStats, ImageResource } from '../../src/images/images.schema.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'
import { picturesOf } from '../support/images.ts'
import { makeAsker, STRANGER } from '../support/stream-people.ts'

const LIMIT = 40_000
let app: ApiApp
let on: ReturnType<typeof picturesOf>
let key: string
beforeAll(async () => {
  app = await createApiApp({ images: { memory: { limitBytes: LIMIT, ttlMs: 60_000 } } })
  on = picturesOf(app)
  key = await on.stream({ visibility: 'public' })
})
afterAll(() => app[Symbol.asyncDispose]())

const dirOf = (id: string) => join(dirname(app.databaseFile), 'stream-images', 'pictures', id.slice(-2), id)
const stats = () => app.ok<CacheStats>('GET', '/api/images/cache/stats')
const clear = (body: unknown = {}) => app.ok<CacheStats>('POST', '/api/images/cache/clear', body)
const get = (id: string, name = 'small', headers: Record<string, string> = {}) =>
  on.ask('GET', `/images/${id}/${name}`, { headers }, STRANGER)
const add = (bytes?: Uint8Array) => on.add(key, '?visibility=public', bytes)
/** What the layers have counted since. */
async function since(before: CacheStats) {
  const after = await stats()
  const of = (layer: keyof CacheStats['layers']) => {
    const [now, then] = [after.layers[layer], before.layers[layer]]
    return { hits: now.hits - then.hits, misses: now.misses - then.misses, coalesced: now.coalesced - then.coalesced }
  }
  return { http: of('http'), memory: of('memory'), disk: of('disk') }
}
/** No two are alike, and none is small. */
const noise = () => {
  const create = { width: 120, height: 90, channels: 3, background: '#888' } as const
  return sharp({ create: { ...create, noise: { type: 'gaussian', mean: 128, sigma: 60 } } })
    .png()
    .toBuffer()
}
const NONE = { hits: 0, misses: 0, coalesced: 0 }

describe('the memory', () => {
  test('has what was asked for before, the files gone or not, and counts it', async () => {
    const image = await add()
    const before = await stats()
    const first = await (await get(image.id)).bytes()
    rmSync(dirOf(image.id), { recursive: true })
    const again = await get(image.id)
    expect([again.status, again.headers.get('content-type'), await again.bytes()]).toEqual([200, 'image/jpeg', first])
    const head = await on.ask('HEAD', `/images/${image.id}/small`, {}, STRANGER)
    expect(head.headers.get('content-length')).toBe(String(first.length))
    expect(await since(before)).toEqual({
      http: NONE,
      memory: { hits: 2, misses: 1, coalesced: 0 },
      disk: { hits: 1, misses: 0, coalesced: 0 },
    })
    const { layers, pages, ...figures } = await stats()
    expect(layers.memory).toMatchObject({ used_bytes: first.length, limit_bytes: LIMIT, items: 1 })
    expect(pages).toEqual({ stream_gallery: layers.memory })
    expect(figures).toEqual({ memory_used_mb: 0, memory_max_mb: 0.04, cached_items: 1 })
  })

  test('is filled once by a hundred that ask at the same time, one of whom makes the file', async () => {
    const image = await add()
    const before = await stats()
    const answers = await Promise.all(Array.from({ length: 100 }, () => get(image.id, 'full.webp')))
    // Of a stream without downloads the full size is nobody's.
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]))
    const shown = await Promise.all(Array.from({ length: 100 }, () => get(image.id, 'thumb.avif')))
    expect(new Set(shown.map(({ status }) => status))).toEqual(new Set([200]))
    const { memory, disk } = await since(before)
    expect(memory).toEqual({ hits: 0, misses: 1, coalesced: 99 })
    expect(disk.hits + disk.misses).toBe(1)
  })

  test('never has more than its bytes', async () => {
    await clear()
    const images: ImageResource[] = []
    for (let i = 0; i < 6; i++) images.push(await add(await noise()))
    for (const { id } of images) expect((await get(id)).status).toBe(200)
    const { memory } = (await stats()).layers
    expect(memory.used_bytes).toBeLessThanOrEqual(LIMIT)
    expect(memory.evictions).toBeGreaterThan(0)
    expect(memory.items).toBeGreaterThan(0)
  })

  test('is asked after the rights and after a copy that is still right', async () => {
    const image = await add()
    const etag = (await get(image.id)).headers.get('etag') ?? ''
    const before = await stats()
    expect((await get(image.id, 'small', { 'if-none-match': etag })).status).toBe(304)
    expect((await get(image.id, 'small', { 'if-none-match': '"other"' })).status).toBe(200)
    expect(await since(before)).toMatchObject({
      http: { hits: 1, misses: 1 },
      memory: { hits: 1, misses: 0 },
      disk: NONE,
    })
    await app.ok('PATCH', `/api/images/${image.id}`, { visibility: 'private' })
    for (const headers of [{}, { 'if-none-match': etag }])
      expect((await get(image.id, 'small', headers)).status).toBe(404)
  })
})

describe('what is otherwise seen is let go of', () => {
  const kept = async () => (await stats()).cached_items
  const call = (method: string, path: string, body?: unknown) => app.call(method, path, body)

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['another visibility', (id) => call('PATCH', `/api/images/${id}`, { visibility: 'subscribers' })],
    ['the trash', (id) => call('DELETE', `/api/images/${id}`)],
    [
      'another stream',
      async (id) => call('POST', '/api/images/bulk', { ids: [id], action: 'move', stream_key: await on.stream() }),
    ],
  ])('%s', async (_what, act) => {
    const image = await add()
    await clear()
    for (const name of ['thumb', 'small', 'small.webp']) await get(image.id, name)
    expect(await kept()).toBe(3)
    await call('PATCH', `/api/images/${image.id}`, { title: 'Said otherwise, seen as before' })
    expect(await kept()).toBe(3)
    await act(image.id)
    expect(await kept()).toBe(0)
  })

  test('for ever gone, seen in the trash by its owner or not', async () => {
    const image = await add()
    await call('DELETE', `/api/images/${image.id}`)
    await clear()
    expect((await app.fetch(`/images/${image.id}/thumb`)).status).toBe(200)
    expect(await kept()).toBe(1)
    await call('DELETE', `/api/images/${image.id}?purge=true`)
    expect([await kept(), (await app.fetch(`/images/${image.id}/thumb`)).status]).toEqual([0, 404])
  })
})

describe('clearing', () => {
  test('all, one page, or what came first; answered with what is left', async () => {
    for (const [body, left] of [
      [{}, 0],
      [{ page: 'stream_gallery' }, 0],
      [{ oldest_percent: 50 }, 2],
      [{ page: 'stream_gallery', oldest_percent: 100 }, 0],
    ] as const) {
      await clear()
      const image = await add()
      for (const name of ['thumb', 'small', 'small.webp', 'large']) await get(image.id, name)
      const answer = await app.call('POST', '/api/images/cache/clear', body)
      expect([body, answer.status, (answer.json as CacheStats).cached_items]).toEqual([body, 202, left])
      expect((await get(image.id)).status).toBe(200)
    }
  })

  test.each([
    [{ page: 'dashboard' }, 'page'],
    [{ oldest_percent: 0 }, 'oldest_percent'],
    [{ oldest_percent: 101 }, 'oldest_percent'],
    [{ layer: 'disk' }, 'layer'],
  ])('%j is refused at %s', async (body, path) => {
    const problem = await app.problem('POST', '/api/images/cache/clear', body)
    expect([problem.status, problem.errors?.[0]?.path]).toEqual([422, path])
  })

  test('stands on the system page, which a plain form comes back to', async () => {
    const operator = await makeAsker(app, 'operator')
    const page = await (await on.ask('GET', '/system', { headers: { accept: 'text/html' } }, operator)).text()
    expect(page).toContain('Pictures at hand')
    const headers = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }
    const plain = await on.ask('POST', '/api/images/cache/clear', { headers, body: '', redirect: 'manual' }, operator)
    expect([plain.status, plain.headers.get('location')]).toEqual([303, '/system'])
    const script = { headers: { ...headers, 'hx-request': 'true' }, body: '' }
    const swapped = await on.ask('POST', '/api/images/cache/clear', script, operator)
    expect([swapped.status, await swapped.text()]).toEqual([202, expect.stringContaining('id="caches"')])
    const viewer = await makeAsker(app, 'viewer')
    expect((await on.ask('POST', '/api/images/cache/clear', {}, viewer)).status).toBe(403)
  })
})
