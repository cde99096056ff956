import { afterAll, beforeAll, describe, expect, test, spyOn } from 'bun:test'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { eq } from 'drizzle-orm'
import sharp from 'sharp'
import { images as table } from '../../src/db/tables/images.ts'
import type { ImageResource } from '../../src/images/images.schema.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'
import { formOf, newJpeg, picturesOf, refusalOf } from '../support/images.ts'
import { corners, flatPng, movingGif, pngHeader } from '../support/pictures.ts'

let app: ApiApp
let on: ReturnType<typeof picturesOf>
beforeAll(async () => {
  app = await createApiApp()
  on = picturesOf(app)
})
afterAll(() => app[Symbol.asyncDispose]())

const root = () => join(dirname(app.databaseFile), 'stream-images')
const dirOf = (id: string) => join(root(), 'pictures', id.slice(-2), id)
/** Nothing half is left: what came in and was not taken. */
const incoming = () => readdirSync(join(root(), 'incoming'))
type Items = { items: { filename: string; status: string; image?: ImageResource; error?: { code: string } }[] }

describe('an upload as the whole body', () => {
  test('is a picture when it is answered: four files on the disk, the row, its address', async () => {
    const key = await on.stream()
    const bytes = await corners(2000, 1500).jpeg().toBuffer()
    const answer = await on.send(key, bytes, '?filename=Stage.jpg&title=On%20stage&visibility=public')
    expect(answer.status).toBe(201)
    const image = (await answer.json()) as ImageResource
    expect(answer.headers.get('location')).toBe(`/api/images/${image.id}`)
    expect(image).toMatchObject({
      stream_key: key,
      title: 'On stage',
      filename: 'Stage.jpg',
      visibility: 'public',
      mime_type: 'image/jpeg',
      size_bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      width: 2000,
      height: 1500,
      source: 'upload',
      view_count: 0,
      deleted_at: null,
    })
    expect(image.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    expect(image.placeholder.length).toBeGreaterThan(16)
    const files = ['large.jpg', 'original', 'small.jpg', 'small.webp', 'thumb.jpg']
    expect(readdirSync(dirOf(image.id))).toEqual(expect.arrayContaining(files))
    expect(Object.keys(image.variants)).toEqual(['thumb', 'small', 'large', 'small.webp', 'full', 'original'])
    const thumb = await sharp(await (await app.fetch(image.variants['thumb'] ?? '')).bytes()).metadata()
    expect([thumb.format, thumb.width, thumb.height]).toEqual(['jpeg', 200, 200])
    expect(incoming()).toEqual([])
  })

  test('is private where neither it nor its stream says otherwise', async () => {
    const key = await on.stream({ default_visibility: 'subscribers' })
    expect((await on.add(key)).visibility).toBe('subscribers')
    expect((await on.add(await on.stream())).visibility).toBe('private')
  })

  test('of what is there already answers the picture that is there', async () => {
    const key = await on.stream()
    const bytes = await newJpeg()
    const first = await on.add(key, '?title=First', bytes)
    const again = await on.send(key, bytes, '?title=Second&filename=other.jpg')
    expect(again.status).toBe(200)
    expect(await again.json()).toMatchObject({ id: first.id, title: 'First', duplicate: true })
    expect((await on.list(key, '?total=true')).total).toBe(1)
  })

  test('sent twice in the same moment is one picture', async () => {
    const key = await on.stream()
    const bytes = await newJpeg()
    const answers = await Promise.all([on.send(key, bytes), on.send(key, bytes), on.send(key, bytes)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201])
    const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as ImageResource).id))
    expect(new Set(ids).size).toBe(1)
    expect(existsSync(dirOf(ids[0] ?? ''))).toBe(true)
    expect(incoming()).toEqual([])
  })

  test('has all its other sizes soon after, and they are told', async () => {
    const image = await on.add(await on.stream(), '', await corners(900, 700).jpeg().toBuffer())
    const names = ['thumb', 'small', 'large', 'thumb.webp', 'small.webp', 'large.webp', 'thumb.avif', 'small.avif']
    for (let last: string[] = []; ; await Bun.sleep(50)) {
      const now = (await (await app.fetch(`/api/images/${image.id}`)).json()) as ImageResource
      last = Object.keys(now.variants)
      if (last.includes('large.avif')) {
        expect(last).toEqual(expect.arrayContaining(names))
        break
      }
    }
    expect(readdirSync(dirOf(image.id))).toContain('full.jpg')
  }, 60_000)
})

