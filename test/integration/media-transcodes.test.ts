import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildOutputCommand } from '../../src/media/ffmpeg/arguments.ts'
import type { OutputSpec, OutputTarget } from '../../src/media/specs.ts'
import { checkMedia } from '../support/media-check.ts'
import { toOutput, udpTo } from '../support/output-specs.ts'
import { openOutputStage, type OutputStage } from '../support/output-stage.ts'
import { HAVE, sharedRtmp } from '../support/peers.ts'
import { readProc } from '../support/processes.ts'
import { tempDir } from '../support/temp.ts'
import { tsFixture } from '../support/ts-fixture.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'

const dir = tempDir('transcodes')

let it: OutputStage

beforeAll(async () => {
  it = await openOutputStage()
})

afterAll(async () => {
  await it?.[Symbol.asyncDispose]()
})

/** Takes so many packets of an output by UDP and says what they are. */
async function received(stage: OutputStage, over: Partial<OutputSpec>, packets: number) {
  await using receiver = await openUdpReceiver()
  const output = stage.add(toOutput(udpTo(receiver.port), over))
  await stage.running(output)
  await receiver.more(packets, 60_000)
  const figures = stage.figures(output)
  await stage.remove(output)
  expect(receiver.errors()).toEqual(new Map())
  const path = receiver.save(join(dir, `${receiver.port}.ts`))
  return { figures, path, media: await checkMedia(path) }
}

/** Seconds of the keyframes' timestamps. */
async function keyframes(path: string): Promise<number[]> {
  const show = ['-select_streams', 'v', '-skip_frame', 'nokey', '-show_entries', 'frame=pts_time', '-of', 'csv=p=0']
  const text = await new Response(Bun.spawn(['ffprobe', '-v', 'error', ...show, path]).stdout).text()
  return text.split('\n').map(Number.parseFloat).filter(Number.isFinite)
}

/** The nice value of a process (proc(5): field 19 of stat). */
const niceOf = (pid: number | null) =>
  Number(
    readProc(`/proc/${pid}/stat`)
      ?.replace(/^.*\) /, '')
      .split(' ')[16],
  )

describe('a picture made anew', () => {
  test.each([
    ['720p', 1280, 720],
    ['480p', 854, 480],
  ] as const)('%s: whole, of its size, with a keyframe every two seconds', async (video, width, height) => {
    const { media, path, figures } = await received(it, { video }, video === '720p' ? 9_000 : 4_500)
    expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', width, height, decodeErrors: [] })
    expect(media.videoFrames).toBeGreaterThan(100)
    const at = await keyframes(path)
    const gaps = at.slice(1).map((time, i) => Math.round((time - (at[i] ?? 0)) * 100) / 100)
    expect(gaps.length).toBeGreaterThan(0)
    expect(new Set(gaps)).toEqual(new Set([2]))
    expect(figures?.speed).toBeGreaterThan(0)
  })

  test('sound made anew beside a copied picture', async () => {
    const { media } = await received(it, { audio: 'aac' }, 3_000)
    expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', width: 1280, decodeErrors: [] })
  })

  test('sound alone', async () => {
    const { media } = await received(it, { video: 'none' }, 300)
    expect(media).toMatchObject({ videoCodec: null, audioCodec: 'aac', decodeErrors: [] })
  })

  test('a small picture is not enlarged', async () => {
    await using small = await openOutputStage({ fixture: 'longGop' })
    const { media } = await received(small, { video: '720p' }, 3_000)
    expect(media).toMatchObject({ videoCodec: 'h264', width: 640, height: 360, decodeErrors: [] })
  })

  test.skipIf(!HAVE.rtmp)('H.265 reaches an RTMP server as H.264', async () => {
    const server = await sharedRtmp()
    await using hevc = await openOutputStage({ fixture: 'hevc' })
    const target: OutputTarget = {
      ...({ protocol: 'rtmp', tls: false, tlsVerify: true, host: '127.0.0.1', port: server.port } as const),
      ...{ app: 'live', streamKey: 'from-hevc', username: null, password: null },
    }
    const copy = hevc.add(toOutput({ ...target, streamKey: 'never' }))
    expect((await hevc.is(copy, 'refused', ({ status }) => status === 'error')).statusReason).toContain('720p or 480p')
    const output = hevc.add(toOutput(target, { video: '720p' }))
    await hevc.running(output)
    await hevc.sent(output, 600_000)
    await hevc.remove(output)
    const call = await server.called('a recording', (c) => c.call === 'record_done' && c.name === 'from-hevc')
    const media = await checkMedia(call.fields.get('path') ?? '')
    expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', decodeErrors: [] })
    expect(media.videoFrames).toBeGreaterThan(50)
  })
})

