import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { makeCertificate } from '../support/certificate.ts'
import { checkMedia } from '../support/media-check.ts'
import { startRtmpServer } from '../support/nginx.ts'
import { HAVE } from '../support/peers.ts'
import { freeTcpPort } from '../support/ports.ts'
import { hasGstreamer, startEncoder, startGstreamer, startPublisher } from '../support/publisher.ts'
import type { Input } from '../support/resources.ts'
import { openRawPublisher, toChunks, toPublish } from '../support/rtmp-wire.ts'
import { active, running, udpOutput } from '../support/stage.ts'
import { tempDir } from '../support/temp.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, type Weir } from '../support/weir.ts'

type RtmpInput = Input & {
  publish_url: string
  publish_server: string
  publish_server_tls: string | null
  publish_key: string
  reconnect_count: number
}

let weir: Weir
let port = 0
beforeAll(async () => {
  port = await freeTcpPort()
  weir = await startWeir({ env: { RTMP_HOST: '127.0.0.1', RTMP_PORT: String(port) } })
})
afterAll(() => weir?.[Symbol.asyncDispose]())

const inactive = (input: Input) => input.status === 'inactive'
const remove = (input: Input) => weir.ok('DELETE', `/api/inputs/${input.id}`)
let inputs = 0
/** By a name of its own at each try of a test. */
const create = async (name: string, more: Record<string, unknown> = {}) => {
  const made = (await weir.createInput({
    name: `${name} ${++inputs}`,
    kind: 'rtmp',
    on_loss: 'hold',
    ...more,
  })) as RtmpInput
  await weir.inputIs(made.id, 'waiting for a publisher', inactive)
  return made
}
const logs = async (input: Input) =>
  (await weir.ok<{ lines: { text: string }[] }>('GET', `/api/inputs/${input.id}/logs`)).lines.map(({ text }) => text)

