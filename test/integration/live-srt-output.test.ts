import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { createContinuityCounter } from '../support/continuity.ts'
import { isSrtAck, openLossyRelay } from '../support/lossy-relay.ts'
import { checkMedia } from '../support/media-check.ts'
import { freeUdpPort } from '../support/ports.ts'
import type { Program } from '../support/processes.ts'
import type { Input, Output } from '../support/resources.ts'
import { doorPid, leaves, type SrtReceiver, startSrtReceiver } from '../support/srt-peers.ts'
import { liveInput, running, udpOutput } from '../support/stage.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, type Weir } from '../support/weir.ts'

/** About four seconds of the feed. */
const BYTES = 6_000 * 188

type Caller = { id: number; address: string; stream_id: string; bitrate_kbps: number | null; rtt_ms: number | null }
type SrtOutput = Output & { srt_port: number; callers: Caller[] }

let weir: Weir
let input: Input
let feed: Program
let made = 0

beforeAll(async () => {
  weir = await startWeir()
  ;({ input, feed } = await liveInput(weir))
})
afterAll(async () => {
  await feed?.stop()
  await weir?.[Symbol.asyncDispose]()
})

async function create(more: Record<string, unknown> = {}): Promise<SrtOutput> {
  const body = { name: `listener ${++made}`, protocol: 'srt_listener', srt_port: await freeUdpPort(), ...more }
  const output = (await weir.createOutput(input.id, body)) as SrtOutput
  const ready = ({ status, status_reason, process_id }: Output) =>
    status === 'waiting' && process_id !== null && /call/i.test(status_reason ?? '')
  await weir.outputIs(output, 'waiting for callers', ready)
  return output
}

const withCallers = (count: number) => (output: Output) => (output as SrtOutput).callers.length === count
const path = (output: Output) => `/api/inputs/${input.id}/outputs/${output.id}`
const remove = async (output: Output) => expect((await weir.call('DELETE', path(output))).status).toBe(204)

const outputLine = (output: Output, pattern: RegExp): Promise<string> =>
  eventually(40_000, `a line like ${pattern}`, async () => {
    const { lines } = await weir.ok<{ lines: { text: string }[] }>('GET', `${path(output)}/logs`)
    return lines.map(({ text }) => text).find((text) => pattern.test(text))
  })

/** What a caller got begins with a keyframe, has no gap, and decodes without a complaint once its last packet is whole. */
async function expectWhole({ path }: SrtReceiver, seconds: number): Promise<void> {
  const bytes = new Uint8Array(await Bun.file(path).arrayBuffer())
  const counter = createContinuityCounter()
  counter.push(bytes)
  expect(counter.errors()).toEqual(new Map())
  expect(firstPicture(bytes)).toBe('keyframe')
  const media = await checkMedia(path)
  expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', width: 1280, height: 720, decodeErrors: [] })
  expect(media.videoFrames).toBeGreaterThan(seconds * 20)
}

/** Whether the first packet of pictures (PID 0x100, as FFmpeg numbers them) is marked as a point to start at. */
function firstPicture(bytes: Uint8Array): 'keyframe' | 'other' | 'none' {
  for (let at = 0; at + 188 <= bytes.length; at += 188) {
    if ((((bytes[at + 1] as number) & 31) << 8) + (bytes[at + 2] as number) !== 0x100) continue
    const marked = (bytes[at + 3] as number) & 0x20 && (bytes[at + 5] as number) & 0x40
    return marked && (bytes[at + 1] as number) & 0x40 ? 'keyframe' : 'other'
  }
  return 'none'
}

