import { afterAll, beforeAll, describe, expect, spyOn, test } from 'bun:test'
import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import type { ImageResource } from '../../src/images/images.schema.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'
import { newJpeg, picturesOf, refusalOf } from '../support/images.ts'
import { corners, movingGif } from '../support/pictures.ts'
import { STRANGER } from '../support/stream-people.ts'

let app: ApiApp
let on: ReturnType<typeof picturesOf>
beforeAll(async () => {
  app = await createApiApp()
  on = picturesOf(app)
})
afterAll(() => app[Symbol.asyncDispose]())

const dirOf = (id: string) => join(dirname(app.databaseFile), 'stream-images', 'pictures', id.slice(-2), id)
const urlOf = (image: ImageResource, name: string) => image.variants[name] ?? `/images/${image.id}/${name}`
const get = (path: string, headers: Record<string, string> = {}, by = STRANGER) => on.ask('GET', path, { headers }, by)

async function publicPicture(stream: Record<string, unknown> = {}, bytes?: Uint8Array): Promise<ImageResource> {
  const key = await on.stream({ visibility: 'public', ...stream })
  return on.add(key, '?visibility=public&filename=Stage.jpg', bytes)
}

describe('who may keep it and for how long', () => {
  test('a public picture by its printed address, and without the right version', async () => {
    const image = await publicPicture()
    const known = await get(urlOf(image, 'thumb'))
    expect(known.headers.get('cache-control')).toBe('public, max-age=86400, s-maxage=60, immutable')
    for (const path of [`/images/${image.id}/thumb`, `/images/${image.id}/thumb?v=other`])
      expect((await get(path)).headers.get('cache-control')).toBe('no-cache')
  })

  test('a private picture is kept by nobody else', async () => {
    const image = await on.add(await on.stream({ visibility: 'public' }), '?visibility=private')
    const answer = await app.fetch(urlOf(image, 'thumb'))
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, no-cache'])
  })

  test('a public picture of a private stream is not public', async () => {
    const image = await on.add(await on.stream(), '?visibility=public')
    expect((await get(urlOf(image, 'thumb'))).status).toBe(404)
    expect((await app.fetch(urlOf(image, 'thumb'))).headers.get('cache-control')).toBe('private, no-cache')
  })

  test('another visibility is another address', async () => {
    const image = await publicPicture()
    const after = await app.ok<ImageResource>('PATCH', `/api/images/${image.id}`, { visibility: 'private' })
    expect(after.variants['thumb']).not.toBe(image.variants['thumb'])
  })

  test('each answer stands apart from the site and says what it is', async () => {
    const image = await publicPicture()
    for (const [name, type] of [
      ['thumb', 'image/jpeg'],
      ['small.webp', 'image/webp'],
      ['small.avif', 'image/avif'],
    ] as const) {
      const { headers } = await get(urlOf(image, name))
      expect(headers.get('content-type')).toBe(type)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    }
  })
})

describe('a copy that is there already', () => {
  test('is confirmed by its strong ETag without a look at the disk', async () => {
    const image = await publicPicture()
    const first = await get(urlOf(image, 'small'))
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[\w-]{24}"$/)
    rmSync(dirOf(image.id), { recursive: true })
    const again = await get(urlOf(image, 'small'), { 'if-none-match': `"x", W/${etag}` })
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, ''])
    expect(again.headers.get('cache-control')).toContain('public')
  })

  test('is 404 where the right is gone, whatever the headers say', async () => {
    const image = await publicPicture()
    const path = urlOf(image, 'small')
    const etag = (await get(path)).headers.get('etag') ?? ''
    await app.ok('PATCH', `/api/images/${image.id}`, { visibility: 'private' })
    for (const headers of [{ 'if-none-match': etag }, { 'if-none-match': '*' }, { range: 'bytes=0-1' }])
      expect((await get(path, headers)).status).toBe(404)
  })
})