describe('an RTMP input', () => {
  test.concurrent('takes a publisher, says what it carries, and sends it on without a fault', async () => {
    const made = await create('From FFmpeg')
    expect(made.publish_url).toBe(`rtmp://127.0.0.1:${port}/live/${made.publish_key}`)
    const feed = await startPublisher(made.publish_url)
    const now = await weir.inputIs(made.id, 'active with its format', (i) => active(i) && i.stats.video !== null)
    expect(now.source).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(now.stats.video).toMatchObject({ codec: 'h264', width: 1280, height: 720 })
    expect(now.stats.audio).toMatchObject({ codec: 'aac', sample_rate: 48_000, channels: 2 })
    const { receiver } = await udpOutput(weir, made.id, 'out')
    await receiver.more(5_000)
    await remove(made)
    expect(receiver.errors()).toEqual(new Map())
    const media = await checkMedia(receiver.save(join(tempDir('rtmp'), 'rtmp.ts')))
    expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', decodeErrors: [] })
    // Its place is gone, so it is put out.
    expect(await feed.exited).not.toBe(0)
    await receiver[Symbol.asyncDispose]()
  })

  describe.skipIf(!hasGstreamer())('with GStreamer', () => {
    test.concurrent.each(['rtmp2sink', 'rtmpsink'] as const)('%s is taken just so', async (sink) => {
      const made = await create(`From ${sink}`)
      await using feed = await startGstreamer(sink, made.publish_url)
      await weir.inputIs(made.id, 'active', active)
      const { receiver } = await udpOutput(weir, made.id, 'out')
      await receiver.more(3_000)
      feed.kill('SIGINT')
      expect(await feed.exited).toBe(0)
      await weir.inputIs(made.id, 'inactive', inactive)
      // librtmp reads nothing while it sends, so its close may be a reset that overtakes its goodbye (RFC 1122, 4.2.2.13).
      if (sink === 'rtmp2sink')
        expect(await logs(made)).toContainEqual(expect.stringContaining('The publisher ended its stream.'))
      await remove(made)
      expect(receiver.errors()).toEqual(new Map())
      const media = await checkMedia(receiver.save(join(tempDir('rtmp'), `${sink}.ts`)))
      expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', decodeErrors: [] })
      await receiver[Symbol.asyncDispose]()
    })
  })

  test.concurrent.skipIf(!HAVE.rtmp)(
    'another server may be its publisher: nginx hands on what it is sent',
    async () => {
      const made = await create('From nginx')
      await using server = await startRtmpServer({ pushTo: made.publish_url })
      await using _feed = await startPublisher(`rtmp://127.0.0.1:${server.port}/relay/any`)
      await weir.inputIs(made.id, 'active', active)
      const { output, receiver } = await udpOutput(weir, made.id, 'out')
      await receiver.more(3_000)
      expect((await weir.output(made.id, output.id)).process_id).toBe(output.process_id)
      await remove(made)
      expect(receiver.errors()).toEqual(new Map())
      const media = await checkMedia(receiver.save(join(tempDir('rtmp'), 'nginx.ts')))
      expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', decodeErrors: [] })
      await receiver[Symbol.asyncDispose]()
    },
  )

  test.concurrent('with sound alone, or pictures alone, does not wait for the other', async () => {
    for (const { name, more } of [
      { name: 'sound', more: ['-vn'] },
      { name: 'pictures', more: ['-an'] },
    ]) {
      const made = await create(`Only ${name}`)
      await using _feed = await startPublisher(made.publish_url, { more })
      // FFmpeg by itself would look for the other track for 90 s.
      await weir.inputIs(made.id, 'active', active)
      await remove(made)
    }
  })

  test.concurrent('whose publisher ends in order takes that for the end, and counts no failure', async () => {
    const made = await create('Ends')
    const feed = await startPublisher(made.publish_url, { seconds: 4 })
    await weir.inputIs(made.id, 'active', active)
    expect(await feed.exited).toBe(0)
    const quiet = (await weir.inputIs(made.id, 'inactive', (i) => inactive(i) && i.process_id === null)) as RtmpInput
    expect(quiet).toMatchObject({
      source: null,
      reconnect_count: 0,
      status_reason: 'The sender said goodbye. Waiting for a feed.',
    })
    expect(await weir.inputIs(made.id, 'off air', (i) => i.on_air === 'none')).toMatchObject({ status: 'inactive' })
    expect(await logs(made)).toContainEqual(expect.stringContaining('goodbye'))
    await remove(made)
  })

  test.concurrent('whose publisher is killed and comes back under the same key keeps its outputs', async () => {
    const made = await create('Killed')
    const first = await startPublisher(made.publish_url)
    const before = await weir.inputIs(made.id, 'active', active)
    const { output, receiver } = await udpOutput(weir, made.id, 'stays')
    first.kill('SIGKILL')
    await weir.inputIs(made.id, 'inactive', inactive)
    expect(await logs(made)).toContainEqual(expect.stringContaining('connection of the publisher was lost'))
    await using _second = await startPublisher(made.publish_url)
    const back = (await weir.inputIs(made.id, 'active again', active)) as RtmpInput
    expect(back.process_id).not.toBe(before.process_id)
    expect(back.reconnect_count).toBe(0)
    await receiver.more(2_000)
    expect(await weir.output(made.id, output.id)).toMatchObject({ status: 'running', process_id: output.process_id })
    expect(receiver.errors()).toEqual(new Map())
    await receiver[Symbol.asyncDispose]()
    await remove(made)
  })

  test.concurrent('whose FFmpeg is killed puts its publisher out, so that it comes again', async () => {
    const made = await create('FFmpeg killed')
    const first = await startPublisher(made.publish_url)
    const before = await weir.inputIs(made.id, 'active', active)
    const { output, receiver } = await udpOutput(weir, made.id, 'stays')
    process.kill(before.process_id!, 'SIGKILL')
    expect(await first.exited).not.toBe(0)
    await weir.inputIs(made.id, 'open again', inactive)
    await using _second = await startPublisher(made.publish_url)
    await weir.inputIs(made.id, 'active again', active)
    await receiver.more(1_000)
    expect((await weir.output(made.id, output.id)).process_id).toBe(output.process_id)
    expect(receiver.errors()).toEqual(new Map())
    await receiver[Symbol.asyncDispose]()
    await remove(made)
  })

  test.concurrent('turns away a wrong key, and says so without the key', async () => {
    const made = await create('Wrong key')
    const feed = await startPublisher(`${made.publish_server}/not-the-right-key`)
    expect(await feed.exited).not.toBe(0)
    expect(feed.lines.join()).toContain('There is no such application or stream key.')
    // There are others behind the same port, and it was none of them: Weir's own log has it.
    await eventually(20_000, 'a line in the log of Weir', () =>
      weir.lines.some((line) => line.includes('the RTMP publisher 127.0.0.1') && line.includes('turned away')),
    )
    const { status, warnings } = await weir.input(made.id)
    expect([status, warnings]).toEqual(['inactive', []])
    const told = JSON.stringify([await logs(made), weir.lines])
    expect(told).not.toContain('not-the-right-key')
    expect(told).not.toContain(made.publish_key)
    await remove(made)
  })

  test.concurrent('turns away a second publisher, and the first goes on', async () => {
    const made = await create('Two, refused', { on_second_publisher: 'refuse' })
    await using _first = await startPublisher(made.publish_url)
    const before = await weir.inputIs(made.id, 'active', active)
    const { receiver } = await udpOutput(weir, made.id, 'goes on')
    const second = await startPublisher(made.publish_url)
    expect(await second.exited).not.toBe(0)
    const warned = await weir.inputIs(made.id, 'a warning', (i) => i.warnings.length > 0)
    expect(warned).toMatchObject({ status: 'active', source: before.source, process_id: before.process_id })
    await receiver.more(1_000)
    expect(receiver.errors()).toEqual(new Map())
    await receiver[Symbol.asyncDispose]()
    await remove(made)
  })

  test.concurrent('lets the second take over where it is told to; outputs go on', async () => {
    const made = await create('Two, replaced', { on_second_publisher: 'replace' })
    const first = await startPublisher(made.publish_url)
    const before = await weir.inputIs(made.id, 'active', active)
    const { output, receiver } = await udpOutput(weir, made.id, 'goes on')
    // One that was let in a moment ago keeps its place, so the second may have to come again.
    await using _second = await eventually(30_000, 'a second one that is let in', async () => {
      const next = await startPublisher(made.publish_url)
      return (await Promise.race([next.exited.then(() => false), first.exited.then(() => true)])) && next
    })
    const taken = (i: Input) => active(i) && i.source !== null && i.source !== before.source
    await weir.inputIs(made.id, 'with the second', taken)
    await receiver.more(3_000)
    expect((await weir.output(made.id, output.id)).process_id).toBe(output.process_id)
    await remove(made)
    expect(receiver.errors()).toEqual(new Map())
    const media = await checkMedia(receiver.save(join(tempDir('rtmp'), 'taken.ts')))
    expect(media.decodeErrors).toEqual([])
    await receiver[Symbol.asyncDispose]()
  })

  test.concurrent('tells what to set where a publisher sends pictures that FFmpeg cannot read', async () => {
    const made = await create('HEVC')
    const publisher = await openRawPublisher(port)
    publisher.write(toPublish('live', made.publish_key))
    await publisher.statusIs('NetStream.Publish.Start')
    publisher.write(toChunks({ type: 9, payload: new Uint8Array(Buffer.from('9061763031', 'hex')), chunkStream: 6 }))
    await publisher.closed()
    const warned = await weir.inputIs(made.id, 'a warning', (i) => i.warnings.length > 0)
    expect(warned.warnings[0]?.message).toMatch(/over RTMP only; the publisher sends AV1\. Set the encoder to H\.264/)
    expect(await logs(made)).toContainEqual(expect.stringContaining('AV1'))
    await remove(made)
  })

  test.concurrent('is not disturbed by 200 connections that say nothing', async () => {
    const made = await create('Undisturbed')
    await using _feed = await startPublisher(made.publish_url)
    await weir.inputIs(made.id, 'active', active)
    const { receiver } = await udpOutput(weir, made.id, 'undisturbed')
    receiver.longestGapMs()
    const many = await Promise.all(
      Array.from({ length: 200 }, (_, i) => openRawPublisher(port, `127.0.3.${1 + (i % 20)}`)),
    )
    await receiver.more(5_000)
    expect(receiver.longestGapMs()).toBeLessThan(1_500)
    expect(receiver.errors()).toEqual(new Map())
    for (const each of many) each.end()
    await receiver[Symbol.asyncDispose]()
    await remove(made)
  })
})

