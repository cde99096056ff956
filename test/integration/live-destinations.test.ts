import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { checkMedia } from '../support/media-check.ts'
import { HAVE, sharedRtmp, sharedTls } from '../support/peers.ts'
import { freeTcpPort } from '../support/ports.ts'
import type { Program } from '../support/processes.ts'
import type { Input, Output } from '../support/resources.ts'
import { startTlsFront } from '../support/rtmps.ts'
import { hasRtspServer } from '../support/rtsp.ts'
import { startRtspRecorder } from '../support/rtsp-recorder.ts'
import { startSrtIdListener, startSrtListener } from '../support/srt.ts'
import { freshOutput, liveInput, running } from '../support/stage.ts'
import { tempDir } from '../support/temp.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'
import { startWeir, type Weir } from '../support/weir.ts'

/** About four seconds of the feed, in TS packets and in bytes. */
const PACKETS = 6_000
const BYTES = PACKETS * 188

let weir: Weir
let input: Input
let feed: Program
let dir: string

beforeAll(async () => {
  dir = tempDir('received')
  const env = HAVE.tls ? { TLS_CA_FILE: (await sharedTls()).caFile } : undefined
  weir = await startWeir(env ? { env } : {})
  ;({ input, feed } = await liveInput(weir))
})

afterAll(async () => {
  await feed?.stop()
  await weir?.[Symbol.asyncDispose]()
})

const create = async (body: Record<string, unknown>): Promise<Output> =>
  weir.outputIs(await freshOutput(weir, input.id, body), 'running', running)

const remove = async (output: Output) =>
  expect((await weir.call('DELETE', `/api/inputs/${input.id}/outputs/${output.id}`)).status).toBe(204)

/** What arrived is the feed: its codecs and size, whole pictures, nothing a decoder complains about. */
async function expectFeed(path: string, seconds: number): Promise<void> {
  const media = await checkMedia(path)
  expect(media.decodeErrors).toEqual([])
  expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', width: 1280, height: 720 })
  expect(media.videoFrames).toBeGreaterThan(seconds * 20)
  expect(media.audioFrames).toBeGreaterThan(seconds * 35)
}