describe('what is there', () => {
  test('every name and ending; what is not there yet is made', async () => {
    const image = await publicPicture({ allow_download: true }, await corners(600, 450).png().toBuffer())
    for (const name of ['thumb', 'small', 'large', 'full'])
      for (const [ending, format] of [
        ['', 'jpeg'],
        ['.jpg', 'jpeg'],
        ['.webp', 'webp'],
        ['.avif', 'heif'],
      ] as const) {
        const answer = await get(`/images/${image.id}/${name}${ending}`)
        const { format: is, width } = await sharp(await answer.bytes()).metadata()
        expect([name + ending, answer.status, is as string]).toEqual([name + ending, 200, format])
        expect(width).toBe(name === 'thumb' ? 200 : name === 'small' ? 400 : 600)
      }
  }, 60_000)

  test.each(['thumb.png', 'huge', 'thumb.jpg.jpg', '..%2foriginal', 'teaser', 'teaser.jpg', 'original.webp'])(
    '%s is nothing',
    async (name) => {
      const image = await publicPicture({ teasers: true })
      const answer = await app.fetch(`/images/${image.id}/${name}`)
      expect(answer.status).toBe(404)
    },
  )

  test('a picture that moves goes on moving in WebP', async () => {
    const image = await publicPicture({}, movingGif(4, 40))
    const { pages } = await sharp(await (await get(`/images/${image.id}/small.webp`)).bytes(), {
      animated: true,
    }).metadata()
    expect(pages).toBe(4)
  })

  test('a thousand ask for one that is not made yet: one decode, a thousand pictures', async () => {
    const image = await publicPicture({}, await corners(700, 500).jpeg().toBuffer())
    rmSync(join(dirOf(image.id), 'small.jpg'))
    const asked = spyOn(app.imaging, 'variantOnce')
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => get(`/images/${image.id}/small`)))
    // Each job of the image worker ends in a file of its own.
    const made = new Set(await Promise.all(asked.mock.results.map(({ value }) => value)))
    asked.mockRestore()
    expect(made.size).toBe(1)
    const bodies = await Promise.all(answers.map((answer) => answer.bytes()))
    expect(new Set(bodies.map((body) => Bun.hash(body))).size).toBe(1)
    expect(answers.every(({ status }) => status === 200)).toBe(true)
  }, 60_000)

  test('a picture whose upload is lost says so, and its sizes go on', async () => {
    const image = await publicPicture()
    rmSync(join(dirOf(image.id), 'original'))
    expect((await get(urlOf(image, 'thumb'))).status).toBe(200)
    expect(await refusalOf(await app.fetch(urlOf(image, 'original')))).toEqual([404, 'image.file_missing'])
  })
})

describe('to take home', () => {
  test('the upload is for owners alone, as it was sent, and never shown', async () => {
    const bytes = await newJpeg()
    const image = await publicPicture({ allow_download: true }, bytes)
    expect((await get(urlOf(image, 'original'))).status).toBe(404)
    const answer = await app.fetch(urlOf(image, 'original'))
    expect(Buffer.from(await answer.bytes()).equals(bytes)).toBe(true)
    expect(answer.headers.get('content-disposition')).toStartWith('attachment;')
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')
    expect((await app.fetch(`/images/${image.id}/original.jpg`)).status).toBe(200)
  })

  test('the full size is for whoever may see it where the stream allows it, upright and without metadata', async () => {
    const bytes = await sharp(await corners(300, 200).jpeg().toBuffer())
      .withExif({ IFD0: { Artist: 'Somebody', Orientation: '6' }, IFD3: { GPSLatitude: '52/1 31/1 0/1' } })
      .jpeg()
      .toBuffer()
    expect(bytes.toString('latin1')).toContain('Somebody')
    const key = await on.stream({ visibility: 'public' })
    const image = await on.add(key, '?visibility=public', bytes)
    expect((await get(`/images/${image.id}/full`)).status).toBe(404)
    expect((await app.fetch(`/images/${image.id}/full`)).status).toBe(200)
    await app.ok('PATCH', `/api/streams/${key}`, { allow_download: true })
    const answer = await get(`/images/${image.id}/full`)
    expect(answer.headers.get('content-disposition')).toStartWith('attachment;')
    const full = await answer.bytes()
    expect(Buffer.from(full).toString('latin1')).not.toContain('Somebody')
    expect((await sharp(full).metadata()).exif).toBeUndefined()
    for (const name of ['thumb', 'small', 'large', 'small.webp', 'large.avif', 'full.webp']) {
      const made = Buffer.from(await (await get(`/images/${image.id}/${name}`)).bytes())
      expect([name, made.toString('latin1').includes('Somebody'), made.includes('GPS')]).toEqual([name, false, false])
    }
  }, 60_000)

  test('a file that is a page too is cut to the picture in all that is shown', async () => {
    const page = '<html><script>alert(document.domain)</script></html>'
    const image = await publicPicture({ allow_download: true }, Buffer.concat([movingGif(2, 20), Buffer.from(page)]))
    for (const name of ['thumb', 'small', 'large', 'small.webp', 'full', 'full.webp'])
      expect(Buffer.from(await (await get(`/images/${image.id}/${name}`)).bytes()).includes('script')).toBe(false)
    const original = await app.fetch(`/images/${image.id}/original`)
    expect(original.headers.get('content-type')).toBe('image/gif')
    expect(original.headers.get('content-disposition')).toStartWith('attachment;')
  }, 60_000)

  test('parts of it', async () => {
    const bytes = await newJpeg(300, 200)
    const image = await publicPicture({}, bytes)
    const path = urlOf(image, 'original')
    const hex = (from: number, to?: number) => bytes.subarray(from, to).toString('hex')
    const part = async (headers: Record<string, string>): Promise<unknown[]> => {
      const answer = await app.fetch(path, { headers })
      return [answer.status, answer.headers.get('content-range'), Buffer.from(await answer.bytes()).toString('hex')]
    }
    const size = bytes.length
    expect(await part({ range: 'bytes=0-9' })).toEqual([206, `bytes 0-9/${size}`, hex(0, 10)])
    expect(await part({ range: 'bytes=-5' })).toEqual([206, `bytes ${size - 5}-${size - 1}/${size}`, hex(-5)])
    const behind = await app.fetch(path, { headers: { range: `bytes=${size}-` } })
    expect([behind.headers.get('content-type'), behind.headers.get('content-range'), await refusalOf(behind)]).toEqual([
      'application/problem+json',
      `bytes */${size}`,
      [416, 'image.range'],
    ])
    expect(await part({ range: 'bytes=0-1,4-5' })).toEqual([200, null, hex(0)])
    const etag = (await app.fetch(path)).headers.get('etag') ?? ''
    expect((await part({ range: 'bytes=0-0', 'if-range': etag }))[0]).toBe(206)
    expect((await part({ range: 'bytes=0-0', 'if-range': '"other"' }))[0]).toBe(200)
  })

  test('HEAD says how long it is and reads nothing', async () => {
    const bytes = await newJpeg()
    const image = await publicPicture({}, bytes)
    const head = await app.fetch(urlOf(image, 'original'), { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String(bytes.length),
      '',
    ])
    const thumb = await app.fetch(urlOf(image, 'thumb'), { method: 'HEAD' })
    const length = (await (await app.fetch(urlOf(image, 'thumb'))).bytes()).length
    expect(thumb.headers.get('content-length')).toBe(String(length))
  })
})

