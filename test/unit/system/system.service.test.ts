import { describe, expect, test } from 'bun:test'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/lib/log.ts'
import type { ImagingStatus } from '../../../src/imaging/client.ts'
import type { WorkerStatus } from '../../../src/media/client.ts'
import { createLogRing } from '../../../src/system/log-ring.ts'
import { createSystem, type SystemDeps } from '../../../src/system/system.service.ts'

const GIB = 1024 ** 3
const idle = {
  state: 'idle',
  pending: { ingest: 0, variant: 0, background: 0 },
  running: null,
  restarts: 0,
} as const
const worker = (state: WorkerStatus['state'], index = 1): WorkerStatus => ({
  index,
  state,
  inputs: [1],
  restarts: 0,
  loopLagMs: 0.5,
})

function setup(
  o: { workers?: WorkerStatus[]; freeBytes?: number; totalBytes?: number; deps?: Partial<SystemDeps> } = {},
) {
  const clock = createManualClock()
  const system = createSystem({
    version: '1.2.3',
    clock,
    figures: {
      host: () => ({
        cpu_count: 2,
        cpu_percent: 1,
        load: [0, 0, 0],
        memory_total_bytes: 1,
        memory_available_bytes: 1,
        disk_total_bytes: o.totalBytes ?? 100 * GIB,
        disk_free_bytes: o.freeBytes ?? 50 * GIB,
      }),
      process: () => ({ cpu_percent: null, memory_bytes: 1, memory_anonymous_bytes: null }),
      stop: () => undefined,
    },
    lag: { worstMs: () => 1.5, stop: () => undefined },
    logRing: createLogRing(),
    settings: [],
    ffmpegPath: 'sh',
    inspectFfmpeg: async () => ({ version: '7.1', protocols: ['srt', 'udp'] }),
    log: createLog({ level: 'error', format: 'human', write: () => undefined }),
    media: { workers: () => o.workers ?? [], fault: () => Promise.resolve() },
    imaging: { status: () => idle, crash: () => undefined },
    counts: () => ({ inputs: { active: 1 }, outputs: { running: 3 } }),
    pingDatabase: () => Promise.resolve(),
    eventStreams: () => 4,
    isReady: () => true,
    ...o.deps,
  })
  return { system, clock }
}
const withImages = (state: ImagingStatus['state']) => ({
  deps: { imaging: { status: () => ({ ...idle, state }), crash: () => undefined } },
})
const checksOf = async (system: ReturnType<typeof setup>['system']) =>
  (await system.health({ withChecks: true })).checks

describe('health', () => {
  test('strangers learn one word', async () => {
    expect(await setup().system.health({ withChecks: false })).toEqual({ status: 'ok' })
  })

  test('holders of the key learn why', async () => {
    const { system, clock } = setup()
    clock.advance(61_900)
    const health = await system.health({ withChecks: true })
    expect(health).toMatchObject({ status: 'ok', version: '1.2.3', uptime_seconds: 61 })
    expect(Object.entries(health.checks ?? {}).map(([name, check]) => [name, check.status])).toEqual([
      ['database', 'ok'],
      ['media_worker', 'ok'],
      ['image_worker', 'ok'],
      ['ffmpeg', 'ok'],
      ['mediamtx', 'off'],
      ['disk', 'ok'],
    ])
  })

  test.each<[string, Parameters<typeof setup>[0], string]>([
    ['FFmpeg is missing', { deps: { ffmpegPath: 'no-such-ffmpeg' } }, 'degraded'],
    ['less than 2 GiB free', { freeBytes: 1.9 * GIB }, 'degraded'],
    ['less than 5 % free', { freeBytes: 4 * GIB }, 'degraded'],
    ['the image worker restarts', withImages('restarting'), 'degraded'],
    ['the image worker fails', withImages('failing'), 'degraded'],
    ['the image worker runs', withImages('running'), 'ok'],
    ['a small disk, half free', { freeBytes: 3 * GIB, totalBytes: 6 * GIB }, 'ok'],
    ['a worker restarts', { workers: [worker('ready'), worker('restarting', 2)] }, 'degraded'],
    ['one worker of two has failed', { workers: [worker('ready'), worker('failed', 2)] }, 'degraded'],
    ['all workers have failed', { workers: [worker('failed'), worker('failed', 2)] }, 'error'],
    ['the database is gone', { deps: { pingDatabase: () => Promise.reject(new Error('gone')) } }, 'error'],
    ['all is well', { workers: [worker('ready')] }, 'ok'],
  ])('%s', async (_, o, expected) => {
    expect((await setup(o).system.health({ withChecks: false })).status).toBe(expected as 'ok')
  })

  test('a check that is not ok says what to do, without the cause', async () => {
    const checks = await checksOf(
      setup({ deps: { ffmpegPath: 'no-such-ffmpeg', pingDatabase: () => Promise.reject(new Error('/srv/weir.db')) } })
        .system,
    )
    expect(checks?.ffmpeg.message).toContain('FFMPEG_PATH')
    expect(JSON.stringify(checks)).not.toContain('/srv')
  })
})

describe('readiness', () => {
  test.each<[string, Parameters<typeof setup>[0], boolean]>([
    ['started', {}, true],
    ['starting or stopping', { deps: { isReady: () => false } }, false],
    ['a worker restarts', { workers: [worker('restarting')] }, true],
    ['a worker has failed for good', { workers: [worker('ready'), worker('failed', 2)] }, false],
  ])('%s', (_, o, expected) => {
    expect(setup(o).system.isReady()).toBe(expected)
  })
})

test('status tells figures, counts and workers in the words of the API', () => {
  expect(setup({ workers: [worker('ready')] }).system.status()).toMatchObject({
    version: '1.2.3',
    event_loop_lag_ms: 1.5,
    event_streams: 4,
    inputs: { active: 1 },
    outputs: { running: 3 },
    workers: [{ kind: 'media', index: 1, state: 'ready', inputs: [1], restarts: 0, loop_lag_ms: 0.5 }],
  })
})
