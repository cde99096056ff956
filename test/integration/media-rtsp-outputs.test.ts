import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { OutputSpec } from '../../src/media/specs.ts'
import { startFeed } from '../support/feed.ts'
import { checkMedia } from '../support/media-check.ts'
import { type MediaStage, openMediaStage, toInputSpec } from '../support/media-stage.ts'
import { rtspTo, toOutput } from '../support/output-specs.ts'
import { freeTcpPort, freeUdpPort } from '../support/ports.ts'
import type { Program } from '../support/processes.ts'
import { hasRtspServer } from '../support/rtsp.ts'
import { startRtspRecorder } from '../support/rtsp-recorder.ts'

/** About four seconds of the feed. */
const BYTES = 1_100_000
const LOGIN = { username: 'publisher', password: 'p@ss:w/d' }

let stage: MediaStage
let feed: Program
let udpPort: number
let outputs: OutputSpec[] = []

beforeAll(async () => {
  stage = openMediaStage()
  udpPort = await freeUdpPort()
  want()
  feed = await startFeed(udpPort)
  await stage.inputIs(1, 'active', (input) => input.status === 'active')
})

afterAll(async () => {
  await feed?.stop()
  await stage?.[Symbol.asyncDispose]()
})

function want(): void {
  const source = {
    kind: 'udp',
    port: udpPort,
    bindAddress: '127.0.0.1',
    allowFrom: [],
    multicastGroup: null,
    interfaceAddress: null,
  } as const
  stage.want(toInputSpec(source, outputs, { id: 1 }))
}

function add(output: OutputSpec): OutputSpec {
  outputs = [...outputs, output]
  want()
  return output
}

async function remove(output: OutputSpec): Promise<void> {
  const gone = stage.told('output.removed', ({ id }) => id === output.id)
  outputs = outputs.filter(({ id }) => id !== output.id)
  want()
  await gone
}

const running = (output: OutputSpec) => stage.outputIs(output.id, 'running', ({ status }) => status === 'running')
const failed = (output: OutputSpec) => stage.outputIs(output.id, 'failed', ({ lastExit }) => lastExit !== null, 40_000)

describe.skipIf(!hasRtspServer())('RTSP outputs', () => {
  test.concurrent.each([
    ['TCP', 'both', { transport: 'tcp' }, {}],
    ['UDP', 'both', { transport: 'udp' }, {}],
    ['TCP, the sound as it is', 'latm', { transport: 'tcp' }, { audio: 'copy' }],
  ] as const)('push by %s', async (_, carries, target, over) => {
    await using server = await startRtspRecorder({ carries })
    const output = add(toOutput(rtspTo(server.port, target), over))
    await running(output)
    await server.received(BYTES)
    const figures = stage.figures()?.outputs.find(({ id }) => id === output.id)
    // Counted while it ran; how fast it runs is the machine's.
    expect(figures?.bitrateKbps).toBeGreaterThan(500)
    expect(figures?.fps).toBeGreaterThan(5)
    await remove(output)
    const picture = await checkMedia(server.video)
    expect(picture).toMatchObject({ videoCodec: 'h264', width: 1280, height: 720, decodeErrors: [] })
    expect(picture.videoFrames).toBeGreaterThan(60)
    const sound = await checkMedia(server.audio)
    expect(sound).toMatchObject({ audioCodec: 'aac', decodeErrors: [] })
    expect(sound.audioFrames).toBeGreaterThan(100)
  })

  test.concurrent('sound alone, and that it is encoded again is said', async () => {
    await using server = await startRtspRecorder({ carries: 'audio' })
    const output = add(toOutput(rtspTo(server.port), { video: 'none' }))
    await running(output)
    await server.received(30_000)
    const { lines } = stage.supervisor.logs('output', output.id)
    expect(lines.some(({ text }) => text.includes('encoded again as AAC'))).toBe(true)
    await remove(output)
    expect(await checkMedia(server.audio)).toMatchObject({ videoCodec: null, audioCodec: 'aac', decodeErrors: [] })
  })

  test.concurrent.each(['basic', 'digest'] as const)('a login (%s) is given, and shown in no log', async (auth) => {
    await using server = await startRtspRecorder({ auth })
    const output = add(toOutput(rtspTo(server.port, LOGIN)))
    await running(output)
    await server.received(BYTES / 4)
    await remove(output)
    expect(JSON.stringify(stage.events)).not.toContain(LOGIN.password)
    expect(JSON.stringify(stage.events)).not.toContain(encodeURIComponent(LOGIN.password))
  })

  test.concurrent('a wrong password and a wrong path are told apart, in words', async () => {
    await using server = await startRtspRecorder({ auth: 'digest' })
    const wrong = add(toOutput(rtspTo(server.port, { ...LOGIN, password: 'wrong' })))
    expect(await failed(wrong)).toMatchObject({ lastExit: { class: 'rejected' } })
    expect(stage.output(wrong.id).lastError).toContain('user name and password')
    await using open = await startRtspRecorder()
    const lost = add(toOutput(rtspTo(open.port, { path: 'elsewhere' })))
    expect(await failed(lost)).toMatchObject({ lastExit: { class: 'rejected' } })
    expect(stage.output(lost.id).lastError).toContain('path')
    await remove(wrong)
    await remove(lost)
  })

  test.concurrent('nobody there, and one that vanishes and returns', async () => {
    const nobody = add(toOutput(rtspTo(await freeTcpPort())))
    expect(await failed(nobody)).toMatchObject({ lastExit: { class: 'refused' } })
    await remove(nobody)
    await using server = await startRtspRecorder()
    const output = add(toOutput(rtspTo(server.port)))
    const { processId } = await running(output)
    await server.received(BYTES / 4)
    server.program.kill('SIGKILL')
    expect(await failed(output)).toMatchObject({ lastExit: { class: 'peer_closed', next: 'retry' } })
    expect(stage.output(output.id).processId).not.toBe(processId)
    await remove(output)
  })

  test.concurrent('a peer that takes the connection and says nothing is given up after the deadline', async () => {
    using mute = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } })
    const output = add(toOutput(rtspTo(mute.port)))
    expect(await failed(output)).toMatchObject({ lastExit: { class: 'hung', forced: true } })
    await remove(output)
  }, 60_000)

  test.concurrent('a frozen peer is noticed, and its FFmpeg, which would hang for ever, is killed', async () => {
    await using server = await startRtspRecorder()
    const output = add(toOutput(rtspTo(server.port), { stallTimeoutMs: 3_000 }))
    await running(output)
    await server.received(BYTES / 4)
    server.program.kill('SIGSTOP')
    expect(await failed(output)).toMatchObject({ lastExit: { class: 'hung', forced: true } })
    await remove(output)
  }, 60_000)
})
