import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { eq } from 'drizzle-orm'
import { images as table } from '../../src/db/tables/images.ts'
import type { CheckAnswer, ImageResource } from '../../src/images/images.schema.ts'
import { openPlaces } from '../../src/images/storage/places.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'
import { type Asker, newJpeg, picturesOf, refusalOf } from '../support/images.ts'
import { eventually } from '../support/waiting.ts'
import { makeAsker, STRANGER } from '../support/stream-people.ts'

let app: ApiApp
let on: ReturnType<typeof picturesOf>
beforeAll(async () => {
  app = await createApiApp()
  on = picturesOf(app)
})
afterAll(() => app[Symbol.asyncDispose]())

const root = () => join(dirname(app.databaseFile), 'stream-images')
const dirOf = (id: string) => join(root(), 'pictures', id.slice(-2), id)

describe('what is said about a picture', () => {
  test('changes field by field', async () => {
    const image = await on.add(await on.stream())
    const patch = { title: ' On stage ', alt: 'A band', description: 'Two\nlines', tags: ['band', 'blue', 'band'] }
    const after = await app.ok<ImageResource>('PATCH', `/api/images/${image.id}`, patch)
    expect(after).toMatchObject({ title: 'On stage', alt: 'A band', description: 'Two\nlines', tags: ['band', 'blue'] })
    expect(await app.ok<ImageResource>('PATCH', `/api/images/${image.id}`, { title: 'Other' })).toMatchObject({
      title: 'Other',
      alt: 'A band',
    })
  })

  test.each([
    [{ titel: 'x' }, 'titel'],
    [{ title: 'x'.repeat(256) }, 'title'],
    [{ visibility: 'friends' }, 'visibility'],
    [{ tags: ['a', 'b,c'] }, 'tags.1'],
    [{ tags: Array.from({ length: 31 }, (_, i) => `t${i}`) }, 'tags'],
    [{ view_count: 7 }, 'view_count'],
  ])('%j is refused at %s', async (body, path) => {
    const image = await on.add(await on.stream())
    const problem = await app.problem('PATCH', `/api/images/${image.id}`, body)
    expect([problem.status, problem.errors?.[0]?.path]).toEqual([422, path])
  })

  test('a look in the lightbox counts', async () => {
    const image = await on.add(await on.stream())
    for (let i = 0; i < 3; i++) expect((await app.call('POST', `/api/images/${image.id}/view`)).status).toBe(204)
    const after = await app.ok<ImageResource>('GET', `/api/images/${image.id}`)
    expect(after.view_count).toBe(3)
    expect(Date.parse(after.last_accessed_at ?? '')).toBeGreaterThan(Date.now() - 60_000)
  })
})