describe('what is no picture, or no good one', () => {
  const refused = async (bytes: Uint8Array, query = '') => {
    const key = await on.stream()
    const outcome = await refusalOf(await on.send(key, bytes, query))
    expect((await on.list(key)).items).toEqual([])
    expect(incoming()).toEqual([])
    return outcome
  }

  test('a text file named .jpg is no picture', async () => {
    expect(await refused(Buffer.from('just some words, again and again'), '?filename=holiday.jpg')).toEqual([
      415,
      'image.type',
    ])
  })
  test('an SVG is no picture', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    expect(await refused(Buffer.from(svg), '?filename=logo.png')).toEqual([415, 'image.type'])
  })
  test('a file of zero bytes is empty', async () => {
    expect(await refused(new Uint8Array(0))).toEqual([422, 'image.empty'])
  })
  test('a file that is cut off is broken', async () => {
    const whole = await corners(800, 600).jpeg().toBuffer()
    expect(await refused(whole.subarray(0, whole.length / 2))).toEqual([422, 'image.broken'])
  })
  test('1 x 65535 pixels are too many on one side', async () => {
    expect(await refused(pngHeader(1, 65_535))).toEqual([422, 'image.pixels'])
  })
  test('30000 x 30000 pixels are too many', async () => {
    expect(await refused(pngHeader(30_000, 30_000))).toEqual([422, 'image.pixels'])
  })
  test('a PNG of 256 megapixels in 250 kB is refused before it is decoded', async () => {
    const bomb = flatPng(16_000, 16_000)
    expect(bomb.length).toBeLessThan(400_000)
    expect(await refused(bomb)).toEqual([422, 'image.pixels'])
  }, 60_000)
  test('a GIF of 5,000 frames has too many', async () => {
    expect(await refused(movingGif(5_000))).toEqual([422, 'image.frames'])
  })
  test('21 MB are too big, whether the length is said or not', async () => {
    const key = await on.stream()
    const big = new Uint8Array(21 * 1024 * 1024)
    const said = await on.ask('POST', `/api/streams/${key}/images`, {
      body: new Uint8Array(16),
      headers: { 'content-length': String(big.length) },
    })
    expect(await refusalOf(said)).toEqual([413, 'image.too_big'])
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++
        controller.enqueue(big.subarray(0, 1024 * 1024))
      },
    })
    expect(await refusalOf(await on.send(key, endless))).toEqual([413, 'image.too_big'])
    expect(sent).toBeLessThan(25)
    expect(incoming()).toEqual([])
  })
  test('a type that this server does not take is refused by what it is', async () => {
    await using narrow = await createApiApp({ images: { allowed: ['jpeg'] } })
    const there = picturesOf(narrow)
    using decodes = spyOn(narrow.imaging, 'ingest')
    const png = await corners(40, 30).png().toBuffer()
    const answer = await there.send(await there.stream(), png, '?filename=x.jpg')
    expect(await answer.json()).toMatchObject({ code: 'image.type', detail: 'This server takes JPEG.' })
    expect((await there.send(await there.stream(), Buffer.from('abc'))).status).toBe(415)
    // Their first bytes said so: nobody waited for the child that decodes.
    expect(decodes).not.toHaveBeenCalled()
    expect((await there.send(await there.stream(), await newJpeg())).status).toBe(201)
    expect(decodes).toHaveBeenCalledTimes(1)
  })
})