describe('a teaser', () => {
  test('shows that there is a picture for subscribers, blurred, under an id of its own, and nothing else', async () => {
    const key = await on.stream({ visibility: 'public', teasers: true })
    const image = await on.add(key, '?visibility=subscribers&title=Secret', await corners(800, 600).jpeg().toBuffer())
    const { items, total } = { total: undefined, ...(await on.list(key, '?total=true', STRANGER)) }
    expect([items.length, total]).toEqual([1, 1])
    const [item] = items
    if (!item || !('locked' in item)) throw new Error('not locked')
    expect(Object.keys(item).sort()).toEqual(['id', 'locked', 'teaser_url'])
    expect(item.id).not.toBe(image.id)
    const answer = await get(item.teaser_url)
    const { width, format } = await sharp(await answer.bytes()).metadata()
    expect([answer.status, width, format]).toEqual([200, 64, 'jpeg'])
    expect((await get(`/images/${item.id}/small`)).status).toBe(404)
    expect((await get(`/api/images/${item.id}`)).status).toBe(404)
    // No search, order or filter tells more of it.
    for (const query of [
      '?q=Secret',
      '?visibility=subscribers',
      '?source=upload',
      '?sort=title',
      '?sort=views',
      '?tag=x',
    ])
      expect([query, (await on.list(key, query, STRANGER)).items]).toEqual([query, []])
    await app.ok('PATCH', `/api/streams/${key}`, { teasers: false })
    expect((await get(item.teaser_url)).status).toBe(404)
    expect((await on.list(key, '', STRANGER)).items).toEqual([])
  })
})

test('deleting a picture for ever takes its files', async () => {
  const image = await publicPicture()
  expect(await refusalOf(await app.fetch(`/api/images/${image.id}?purge=true`, { method: 'DELETE' }))).toEqual([
    409,
    'image.not_in_trash',
  ])
  await app.call('DELETE', `/api/images/${image.id}`)
  expect((await get(urlOf(image, 'thumb'))).status).toBe(404)
  expect((await app.call('DELETE', `/api/images/${image.id}?purge=true`)).status).toBe(204)
  expect(existsSync(dirOf(image.id))).toBe(false)
  expect((await app.call('GET', `/api/images/${image.id}`)).status).toBe(404)
})