describe('lists', () => {
  test('by words, tag, visibility and source, in every order, page by page', async () => {
    const key = await on.stream()
    const made: ImageResource[] = []
    for (const [title, visibility] of [
      ['Beta', 'public'],
      ['alpha', 'private'],
      ['100% Gamma', 'public'],
    ])
      made.push(await on.add(key, `?${new URLSearchParams({ title: title ?? '', visibility: visibility ?? '' })}`))
    const [beta, alpha, gamma] = made
    await app.ok('PATCH', `/api/images/${beta?.id}`, { tags: ['stage', 'night'], description: 'A long evening' })
    for (const id of [alpha?.id, alpha?.id, gamma?.id]) await app.call('POST', `/api/images/${id}/view`)
    const titles = async (query: string) =>
      (await on.list(key, query)).items.map((item) => ('locked' in item ? 'locked' : item.title))
    expect(await titles('')).toEqual(['100% Gamma', 'alpha', 'Beta'])
    expect(await titles('?sort=oldest')).toEqual(['Beta', 'alpha', '100% Gamma'])
    expect(await titles('?sort=title')).toEqual(['100% Gamma', 'alpha', 'Beta'])
    expect(await titles('?sort=views')).toEqual(['alpha', '100% Gamma', 'Beta'])
    expect(await titles('?visibility=private')).toEqual(['alpha'])
    expect(await titles('?tag=night')).toEqual(['Beta'])
    expect(await titles('?tag=nig')).toEqual([])
    expect(await titles('?source=snapshot')).toEqual([])
    expect(await titles('?q=EVENING%20long')).toEqual(['Beta'])
    expect(await titles('?q=100%25')).toEqual(['100% Gamma'])
    expect(await titles('?q=%25')).toEqual(['100% Gamma'])
    expect(await titles('?q=%27%20OR%201%3D1%20--')).toEqual([])
    for (const sort of ['newest', 'oldest', 'title', 'views']) {
      const all = await titles(`?sort=${sort}`)
      const paged: string[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const page = await on.list(key, `?sort=${sort}&limit=1${cursor && `&cursor=${cursor}`}&total=true`)
        expect(page.total).toBe(3)
        paged.push(...page.items.map((item) => ('locked' in item ? 'locked' : item.title)))
        cursor = page.next_cursor
      }
      expect([sort, paged]).toEqual([sort, all])
    }
    const { next_cursor } = await on.list(key, '?limit=1')
    for (const query of [`?sort=title&cursor=${next_cursor}`, '?cursor=x', '?limit=0', '?limit=201', '?order=x'])
      expect([query, (await app.call('GET', `/api/streams/${key}/images${query}`)).status]).toEqual([query, 422])
  })

  test('a search over all streams: every word, the title of the stream too, file names for owners, page by page', async () => {
    const key = await on.stream({ title: 'Evening at the harbour', visibility: 'public' })
    const other = await on.stream({ title: 'Morning', visibility: 'public', teasers: true })
    const boats = await on.add(key, '?title=Boats&visibility=public&filename=quay-7.jpg')
    const gulls = await on.add(key, '?title=Gulls&visibility=private')
    const sails = await on.add(other, '?title=Sails+over+the+harbour&visibility=public')
    await on.add(other, '?title=Locked+harbour&visibility=subscribers')
    await app.call('DELETE', `/api/images/${(await on.add(other, '?title=Harbour+in+the+trash')).id}`)
    type Found = { items: ImageResource[]; next_cursor: string | null; total?: number }
    const search = async (query: string, by?: Asker) =>
      (await (await on.ask('GET', `/api/images/search?${query}`, {}, by)).json()) as Found
    const ids = async (q: string, by?: Asker) =>
      (await search(new URLSearchParams({ q }).toString(), by)).items.map(({ id }) => id)
    expect(await ids('HARBOUR', STRANGER)).toEqual([sails.id, boats.id])
    expect(await ids('harbour gulls', STRANGER)).toEqual([])
    expect(await ids('harbour gulls')).toEqual([gulls.id])
    expect([await ids('quay-7', STRANGER), await ids('quay-7')]).toEqual([[], [boats.id]])
    expect(await ids('harb%')).toEqual([])
    const first = await search('q=harbour&limit=1&total=true', STRANGER)
    expect([first.items.length, first.total]).toEqual([1, 2])
    const next = await search(`q=harbour&limit=1&cursor=${first.next_cursor}`, STRANGER)
    expect([next.items.map(({ id }) => id), next.next_cursor]).toEqual([[boats.id], null])
    for (const [query, path] of [
      ['', 'q'],
      ['q=', 'q'],
      ['q=x&sort=title', 'sort'],
      ['q=x&cursor=y', 'cursor'],
      [`q=${'a+'.repeat(11)}`, 'q'],
    ] as const) {
      const problem = await app.problem('GET', `/api/images/search?${query}`)
      expect([query, problem.status, problem.errors?.[0]?.path]).toEqual([query, 422, path])
    }
  })

  test('statistics of a gallery', async () => {
    const key = await on.stream()
    const a = await on.add(key, '?visibility=public')
    const b = await on.add(key, '?visibility=subscribers')
    await app.call('POST', `/api/images/${b.id}/view`)
    const size = (a.size_bytes ?? 0) + (b.size_bytes ?? 0)
    expect(await app.ok<Record<string, unknown>>('GET', `/api/streams/${key}/images/stats`)).toMatchObject({
      total: 2,
      public: 1,
      private: 0,
      subscribers: 1,
      total_size_bytes: size,
      most_viewed: { id: b.id },
      views_total: 1,
    })
  })
})

