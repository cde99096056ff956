import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { InputResource } from '../../src/inputs/inputs.schema.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { isDecodable } from '../../src/media/ffmpeg/picture.ts'
import sharp from 'sharp'
import { type ApiApp, createApiApp } from '../support/api-app.ts'
import type { Problem } from '../support/resources.ts'
import { tempDir } from '../support/temp.ts'

/** A picture as an encoder of FFmpeg writes it. */
function picture(name: string, size = '320x180'): Uint8Array<ArrayBuffer> {
  const file = join(tempDir('picture'), name)
  const source = ['-f', 'lavfi', '-i', `testsrc2=s=${size}`, '-frames:v', '1', file]
  const made = Bun.spawnSync(['ffmpeg', '-v', 'error', ...source])
  if (made.exitCode !== 0) throw new Error(made.stderr.toString())
  return new Uint8Array(readFileSync(file))
}

type Body = Blob | Uint8Array<ArrayBuffer> | FormData | ReadableStream | string

const ffmpeg = { clock: systemClock, ffmpegPath: 'ffmpeg', instance: 'slate-test' }
const open = (databaseFile?: string) =>
  createApiApp({ ...(databaseFile && { databaseFile }), isDecodable: (o) => isDecodable(ffmpeg, o) })
const filesOf = (app: ApiApp) => readdirSync(join(dirname(app.databaseFile), 'slates'))

async function send(app: ApiApp, id: number, body: Body, type?: string): Promise<Response> {
  const headers: Record<string, string> = type ? { 'content-type': type } : {}
  return app.fetch(`/api/inputs/${id}/slate`, { method: 'POST', body, headers })
}

async function refusalOf(answer: Response): Promise<[number, string]> {
  return [answer.status, ((await answer.json()) as Problem).code]
}

