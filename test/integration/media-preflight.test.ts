import { describe, expect, test } from 'bun:test'
import { createTargets } from '../../src/lib/targets.ts'
import type { Preflight } from '../../src/media/actual.ts'
import { lookAtDestination } from '../../src/media/output/preflight.ts'
import type { OutputSpec, OutputTarget } from '../../src/media/specs.ts'
import { rtspTo, toOutput, udpTo } from '../support/output-specs.ts'
import { openOutputStage } from '../support/output-stage.ts'
import { HAVE, sharedRtmp, sharedTls } from '../support/peers.ts'
import { freeTcpPort, freeUdpPort } from '../support/ports.ts'
import { startTlsFront } from '../support/rtmps.ts'
import { startSrtListener } from '../support/srt.ts'
import { eventually } from '../support/waiting.ts'

const targets = createTargets({ denyPrivate: false })
const FACTS = { feed: null, format: null, uploadKbps: 0 }

function look(target: OutputTarget, over: { caFile?: string; signal?: AbortSignal } = {}): Promise<Preflight> {
  const { caFile = null, signal = new AbortController().signal } = over
  return lookAtDestination(toOutput(target), FACTS, { targets, caFile, signal })
}

const rtmpTo = (port: number, over: Partial<Extract<OutputTarget, { protocol: 'rtmp' }>> = {}): OutputTarget => ({
  ...({ protocol: 'rtmp', tls: false, tlsVerify: true, host: '127.0.0.1', port, app: 'live' } as const),
  ...{ streamKey: 'preflight', username: null, password: null, ...over },
})
const srtTo = (port: number, over: Partial<Extract<OutputTarget, { protocol: 'srt_caller' }>> = {}): OutputTarget => ({
  ...({ protocol: 'srt_caller', host: '127.0.0.1', port, latencyMs: 120, pktSize: 1_316 } as const),
  ...{ passphrase: null, streamId: null, ...over },
})

describe('a look at a destination', () => {
  test.concurrent.each([
    ['a name that does not exist', 'nohost.invalid', 'could not be found'],
    ['link-local', '169.254.1.1', 'link-local'],
    ['link-local in disguise', '::ffff:169.254.169.254', 'link-local'],
    ['the metadata of a cloud', 'fd00:ec2::254', 'metadata'],
  ])('%s', async (_, host, word) => {
    const found = await look(udpTo(5_004, host))
    expect(found.resolved).toMatchObject({ ok: false, words: expect.stringContaining(word) })
    expect(found).toMatchObject({ reached: null, tls: null })
  })

  test.concurrent('UDP: only whether there is a way', async () => {
    expect((await look(udpTo(5_004))).reached).toMatchObject({ ok: true, ms: null })
  })

  test.concurrent('a listener of ours: nowhere to look', async () => {
    const secrets = { passphrase: null, streamId: null }
    const found = await look({ protocol: 'srt_listener', port: 8_999, latencyMs: 120, pktSize: 1_316, ...secrets })
    expect(found).toMatchObject({ resolved: null, reached: null, tls: null, refusal: null })
  })

  test.concurrent('TCP: a port that is closed, and one that is open', async () => {
    const closed = await look(rtspTo(await freeTcpPort()))
    expect(closed.reached).toMatchObject({ ok: false, words: expect.stringContaining('Nothing listens') })
    using open = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => expect.unreachable() } })
    const found = await look(rtspTo(open.port, { host: 'localhost' }))
    expect(found.resolved).toMatchObject({ ok: true, words: expect.stringContaining('127.0.0.1') })
    expect(found.reached).toMatchObject({ ok: true, ms: expect.any(Number) })
    expect(found.tls).toBeNull()
  })

  test.concurrent.skipIf(!HAVE.tls)('TLS: good, of nobody known, of another name, and none at all', async () => {
    const { port, caFile } = await sharedTls()
    const tls = { tls: true, host: 'localhost' }
    expect((await look(rtmpTo(port, tls), { caFile })).tls).toMatchObject({ ok: true })
    await using stranger = await startTlsFront((await sharedRtmp()).port)
    const unknown = rtmpTo(stranger.port, tls)
    expect((await look(unknown, { caFile })).tls).toMatchObject({
      ok: false,
      words: expect.stringContaining('not trusted'),
    })
    expect((await look(rtmpTo(stranger.port, { ...tls, tlsVerify: false }), { caFile })).tls).toMatchObject({
      ok: true,
    })
    const other = await look(rtmpTo(port, { tls: true, host: '127.0.0.2' }), { caFile })
    expect(other.tls ?? other.reached).toMatchObject({ ok: false })
    const plain = await look(rtmpTo((await sharedRtmp()).port, tls), { caFile })
    expect(plain.tls).toMatchObject({ ok: false, words: expect.stringContaining('may not speak TLS') })
  })

  test.concurrent.skipIf(!HAVE.rtmp)('nobody goes live by it', async () => {
    const server = await sharedRtmp()
    expect((await look(rtmpTo(server.port))).reached).toMatchObject({ ok: true })
    expect(server.calls.some((call) => call.name === 'preflight')).toBe(false)
  })

  test.concurrent.skipIf(!HAVE.srt)(
    'SRT: one that listens answers, and still takes its caller afterwards',
    async () => {
      await using listener = await startSrtListener({ passphrase: 'correct-horse-battery' })
      expect((await look(srtTo(listener.port))).reached).toMatchObject({ ok: true, ms: expect.any(Number) })
      expect(listener.lines.some((line) => /accepted|connected/i.test(line))).toBe(false)
      await using it = await openOutputStage()
      const output = it.add(toOutput(srtTo(listener.port, { passphrase: 'correct-horse-battery' })))
      await it.running(output)
      await listener.received(100_000)
    },
  )

  test.concurrent('SRT: nobody, and somebody who speaks something else, are told after a while', async () => {
    const other = await Bun.udpSocket({
      hostname: '127.0.0.1',
      port: 0,
      socket: { data: (s, _, p, a) => void s.send('hello', p, a) },
    })
    for (const port of [await freeUdpPort(), other.port]) {
      const { reached } = await look(srtTo(port))
      expect(reached).toMatchObject({ ok: false, words: expect.stringContaining('Nobody answers'), ms: null })
    }
    other.close()
  })

  test.concurrent('it can be called off', async () => {
    const leaving = new AbortController()
    const looking = look(srtTo(await freeUdpPort()), { signal: leaving.signal })
    leaving.abort()
    expect((await looking).reached?.ok ?? false).toBe(false)
  })

  test('the feed, what leaves already, and that no more than four look at once', async () => {
    await using it = await openOutputStage()
    const busy = it.add(toOutput(udpTo(await freeUdpPort()), { engine: 'direct' }))
    await eventually(30_000, 'it sends', () => (it.figures(busy)?.bitrateKbps ?? 0) > 500)
    const wanted: OutputSpec = toOutput(srtTo(await freeUdpPort()))
    const [first, ...rest] = await Promise.allSettled(
      Array.from({ length: 5 }, () => it.stage.supervisor.preflight(wanted)),
    )
    expect(first).toMatchObject({ status: 'fulfilled', value: { feed: { video: { codec: 'h264' } }, refusal: null } })
    expect((first as PromiseFulfilledResult<Preflight>).value.uploadKbps).toBeGreaterThan(500)
    expect(rest.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
    expect(rest[3]).toMatchObject({ reason: { kind: 'busy' } })
  })
})
