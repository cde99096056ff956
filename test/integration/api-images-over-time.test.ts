import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { STRANGER } from '../../src/http/endpoint.ts'
import type { LooksView } from '../../src/images/images.schema.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'
import { newJpeg, picturesOf, refusalOf } from '../support/images.ts'

let app: ApiApp
let on: ReturnType<typeof picturesOf>
beforeAll(async () => {
  app = await createApiApp()
  on = picturesOf(app)
})
afterAll(() => app[Symbol.asyncDispose]())

describe('when a picture was looked at', () => {
  const HOUR = 60 * 60 * 1000
  const DAY = 24 * HOUR
  const NOON = Date.parse('2026-03-01T12:00:00Z')
  const rows = async () => (await app.db.client.execute('select count(*) as n from image_views')).rows[0]?.['n']
  const past = async (id: string, hours: [hour: number, views: number][]) => {
    for (const [hour, views] of hours)
      await app.db.client.execute({ sql: 'insert into image_views values (?, ?, ?)', args: [id, hour, views] })
  }

  test('each look counts in its hour; without a word it is the last 30 days', async () => {
    const { id } = await on.add(await on.stream())
    for (let i = 0; i < 3; i++) await app.call('POST', `/api/images/${id}/view`)
    const days = await app.ok<LooksView>('GET', `/api/images/${id}/stats`)
    expect([days.step, days.points.length, days.views_total]).toEqual(['day', 30, 3])
    expect(days.points.reduce((sum, { views }) => sum + views, 0)).toBe(3)
    const hours = await app.ok<LooksView>('GET', `/api/images/${id}/stats?step=hour`)
    expect([hours.points.length, hours.views_total, hours.to]).toEqual([48, 3, hours.points.at(-1)?.at ?? ''])
  })

  test('by the hour and by the day, from one moment to another, those without a look too', async () => {
    const { id } = await on.add(await on.stream())
    await past(id, [
      [NOON, 2],
      [NOON + HOUR, 3],
      [NOON + DAY, 4],
      [NOON + 3 * DAY, 50],
    ])
    const over = (query: string) => app.ok<LooksView>('GET', `/api/images/${id}/stats?${query}`)
    const days = await over('from=2026-03-01&to=2026-03-03')
    expect(days).toEqual({
      ...{ id, step: 'day', from: '2026-03-01T00:00:00.000Z', to: '2026-03-03T00:00:00.000Z', views_total: 9 },
      points: [
        { at: '2026-03-01T00:00:00.000Z', views: 5 },
        { at: '2026-03-02T00:00:00.000Z', views: 4 },
        { at: '2026-03-03T00:00:00.000Z', views: 0 },
      ],
    })
    const hours = await over('step=hour&from=2026-03-01T12:59:00%2B00:00&to=2026-03-01T14:01:00Z')
    expect(hours.points.map(({ views }) => views)).toEqual([2, 3, 0])
  })

  test.each([
    ['from=2026-03-02&to=2026-03-01', 'to'],
    ['from=2024-01-01&to=2026-01-01', 'from'],
    ['step=hour&from=2026-01-01&to=2026-03-01', 'from'],
    ['step=minute', 'step'],
    ['from=yesterday', 'from'],
  ])('%s is refused at %s', async (query, path) => {
    const { id } = await on.add(await on.stream())
    const problem = await app.problem('GET', `/api/images/${id}/stats?${query}`)
    expect([problem.status, problem.errors?.[0]?.path]).toEqual([422, path])
  })

  test('is kept for 400 days, and goes with its picture', async () => {
    const { id } = await on.add(await on.stream())
    const before = await rows()
    await past(id, [
      [Date.now() - 401 * DAY, 1],
      [Date.now() - 399 * DAY, 1],
    ])
    await app.pictures.images.sweep()
    expect(await rows()).toBe(Number(before) + 1)
    await app.call('DELETE', `/api/images/${id}`)
    await app.call('DELETE', `/api/images/${id}?purge=true`)
    expect(await rows()).toBe(before)
  })
})

describe('pictures that Weir takes by itself', () => {
  const frame = async () => ({ jpeg: await newJpeg(), atMs: Date.now() })
  const snap = async (key: string) => {
    const row = app.streams.byKey(key)
    if (!row) throw new Error('no such stream')
    await app.pictures.forStreams.addAutomatic(row, await frame())
  }
  const names = async (key: string) =>
    (await on.list(key, '?sort=oldest')).items.map((item) => ('source' in item ? item.title || item.source : ''))

  test('the newest are kept, apart from uploads, captures, the trash and the cover', async () => {
    const key = await on.stream({ snapshot_keep: 2, default_visibility: 'subscribers' })
    await on.add(key, '?title=Sent')
    const row = app.streams.byKey(key)
    if (!row) throw new Error('no such stream')
    await app.pictures.forStreams.add(row, await frame(), STRANGER)
    await snap(key)
    const [, , cover] = (await on.list(key, '?sort=oldest')).items
    expect(cover).toMatchObject({ source: 'snapshot', visibility: 'subscribers', owner_id: null })
    await app.ok('PATCH', `/api/streams/${key}`, { cover_image_id: cover?.id })
    for (let i = 0; i < 4; i++) await snap(key)
    expect(await names(key)).toEqual(['Sent', 'snapshot', 'snapshot', 'snapshot', 'snapshot'])
    const ids = (await on.list(key, '?sort=oldest')).items.map(({ id }) => id)
    expect(ids[2]).toBe(cover?.id ?? '')
    await app.call('DELETE', `/api/images/${ids[4]}`)
    await snap(key)
    const after = (await on.list(key, '?sort=oldest')).items.map(({ id }) => id)
    expect([after.length, after.slice(0, 4)]).toEqual([5, ids.slice(0, 4)])
    expect((await on.list(key, '?trash=true')).items.map(({ id }) => id)).toEqual([ids[4] ?? ''])
  })

  test('in a full stream they make room for what is sent, and never take the place of it', async () => {
    await using small = await createApiApp({ images: { maxPerStream: 3 } })
    const there = picturesOf(small)
    const key = await there.stream()
    const add = async () => {
      const row = small.streams.byKey(key)
      if (row) await small.pictures.forStreams.addAutomatic(row, await frame())
    }
    const sources = async () =>
      (await there.list(key, '?sort=oldest')).items.map((item) => ('source' in item ? item.source : ''))
    for (let i = 0; i < 4; i++) await add()
    expect(await sources()).toEqual(['snapshot', 'snapshot', 'snapshot'])
    await Promise.all([there.add(key), there.add(key)])
    expect(await sources()).toEqual(['snapshot', 'upload', 'upload'])
    await there.add(key)
    expect(await refusalOf(await there.send(key, await newJpeg()))).toEqual([409, 'stream.full'])
    await expect(add()).rejects.toMatchObject({ code: 'stream.full' })
    expect(await sources()).toEqual(['upload', 'upload', 'upload'])
  })
})