describe('a feed reaches', () => {
  test.concurrent.each([
    ['UDP, unicast', '127.0.0.1', undefined],
    ['UDP, multicast', '239.255.7.1', '239.255.7.1'],
  ])('%s', async (name, host, group) => {
    await using receiver = await openUdpReceiver(group ? { group } : {})
    const options = group ? { options: { interface: '127.0.0.1', ttl: 1 } } : {}
    const output = await create({ name, url: `udp://${host}:${receiver.port}`, ...options })
    await receiver.more(PACKETS)
    await remove(output)
    expect(receiver.errors()).toEqual(new Map())
    await expectFeed(receiver.save(join(dir, `${receiver.port}.ts`)), 3)
  })

  test.concurrent('UDP without a process, the program and the feed as it came', async () => {
    for (const transparent of [false, true]) {
      await using receiver = await openUdpReceiver()
      const output = await create({
        ...{ name: `direct ${transparent}`, url: `udp://127.0.0.1:${receiver.port}`, engine: 'direct' },
        options: { transparent },
      })
      expect(output.process_id).toBeNull()
      await receiver.more(PACKETS)
      await remove(output)
      expect(receiver.errors()).toEqual(new Map())
    }
  })

  test('UDP, the picture and the sound made anew', async () => {
    await using receiver = await openUdpReceiver()
    const url = `udp://127.0.0.1:${receiver.port}`
    const output = await create({ name: 'anew', url, options: { video: '480p', audio: 'aac' } })
    await receiver.more(PACKETS / 2, 60_000)
    await remove(output)
    expect(receiver.errors()).toEqual(new Map())
    const media = await checkMedia(receiver.save(join(dir, `${receiver.port}.ts`)))
    expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', width: 854, height: 480, decodeErrors: [] })
  })

  test.concurrent.skipIf(!hasRtspServer())('RTSP with a login, which no process list shows', async () => {
    await using server = await startRtspRecorder({ auth: 'digest' })
    const login = { username: 'publisher', password: 'p@ss:w/d' }
    const output = await create({ name: 'rtsp', url: `rtsp://127.0.0.1:${server.port}/live`, ...login })
    await server.received(BYTES)
    expect(weir.children().filter(({ command, environ }) => (command + environ).includes(login.password))).toEqual([])
    expect(weir.children().some(({ command }) => command.includes('-f rtsp'))).toBe(true)
    await remove(output)
    expect(await checkMedia(server.video)).toMatchObject({ videoCodec: 'h264', width: 1280, decodeErrors: [] })
  })

  test.concurrent.skipIf(!HAVE.srt)('SRT', async () => {
    await using listener = await startSrtListener()
    const output = await create({ name: 'srt', url: `srt://127.0.0.1:${listener.port}`, options: { latency_ms: 120 } })
    await listener.received(BYTES)
    await remove(output)
    await expectFeed(listener.path, 3)
  })

  test.concurrent('SRT with a passphrase and a stream id', async () => {
    const passphrase = 'correct-horse-battery'
    const stream_id = '#!::r=live/main,m=publish'
    await using listener = await startSrtIdListener(passphrase)
    const url = `srt://127.0.0.1:${listener.port}`
    const output = await create({ name: 'srt secret', url, passphrase, options: { stream_id } })
    await listener.received(BYTES)
    await remove(output)
    expect(listener.lines.some((line) => line.includes(`accept streamid [${stream_id}]`))).toBe(true)
    await listener.kill('SIGTERM')
    await expectFeed(listener.path, 3)
  })

  test.concurrent.skipIf(!HAVE.rtmp).each([
    ['live', 'key with = and #'],
    ['live/inst', 'plain-key'],
  ])('RTMP, application %s, key %s', async (app, stream_key) => {
    const server = await sharedRtmp()
    const output = await create({ name: `rtmp ${app}`, url: `rtmp://127.0.0.1:${server.port}/${app}`, stream_key })
    await server.called(`a publisher at ${app}`, (c) => c.call === 'publish' && c.app === app && c.name === stream_key)
    await runs(output, 4)
    await remove(output)
    const recorded = await server.called(
      `a recording of ${app}`,
      (c) => c.call === 'record_done' && c.name === stream_key,
    )
    await expectFeed(recorded.fields.get('path') ?? '', 3)
  })

  test.concurrent.skipIf(!HAVE.tls)('RTMPS, the certificate verified', async () => {
    const front = await sharedTls()
    const server = await sharedRtmp()
    const url = `rtmps://localhost:${front.port}/live`
    const output = await create({ name: 'rtmps', url, stream_key: 'over-tls' })
    await runs(output, 4)
    await remove(output)
    const recorded = await server.called('a recording', (c) => c.call === 'record_done' && c.name === 'over-tls')
    await expectFeed(recorded.fields.get('path') ?? '', 3)
  })

  test.concurrent.skipIf(!HAVE.tls)('no RTMPS server of an unknown authority, unless told to', async () => {
    await using stranger = await startTlsFront((await sharedRtmp()).port)
    const url = `rtmps://localhost:${stranger.port}/live`
    const body = { name: 'stranger', url, stream_key: 'stranger', reconnect_delay: 0.2 }
    const output = await freshOutput(weir, input.id, body)
    const refused = await weir.outputIs(output, 'refused', (o) => o.last_exit !== null)
    expect(refused.last_exit?.class).toBe('tls')
    await weir.ok('PATCH', `/api/inputs/${input.id}/outputs/${output.id}`, { options: { tls_verify: false } })
    await weir.outputIs(output, 'running without verification', running)
    await remove(output)
  })
})

describe('a check of a destination', () => {
  type Check = { verdict: string; checks: { code: string; status: string; message: string }[] }
  const check = async (body: Record<string, unknown>) => {
    const { verdict, checks } = await weir.ok<Check>('POST', `/api/inputs/${input.id}/outputs/check`, body)
    return { verdict, ...Object.fromEntries(checks.map(({ code, status }) => [code, status])) }
  }

  test.skipIf(!HAVE.tls)(
    'finds a good server good, and says which step fails elsewhere, without going live',
    async () => {
      const server = await sharedRtmp()
      const front = await sharedTls()
      await weir.inputIs(input.id, 'known', ({ stats }) => stats.video !== null && stats.audio !== null)
      const body = { name: 'check', stream_key: 'only-checked' }
      const good = await check({ ...body, url: `rtmps://localhost:${front.port}/live` })
      expect(good).toMatchObject({ name: 'ok', reach: 'ok', tls: 'ok', video_codec: 'ok', audio_codec: 'ok' })
      const plain = await check({ ...body, url: `rtmps://localhost:${server.port}/live` })
      expect(plain).toMatchObject({ verdict: 'problem', reach: 'ok', tls: 'problem' })
      const closed = await check({ ...body, url: `rtmp://127.0.0.1:${await freeTcpPort()}/live` })
      expect(closed).toMatchObject({ verdict: 'problem', reach: 'problem' })
      expect(await check({ ...body, url: 'rtmp://nohost.invalid/live' })).toMatchObject({ name: 'problem' })
      expect(server.calls.some(({ name }) => name === 'only-checked')).toBe(false)
    },
  )
})

/** Resolves when the output has sent for so many seconds without a new process, by the figures of its events. */
async function runs(output: Output, seconds: number): Promise<void> {
  await using events = await weir.follow(`input:${output.input_id}`)
  await events.seen(`${seconds} s of running`, ({ name, data }) => {
    const figures = (data as { outputs?: Record<string, Output['stats']> }).outputs?.[output.id]
    return name === 'stats' && (figures?.uptime_seconds ?? 0) >= seconds
  })
}
