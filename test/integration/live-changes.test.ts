import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { tellInput } from '../../src/live/narrate.ts'
import type { InputActual } from '../../src/media/actual.ts'
import type { OutputTarget } from '../../src/media/specs.ts'
import { type FixtureName, fixture } from '../support/fixtures.ts'
import { checkMedia } from '../support/media-check.ts'
import {
  type MediaStage,
  nextId,
  openMediaStage,
  toInputSpec,
  toOutputSpec,
  toUdpSource,
  toUdpTarget,
} from '../support/media-stage.ts'
import { HAVE, sharedRtmp } from '../support/peers.ts'
import { freeUdpPort } from '../support/ports.ts'
import { tempDir } from '../support/temp.ts'
import { startTsSender } from '../support/ts-sender.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'

/** What encoders do in the middle of a show, and what outputs must make of it. */

let stage: MediaStage
beforeAll(() => {
  stage = openMediaStage()
})
afterAll(() => stage?.[Symbol.asyncDispose]())

const dir = tempDir('changes')
let streams = 0

/** An input on which `first` plays, with one output by UDP and one by RTMP, both running. */
async function onAir(first: FixtureName) {
  const server = await sharedRtmp()
  const streamKey = `changes-${process.pid}-${++streams}`
  const rtmp: OutputTarget = {
    ...{ protocol: 'rtmp', tls: false, tlsVerify: true, host: '127.0.0.1', port: server.port, app: 'live' },
    ...{ streamKey, username: null, password: null },
  }
  const port = await freeUdpPort()
  const sender = startTsSender(port)
  await sender.play(first)
  const receiver = await openUdpReceiver()
  const id = nextId()
  const [byUdp, byRtmp] = [toOutputSpec(id, toUdpTarget(receiver.port)), toOutputSpec(id, rtmp)]
  // A jump waits for its keyframe, which on a busy machine must not be taken for a loss.
  const spec = toInputSpec(toUdpSource(port), [byUdp, byRtmp], { lossMs: 5_000 })
  stage.want(spec)
  for (const output of [byUdp, byRtmp]) await stage.outputIs(output.id, 'running', (o) => o.status === 'running')
  await receiver.more(1_000)
  const pids = () => [byUdp, byRtmp].map((output) => stage.output(output.id).processId)

  async function decode(path: string) {
    const media = await checkMedia(path)
    expect({ path, errors: media.decodeErrors }).toEqual({ path, errors: [] })
    return media
  }
  let part = 0

  return {
    id,
    sender,
    receiver,
    byUdp,
    byRtmp,
    pids,
    inputIs: (what: string, matches: (input: InputActual) => boolean) => stage.inputIs(id, what, matches),
    /** Resolves when the UDP output has a child that is none of `before`: the one before is gone, and has said its last. */
    async begunAnew(before: (number | null)[]) {
      await stage.outputIs(byUdp.id, 'another child', (o) => o.processId !== null && !before.includes(o.processId))
      // What is in the socket's buffer comes within one turn of the loop; the new child needs many.
      await new Promise<void>((resolve) => setImmediate(resolve))
    },
    /** All that came by UDP since the last look is sound; forgets it. */
    async lookAtUdp() {
      expect(receiver.errorCount()).toBe(0)
      const path = receiver.save(join(dir, `${streamKey}-${++part}.ts`))
      receiver.reset()
      return decode(path)
    },
    async continuityErrors() {
      const figures = await stage.told('figures')
      return figures.inputs.find((each) => each.id === id)?.continuityErrors
    },
    /** Takes the outputs away, so that their last pictures are whole, and looks at all that they sent. */
    async close() {
      const gone = [byUdp, byRtmp].map((output) => stage.told('output.removed', (removed) => removed.id === output.id))
      stage.want({ ...spec, outputs: [] })
      await Promise.all(gone)
      const recorded = () => server.calls.filter((c) => c.call === 'record_done' && c.name === streamKey)
      await server.called('a recording', (c) => c.call === 'record_done' && c.name === streamKey)
      const udp = await this.lookAtUdp()
      const files = await Promise.all(recorded().map((call) => decode(call.fields.get('path') ?? '')))
      stage.want({ ...spec, enabled: false, outputs: [] })
      await Promise.all([sender[Symbol.asyncDispose](), receiver[Symbol.asyncDispose]()])
      const states = stage.events.flatMap((e) => (e.name === 'input.state' && e.data.id === id ? [e.data] : []))
      const lines = states.flatMap((after, n) => tellInput(states[n - 1] ?? after, after) ?? [])
      return {
        udp,
        files,
        restarts: stage.events.filter((e) => e.name === 'input.restarted' && e.data.id === id),
        /** What the history says of other formats. */
        told: lines.filter((line) => line.type === 'input.changed_format').map((line) => line.message),
      }
    },
  }
}