describe('over TLS', () => {
  test.concurrent('a publisher is taken at the port for RTMPS', async () => {
    const dir = tempDir('rtmps')
    makeCertificate(dir)
    const [plain, secure] = [await freeTcpPort(), await freeTcpPort()]
    const env = {
      RTMP_HOST: '127.0.0.1',
      RTMP_PORT: String(plain),
      RTMPS_PORT: String(secure),
      RTMPS_CERT_FILE: join(dir, 'cert.pem'),
      RTMPS_KEY_FILE: join(dir, 'key.pem'),
    }
    await using other = await startWeir({ env })
    const made = (await other.createInput({ name: 'Secret', kind: 'rtmp' })) as RtmpInput
    await other.inputIs(made.id, 'waiting for a publisher', inactive)
    expect(made.publish_server_tls).toBe(`rtmps://127.0.0.1:${secure}/live`)
    await using _feed = await startPublisher(`${made.publish_server_tls}/${made.publish_key}`)
    await other.inputIs(made.id, 'active', active)
    const { receiver } = await udpOutput(other, made.id, 'out')
    await receiver.more(3_000)
    expect(receiver.errors()).toEqual(new Map())
    await receiver[Symbol.asyncDispose]()
  })
})

describe('an input that waits', () => {
  test.concurrent('says so where its port is taken, and opens when it is free', async () => {
    const squatter = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } })
    await using other = await startWeir({ env: { RTMP_HOST: '127.0.0.1', RTMP_PORT: String(squatter.port) } })
    const made = await other.createInput({ name: 'Taken', kind: 'rtmp' })
    const taken = await other.inputIs(made.id, 'error', (i) => i.status === 'error', 30_000)
    expect(taken.status_reason).toMatch(/TCP port \d+ for RTMP is taken/)
    squatter.stop(true)
    await other.inputIs(made.id, 'inactive', inactive, 60_000)
  })
})