describe('names are text and never a path', () => {
  test.each([
    ['../../x.jpg', '../../x.jpg'],
    ['/etc/passwd', '/etc/passwd'],
    [`${'n'.repeat(296)}.jpg`, `${'n'.repeat(296)}.jpg`],
    ['🎬🎉.png', '🎬🎉.png'],
    ['写真 2024.jpeg', '写真 2024.jpeg'],
    ['a\r\nSet-Cookie: b=c.jpg', 'a\ufffd\ufffdSet-Cookie: b=c.jpg'],
    ['', 'picture'],
  ])('%j', async (sent, kept) => {
    const key = await on.stream()
    const image = await on.add(key, `?${new URLSearchParams({ filename: sent })}`)
    expect(image.filename).toBe(kept)
    expect(readdirSync(dirOf(image.id))).toContain('original')
    const answer = await app.fetch(image.variants['original'] ?? '')
    const disposition = answer.headers.get('content-disposition') ?? ''
    expect(disposition).toMatch(/^attachment; filename="picture-[0-9a-f]{12}\.jpg"; filename\*=UTF-8''[\w%.!~-]+$/)
    const told = decodeURIComponent(disposition.split("''")[1] ?? '')
    expect(told).toBe(kept.replace(/[\\/]/g, '_'))
  })

  test('of a form too', async () => {
    const key = await on.stream()
    const names = ['../../x.jpg', '🎬 "quoted".jpg', 'Bühne.jpg']
    const files = await Promise.all(names.map(async (filename) => ({ filename, bytes: await newJpeg() })))
    const answer = await on.sendForm(key, formOf(files.map((file) => ['file', file])))
    expect(answer.status).toBe(201)
    const { items } = (await answer.json()) as Items
    expect(items.map(({ filename }) => filename)).toEqual(names)
    expect(items.map(({ image }) => image?.filename)).toEqual(names)
  })
})