describe('an SRT listener output', () => {
  test.concurrent('serves three callers at once, each from a keyframe, without a gap, and tells of them', async () => {
    const output = await create()
    const receivers: SrtReceiver[] = []
    for (const streamId of ['one', 'two', 'three']) {
      const receiver = startSrtReceiver({ port: output.srt_port, streamId })
      receivers.push(receiver)
      await receiver.received(BYTES / 8)
    }
    const now = (await weir.outputIs(output, 'with callers', withCallers(3))) as SrtOutput
    expect(now.status).toBe('running')
    expect(now.callers.map(({ stream_id }) => stream_id)).toEqual(['one', 'two', 'three'])
    for (const { address } of now.callers) expect(address).toMatch(/^127\.0\.0\.1:\d+$/)
    await Promise.all(receivers.map((receiver) => receiver.received(BYTES)))
    const measured = await eventually(10_000, 'figures of each caller', async () => {
      const { callers } = (await weir.output(input.id, output.id)) as SrtOutput
      return callers.every(({ bitrate_kbps }) => bitrate_kbps !== null) && callers
    })
    for (const { bitrate_kbps, rtt_ms } of measured) {
      expect(bitrate_kbps).toBeGreaterThan(1_000)
      expect(rtt_ms).toBeGreaterThanOrEqual(0)
    }
    // The output ends, and with it what callers get: with a whole picture.
    await weir.ok('POST', `${path(output)}/stop`)
    await Promise.all(receivers.map(({ program }) => leaves(program)))
    for (const receiver of receivers) await expectWhole(receiver, 4)
    await remove(output)
  })

  test.concurrent('a frozen caller holds up nobody, and is let go', async () => {
    const output = await create()
    const [frozen, ...healthy] = [1, 2, 3].map(() => startSrtReceiver({ port: output.srt_port }))
    await Promise.all([frozen, ...healthy].map((receiver) => receiver?.received(BYTES / 8)))
    await weir.outputIs(output, 'with three callers', withCallers(3))
    frozen?.program.kill('SIGSTOP')
    await weir.outputIs(output, 'without the frozen one', withCallers(2), 40_000)
    await Promise.all(healthy.map((receiver) => receiver.received(BYTES / 2)))
    frozen?.program.kill('SIGKILL')
    await weir.ok('POST', `${path(output)}/stop`)
    await Promise.all(healthy.map(({ program }) => leaves(program)))
    for (const receiver of healthy) await expectWhole(receiver, 4)
    await remove(output)
  })

  test.concurrent('a caller that hardly acknowledges anything skips to a keyframe, and is told; the other misses nothing', async () => {
    const output = await create()
    await using relay = await openLossyRelay(output.srt_port)
    await using slow = startSrtReceiver({ port: relay.port, streamId: 'slow', latencyMs: 200 })
    const healthy = startSrtReceiver({ port: output.srt_port, streamId: 'healthy' })
    await Promise.all([slow.received(BYTES / 8), healthy.received(BYTES / 8)])
    let lastAckMs = 0
    relay.lose(({ bytes, toServer }) => {
      if (!toServer || !isSrtAck(bytes)) return false
      // One in two seconds: the link is given up after five without any.
      if (performance.now() - lastAckMs < 2_000) return true
      lastAckMs = performance.now()
      return false
    })
    const told = await outputLine(output, /was too slow and went on at a newer keyframe/)
    expect(told).toContain('127.0.0.1:')
    relay.lose(() => false)
    await slow.received(BYTES / 4)
    expect(((await weir.output(input.id, output.id)) as SrtOutput).callers).toHaveLength(2)
    await weir.ok('POST', `${path(output)}/stop`)
    await leaves(healthy.program)
    await expectWhole(healthy, 4)
    await remove(output)
  })

  test.concurrent.skipIf(!existsSync('/proc/net/if_inet6'))('is called by IPv6 as well as by IPv4', async () => {
    const output = await create()
    await using caller = startSrtReceiver({ port: output.srt_port, host: '[::1]' })
    await caller.received(BYTES / 8)
    const { callers } = (await weir.outputIs(output, 'with a caller', withCallers(1))) as SrtOutput
    expect(callers[0]?.address).toMatch(/^\[::1\]:\d+$/)
    await remove(output)
  })

  test.concurrent('one caller is disconnected, the other stays', async () => {
    const output = await create()
    await using out = startSrtReceiver({ port: output.srt_port, streamId: 'out' })
    await using stays = startSrtReceiver({ port: output.srt_port, streamId: 'stays' })
    const { callers } = (await weir.outputIs(output, 'with callers', withCallers(2))) as SrtOutput
    const id = callers.find(({ stream_id }) => stream_id === 'out')?.id
    expect((await weir.call('DELETE', `${path(output)}/callers/${id}`)).status).toBe(204)
    await leaves(out.program)
    const left = (await weir.outputIs(output, 'with the other', withCallers(1))) as SrtOutput
    expect(left.callers[0]?.stream_id).toBe('stays')
    await stays.received(BYTES / 4)
    await using again = startSrtReceiver({ port: output.srt_port, streamId: 'again' })
    await leaves(again.program)
    expect(again.sizeBytes()).toBe(0)
    await outputLine(output, /It was disconnected less than a minute ago/)
    await remove(output)
  })

  const passphrase = 'correct-horse-battery'

  test.concurrent.each([
    ['another stream id', { streamId: 'live/two', passphrase }, /Its stream ID is not the one of this output/],
    ['no stream id', { passphrase }, /It came without a stream ID/],
    ['another passphrase', { streamId: 'live/one', passphrase: 'wrong-horse-battery' }, /Its passphrase is wrong/],
    ['no passphrase', { streamId: 'live/one' }, /It came without a passphrase/],
  ])('turns away a caller with %s, and tells', async (_, wrong, words) => {
    const output = await create({ passphrase, options: { stream_id: 'live/one' } })
    await using stranger = startSrtReceiver({ port: output.srt_port, ...wrong })
    await leaves(stranger.program)
    expect(stranger.sizeBytes()).toBe(0)
    await outputLine(output, words)
    await remove(output)
  })

  test.concurrent('serves a caller with the stream id and the passphrase that it was given', async () => {
    const output = await create({ passphrase, options: { stream_id: 'live/one' } })
    const port = output.srt_port
    await using caller = startSrtReceiver({ port, streamId: 'live/one', passphrase })
    await caller.received(BYTES / 4)
    await weir.outputIs(output, 'running', running)
    await remove(output)
  })

  test.concurrent('its FFmpeg is killed: callers stay, and what they get goes on at a keyframe', async () => {
    const output = await create()
    const receiver = startSrtReceiver({ port: output.srt_port })
    await receiver.received(BYTES / 4)
    const { process_id } = await weir.outputIs(output, 'running', running)
    process.kill(process_id as number, 'SIGKILL')
    await weir.outputIs(output, 'another process', (o) => running(o) && o.process_id !== process_id, 40_000)
    await receiver.received(BYTES / 2)
    expect(((await weir.output(input.id, output.id)) as SrtOutput).callers).toHaveLength(1)
    await weir.ok('POST', `${path(output)}/stop`)
    await leaves(receiver.program)
    const counter = createContinuityCounter()
    counter.push(new Uint8Array(await Bun.file(receiver.path).arrayBuffer()))
    expect(counter.errors()).toEqual(new Map())
    await remove(output)
  })

  test('the SRT door is killed: other outputs notice nothing, callers can come again', async () => {
    const output = await create()
    const { output: other, receiver: witness } = await udpOutput(weir, input.id, 'witness')
    await using first = startSrtReceiver({ port: output.srt_port })
    await first.received(BYTES / 8)
    const before = doorPid(weir) as number
    process.kill(before, 'SIGKILL')
    await leaves(first.program)
    const second = await eventually(30_000, 'a caller that is served', async () => {
      const receiver = startSrtReceiver({ port: output.srt_port })
      const served = receiver.received(BYTES / 8, 10_000).then(
        () => true,
        () => false,
      )
      return (await Promise.race([served, receiver.program.exited.then(() => false)])) && receiver
    })
    await second.program.stop()
    await witness.more(500)
    expect(witness.errors()).toEqual(new Map())
    expect(doorPid(weir)).not.toBe(before)
    // Its FFmpeg lost the door's socket: told in words, not by its path.
    const told = await outputLine(output, /the SRT door/)
    expect(told).not.toContain('unix:')
    expect(JSON.stringify(await weir.ok('GET', `${path(output)}/logs`))).not.toContain('.sock')
    await remove(output)
    await remove(other)
    await witness[Symbol.asyncDispose]()
  }, 90_000)
})