describe('many at once', () => {
  const bulk = async (body: unknown, by?: Asker) => {
    const answer = await on.json('POST', '/api/images/bulk', body, by)
    const { results } = (await answer.json()) as { results: { id: string; status: number; error?: { code: string } }[] }
    return results.map(({ status, error }) => [status, error?.code])
  }

  test('delete, restore, purge, visibility, tags, each told on its own', async () => {
    const key = await on.stream()
    const [a, b] = [await on.add(key), await on.add(key)]
    const none = crypto.randomUUID()
    const ids = [a.id, none, b.id]
    const gone = [404, 'image.not_found']
    expect(await bulk({ ids, action: 'visibility', visibility: 'public' })).toEqual([
      [200, undefined],
      gone,
      [200, undefined],
    ])
    await bulk({ ids: [a.id], action: 'tag', tags_add: ['x', 'y'] })
    await bulk({ ids: [a.id], action: 'tag', tags_add: ['z'], tags_remove: ['x'] })
    expect(await app.ok<ImageResource>('GET', `/api/images/${a.id}`)).toMatchObject({
      tags: ['y', 'z'],
      visibility: 'public',
    })
    expect(await bulk({ ids: [a.id, b.id], action: 'delete' })).toEqual([
      [204, undefined],
      [204, undefined],
    ])
    expect((await on.list(key, '?trash=true')).items.length).toBe(2)
    expect(await bulk({ ids: [a.id], action: 'restore' })).toEqual([[202, undefined]])
    expect(await bulk({ ids: [a.id, b.id], action: 'purge' })).toEqual([
      [409, 'image.not_in_trash'],
      [204, undefined],
    ])
    expect(existsSync(dirOf(b.id))).toBe(false)
  })

  test('a move asks for both streams, minds their limits and twins, and ends links', async () => {
    const person = await makeAsker(app, 'editor')
    const own = ((await (await on.json('POST', '/api/streams', { title: 'Own' }, person)).json()) as { key: string })
      .key
    const foreign = await on.stream({ visibility: 'public' })
    const bytes = await newJpeg()
    const image = (await (await on.send(own, bytes, '', person)).json()) as ImageResource
    const { url } = await app.ok<{ url: string }>('GET', `/api/images/${image.id}/signed-url`)
    const move = (stream_key: string, by?: Asker) => bulk({ ids: [image.id], action: 'move', stream_key }, by)
    expect(await move(foreign, person)).toEqual([[403, 'auth.not_allowed']])
    expect(await move('none-such', person)).toEqual([[404, 'stream.not_found']])
    expect(await move(foreign)).toEqual([[200, undefined]])
    expect((await on.ask('GET', `/api/images/${image.id}`, {}, person)).status).toBe(404)
    const { pathname, search } = new URL(url)
    expect((await app.ask(pathname + search)).status).toBe(404)
    await on.send(own, bytes, '', person)
    expect(await move(own)).toEqual([[409, 'image.duplicate']])
  })

  test.each([
    [{ ids: [], action: 'delete' }, 'ids'],
    [{ ids: Array.from({ length: 201 }, () => crypto.randomUUID()), action: 'delete' }, 'ids'],
    [{ ids: ['1'], action: 'delete' }, 'ids.0'],
    [{ ids: [crypto.randomUUID()], action: 'paint' }, 'action'],
    [{ ids: [crypto.randomUUID()], action: 'move' }, 'stream_key'],
    [{ ids: [crypto.randomUUID()], action: 'visibility' }, 'visibility'],
    [{ ids: [crypto.randomUUID()], action: 'tag' }, 'tags_add'],
  ])('%#: what makes no sense is refused at its field', async (body, path) => {
    const problem = await app.problem('POST', '/api/images/bulk', body)
    expect([problem.status, problem.errors?.[0]?.path]).toEqual([422, path])
  })
})

test('every act on a picture stands in the audit log, a look does not', async () => {
  const key = await on.stream()
  const image = await on.add(key)
  await app.ok('PATCH', `/api/images/${image.id}`, { title: 'Logged', visibility: 'public' })
  await app.call('POST', `/api/images/${image.id}/view`)
  await app.call('DELETE', `/api/images/${image.id}`)
  await on.json('POST', '/api/images/bulk', { ids: [image.id, crypto.randomUUID()], action: 'restore' })
  type Entry = { action: string; target: string; before: unknown; after: Record<string, unknown> | null }
  const { items } = await app.ok<{ items: Entry[] }>('GET', '/api/audit?limit=4')
  expect(items.map(({ action }) => action)).toEqual(['image.bulk', 'image.delete', 'image.edit', 'image.create'])
  expect(items.slice(1).map(({ target }) => target)).toEqual(Array(3).fill(`image:${image.id}`))
  expect(items[0]?.after).toMatchObject({ action: 'restore', asked: 2, ids: [image.id] })
  expect(items[2]).toMatchObject({
    before: { title: '', visibility: 'private' },
    after: { title: 'Logged', visibility: 'public' },
  })
})