describe('transcodes beside copies', () => {
  test('leave the copies alone, and step back behind them', async () => {
    const receivers = await Promise.all(Array.from({ length: 4 }, () => openUdpReceiver({ record: false })))
    const sinks = await Promise.all(Array.from({ length: 2 }, () => openUdpReceiver({ record: false })))
    const copies = receivers.map(({ port }) => it.add(toOutput(udpTo(port))))
    const heavy = sinks.map(({ port }) => it.add(toOutput(udpTo(port), { video: '720p' })))
    const pids = await Promise.all(heavy.map(async (output) => (await it.running(output)).processId))
    const copyPids = await Promise.all(copies.map(async (output) => (await it.running(output)).processId))
    expect(pids.map(niceOf)).toEqual([10, 10])
    expect(copyPids.map(niceOf)).toEqual([0, 0, 0, 0])
    const skips = () => copies.map((output) => it.figures(output)?.skips)
    const before = skips()
    for (const receiver of receivers) receiver.reset()
    await Promise.all(receivers.map((receiver) => receiver.more(12_000, 40_000)))
    expect(receivers.map((receiver) => receiver.errorCount())).toEqual([0, 0, 0, 0])
    expect(skips()).toEqual(before)
    await Promise.all([...copies, ...heavy].map(it.remove))
    for (const receiver of [...receivers, ...sinks]) await receiver[Symbol.asyncDispose]()
  })

  test('one that cannot follow is told as a slow encoder', async () => {
    await using receiver = await openUdpReceiver({ record: false })
    const output = it.add(toOutput(udpTo(receiver.port), { video: '480p' }))
    const { processId } = await it.running(output)
    await receiver.more(500)
    process.kill(processId as number, 'SIGSTOP')
    const codes = (actual: { warnings: { code: string }[] }) => actual.warnings.map(({ code }) => code)
    await it.is(output, 'slow', (actual) => codes(actual).includes('output.slow_encoder'))
    expect(codes(it.stage.output(output.id))).not.toContain('output.behind')
    process.kill(processId as number, 'SIGCONT')
    await it.remove(output)
  })
})

describe('interlaced pictures', () => {
  test('are put together where the feed says so', async () => {
    const path = join(dir, 'interlaced.ts')
    writeFileSync(path, tsFixture('avc-interlaced'))
    expect((await interlacedFrames(path)).has(1)).toBe(true)
    const facts = { format: null, caFile: null, mediaPath: null, address: null, gate: null }
    const { args } = buildOutputCommand(toOutput(udpTo(9), { video: '480p' }), facts)
    const made = join(dir, 'progressive.ts')
    // To a file, which is no protocol of an output over UDP.
    const kept = args.slice(0, -1).map((arg, i) => (args[i - 1] === '-protocol_whitelist' ? 'file' : arg))
    const command = ['ffmpeg', ...kept, made]
    const done = Bun.spawnSync(command, { stdin: Bun.file(path), stdout: 'ignore', stderr: 'pipe' })
    expect(done.exitCode).toBe(0)
    expect(await interlacedFrames(made)).toEqual(new Set([0]))
  })
})

/** What the frames of a file say of themselves: 1 = made of two fields. */
async function interlacedFrames(path: string): Promise<Set<number>> {
  const show = ['-select_streams', 'v', '-show_entries', 'frame=interlaced_frame', '-of', 'csv=p=0']
  const text = await new Response(Bun.spawn(['ffprobe', '-v', 'error', ...show, path]).stdout).text()
  return new Set(text.split('\n').map(Number.parseFloat).filter(Number.isFinite))
}
