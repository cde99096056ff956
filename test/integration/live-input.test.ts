import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createSocket } from 'node:dgram'
import { join } from 'node:path'
import { startFeed } from '../support/feed.ts'
import { checkMedia } from '../support/media-check.ts'
import { freeUdpPort, portRange } from '../support/ports.ts'
import type { Input } from '../support/resources.ts'
import { active, liveInput, running, udpOutput } from '../support/stage.ts'
import { tempDir } from '../support/temp.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
beforeAll(async () => {
  weir = await startWeir()
})
afterAll(() => weir?.[Symbol.asyncDispose]())

let names = 0
/** A name that no earlier try of a test has left behind. */
const fresh = (name: string) => `${name} ${++names}`
const remove = (input: Input) => weir.ok('DELETE', `/api/inputs/${input.id}`)

describe('an input', () => {
  test.concurrent('says where to send, takes what its own example line sends, and says what it carries', async () => {
    const made = await weir.createInput({ name: fresh('Example'), bind_address: '127.0.0.1' })
    expect(made).toMatchObject({ kind: 'udp', status: expect.stringMatching(/starting|inactive/), on_air: 'none' })
    expect(made.publish_url).toBe(`udp://127.0.0.1:${made.udp_port}`)
    expect(made.publish_example).toContain(made.publish_url!)
    await weir.inputIs(made.id, 'inactive', (i) => i.status === 'inactive')
    await using _feed = await startFeed(made.udp_port!)
    const now = await weir.inputIs(made.id, 'active with its format', (i) => active(i) && i.stats.video !== null)
    expect(now.source).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(now.stats.video).toMatchObject({ codec: 'h264', width: 1280, height: 720 })
    expect(now.stats.audio).toMatchObject({ codec: 'aac', sample_rate: 48_000, channels: 2 })
    const probe = await weir.ok<{ programs: { tracks: unknown[] }[] }>('GET', `/api/inputs/${made.id}/probe`)
    expect(probe.programs.map((p) => p.tracks.length)).toEqual([2])
    await remove(made)
  })

  test.concurrent('of kind test needs no feed', async () => {
    const made = await weir.createInput({ name: fresh('Bars'), kind: 'test' })
    expect(made).toMatchObject({ udp_port: null, publish_example: null })
    await weir.inputIs(made.id, 'active', active)
    const { receiver } = await udpOutput(weir, made.id, 'bars')
    await receiver.more(2_000)
    // Removed first: FFmpeg flushes, so the last picture is whole.
    await remove(made)
    expect(receiver.errors()).toEqual(new Map())
    const media = await checkMedia(receiver.save(join(tempDir('bars'), 'bars.ts')))
    expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', decodeErrors: [] })
    await receiver[Symbol.asyncDispose]()
  })

  test.concurrent('of kind test whose FFmpeg is killed comes back, and its outputs go on', async () => {
    const made = await weir.createInput({ name: fresh('Bars, killed'), kind: 'test' })
    const before = await weir.inputIs(made.id, 'active', active)
    const { output, receiver } = await udpOutput(weir, made.id, 'bars, killed')
    process.kill(before.process_id!, 'SIGKILL')
    const back = (i: Input) => active(i) && i.process_id !== null && i.process_id !== before.process_id
    await weir.inputIs(made.id, 'back with another process', back)
    await receiver.more(1_000)
    expect((await weir.output(made.id, output.id)).process_id).toBe(output.process_id)
    expect(receiver.errors()).toEqual(new Map())
    await receiver[Symbol.asyncDispose]()
    await remove(made)
  })

  test.concurrent('is inactive within 3 s after its feed stops; its outputs keep process and connection', async () => {
    const { input, feed, port } = await liveInput(weir)
    const { output, receiver } = await udpOutput(weir, input.id, 'waits')
    await feed.stop()
    const stoppedAt = performance.now()
    const quiet = await weir.inputIs(input.id, 'inactive', (i) => i.status === 'inactive')
    expect(performance.now() - stoppedAt).toBeLessThan(3_000)
    expect(quiet.on_air).toBe('none')
    expect((await weir.output(input.id, output.id)).process_id).toBe(output.process_id)
    await using _again = await startFeed(port)
    await weir.inputIs(input.id, 'active', active)
    await receiver.more(1_000)
    expect((await weir.output(input.id, output.id)).process_id).toBe(output.process_id)
    expect(receiver.errors()).toEqual(new Map())
    await receiver[Symbol.asyncDispose]()
    await remove(input)
  })

  test.concurrent('without a feed for 8 s lets its outputs wait without a process; they come back with it', async () => {
    const { input, feed, port } = await liveInput(weir)
    const { output, receiver } = await udpOutput(weir, input.id, 'waits longer')
    await feed.stop()
    const waiting = await weir.outputIs(output, 'waiting', (o) => o.status === 'waiting', 30_000)
    expect(waiting.process_id).toBeNull()
    receiver.reset()
    await using _again = await startFeed(port)
    await weir.outputIs(output, 'running', running)
    await receiver.more(1_000)
    expect(receiver.errors()).toEqual(new Map())
    await receiver[Symbol.asyncDispose]()
    await remove(input)
  })

  test.concurrent.each([
    ['at once, from the same socket', true],
    ['from another socket, so after a loss', false],
  ])('whose encoder restarts with other PIDs and time from 0, %s, costs its outputs a gap alone', async (_, same) => {
    // On a busy machine an FFmpeg may take more than the usual second to start, and that would be a loss.
    const patience = same ? { loss_ms: 10_000 } : {}
    const port = portRange(1)
    const body = { name: fresh(`restarts ${same}`), bind_address: '127.0.0.1', udp_port: port, ...patience }
    const made = await weir.createInput(body)
    const from = same ? { fromPort: await freeUdpPort() } : {}
    const first = await startFeed(port, from)
    await weir.inputIs(made.id, 'active', active)
    const { output, receiver } = await udpOutput(weir, made.id, 'goes on')
    await using events = await weir.follow(`input:${made.id}`)
    await receiver.more(2_000)
    receiver.longestGapMs()
    first.kill('SIGKILL')
    await first.exited
    await using _other = await startFeed(port, { ...from, otherEncoder: true })
    // From another socket it may be quick enough for a restart without a loss.
    await events.seen(
      'the change of encoder',
      ({ name, data }) => name === 'input.restarted' || (!same && (data as Input).on_air_reason === 'returned'),
    )
    await receiver.more(4_000)
    expect(receiver.longestGapMs()).toBeLessThan(8_000)
    expect(await weir.output(made.id, output.id)).toMatchObject({ status: 'running', process_id: output.process_id })
    await remove(made)
    expect(receiver.errors()).toEqual(new Map())
    const media = await checkMedia(receiver.save(join(tempDir('restart'), 'restart.ts')))
    expect(media.decodeErrors).toEqual([])
    await receiver[Symbol.asyncDispose]()
  })

  test.concurrent('with a keyframe every 10 s starts outputs at the keyframe that is kept', async () => {
    const { input, feed } = await liveInput(weir, 'longGop')
    const { receiver: first } = await udpOutput(weir, input.id, 'first')
    await first.more(1_500)
    const asked = performance.now()
    const { output, receiver } = await udpOutput(weir, input.id, 'joins late')
    expect(receiver.firstAt()! - asked).toBeLessThan(3_000)
    await receiver.more(3_000)
    expect((await weir.output(input.id, output.id)).stats.skips).toBe(0)
    await remove(input)
    expect(receiver.errors()).toEqual(new Map())
    const media = await checkMedia(receiver.save(join(tempDir('gop'), 'gop.ts')))
    expect(media.decodeErrors).toEqual([])
    await Promise.all([feed.stop(), first[Symbol.asyncDispose](), receiver[Symbol.asyncDispose]()])
  })

  test.concurrent('whose port another program has is in error and says so; it comes up when the port is free', async () => {
    const squatter = await openUdpReceiver({ record: false })
    const made = await weir.createInput({ name: fresh('Taken'), udp_port: squatter.port, bind_address: '127.0.0.1' })
    const taken = await weir.inputIs(made.id, 'error', (i) => i.status === 'error', 30_000)
    expect(taken.status_reason).toMatch(new RegExp(`${squatter.port}|in use|taken`))
    await squatter[Symbol.asyncDispose]()
    await weir.inputIs(made.id, 'inactive', (i) => i.status === 'inactive', 60_000)
    await remove(made)
  })

  test.concurrent('on a port that another input has is refused at once', async () => {
    const made = await weir.createInput({ name: fresh('One'), bind_address: '127.0.0.1' })
    const body = { name: 'Two', udp_port: made.udp_port, bind_address: '127.0.0.1' }
    const answer = await weir.call<{ code: string }>('POST', '/api/inputs', body)
    expect([answer.status, answer.json.code]).toEqual([409, 'input.port_taken'])
    await remove(made)
  })

  test.concurrent('takes bytes that are no transport stream for no feed', async () => {
    const made = await weir.createInput({ name: fresh('Foreign'), bind_address: '127.0.0.1', udp_port: portRange(1) })
    const socket = createSocket('udp4')
    const noise = setInterval(() => socket.send(new Uint8Array(1316).fill(7), made.udp_port!, '127.0.0.1'), 5)
    try {
      const now = await weir.inputIs(made.id, 'a warning', (i) => i.warnings.length > 0)
      expect(now.status).toBe('inactive')
    } finally {
      clearInterval(noise)
      socket.close()
    }
    await remove(made)
  })

  test.concurrent('that is stopped keeps its outputs enabled: they wait, and come back with it', async () => {
    const { input, feed } = await liveInput(weir)
    const { output, receiver } = await udpOutput(weir, input.id, 'patient')
    await weir.ok('POST', `/api/inputs/${input.id}/stop`)
    await weir.inputIs(input.id, 'stopped', (i) => i.status === 'stopped')
    const waiting = await weir.outputIs(output, 'waiting', (o) => o.status === 'waiting', 30_000)
    expect(waiting.enabled).toBe(true)
    await weir.ok('POST', `/api/inputs/${input.id}/start`)
    await weir.outputIs(output, 'running', running)
    await Promise.all([feed.stop(), receiver[Symbol.asyncDispose]()])
    await remove(input)
  })
})