/** Beside shows that go on, so nothing may wait for it but its own test. */
async function remux(input: string[], path: string, options: string[] = []): Promise<void> {
  const child = Bun.spawn(['ffmpeg', '-v', 'error', '-y', ...input, '-c', 'copy', ...options, path])
  expect(await child.exited).toBe(0)
}

describe.skipIf(!HAVE.rtmp)('outputs go on with the same process when', () => {
  test.concurrent('the picture has another size', async () => {
    const show = await onAir('main')
    const before = show.pids()
    await show.sender.play('small')
    await show.inputIs('the other size', (i) => i.video?.width === 640)
    await show.receiver.more(1_500)
    await show.sender.play('main')
    await show.inputIs('the first size', (i) => i.video?.width === 1280)
    await show.receiver.more(2_000)
    expect(await show.continuityErrors()).toBe(0)
    expect(show.pids()).toEqual(before)
    const { restarts, told } = await show.close()
    expect(restarts.length).toBeGreaterThanOrEqual(2)
    expect(told).toEqual([
      'The feed changed: its picture is h264 640x360 now, it was h264 1280x720.',
      'The feed changed: its picture is h264 1280x720 now, it was h264 640x360.',
    ])
  }, 60_000)

  test.concurrent('the picture has another size and time goes on', async () => {
    const joined = join(dir, 'joined.ts')
    const list = [await fixture('small'), await fixture('main')].map((path) => `file '${path}'\noutpoint 6\n`).join('')
    await Bun.write(join(dir, 'joined.txt'), list)
    await remux(['-f', 'concat', '-safe', '0', '-i', join(dir, 'joined.txt')], joined)
    const show = await onAir('small')
    const before = show.pids()
    await show.sender.playFile(joined, 2)
    await show.inputIs('the other size', (i) => i.video?.width === 1280)
    await show.receiver.more(2_000)
    expect(show.pids()).toEqual(before)
    await show.close()
  }, 60_000)

  test.concurrent('the streams have other PIDs', async () => {
    const other = join(dir, 'other-pids.ts')
    const pids = ['-mpegts_start_pid', '0x200', '-mpegts_pmt_start_pid', '0x1100', '-mpegts_service_id', '7']
    await remux(['-i', await fixture('main')], other, pids)
    const show = await onAir('main')
    const before = show.pids()
    await show.sender.playFile(other)
    const moved = () => stage.supervisor.probe(show.id).programs.some((p) => p.tracks.some((t) => t.pid === 0x200))
    await show.inputIs('restarted', () => moved())
    await show.receiver.more(2_500)
    expect(show.pids()).toEqual(before)
    await show.close()
  }, 60_000)

  test.concurrent('time jumps ahead and back', async () => {
    const show = await onAir('main')
    const before = show.pids()
    const jump = (reason: string) => stage.told('input.restarted', (e) => e.id === show.id && e.reason === reason)
    const ahead = jump('clock_ahead')
    await show.sender.play('main', 13.8)
    await ahead
    await show.receiver.more(1_500)
    const back = jump('clock_back')
    await show.sender.play('main', 3.8)
    await back
    await show.receiver.more(1_500)
    expect(show.pids()).toEqual(before)
    await show.close()
  }, 60_000)

  test.concurrent('garbage comes in between', async () => {
    const show = await onAir('main')
    const before = show.pids()
    let n = 0
    const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(1_316)))
    show.sender.through((datagram) => (++n % 40 === 0 ? Buffer.concat([noise.subarray(0, 777), datagram]) : datagram))
    await show.receiver.more(4_000)
    show.sender.through((datagram) => datagram)
    await show.receiver.more(1_000)
    expect(show.pids()).toEqual(before)
    const { restarts } = await show.close()
    expect(restarts.length).toBeLessThanOrEqual(show.sender.loops())
  }, 60_000)

  test.concurrent.each([0.001, 0.01])(
    'packets are lost on the way here (%p of them)',
    async (share) => {
      const show = await onAir('main')
      const before = show.pids()
      let seed = 7
      show.sender.through((datagram) => {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
        return seed / 2 ** 31 < share ? null : datagram
      })
      await show.inputIs('a warning', (i) => i.warnings.some((w) => w.code === 'input.continuity'))
      await show.receiver.more(6_000)
      expect(show.pids()).toEqual(before)
      // What is lost cannot be shown, but what goes out is a whole stream.
      expect(show.receiver.errorCount()).toBe(0)
      expect(await show.continuityErrors()).toBeGreaterThan(0)
      stage.want({ ...toInputSpec(toUdpSource(1), []), id: show.id, enabled: false })
      await Promise.all([show.sender[Symbol.asyncDispose](), show.receiver[Symbol.asyncDispose]()])
    },
    60_000,
  )

  test.concurrent('the sound is gone and comes back', async () => {
    const show = await onAir('small')
    const before = show.pids()
    await show.sender.play('mute')
    await show.inputIs('without sound', (i) => i.audio === null)
    await show.receiver.more(1_500)
    await show.sender.play('small')
    await show.inputIs('with sound', (i) => i.audio !== null)
    await show.receiver.more(1_500)
    expect(show.pids()).toEqual(before)
    const { udp, files, told } = await show.close()
    for (const media of [udp, ...files]) expect(media.audioCodec).toBe('aac')
    expect(told).toEqual([
      'The feed changed: it carries no sound any more.',
      'The feed changed: it carries sound now, aac 48000 Hz with 2 channels.',
    ])
  }, 60_000)
})

