import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Database } from 'bun:sqlite'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { CheckAnswer, ImageResource } from '../../src/images/images.schema.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'
import { newJpeg, picturesOf, refusalOf } from '../support/images.ts'
import { movingGif, photo } from '../support/pictures.ts'
import { cpuSeconds } from '../support/processes.ts'
import { liveInput, udpOutput } from '../support/stage.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

const KEY = { authorization: `Bearer ${TEST_KEY}` }

describe('over a real connection', () => {
  let weir: Weir
  let made = 0
  beforeAll(async () => {
    weir = await startWeir()
  })
  afterAll(() => weir?.[Symbol.asyncDispose]())

  const root = () => join(weir.dataDir, 'stream-images')
  const incoming = () => readdirSync(join(root(), 'incoming'))
  const stream = async () =>
    (await weir.ok<{ key: string }>('POST', '/api/streams', { title: `Faults ${++made}`, visibility: 'public' })).key
  const send = (key: string, bytes: Uint8Array, query = '') =>
    fetch(`${weir.url}/api/streams/${key}/images${query}`, { method: 'POST', headers: KEY, body: Buffer.from(bytes) })
  const total = async (key: string) =>
    (await weir.ok<{ total: number }>('GET', `/api/streams/${key}/images?total=true`)).total

  /** Says a length, sends less and goes away without a word. */
  async function cutOff(key: string, type: string, start: Uint8Array): Promise<void> {
    const { hostname, port } = new URL(weir.url)
    const socket = connect(Number(port), hostname)
    const closed = Promise.withResolvers<void>()
    socket.on('close', () => closed.resolve())
    socket.on('error', () => undefined)
    const head = [
      `POST /api/streams/${key}/images HTTP/1.1`,
      `Host: ${hostname}`,
      `Authorization: ${KEY.authorization}`,
      `Content-Type: ${type}`,
      'Content-Length: 5000000',
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    socket.write(start)
    await eventually(20_000, 'the upload has begun', () => incoming().length > 0)
    socket.resetAndDestroy()
    await closed.promise
  }

  test.each([
    ['a body', 'image/jpeg', Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), randomBytes(200_000)])],
    [
      'a form',
      'multipart/form-data; boundary=b',
      Buffer.concat([
        Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'),
        randomBytes(200_000),
      ]),
    ],
  ])('a connection that is cut in the middle of %s leaves nothing', async (_, type, start) => {
    const key = await stream()
    await cutOff(key, type, start)
    await eventually(20_000, 'what came in is removed', () => incoming().length === 0)
    expect(await total(key)).toBe(0)
    expect((await send(key, await newJpeg())).status).toBe(201)
  })

  test('a body that says it is too long is refused before it is sent', async () => {
    const key = await stream()
    const answer = await send(key, new Uint8Array(21 * 1024 * 1024))
    expect(await refusalOf(answer)).toEqual([413, 'image.too_big'])
  })

  test('a hundred uploads at once are all taken', async () => {
    const keys = await Promise.all([stream(), stream(), stream()])
    const files = await Promise.all(Array.from({ length: 100 }, () => newJpeg(300, 200)))
    const answers = await Promise.all(files.map((bytes, i) => send(keys[i % 3] ?? '', bytes)))
    expect(answers.map(({ status }) => status)).toEqual(files.map(() => 201))
    const totals = await Promise.all(keys.map(total))
    expect(totals.reduce((a, b) => a + b)).toBe(100)
    expect(incoming()).toEqual([])
  }, 120_000)

  test('bytes over a socket: parts, HEAD and what is confirmed', async () => {
    const bytes = await newJpeg(300, 200)
    const image = (await (await send(await stream(), bytes, '?visibility=public')).json()) as ImageResource
    const original = `${weir.url}${image.variants['original']}`
    const part = await fetch(original, { headers: { ...KEY, range: 'bytes=3-9' } })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 3-9/${bytes.length}`])
    expect(part.headers.get('content-length')).toBe('7')
    expect(Buffer.from(await part.bytes()).equals(bytes.subarray(3, 10))).toBe(true)
    const whole = await fetch(original, { headers: KEY })
    expect(Buffer.from(await whole.bytes()).equals(bytes)).toBe(true)
    const head = await fetch(original, { method: 'HEAD', headers: KEY })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)])
    const thumb = `${weir.url}${image.variants['thumb']}`
    const first = await fetch(thumb)
    const file = readFileSync(join(root(), 'pictures', image.id.slice(-2), image.id, 'thumb.jpg'))
    expect(Buffer.from(await first.bytes()).equals(file)).toBe(true)
    const again = await fetch(thumb, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  test('pictures that come, change and go are told, to each as they may know', async () => {
    const key = await stream()
    await using events = await weir.follow(`stream:${key}`)
    const image = (await (await send(key, await newJpeg(), '?visibility=private')).json()) as ImageResource
    const of = (name: string) => (message: { name: string; data: unknown }) =>
      message.name === name && (message.data as { id: string }).id === image.id
    const added = await events.seen('it came', of('image.added'))
    expect(added.data).toMatchObject({ id: image.id, visibility: 'private', stream_key: key })
    await weir.ok('PATCH', `/api/images/${image.id}`, { title: 'Told' })
    await events.seen('it changed', (m) => of('image.changed')(m) && (m.data as ImageResource).title === 'Told')
    await weir.call('DELETE', `/api/images/${image.id}`)
    expect((await events.seen('it went', of('image.removed'))).data).toEqual({ id: image.id })
    expect((await weir.call('GET', '/api/events?topics=stream:none-such')).status).toBe(404)
  })

  test('the image child killed by SIGSEGV in the middle of a job: the picture is taken, five outputs notice nothing', async () => {
    // Made beforehand: the receivers live in this process and must not wait for it.
    const bytes = await photo(4000, 3000)
    const key = await stream()
    const { input, feed } = await liveInput(weir)
    const outputs = await Promise.all(Array.from({ length: 5 }, (_, i) => udpOutput(weir, input.id, `beside ${i}`)))
    for (const { receiver } of outputs) receiver.reset()
    const isChild = ({ command }: { command: string }) => / imaging$/.test(command)
    // So that the child is there, and needs no looking for while it is at work.
    await send(await stream(), await newJpeg())
    const pid = await eventually(10_000, 'the child', () => weir.children().find(isChild)?.pid)
    const before = cpuSeconds(pid)
    const answer = send(key, bytes)
    // Ticks of the processor: it is in the middle of it, not idle behind an earlier job.
    await eventually(30_000, 'it decodes', () => incoming().length > 0 && cpuSeconds(pid) - before >= 0.02)
    process.kill(pid, 'SIGSEGV')
    expect((await answer).status).toBe(201)
    expect(await total(key)).toBe(1)
    const now = weir.children().find(isChild)?.pid
    expect(now).toBeGreaterThan(0)
    expect(now).not.toBe(pid)
    for (const { output, receiver } of outputs) {
      await receiver.more(1_000)
      expect(receiver.errors()).toEqual(new Map())
      expect((await weir.output(input.id, output.id)).process_id).toBe(output.process_id)
    }
    await feed.stop()
    for (const { receiver } of outputs) await receiver[Symbol.asyncDispose]()
    expect(incoming()).toEqual([])
  }, 120_000)

  test('the image worker ended on purpose: its child goes with it, another takes what is sent next', async () => {
    const key = await stream()
    type Health = { checks: { image_worker: { status: string } } }
    const worker = async () => (await weir.ok<Health>('GET', '/api/health')).checks.image_worker.status
    const child = () => weir.children().find(({ command }) => / imaging$/.test(command))?.pid
    expect((await send(key, await newJpeg())).status).toBe(201)
    const [before, health] = [child(), await worker()]
    expect([before !== undefined, health]).toEqual([true, 'ok'])
    await weir.ok('POST', '/api/system/faults', { kill: 'image' })
    await eventually(10_000, 'its child is gone', () => child() !== before)
    expect((await send(key, await newJpeg())).status).toBe(201)
    expect(await worker()).toBe('ok')
  }, 60_000)

  test('the server killed between the file and its row: the file is set aside, the picture can be sent again', async () => {
    const key = await stream()
    const bytes = await newJpeg()
    // Whoever holds the database makes the row wait.
    const lock = new Database(join(weir.dataDir, 'weir.db'))
    lock.run('BEGIN IMMEDIATE')
    const settled = Promise.withResolvers<void>()
    const idsNow = () =>
      readdirSync(join(root(), 'pictures')).flatMap((part) => readdirSync(join(root(), 'pictures', part)))
    const known = new Set(idsNow())
    const look = setInterval(() => {
      if (idsNow().some((id) => !known.has(id))) settled.resolve()
    }, 1)
    const answer = send(key, bytes).then(
      ({ status }) => status,
      () => 'cut',
    )
    await settled.promise
    clearInterval(look)
    const exit = weir.end('SIGKILL')
    await exit
    lock.run('ROLLBACK')
    lock.close()
    expect(await answer).toBe('cut')
    await weir.start()
    expect(await total(key)).toBe(0)
    const found = await weir.ok<CheckAnswer>('GET', '/api/images/check')
    expect(found.orphaned.length).toBe(1)
    const after = await weir.ok<CheckAnswer>('POST', '/api/images/check')
    expect([after.orphaned, after.quarantined.map(({ id }) => id)]).toEqual([[], found.orphaned.map(({ id }) => id)])
    expect((await send(key, bytes)).status).toBe(201)
    expect(await total(key)).toBe(1)
  }, 120_000)
})

describe('in one process', () => {
  let app: ApiApp
  let on: ReturnType<typeof picturesOf>
  beforeAll(async () => {
    app = await createApiApp()
    on = picturesOf(app)
  })
  afterAll(() => app[Symbol.asyncDispose]())

  const incoming = () => readdirSync(join(app.databaseFile, '../stream-images/incoming'))
  const isIngesting = () => app.imaging.status().running?.kind === 'ingest'

  test('the image worker killed in the middle of a job: the upload is answered all the same', async () => {
    const key = await on.stream()
    const answer = on.send(key, await photo(3000, 2250))
    await eventually(30_000, 'it decodes', isIngesting)
    app.imaging.crash()
    expect((await answer).status).toBe(201)
    expect(app.imaging.status().restarts).toBe(1)
    expect(incoming()).toEqual([])
  }, 60_000)

  test('a picture that kills the child twice is refused and leaves nothing', async () => {
    const key = await on.stream()
    const answer = on.send(key, await photo(3000, 2251))
    for (let killed = new Set<number>(); killed.size < 2; ) {
      const pid = await eventually(30_000, 'a child has it', () => {
        const { running } = app.imaging.status()
        return running?.kind === 'ingest' && !killed.has(running.pid) ? running.pid : 0
      })
      killed = new Set([...killed, pid])
      process.kill(pid, 'SIGSEGV')
    }
    expect(await refusalOf(await answer)).toEqual([422, 'image.failed'])
    expect(incoming()).toEqual([])
    expect((await on.list(key)).items).toEqual([])
  }, 60_000)

  test('the disk full in the middle of an upload: 507, nothing left, and it goes on when there is room', async () => {
    // A limit on the size of files stands for the full disk: the write fails in its middle, as there.
    const ignore = () => undefined
    process.on('SIGXFSZ', ignore)
    const limit = async (bytes: string) => {
      const set = Bun.spawn(['prlimit', `--fsize=${bytes}:`, '--pid', String(process.pid)])
      if ((await set.exited) !== 0) throw new Error('prlimit failed')
    }
    const key = await on.stream()
    const big = Buffer.concat([movingGif(3, 40), randomBytes(8 * 1024 * 1024)])
    await limit(String(4 * 1024 * 1024))
    try {
      expect(await refusalOf(await on.send(key, big))).toEqual([507, 'image.disk_full'])
    } finally {
      await limit('unlimited')
      process.off('SIGXFSZ', ignore)
    }
    expect(incoming()).toEqual([])
    expect((await on.send(key, await newJpeg())).status).toBe(201)
  })

  test('the database full when the row is written: 507, no file without a row, and it goes on when there is room', async () => {
    const key = await on.stream()
    const { client } = app.db
    const pages = (await client.execute('PRAGMA page_count')).rows[0]?.['page_count']
    await client.execute(`PRAGMA max_page_count = ${pages}`)
    // Longer than a page has room for.
    const words = `?description=${'x'.repeat(4_900)}`
    expect(await refusalOf(await on.send(key, await newJpeg(), words))).toEqual([507, 'image.disk_full'])
    await client.execute('PRAGMA max_page_count = 1073741823')
    expect([incoming(), (await on.list(key)).items]).toEqual([[], []])
    expect((await app.ok<CheckAnswer>('GET', '/api/images/check')).orphaned).toEqual([])
    expect((await on.send(key, await newJpeg(), words)).status).toBe(201)
  })

  test('more senders than places wait their turn, and one that waits too long is told to come back', async () => {
    await using small = await createApiApp({ images: { maxConcurrentUploads: 1 } })
    const there = picturesOf(small)
    const key = await there.stream()
    const { promise: go, resolve } = Promise.withResolvers<void>()
    const bytes = await newJpeg()
    const slow = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await go
        controller.enqueue(bytes)
        controller.close()
      },
    })
    const first = there.send(key, slow)
    const gone = new AbortController()
    const impatient = there.ask('POST', `/api/streams/${key}/images`, { body: await newJpeg(), signal: gone.signal })
    const second = there.send(key, await newJpeg())
    await Bun.sleep(0)
    gone.abort()
    expect((await impatient).status).toBe(503)
    resolve()
    expect([(await first).status, (await second).status]).toEqual([201, 201])
  })
})
