import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { checkMedia } from '../support/media-check.ts'
import { rtspTo, toOutput } from '../support/output-specs.ts'
import { openOutputStage, type OutputStage } from '../support/output-stage.ts'
import { freeTcpPort } from '../support/ports.ts'
import { readProc, startProgram } from '../support/processes.ts'
import { hasStunnel, startTlsFront } from '../support/rtmps.ts'
import { hasRtspServer } from '../support/rtsp.ts'
import { startRtspRecorder } from '../support/rtsp-recorder.ts'
import { tempDir } from '../support/temp.ts'
import { eventually } from '../support/waiting.ts'

/** About four seconds of the feed. */
const BYTES = 1_100_000
const LOGIN = { username: 'publisher', password: 'p@ss:w/d' }

let it: OutputStage

beforeAll(async () => {
  it = await openOutputStage()
})

afterAll(async () => {
  await it?.[Symbol.asyncDispose]()
})

describe.skipIf(!hasRtspServer())('RTSP outputs', () => {
  test.concurrent.each([
    ['TCP', { transport: 'tcp' }],
    ['UDP', { transport: 'udp' }],
  ] as const)('push by %s', async (_, target) => {
    await using server = await startRtspRecorder()
    const output = it.add(toOutput(rtspTo(server.port, target)))
    await it.running(output)
    await server.received(BYTES)
    // Counted while it ran; how fast it runs is the machine's.
    await eventually(20_000, 'its bitrate and frame rate', () => {
      const figures = it.figures(output)
      return (figures?.bitrateKbps ?? 0) > 500 && (figures?.fps ?? 0) > 5
    })
    await it.remove(output)
    const picture = await checkMedia(server.video)
    expect(picture).toMatchObject({ videoCodec: 'h264', width: 1280, height: 720, decodeErrors: [] })
    expect(picture.videoFrames).toBeGreaterThan(60)
    const sound = await checkMedia(server.audio)
    expect(sound).toMatchObject({ audioCodec: 'aac', decodeErrors: [] })
    expect(sound.audioFrames).toBeGreaterThan(100)
  })

  test.concurrent('the sound as it is, packed as LATM', async () => {
    const port = await freeTcpPort()
    const path = join(tempDir('rtsp'), 'received.ts')
    const listen = ['-rtsp_flags', 'listen', '-i', `rtsp://127.0.0.1:${port}/live`]
    await using receiver = startProgram(['ffmpeg', '-v', 'error', '-nostdin', ...listen, '-c', 'copy', path])
    const output = it.add(toOutput(rtspTo(port), { audio: 'copy' }))
    await it.running(output)
    await eventually(30_000, 'the feed arrives', () => Bun.file(path).size > BYTES)
    expect(it.log(output).some((text) => text.includes('encoded again'))).toBe(false)
    await it.remove(output)
    await receiver.exited
    const media = await checkMedia(path)
    expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', decodeErrors: [] })
    expect(media.audioFrames).toBeGreaterThan(100)
  })

  test.concurrent('sound alone, and that it is encoded again is said', async () => {
    await using server = await startRtspRecorder({ carries: 'audio' })
    const output = it.add(toOutput(rtspTo(server.port), { video: 'none' }))
    await it.running(output)
    await server.received(30_000)
    expect(it.log(output).some((text) => text.includes('encoded again as AAC'))).toBe(true)
    await it.remove(output)
    expect(await checkMedia(server.audio)).toMatchObject({ videoCodec: null, audioCodec: 'aac', decodeErrors: [] })
  })

  test.concurrent.each([
    ['basic', 'tcp'],
    ['digest', 'tcp'],
    ['digest', 'udp'],
  ] as const)('a login (%s, by %s) is given, and shown in no log and no process list', async (auth, transport) => {
    await using server = await startRtspRecorder({ auth })
    const output = it.add(toOutput(rtspTo(server.port, { ...LOGIN, transport })))
    const { processId } = await it.running(output)
    expect(readProc(`/proc/${processId}/cmdline`)).toContain('rtsp://127.0.0.1:')
    expect(readProc(`/proc/${processId}/cmdline`)).not.toContain(LOGIN.username)
    await server.received(BYTES / 4)
    await it.remove(output)
    expect(JSON.stringify(it.stage.events)).not.toContain(LOGIN.password)
    expect(JSON.stringify(it.stage.events)).not.toContain(encodeURIComponent(LOGIN.password))
  })

  test.concurrent.skipIf(!hasStunnel())('RTSPS: the certificate is verified, unless told otherwise', async () => {
    await using server = await startRtspRecorder({ auth: 'digest' })
    await using front = await startTlsFront(server.port)
    const target = rtspTo(front.port, { ...LOGIN, tls: true, host: 'localhost' })
    const stranger = it.add(toOutput(target))
    expect(await it.failed(stranger)).toMatchObject({ lastExit: { class: 'tls', next: 'retry' } })
    expect(it.stage.output(stranger.id).lastError).toContain('not trusted')
    await it.remove(stranger)
    await using known = await openOutputStage({ caFile: front.caFile })
    const output = known.add(toOutput(target))
    await known.running(output)
    await server.received(BYTES / 4)
    await known.remove(output)
    const unchecked = it.add(toOutput({ ...target, tlsVerify: false }))
    await it.running(unchecked)
    await it.remove(unchecked)
  })

  test.concurrent('what does not speak RTSP is told from what does not answer', async () => {
    const shout = Buffer.alloc(20_000, 'x')
    using other = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: (socket) => void socket.write(shout) } })
    const output = it.add(toOutput(rtspTo(other.port)))
    expect(await it.failed(output)).toMatchObject({ lastExit: { class: 'rejected' } })
    expect(it.stage.output(output.id).lastError).toContain('does not speak RTSP')
    await it.remove(output)
  })

  test.concurrent('a wrong password and a wrong path are told apart, in words', async () => {
    await using server = await startRtspRecorder({ auth: 'digest' })
    const wrong = it.add(toOutput(rtspTo(server.port, { ...LOGIN, password: 'wrong' })))
    expect(await it.failed(wrong)).toMatchObject({ lastExit: { class: 'rejected' } })
    expect(it.stage.output(wrong.id).lastError).toContain('user name and password')
    await using open = await startRtspRecorder()
    const lost = it.add(toOutput(rtspTo(open.port, { path: 'elsewhere' })))
    expect(await it.failed(lost)).toMatchObject({ lastExit: { class: 'rejected' } })
    expect(it.stage.output(lost.id).lastError).toContain('path')
    await it.remove(wrong)
    await it.remove(lost)
  })

  test.concurrent('nobody there, and one that vanishes and returns', async () => {
    const nobody = it.add(toOutput(rtspTo(await freeTcpPort())))
    expect(await it.failed(nobody)).toMatchObject({ lastExit: { class: 'refused' } })
    // The words of what met the server, before FFmpeg's about the gate.
    expect((await it.failed(nobody)).lastExit?.lines[0]).toContain('The server refused the connection.')
    await it.remove(nobody)
    await using server = await startRtspRecorder()
    const output = it.add(toOutput(rtspTo(server.port)))
    const { processId } = await it.running(output)
    await server.received(BYTES / 4)
    server.program.kill('SIGKILL')
    expect(await it.failed(output)).toMatchObject({ lastExit: { class: 'peer_closed', next: 'retry' } })
    expect(it.stage.output(output.id).processId).not.toBe(processId)
    await it.remove(output)
  })

  test.concurrent('a peer that takes the connection and says nothing is given up after the deadline', async () => {
    using mute = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } })
    const output = it.add(toOutput(rtspTo(mute.port)))
    expect(await it.failed(output)).toMatchObject({ lastExit: { class: 'hung', forced: true } })
    await it.remove(output)
  }, 60_000)

  test.concurrent('a frozen peer is noticed, and its FFmpeg, which would hang for ever, is killed', async () => {
    await using server = await startRtspRecorder()
    const output = it.add(toOutput(rtspTo(server.port), { stallTimeoutMs: 3_000 }))
    await it.running(output)
    await server.received(BYTES / 4)
    server.program.kill('SIGSTOP')
    expect(await it.failed(output)).toMatchObject({ lastExit: { class: 'hung', forced: true } })
    await it.remove(output)
  }, 60_000)
})