describe.skipIf(!HAVE.rtmp)('outputs start anew, and send nothing that looks fine and is not, when', () => {
  test.concurrent('the picture has another codec; RTMP waits until it is H.264 again', async () => {
    const show = await onAir('small')
    const [udpBefore = null, rtmpBefore = null] = show.pids()
    await show.sender.play('hevc')
    await show.begunAnew([udpBefore])
    expect(await show.lookAtUdp()).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac' })
    const refused = await stage.outputIs(show.byRtmp.id, 'refused', (o) => o.status === 'error')
    expect(refused.statusReason).toMatch(/H\.265.*RTMP/)
    expect(refused.processId).toBeNull()
    await show.receiver.more(1_200)
    const [udpOther = null] = show.pids()
    await show.sender.play('small')
    await show.begunAnew([udpBefore, udpOther])
    expect(await show.lookAtUdp()).toMatchObject({ videoCodec: 'hevc', audioCodec: 'aac' })
    await stage.outputIs(show.byRtmp.id, 'running again', (o) => o.status === 'running' && o.processId !== rtmpBefore)
    await show.receiver.more(1_500)
    const { udp, files, told } = await show.close()
    expect(told.map((words) => /its picture is (\w+)/.exec(words)?.[1])).toEqual(['hevc', 'h264'])
    expect(udp).toMatchObject({ videoCodec: 'h264' })
    expect(files.length).toBeGreaterThanOrEqual(2)
    for (const file of files) expect(file).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac' })
  }, 90_000)

  test.concurrent('picture and sound have another codec at once: once, and that is no failure', async () => {
    const show = await onAir('small')
    const before = show.pids()
    await show.sender.play('hevc44')
    await show.begunAnew(before)
    await show.lookAtUdp()
    await stage.outputIs(show.byUdp.id, 'running again', (o) => o.status === 'running')
    await show.receiver.more(1_500)
    const ends = stage.events.filter((e) => e.name === 'output.exited' && e.data.id === show.byUdp.id)
    expect(ends).toMatchObject([{ data: { exit: { asked: 'codec', next: 'none' } } }])
    expect(stage.output(show.byUdp.id)).toMatchObject({ attempt: 0, reconnectCount: 0, lastError: null })
    expect(await show.continuityErrors()).toBe(0)
    expect((await show.close()).udp).toMatchObject({ videoCodec: 'hevc', audioCodec: 'aac' })
  }, 90_000)

  test.concurrent.each([
    ['ac3', 'ac3', 'codec'],
    ['aac44', 'aac', 'sound'],
  ] as const)(
    'the sound becomes %s',
    async (name, codec, asked) => {
      const show = await onAir('small')
      const before = show.pids()
      const exited = stage.told('output.exited', (e) => e.id === show.byUdp.id)
      await show.sender.play(name)
      expect((await exited).exit).toMatchObject({ class: 'killed', asked, next: 'none' })
      expect(await show.lookAtUdp()).toMatchObject({ audioCodec: 'aac' })
      for (const [n, output] of [show.byUdp, show.byRtmp].entries())
        await stage.outputIs(output.id, 'another process', (o) => o.status === 'running' && o.processId !== before[n])
      await show.receiver.more(1_500)
      const { udp, files } = await show.close()
      expect(udp.audioCodec).toBe(codec)
      for (const file of files) expect(file.audioCodec).toBe('aac')
    },
    60_000,
  )
})
