import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { systemClock as clock } from '../../src/lib/clock.ts'
import type { InputActual } from '../../src/media/actual.ts'
import { type SrtChild, startSrtChild } from '../../src/media/doors/srt-child.ts'
import type { InputSource } from '../../src/media/specs.ts'
import { type MediaStage, openMediaStage, toInputSpec } from '../support/media-stage.ts'
import { freeUdpPort } from '../support/ports.ts'
import { startSrtPublisher } from '../support/srt-peers.ts'
import { tempDir } from '../support/temp.ts'

/** A machine whose FFmpeg speaks SRT, but which has no libsrt that Weir could open: the door is told another name for it. */
const PASSPHRASE = 'correct-horse-battery'
let door: SrtChild
let stage: MediaStage

beforeAll(() => {
  const runDir = tempDir('run')
  door = startSrtChild({
    clock,
    instance: `test-fallback-${process.pid}`,
    runDir,
    libraries: ['libnone.so.1.5'],
    spawned: () => undefined,
    reaped: () => undefined,
    log: () => undefined,
  })
  stage = openMediaStage({ runDir })
})
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  await door.close()
})

async function source(over: Partial<Extract<InputSource, { kind: 'srt_listener' }>> = {}) {
  const port = await freeUdpPort()
  return {
    kind: 'srt_listener' as const,
    port,
    bindAddress: '127.0.0.1',
    allowFrom: [],
    latencyMs: 200,
    passphrase: PASSPHRASE as string | null,
    streamId: 'key',
    onSecondPublisher: 'refuse' as const,
    ...over,
  }
}

describe('without libsrt', () => {
  test('FFmpeg listens where a passphrase guards the port: one sender after the other, and a warning', async () => {
    const wanted = await source()
    const spec = toInputSpec(wanted)
    stage.want(spec)
    await stage.inputIs(
      spec.id,
      'waiting for a feed',
      ({ status, processId }) => status === 'inactive' && processId !== null,
    )
    for (const turn of [1, 2]) {
      await using publisher = await startSrtPublisher({ port: wanted.port, passphrase: PASSPHRASE })
      const warned = ({ warnings }: InputActual) => warnings.some(({ code }) => code === 'input.single_caller')
      await stage.inputIs(spec.id, `active, turn ${turn}`, (it) => it.status === 'active' && warned(it), 40_000)
      await publisher.stop()
      await stage.inputIs(spec.id, 'waiting again', ({ status }) => status === 'inactive')
    }
    expect(stage.input(spec.id)).toMatchObject({ reconnectCount: 0, lastError: null })
    await using stranger = await startSrtPublisher({ port: wanted.port, passphrase: 'wrong-horse-battery' })
    expect(await stranger.exited).not.toBe(0)
    expect(stage.input(spec.id).status).toBe('inactive')
    stage.want({ ...spec, enabled: false })
    await stage.inputIs(spec.id, 'stopped', ({ status }) => status === 'stopped')
  }, 120_000)

  test.each([
    ['the stream key alone', { passphrase: null }],
    ['the addresses of senders', { allowFrom: ['127.0.0.0/8'] }],
  ])('nobody is let in where %s would guard the port', async (_, over) => {
    const spec = toInputSpec(await source(over))
    stage.want(spec)
    const closed = await stage.inputIs(
      spec.id,
      'closed',
      ({ status, warnings }) => status === 'error' && warnings.length > 0,
    )
    expect(closed.statusReason).toContain('SRT needs the library libsrt')
    expect(closed.warnings.map(({ code }) => code)).toEqual(['input.cannot_listen'])
    stage.want({ ...spec, enabled: false })
    await stage.inputIs(spec.id, 'stopped', ({ status }) => status === 'stopped')
  })
})