describe('the check', () => {
  const look = () => app.ok<CheckAnswer>('GET', '/api/images/check')
  const repair = () => app.ok<CheckAnswer>('POST', '/api/images/check')

  test('finds what is missing, orphaned or another file, and deletes nothing', async () => {
    const key = await on.stream()
    const [lost, changed, bare, fine] = [await on.add(key), await on.add(key), await on.add(key), await on.add(key)]
    const copy = join(root(), 'copy-of-lost')
    renameSync(join(dirOf(lost.id), 'original'), copy)
    const bytes = readFileSync(join(dirOf(changed.id), 'original'))
    writeFileSync(join(dirOf(changed.id), 'original'), 'cut')
    rmSync(join(dirOf(bare.id), 'small.webp'))
    const orphan = Bun.randomUUIDv7()
    mkdirSync(dirOf(orphan), { recursive: true })
    writeFileSync(join(dirOf(orphan), 'original'), 'whose is it')

    const found = await look()
    expect(found.missing).toEqual(
      expect.arrayContaining([
        { id: lost.id, files: ['original'] },
        { id: changed.id, files: ['original'] },
        { id: bare.id, files: ['small.webp'] },
      ]),
    )
    expect(found.missing.some(({ id }) => id === fine.id)).toBe(false)
    expect([found.orphaned, found.quarantined]).toEqual([[{ id: orphan }], []])

    const after = await repair()
    expect(after.orphaned).toEqual([])
    expect(after.missing.map(({ id }) => id).sort()).toEqual([lost.id, changed.id].sort())
    expect(after.quarantined.map(({ id, kind }) => [id, kind]).sort()).toEqual(
      [
        [lost.id, 'picture'],
        [changed.id, 'picture'],
        [orphan, 'files'],
      ].sort(),
    )
    expect(existsSync(join(dirOf(bare.id), 'small.webp'))).toBe(true)
    expect(readFileSync(join(root(), 'quarantine', orphan, 'original'), 'utf8')).toBe('whose is it')
    // Put back as they were, they are pictures again.
    renameSync(copy, join(dirOf(lost.id), 'original'))
    writeFileSync(join(dirOf(changed.id), 'original'), bytes)
    const healed = await repair()
    expect(healed.missing).toEqual([])
    expect(healed.quarantined.map(({ kind }) => kind)).toEqual(['files'])
  })

  test('a damaged picture is for its owners alone', async () => {
    const key = await on.stream({ visibility: 'public' })
    const image = await on.add(key, '?visibility=public')
    writeFileSync(join(dirOf(image.id), 'original'), 'x')
    await repair()
    expect((await app.ask(image.variants['thumb'] ?? '')).status).toBe(404)
    expect(((await (await app.ask(`/api/streams/${key}/images`)).json()) as { items: [] }).items).toEqual([])
    expect((await on.list(key)).items.length).toBe(1)
  })

  test('sets aside what stands in a wrong place, or is in quarantine already, and goes on behind it', async () => {
    const before = (await look()).quarantined.length
    const [astray, again, last] = [1, 2, 3].map(() => Bun.randomUUIDv7()) as [string, string, string]
    const wrong = join(root(), 'pictures', 'zz', astray)
    writeFileSync(join(root(), 'pictures', 'notes.txt'), 'a file where directories are')
    for (const dir of [wrong, dirOf(again), join(root(), 'quarantine', again), dirOf(last)]) {
      mkdirSync(dir, { recursive: true })
      writeFileSync(join(dir, 'original'), dir)
    }
    const ids = async () => (await look()).orphaned.map(({ id }) => id).sort()
    expect(await ids()).toEqual([astray, again, last].sort())
    const after = await repair()
    const aside = after.quarantined.map(({ id }) => id).filter((id) => [astray, again, last].includes(id))
    expect([after.orphaned, aside.sort()]).toEqual([[], [astray, again, again, last].sort()])
    expect([existsSync(wrong), after.quarantined.length]).toEqual([false, before + 4])
    expect(readFileSync(join(root(), 'quarantine', again, 'original'), 'utf8')).toContain('quarantine')
  })

  test('is for administrators', async () => {
    for (const role of ['viewer', 'editor', 'operator'] as const) {
      const answer = await on.ask('GET', '/api/images/check', {}, await makeAsker(app, role))
      expect(await refusalOf(answer)).toEqual([403, 'auth.not_allowed'])
    }
  })
})