describe('the picture of a slate', () => {
  test.each(['a.jpg', 'a.png', 'a.webp', 'a.gif', 'a.bmp'])(
    '%s is taken by its content, and comes back',
    async (name) => {
      await using app = await open()
      const { id } = await app.input({ name: 'Stage', on_loss: 'slate' })
      const bytes = picture(name)
      const answer = await send(app, id, bytes, 'application/octet-stream')
      expect([answer.status, answer.headers.get('location')]).toEqual([201, `/api/inputs/${id}/slate`])
      const { slate_url: url } = (await answer.json()) as InputResource
      const got = await app.fetch(url ?? '')
      expect(got.headers.get('content-type')).toBe(`image/${name.slice(2) === 'jpg' ? 'jpeg' : name.slice(2)}`)
      expect(got.headers.get('content-security-policy')).toContain('sandbox')
      expect(new Uint8Array(await got.arrayBuffer())).toEqual(bytes)
      const etag = got.headers.get('etag') ?? ''
      expect((await app.fetch(url ?? '', { headers: { 'if-none-match': etag } })).status).toBe(304)
      const { slate } = app.media.wanted()[0]!
      expect(slate).toMatchObject({ text: 'Stage', file: expect.stringContaining('/slates/') })
    },
  )

  test('a photo is shown upright, and a WebP that moves by its first picture', async () => {
    await using app = await open()
    const { id } = await app.input({ on_loss: 'slate' })
    // Red above blue, told to be turned by a quarter to the right (orientation 6): then blue is on the left, red on the right.
    const halves = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#f00' } })
      .composite([
        {
          input: await sharp({ create: { width: 64, height: 32, channels: 3, background: '#00f' } })
            .png()
            .toBuffer(),
          top: 32,
          left: 0,
        },
      ])
      .png()
      .toBuffer()
    const frames = [
      halves,
      await sharp({ create: { width: 64, height: 64, channels: 3, background: '#0f0' } })
        .png()
        .toBuffer(),
    ]
    const turned = await sharp(halves).jpeg({ quality: 95 }).withMetadata({ orientation: 6 }).toBuffer()
    const moving = await sharp(frames, { join: { animated: true } })
      .webp({ quality: 95 })
      .toBuffer()
    const cases: [Uint8Array, [x: number, y: number, colour: string][]][] = [
      [
        turned,
        [
          [8, 32, 'blue'],
          [56, 32, 'red'],
        ],
      ],
      [
        moving,
        [
          [32, 8, 'red'],
          [32, 56, 'blue'],
        ],
      ],
    ]
    for (const [bytes, points] of cases) {
      expect((await send(app, id, new Uint8Array(bytes))).status).toBe(201)
      const got = await app.fetch(`/api/inputs/${id}/slate`)
      expect(got.headers.get('content-type')).toBe('image/jpeg')
      // As the maker of the slate reads it, which looks at no metadata.
      const file = app.media.wanted()[0]?.slate?.file ?? ''
      const read = ['-i', file, '-frames:v', '1', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-']
      const pixels = Bun.spawnSync(['ffmpeg', '-v', 'error', '-noautorotate', ...read]).stdout
      for (const [x, y, colour] of points) {
        const [r = 0, g = 0, b = 0] = pixels.subarray((y * 64 + x) * 3)
        expect([r > 200, g > 60, b > 200]).toEqual([colour === 'red', false, colour === 'blue'])
      }
    }
    expect(filesOf(app)).toHaveLength(1)
    expect(await refusalOf(await send(app, id, new Uint8Array(turned.subarray(0, turned.length - 60))))).toEqual([
      422,
      'image.broken',
    ])
    expect(filesOf(app)).toHaveLength(1)
  })

  test('another takes its place, a form sends one too, DELETE goes back to the card', async () => {
    await using app = await open()
    const { id } = await app.input()
    await send(app, id, picture('a.png'))
    const before = app.media.wanted()[0]?.slate?.file
    const form = new FormData()
    form.set('note', 'before the file')
    form.set('file', new File([picture('b.jpg')], 'holiday.jpg', { type: 'image/jpeg' }))
    expect((await send(app, id, form)).status).toBe(201)
    expect(filesOf(app)).toHaveLength(1)
    expect(app.media.wanted()[0]?.slate?.file).not.toBe(before ?? '')
    const gone = await app.call('DELETE', `/api/inputs/${id}/slate`)
    expect([gone.status, filesOf(app)]).toEqual([204, []])
    expect(app.media.wanted()[0]?.slate?.file).toBeNull()
    expect(await app.problem('GET', `/api/inputs/${id}/slate`)).toMatchObject({ code: 'input.no_slate_picture' })
    expect((await app.call('DELETE', `/api/inputs/${id}/slate`)).status).toBe(204)
  })

  test('it may come in small pieces, without its length being said', async () => {
    await using app = await open()
    const { id } = await app.input()
    const bytes = picture('a.bmp', '640x360')
    let at = 0
    const pieces = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= bytes.length) return controller.close()
        controller.enqueue(bytes.subarray(at, at + 5000))
        at += 5000
      },
    })
    expect((await send(app, id, pieces)).status).toBe(201)
    const got = await app.fetch(`/api/inputs/${id}/slate`)
    expect(Buffer.compare(new Uint8Array(await got.arrayBuffer()), bytes)).toBe(0)
  })

  test('it goes with its input, and what a crash left is swept up at the start', async () => {
    const app = await open()
    const [first, second] = [await app.input(), await app.input()]
    for (const { id } of [first, second]) await send(app, id, picture('a.png'))
    await app.ok('DELETE', `/api/inputs/${first.id}`)
    expect(filesOf(app)).toHaveLength(1)
    const dir = join(dirname(app.databaseFile), 'slates')
    writeFileSync(join(dir, 'coming-1'), 'half')
    writeFileSync(join(dir, '99-0123456789abcdef-png'), 'of nobody')
    await app[Symbol.asyncDispose]()
    await using again = await open(app.databaseFile)
    expect(filesOf(again)).toEqual([expect.stringMatching(new RegExp(`^${second.id}-`))])
    expect((await again.fetch(`/api/inputs/${second.id}/slate`)).status).toBe(200)
  })

  test('what is no picture, is empty, damaged or enormous is refused and leaves nothing behind', async () => {
    await using app = await open()
    const { id } = await app.input()
    const png = picture('a.png')
    const huge = png.slice()
    new DataView(huge.buffer).setUint32(16, 400_000)
    const damaged = picture('a.jpg').slice(0, 2000)
    const cases: [Body, number, string][] = [
      ['', 422, 'image.empty'],
      ['#EXTM3U\nhttp://127.0.0.1/', 415, 'image.type'],
      ['<svg xmlns="http://www.w3.org/2000/svg"/>', 415, 'image.type'],
      [huge, 422, 'image.pixels'],
      [damaged, 422, 'image.broken'],
      [png.slice(0, 700), 422, 'image.broken'],
      [png.slice(0, 20), 415, 'image.type'],
    ]
    for (const [body, status, code] of cases) expect(await refusalOf(await send(app, id, body))).toEqual([status, code])
    const empty = new FormData()
    empty.set('other', 'x')
    expect((await send(app, id, empty)).status).toBe(422)
    expect(await refusalOf(await send(app, id, '--x', 'multipart/form-data'))).toEqual([400, 'malformed'])
    expect(filesOf(app)).toEqual([])
    expect((await send(app, 99, png)).status).toBe(404)
  })

  test('20 MB are the most, said or found out', async () => {
    await using app = await open()
    const { id } = await app.input()
    const chunk = new Uint8Array(1024 * 1024)
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++
        controller.enqueue(chunk)
      },
    })
    expect(await refusalOf(await send(app, id, endless))).toEqual([413, 'upload.too_big'])
    expect(sent).toBeLessThan(40)
    expect((await send(app, id, new Uint8Array(21 * 1024 * 1024))).status).toBe(413)
    expect(filesOf(app)).toEqual([])
  })
})
