import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createSocket } from 'node:dgram'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkMedia } from '../support/media-check.ts'
import { openMediaStage, toInputSpec } from '../support/media-stage.ts'
import { toOutput, udpTo } from '../support/output-specs.ts'
import { openOutputStage, type OutputStage } from '../support/output-stage.ts'
import { freeUdpPort } from '../support/ports.ts'
import { tempDir } from '../support/temp.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'
import { eventually } from '../support/waiting.ts'

/** Start code and id of a picture's PES (ISO 13818-1 2.4.3.7). */
const PES = Buffer.from([0, 0, 1, 0xe0])

let it: OutputStage

beforeAll(async () => {
  it = await openOutputStage()
})

afterAll(async () => {
  await it?.[Symbol.asyncDispose]()
})

describe('UDP without a process', () => {
  test.concurrent.each([
    ['unicast', '127.0.0.1', undefined],
    ['multicast', '239.255.7.2', '239.255.7.2'],
  ])('%s: the program, whole', async (_, host, group) => {
    await using receiver = await openUdpReceiver(group ? { group } : {})
    const target = { ...udpTo(receiver.port, host), ...(group ? { ttl: 1, interfaceAddress: '127.0.0.1' } : {}) }
    const output = it.add(toOutput(target, { engine: 'direct' }))
    expect(await it.running(output)).toMatchObject({ processId: null, attempt: 0 })
    await receiver.more(6_000, 40_000)
    await eventually(20_000, 'its bitrate', () => (it.figures(output)?.bitrateKbps ?? 0) > 500)
    const figures = it.figures(output)
    await it.remove(output)
    expect(receiver.errors()).toEqual(new Map())
    const media = await checkMedia(withoutLastPicture(receiver.save(join(tempDir('direct'), 'received.ts'))))
    expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', width: 1280, height: 720, decodeErrors: [] })
    expect(media.videoFrames).toBeGreaterThan(60)
    expect(figures).toMatchObject({ cpuPercent: null, memoryBytes: null, skips: 0 })
  })

  test.concurrent('that nobody listens is no failure', async () => {
    const output = it.add(toOutput(udpTo(await freeUdpPort()), { engine: 'direct' }))
    await it.running(output)
    await it.sent(output, 500_000)
    expect(it.stage.output(output.id)).toMatchObject({ status: 'running', lastExit: null })
    await it.remove(output)
  })

  test.concurrent.each([
    ['a name that does not exist', { host: 'nohost.invalid' }, 'dns', 'name'],
    [
      'an interface that is not here',
      { host: '239.255.7.3', interfaceAddress: '198.51.100.9' },
      'unreachable',
      'interface',
    ],
    ['what the kernel refuses to send', { host: '255.255.255.255' }, 'unknown', 'EACCES'],
  ] as const)('%s is told, and tried again', async (_, change, what, word) => {
    const output = it.add(toOutput({ ...udpTo(5_004), ...change }, { engine: 'direct' }))
    const actual = await it.failed(output)
    expect(actual.lastExit).toMatchObject({ class: what, signal: null, next: 'retry' })
    expect(actual.lastError).toContain(word)
    await it.is(output, 'tried again', ({ attempt }) => attempt > 1)
    await it.remove(output)
  })

  test.concurrent('an edit leads from FFmpeg to none and back', async () => {
    await using receiver = await openUdpReceiver({ record: false })
    const output = it.add(toOutput(udpTo(receiver.port)))
    expect((await it.running(output)).processId).not.toBeNull()
    it.edit({ ...output, engine: 'direct' })
    await it.is(output, 'without', ({ status, processId }) => status === 'running' && processId === null)
    await receiver.more(100)
    it.edit(output)
    await it.is(output, 'with', ({ status, processId }) => status === 'running' && processId !== null)
    await it.remove(output)
  })
})

/** A copy ends between two datagrams, in the midst of a picture; FFmpeg would have waited for its end. */
function withoutLastPicture(path: string): string {
  const bytes = readFileSync(path)
  const isPictureStart = (at: number) =>
    (bytes.readUInt8(at + 1) & 0x40) !== 0 && bytes.subarray(at, at + 188).includes(PES)
  let end = bytes.length - (bytes.length % 188) - 188
  while (end > 0 && !isPictureStart(end)) end -= 188
  writeFileSync(path, bytes.subarray(0, end))
  return path
}

describe('the feed as it came', () => {
  test('every byte, datagram by datagram, though it is no transport stream at all; and it waits when it ends', async () => {
    await using stage = openMediaStage()
    const port = await freeUdpPort()
    const got: Uint8Array[] = []
    const receiver = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 })
    receiver.on('message', (datagram) => got.push(new Uint8Array(datagram)))
    await new Promise<void>((resolve) => receiver.bind(0, '127.0.0.1', resolve))
    const output = toOutput(udpTo(receiver.address().port), { engine: 'direct', transparent: true })
    const source = { port, bindAddress: '127.0.0.1', allowFrom: [], multicastGroup: null, interfaceAddress: null }
    stage.want(toInputSpec({ kind: 'udp', ...source }, [output], { id: 1 }))
    await stage.inputIs(1, 'listening', ({ status }) => status === 'inactive')
    expect(stage.output(output.id).status).toBe('waiting')

    const sender = createSocket('udp4')
    const send = (bytes: Uint8Array) =>
      new Promise<void>((resolve) => sender.send(bytes, port, '127.0.0.1', () => resolve()))
    await eventually(10_000, 'it runs', async () => {
      await send(new Uint8Array(188))
      return stage.output(output.id).status === 'running' && got.length > 0
    })
    // Sizes as they come in the wild: whole packets, RTP in front of them, one byte, more than an Ethernet frame holds.
    const sizes = [1_316, 188, 1_328, 1, 2_000]
    const sent = Array.from({ length: 500 }, (_, i) => {
      const bytes = crypto.getRandomValues(new Uint8Array(sizes[i % sizes.length] as number))
      return bytes
    })
    const first = sent[0] as Uint8Array
    for (const datagram of sent) await send(datagram)
    const start = () => got.findIndex((datagram) => Buffer.compare(datagram, first) === 0)
    await eventually(10_000, 'all have arrived', () => start() >= 0 && got.length - start() >= sent.length)
    const same = sent.map((datagram, i) => Buffer.compare(datagram, got[start() + i] as Uint8Array))
    expect(same.every((difference) => difference === 0)).toBe(true)
    expect(stage.input(1)).toMatchObject({ status: 'inactive', onAir: 'none' })
    // Nothing comes: silent for 2 s, and 8 s later it is told to leave.
    await stage.outputIs(output.id, 'waiting', ({ status }) => status === 'waiting', 30_000)
    expect(stage.output(output.id)).toMatchObject({ attempt: 0, lastExit: { class: 'input_lost', next: 'none' } })
    sender.close()
    receiver.close()
  }, 60_000)

  test('of a feed that FFmpeg brings in: whole packets, seven to a datagram', async () => {
    await using stage = openMediaStage()
    await using receiver = await openUdpReceiver()
    const output = toOutput(udpTo(receiver.port), { engine: 'direct', transparent: true })
    stage.want(toInputSpec({ kind: 'test' }, [output], { id: 1 }))
    await receiver.more(2_000, 30_000)
    expect(receiver.errors()).toEqual(new Map())
  })
})