describe('an encoder that tries again by itself', () => {
  test('is put out by a stop, let in by the start, and comes back after the worker has died', async () => {
    const made = await create('Stubborn')
    await using _encoder = startEncoder(made.publish_url)
    await weir.inputIs(made.id, 'active', active)
    await weir.ok('POST', `/api/inputs/${made.id}/stop`)
    const stopped = await weir.inputIs(made.id, 'stopped', (i) => i.status === 'stopped')
    expect(stopped).toMatchObject({ source: null, process_id: null })
    await weir.ok('POST', `/api/inputs/${made.id}/start`)
    const before = await weir.inputIs(made.id, 'active again', active)
    // One worker has this input, the first or the second.
    for (const kill of ['media:1', 'media:2']) await weir.call('POST', '/api/system/faults', { kill })
    const other = (i: Input) => active(i) && i.process_id !== null && i.process_id !== before.process_id
    await weir.inputIs(made.id, 'active in a new worker', other, 40_000)
    await remove(made)
  })
})

describe('the thread of the doors', () => {
  test('that dies is followed by another; the publisher comes again and outputs stay', async () => {
    const made = await create('Doors')
    const first = await startPublisher(made.publish_url)
    await weir.inputIs(made.id, 'active', active)
    const { output, receiver } = await udpOutput(weir, made.id, 'stays')
    await weir.ok('POST', '/api/system/faults', { kill: 'doors' })
    expect(await first.exited).not.toBe(0)
    await using _second = startEncoder(made.publish_url)
    await weir.inputIs(made.id, 'active again', active)
    await weir.outputIs(output, 'running', running)
    await receiver.more(1_000)
    expect((await weir.output(made.id, output.id)).process_id).toBe(output.process_id)
    expect(receiver.errors()).toEqual(new Map())
    await receiver[Symbol.asyncDispose]()
    await remove(made)
  })
})