describe('a form', () => {
  test('of several files answers each; one bad file loses none of the others', async () => {
    const key = await on.stream()
    const good = await newJpeg()
    const form = formOf([
      ['file', { filename: 'a.jpg', bytes: good }],
      ['file', { filename: 'b.txt', bytes: Buffer.from('no picture at all, whatever') }],
      ['file', { filename: 'c.jpg', bytes: good }],
      ['file', { filename: 'big.jpg', bytes: new Uint8Array(21 * 1024 * 1024) }],
      ['file', { filename: 'd.jpg', bytes: await newJpeg() }],
      // What is said behind the files counts for them too.
      ['visibility', 'public'],
      ['title', 'Together'],
      ['page', 'stream_gallery'],
    ])
    const answer = await on.sendForm(key, form)
    expect(answer.status).toBe(201)
    const { items } = (await answer.json()) as Items
    expect(items.map(({ status, error }) => [status, error?.code])).toEqual([
      ['created', undefined],
      ['failed', 'image.type'],
      ['duplicate', undefined],
      ['failed', 'image.too_big'],
      ['created', undefined],
    ])
    expect(items[0]?.image).toMatchObject({ visibility: 'public', title: 'Together' })
    expect((await on.list(key)).items.length).toBe(2)
    expect(incoming()).toEqual([])
  })

  test('of which nothing is new is 200, of which nothing is taken as the first was refused', async () => {
    const key = await on.stream()
    const bytes = await newJpeg()
    await on.add(key, '', bytes)
    const junk = { filename: 'x', bytes: Buffer.from('words and words and words') }
    const twin = await on.sendForm(
      key,
      formOf([
        ['file', junk],
        ['file', { filename: 'y', bytes }],
      ]),
    )
    expect(twin.status).toBe(200)
    const none = await on.sendForm(
      key,
      formOf([
        ['file', junk],
        ['file', { filename: 'e', bytes: new Uint8Array(0) }],
      ]),
    )
    expect(none.status).toBe(415)
    expect(((await none.json()) as Items).items.map(({ error }) => error?.code)).toEqual(['image.type', 'image.empty'])
  })

  test('a plain form hears why a file was not taken; where all are, it comes back', async () => {
    const key = await on.stream()
    const send = async (...parts: Parameters<typeof formOf>[0]) => {
      const headers = { accept: 'text/html' }
      const body = formOf(parts)
      const answer = await on.ask('POST', `/api/streams/${key}/images`, { headers, body, redirect: 'manual' })
      return { status: answer.status, to: answer.headers.get('location'), text: await answer.text() }
    }
    const junk = { filename: '<b>note</b>.jpg', bytes: Buffer.from('words and words') }
    const none = await send(['file', junk])
    expect([none.status, none.to]).toEqual([415, null])
    for (const words of ['1 file was not taken', '&lt;b&gt;note&lt;/b&gt;.jpg', 'This is no picture that Weir knows.'])
      expect(none.text).toContain(words)
    expect(none.text).toContain(`href="/streams/${key}"`)
    const good = { filename: 'good.jpg', bytes: await newJpeg() }
    const some = await send(['file', good], ['file', junk])
    expect([some.status, some.text.includes('1 picture of the same form')]).toEqual([201, true])
    const all = await send(['file', { filename: 'fine.jpg', bytes: await newJpeg() }])
    expect([all.status, all.to]).toEqual([303, `/streams/${key}`])
  })

  test('without a file, with a field that is not right or cut off is refused whole', async () => {
    const key = await on.stream()
    const empty = await on.sendForm(key, formOf([['title', 'x']]))
    expect([empty.status, ((await empty.json()) as { errors: unknown[] }).errors]).toEqual([
      422,
      [{ path: 'file', message: 'Choose a picture.' }],
    ])
    const file = { filename: 'a.jpg', bytes: await newJpeg() }
    const wrong = await on.sendForm(
      key,
      formOf([
        ['file', file],
        ['visibility', 'everybody'],
      ]),
    )
    expect([wrong.status, ((await wrong.json()) as { errors: { path: string }[] }).errors[0]?.path]).toEqual([
      422,
      'visibility',
    ])
    const cut = await on.ask('POST', `/api/streams/${key}/images`, {
      body: '--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\nhalf a pict',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    })
    expect(await refusalOf(cut)).toEqual([400, 'malformed'])
    expect((await on.list(key)).items).toEqual([])
    expect(incoming()).toEqual([])
  })

  test('takes 20 files at once and says so of the 21st', async () => {
    const key = await on.stream()
    const files = await Promise.all(
      Array.from({ length: 21 }, async () => ({ filename: 'x.jpg', bytes: await newJpeg() })),
    )
    const answer = await on.sendForm(key, formOf(files.map((file) => ['file', file])))
    const { items } = (await answer.json()) as Items
    expect(items.slice(0, 20).every(({ status }) => status === 'created')).toBe(true)
    expect(items[20]?.error?.code).toBe('upload.too_many')
  }, 60_000)

  test('of a browser without a script leads back to the stream', async () => {
    const key = await on.stream()
    const form = formOf([['file', { filename: 'a.jpg', bytes: await newJpeg() }]])
    const answer = await on.ask('POST', `/api/streams/${key}/images`, { body: form, headers: { accept: 'text/html' } })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/streams/${key}`])
  })
})

describe('a stream takes so many', () => {
  test('the one beyond is told that the stream is full, and a duplicate is still answered', async () => {
    await using small = await createApiApp({ images: { maxPerStream: 2 } })
    const there = picturesOf(small)
    const key = await there.stream()
    const bytes = await newJpeg()
    const first = await there.add(key, '', bytes)
    await there.add(key)
    expect(await refusalOf(await there.send(key, await newJpeg()))).toEqual([409, 'stream.full'])
    expect((await there.send(key, bytes)).status).toBe(200)
    // What is in the trash takes no place, and comes back only where there is one.
    expect((await there.ask('DELETE', `/api/images/${first.id}`)).status).toBe(204)
    await there.add(key)
    expect(await refusalOf(await there.ask('POST', `/api/images/${first.id}/restore`))).toEqual([409, 'stream.full'])
  })

  /** A stream with so many pictures: what counts is what the database holds, so they are rows of one file. */
  async function filled(count: number): Promise<string> {
    const key = await on.stream()
    const filler = await on.add(key)
    const [row] = await app.db.orm.select().from(table).where(eq(table.id, filler.id))
    if (!row) throw new Error('no row')
    const more = Array.from({ length: count - 1 }, (_, i) => ({
      ...row,
      id: Bun.randomUUIDv7(),
      teaserId: crypto.randomUUID(),
      sha256: `${i}`,
    }))
    await app.db.orm.insert(table).values(more)
    return key
  }

  test('the 51st picture is refused', async () => {
    const key = await filled(50)
    expect(await refusalOf(await on.send(key, await newJpeg()))).toEqual([409, 'stream.full'])
    expect((await on.list(key, '?total=true')).total).toBe(50)
  })

  test('of two uploads that race for the 50th place one gets it, and the other leaves nothing behind', async () => {
    const key = await filled(49)
    const [a, b] = await Promise.all([newJpeg(), newJpeg()])
    const answers = await Promise.all([on.send(key, a), on.send(key, b)])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    const full = answers.find(({ status }) => status === 409)
    expect(full && (await refusalOf(full))).toEqual([409, 'stream.full'])
    expect((await on.list(key, '?total=true')).total).toBe(50)
    expect(incoming()).toEqual([])
  })
})