describe('the trash', () => {
  test('is emptied when its days are over, and nothing else goes', async () => {
    const key = await on.stream()
    const [old, young, kept] = [await on.add(key), await on.add(key), await on.add(key)]
    for (const { id } of [old, young]) await app.call('DELETE', `/api/images/${id}`)
    const days = 24 * 60 * 60 * 1000
    await app.db.orm
      .update(table)
      .set({ deletedAt: Date.now() - 31 * days })
      .where(eq(table.id, old.id))
    await app.pictures.images.sweep()
    expect([existsSync(dirOf(old.id)), existsSync(dirOf(young.id)), existsSync(dirOf(kept.id))]).toEqual([
      false,
      true,
      true,
    ])
    expect((await on.list(key, '?trash=true')).items.map(({ id }) => id)).toEqual([young.id])
  })

  test('gives back what it has, as it was', async () => {
    const key = await on.stream()
    const image = await on.add(key, '?title=Back&visibility=public')
    await app.call('DELETE', `/api/images/${image.id}`)
    const answer = await app.call('POST', `/api/images/${image.id}/restore`)
    expect([answer.status, (answer.json as ImageResource).title, (answer.json as ImageResource).deleted_at]).toEqual([
      202,
      'Back',
      null,
    ])
    // Of what came again meanwhile there is one already.
    const bytes = await newJpeg()
    const first = await on.add(key, '', bytes)
    await app.call('DELETE', `/api/images/${first.id}`)
    await on.add(key, '', bytes)
    const twin = await app.fetch(`/api/images/${first.id}/restore`, { method: 'POST' })
    expect(await refusalOf(twin)).toEqual([409, 'image.duplicate'])
  })

  test('a stream that goes for ever takes the files of its pictures', async () => {
    const key = await on.stream()
    const [a, b] = [await on.add(key), await on.add(key)]
    await app.call('DELETE', `/api/images/${b.id}`)
    const [row] = await app.db.orm.select().from(table).where(eq(table.id, a.id))
    await app.pictures.forStreams.removeOf(row?.streamId ?? 0)
    expect([existsSync(dirOf(a.id)), existsSync(dirOf(b.id))]).toEqual([false, false])
    expect((await on.list(key, '?total=true')).total).toBe(0)
  })
})

test("a directory of pictures is one server's, and one that cannot be is told by its setting", async () => {
  expect(() => openPlaces(root())).toThrow('The directory of the pictures is in use by process')
  expect(() => openPlaces('/proc/pictures')).toThrow('Check STREAM_IMAGES_DIR')
})

test('a start removes what was half taken in, and keeps what is whole', async () => {
  const databaseFile = app.databaseFile
  const image = await on.add(await on.stream())
  const half = join(root(), 'incoming', crypto.randomUUID())
  mkdirSync(half)
  writeFileSync(join(half, 'original'), 'half a pict')
  // As if the server had died while the other sizes were made.
  const part = join(dirOf(image.id), '.large.avif.1a2b3c.part')
  writeFileSync(part, 'half a size')
  utimesSync(part, new Date(0), new Date(0))
  await app[Symbol.asyncDispose]()
  app = await createApiApp({ databaseFile })
  on = picturesOf(app)
  expect(readdirSync(join(root(), 'incoming'))).toEqual([])
  expect((await app.fetch(image.variants['thumb'] ?? '')).status).toBe(200)
  await eventually(60_000, 'its other sizes are made', async () => {
    const { variants } = (await (await app.fetch(`/api/images/${image.id}`)).json()) as ImageResource
    return 'large.avif' in variants
  })
  expect(existsSync(part)).toBe(false)
})
