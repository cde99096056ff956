import { describe, expect, test } from 'bun:test'
import { createManualClock } from '../../../../src/lib/clock.ts'
import { createTargets, OFF_LIMITS } from '../../../../src/lib/targets.ts'
import type { Progress } from '../../../../src/media/ffmpeg/progress.ts'
import { createOutput } from '../../../../src/media/output/output.ts'
import type { ProcessExit, ProcessRequest } from '../../../../src/media/process.ts'
import type { ChildExit, LogLine, OutputActual } from '../../../../src/media/actual.ts'
import type { OutputSpec } from '../../../../src/media/specs.ts'
import type { Format } from '../../../../src/media/program/units.ts'

const H264_AAC: Format = {
  video: { codec: 'h264', profile: null, width: 1280, height: 720, fps: 25 },
  audio: { codec: 'aac', sampleRate: 48_000, channels: 2, objectType: 2 },
}
const HEVC: Format = { video: { codec: 'hevc', profile: null, width: null, height: null, fps: null }, audio: null }

const SPEC: OutputSpec = {
  id: 7,
  inputId: 3,
  name: 'Church website',
  enabled: true,
  generation: 0,
  target: {
    protocol: 'rtmp',
    tls: false,
    tlsVerify: true,
    host: 'live.example.org',
    port: 1935,
    app: 'live',
    streamKey: 'SECRET-key-1',
    username: null,
    password: null,
  },
  engine: 'ffmpeg',
  transparent: false,
  audio: 'auto',
  video: 'copy',
  reconnect: { auto: true, delayMs: 5_000, maxDelayMs: 60_000, maxAttempts: 0 },
  stallTimeoutMs: 10_000,
}

/** Lets promises that are already settled do their work. */
async function settle() {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

type FakeChild = {
  pid: number
  request: ProcessRequest
  calls: string[]
  exit(over?: Partial<ProcessExit>): Promise<void>
  progress(over: Partial<Progress>): void
}

function setUp(over: { spec?: Partial<OutputSpec>; onAir?: boolean; format?: Format; gateDelayMs?: number } = {}) {
  const clock = createManualClock()
  const children: FakeChild[] = []
  const changes: OutputActual[] = []
  const exits: ChildExit[] = []
  const lines: LogLine[] = []
  const pids = { spawned: [] as number[], reaped: [] as number[] }
  const gate = { asked: [] as number[], aborted: 0, open: (): void => undefined }
  let failSpawn: Error | null = null
  const feed = {
    detached: 0,
    detach: () => void feed.detached++,
    skips: 0,
    lagMs: () => 0,
    busySinceMs: null as number | null,
    bytesWritten: 0,
  }
  const attached: boolean[] = []
  const names = { answers: ['192.0.2.7'] as readonly string[], asked: [] as string[] }
  const program = {
    onAir: over.onAir ?? true,
    version: 1,
    soundVersion: 0,
    format: over.format ?? H264_AAC,
    attach(_sink: unknown, options: { paced: boolean }) {
      attached.push(options.paced)
      return feed
    },
  }
  const output = createOutput({
    spec: { ...SPEC, ...over.spec },
    program,
    raw: program,
    gate(lastFailedAtMs, signal) {
      gate.asked.push(lastFailedAtMs)
      signal.addEventListener('abort', () => gate.aborted++)
      if (!over.gateDelayMs) return Promise.resolve()
      return new Promise((resolve) => {
        gate.open = resolve
      })
    },
    targets: createTargets({
      denyPrivate: false,
      async resolve(name) {
        names.asked.push(name)
        return names.answers
      },
    }),
    clock,
    ffmpegPath: '/usr/bin/ffmpeg',
    instance: 'test',
    runDir: '/nowhere',
    caFile: null,
    childSpawned: (pid) => pids.spawned.push(pid),
    childReaped: (pid) => pids.reaped.push(pid),
    changed: (actual) => changes.push(actual),
    exited: (exit) => exits.push(exit),
    logged: (line) => lines.push(line),
    startProcess(request) {
      if (failSpawn) throw failSpawn
      const pid = 1_000 + children.length
      const calls: string[] = []
      const { promise: exited, resolve: leave } = Promise.withResolvers<ProcessExit>()
      children.push({
        pid,
        request,
        calls,
        async exit(exit = {}) {
          leave({ code: 1, signal: null, forced: false, ranMs: 1_234, lines: [], ...exit })
          await settle()
        },
        progress(block) {
          const empty = { frame: null, fps: null, totalSizeBytes: null, outTimeUs: null, dropFrames: null, speed: null }
          if (request.stdout.kind === 'progress') request.stdout.onProgress({ ...empty, ...block })
        },
      })
      return {
        pid,
        exited,
        write: () => null,
        stop: () => calls.push('stop'),
        kill: () => calls.push('kill'),
      }
    },
  })
  return {
    clock,
    children,
    changes,
    exits,
    lines,
    pids,
    gate,
    feed,
    attached,
    names,
    program,
    output,
    child: () => children.at(-1) ?? expect.unreachable(),
    status: () => output.actual().status,
    breakSpawn: (error: Error | null) => {
      failSpawn = error
    },
    /** Progress every half second, as from a healthy child of 4,000 kbit/s. */
    runFor(seconds: number) {
      for (let i = 0; i < seconds * 2; i++) {
        clock.advance(500)
        const ms = clock.now()
        children
          .at(-1)
          ?.progress({ totalSizeBytes: ms * 500, outTimeUs: ms * 1_000, frame: ms / 40, fps: 20, speed: 9 })
      }
    },
  }
}

async function running(over: Parameters<typeof setUp>[0] = {}) {
  const t = setUp(over)
  await settle()
  t.runFor(1)
  expect(t.status()).toBe('running')
  return t
}

describe('output', () => {
  test('waits without a child while nothing is on air, and starts with the program', async () => {
    const t = setUp({ onAir: false })
    await settle()
    expect(t.output.actual()).toMatchObject({ status: 'waiting', processId: null })
    expect(t.gate.asked).toEqual([])
    t.program.onAir = true
    t.output.programChanged()
    await settle()
    expect(t.output.actual()).toMatchObject({ status: 'starting', processId: 1_000 })
    expect(t.pids.spawned).toEqual([1_000])
  })

  test('an output that is off does nothing', async () => {
    const t = setUp({ spec: { enabled: false } })
    await settle()
    expect(t.status()).toBe('stopped')
    expect(t.children).toHaveLength(0)
  })

  test('runs with the first byte, not with the first sign of life', async () => {
    const t = setUp()
    await settle()
    t.child().progress({ totalSizeBytes: 0, outTimeUs: 0 })
    expect(t.status()).toBe('starting')
    t.clock.advance(500)
    t.child().progress({ totalSizeBytes: 1_316, outTimeUs: 40_000 })
    expect(t.status()).toBe('running')
    expect(t.changes.map((change) => change.status)).toEqual(['starting', 'starting', 'running'])
  })

  test('the burst is paced for UDP and SRT, not for RTMP', async () => {
    const t = setUp()
    await settle()
    expect(t.attached).toEqual([false])
    const udp = setUp({
      spec: {
        target: { protocol: 'udp', host: '127.0.0.1', port: 5_000, ttl: null, interfaceAddress: null, pktSize: 1_316 },
      },
    })
    await settle()
    expect(udp.attached).toEqual([true])
  })

  test('the key reaches the child by its preset alone', async () => {
    const t = setUp()
    await settle()
    const { argv, secret, mask } = t.child().request
    expect(argv[0]).toBe('/usr/bin/ffmpeg')
    expect(argv.join(' ')).not.toContain('SECRET')
    expect(secret).toContain('rtmp_playpath=SECRET-key-1')
    expect(mask('publish SECRET-key-1')).toBe('publish ***')
  })

  test('a failure is described, told in words, and tried again after exactly the delay', async () => {
    const t = await running()
    const lines = ['[tcp] Connection to tcp://x failed: Connection refused']
    await t.child().exit({ lines })
    expect(t.exits).toEqual([
      {
        class: 'refused',
        code: 1,
        signal: null,
        forced: false,
        at: t.clock.wall(),
        ranSeconds: 1.23,
        next: 'retry',
        lines,
      },
    ])
    const words = 'The server refused the connection. It may be down, or the port is wrong.'
    expect(t.output.actual()).toMatchObject({
      status: 'reconnecting',
      statusReason: words,
      lastError: words,
      attempt: 1,
      reconnectCount: 0,
      nextRetryAt: t.clock.wall() + 5_000,
      processId: null,
      startedAt: null,
    })
    expect(t.pids.reaped).toEqual([1_000])
    expect(t.feed.detached).toBe(1)
    t.clock.advance(4_999)
    expect(t.status()).toBe('reconnecting')
    t.clock.advance(1)
    await settle()
    expect(t.output.actual()).toMatchObject({
      status: 'starting',
      nextRetryAt: null,
      reconnectCount: 1,
      processId: 1_001,
    })
  })

  test('tells the gate when it last failed', async () => {
    const t = await running()
    await t.child().exit()
    const failedAt = t.clock.wall()
    t.clock.advance(5_000)
    expect(t.gate.asked).toEqual([0, failedAt])
  })

  test('a minute of health ends the row of failures', async () => {
    const t = await running()
    await t.child().exit()
    t.clock.advance(5_000)
    await settle()
    t.runFor(59)
    expect(t.output.actual().attempt).toBe(1)
    t.runFor(2)
    expect(t.output.actual()).toMatchObject({ status: 'running', attempt: 0, reconnectCount: 1 })
  })

  test('gives up when the attempts are used up; a higher generation starts it again', async () => {
    const t = await running({ spec: { reconnect: { auto: true, delayMs: 100, maxDelayMs: 100, maxAttempts: 1 } } })
    await t.child().exit()
    t.clock.advance(100)
    await settle()
    await t.child().exit()
    expect(t.output.actual()).toMatchObject({ status: 'error', attempt: 2, nextRetryAt: null })
    expect(t.exits.map((exit) => exit.next)).toEqual(['retry', 'error'])
    t.clock.advance(1_000_000)
    expect(t.status()).toBe('error')
    t.output.apply({ ...SPEC, generation: 1 })
    await settle()
    expect(t.output.actual()).toMatchObject({ status: 'starting', attempt: 0, reconnectCount: 0, lastError: null })
  })

  test('more attempts for an output that gave up start it again', async () => {
    const t = await running({ spec: { reconnect: { ...SPEC.reconnect, auto: false } } })
    await t.child().exit()
    expect(t.status()).toBe('error')
    t.output.apply(SPEC)
    expect(t.status()).toBe('starting')
  })

  test('a new name, delay or number of attempts leaves the child alone', async () => {
    const t = await running()
    t.output.apply({ ...SPEC, name: 'Other', reconnect: { ...SPEC.reconnect, delayMs: 1_000 }, stallTimeoutMs: 20_000 })
    expect(t.status()).toBe('running')
    expect(t.child().calls).toEqual([])
    await t.child().exit()
    expect(t.output.actual().nextRetryAt).toBe(t.clock.wall() + 1_000)
  })

  test('another key restarts it once the old child is gone, with the new key', async () => {
    const t = await running()
    t.output.apply({ ...SPEC, target: { ...SPEC.target, streamKey: 'SECRET-key-2' } as OutputSpec['target'] })
    expect(t.output.actual()).toMatchObject({ status: 'stopping', processId: 1_000 })
    expect(t.child().calls).toEqual(['stop'])
    expect(t.feed.detached).toBe(1)
    await t.child().exit({ code: 0 })
    expect(t.output.actual()).toMatchObject({ status: 'starting', processId: 1_001, attempt: 0 })
    expect(t.child().request.secret).toContain('SECRET-key-2')
    expect(t.exits).toMatchObject([{ class: 'killed', asked: 'person', next: 'none' }])
  })

  test('another codec restarts it; one that cannot be sent is an error without retries', async () => {
    const t = await running()
    t.program.version = 2
    t.program.format = HEVC
    t.output.programChanged()
    expect(t.status()).toBe('stopping')
    await t.child().exit({ code: 0 })
    expect(t.exits).toMatchObject([{ asked: 'codec', next: 'none' }])
    expect(t.output.actual()).toMatchObject({ status: 'error', attempt: 0, nextRetryAt: null })
    expect(t.output.actual().statusReason).toContain('H.265')
    t.clock.advance(1_000_000)
    expect(t.children).toHaveLength(1)
    t.program.version = 3
    t.program.format = H264_AAC
    t.output.programChanged()
    await settle()
    expect(t.output.actual()).toMatchObject({
      status: 'starting',
      processId: 1_001,
      lastError: t.output.actual().lastError,
    })
  })

  test('settings that cannot be built are an error in words that do not repeat them', async () => {
    const t = setUp({ spec: { target: { ...SPEC.target, streamKey: 'SECRET\nrtmp_tcurl=x' } as OutputSpec['target'] } })
    await settle()
    expect(t.output.actual()).toMatchObject({ status: 'error', processId: null })
    expect(JSON.stringify([t.changes, t.lines])).not.toContain('SECRET')
    expect(t.children).toHaveLength(0)
  })

  test('a program that cannot be started is a failure like others', async () => {
    const t = setUp({ onAir: false })
    t.breakSpawn(new Error('ENOENT'))
    t.program.onAir = true
    t.output.programChanged()
    await settle()
    expect(t.output.actual()).toMatchObject({ status: 'reconnecting', attempt: 1 })
    expect(t.output.actual().statusReason).toContain('FFmpeg could not be started')
    t.breakSpawn(null)
    t.clock.advance(5_000)
    await settle()
    expect(t.status()).toBe('starting')
  })
})

describe('output off air', () => {
  test('a short gap changes nothing, a long one closes the connection and waits', async () => {
    const t = await running()
    t.program.onAir = false
    t.output.programChanged()
    t.clock.advance(7_999)
    expect(t.status()).toBe('running')
    t.clock.advance(1)
    expect(t.status()).toBe('stopping')
    await t.child().exit({ code: 0 })
    expect(t.output.actual()).toMatchObject({ status: 'waiting', attempt: 0, lastError: null })
    t.program.onAir = true
    t.output.programChanged()
    await settle()
    expect(t.status()).toBe('starting')
  })

  test('a return in time cancels the closing', async () => {
    const t = await running()
    t.program.onAir = false
    t.output.programChanged()
    t.clock.advance(5_000)
    t.program.onAir = true
    t.output.programChanged()
    t.runFor(10)
    expect(t.status()).toBe('running')
  })

  test('the watchdog sleeps meanwhile', async () => {
    const t = await running({ spec: { stallTimeoutMs: 3_000 } })
    t.program.onAir = false
    t.output.programChanged()
    t.clock.advance(7_500)
    t.program.onAir = true
    t.output.programChanged()
    t.clock.advance(2_900)
    expect(t.child().calls).toEqual([])
    t.clock.advance(1_000)
    expect(t.child().calls).toEqual(['kill'])
  })
})

describe('output watchdog', () => {
  test('a mute server is given up after its deadline, by SIGKILL', async () => {
    const t = setUp()
    await settle()
    t.clock.advance(10_000)
    expect(t.child().calls).toEqual([])
    t.clock.advance(500)
    expect(t.child().calls).toEqual(['kill'])
    t.clock.advance(5_000)
    expect(t.child().calls).toEqual(['kill'])
    await t.child().exit({ code: null, signal: 'SIGKILL', forced: true })
    expect(t.exits).toMatchObject([{ class: 'hung', forced: true, next: 'retry' }])
    expect(t.output.actual().statusReason).toContain('did not answer within 10 seconds')
  })

  test('the deadline doubles behind a busy gate', async () => {
    const t = setUp({ gateDelayMs: 2_000 })
    t.clock.advance(2_000)
    t.gate.open()
    await settle()
    t.clock.advance(20_000)
    expect(t.child().calls).toEqual([])
    t.clock.advance(500)
    expect(t.child().calls).toEqual(['kill'])
  })

  test('a frozen output time ends it although progress comes', async () => {
    const t = await running()
    for (let i = 0; i < 21; i++) {
      t.clock.advance(500)
      t.child().progress({ totalSizeBytes: 1_000_000, outTimeUs: 5_000_000 })
    }
    t.clock.advance(500)
    expect(t.child().calls).toEqual(['kill'])
  })

  test('a full stdin is a warning first, and ends it later', async () => {
    const t = await running()
    t.feed.busySinceMs = t.clock.now()
    t.runFor(0.5)
    expect(t.output.actual().warnings).toEqual([])
    t.runFor(1)
    expect(t.output.actual().warnings).toMatchObject([{ code: 'output.behind' }])
    expect(t.changes.at(-1)?.warnings).toHaveLength(1)
    t.feed.busySinceMs = null
    t.runFor(6)
    expect(t.output.actual().warnings).toEqual([])
    expect(t.changes.at(-1)?.warnings).toEqual([])
    t.feed.busySinceMs = t.clock.now()
    t.runFor(11)
    expect(t.child().calls).toEqual(['kill'])
  })
})

describe('output removal and figures', () => {
  test('off while it waits at the gate gives the place back', async () => {
    const t = setUp({ gateDelayMs: 1_000 })
    t.output.apply({ ...SPEC, enabled: false })
    expect(t.status()).toBe('stopped')
    expect(t.gate.aborted).toBe(1)
    t.gate.open()
    await settle()
    expect(t.children).toHaveLength(0)
  })

  test('removal resolves once the child is gone, and leaves no timer that acts', async () => {
    const t = await running()
    let removed = false
    const done = t.output.remove().then(() => {
      removed = true
    })
    await settle()
    expect(removed).toBe(false)
    expect(t.child().calls).toEqual(['stop'])
    await t.child().exit({ code: 0 })
    await done
    expect(t.status()).toBe('stopped')
    const before = t.changes.length
    t.clock.advance(1_000_000)
    expect(t.changes).toHaveLength(before)
    expect(t.children).toHaveLength(1)
  })

  test('removal without a child resolves at once', async () => {
    const t = setUp({ onAir: false })
    await t.output.remove()
    expect(t.status()).toBe('stopped')
  })

  test('another sound restarts it in order: no failure, no reconnect', async () => {
    const t = await running()
    t.program.soundVersion++
    t.output.programChanged()
    expect(t.output.actual()).toMatchObject({
      status: 'stopping',
      statusReason: 'The feed changed its sound. Starting anew.',
    })
    await t.child().exit({ code: 0 })
    await settle()
    expect(t.exits).toMatchObject([{ class: 'killed', asked: 'sound', next: 'none' }])
    expect(t.output.actual()).toMatchObject({ status: 'starting', attempt: 0, reconnectCount: 0, lastError: null })
    await t.child().exit({ lines: ['Connection refused'] })
    expect(t.exits[1]).toMatchObject({ class: 'refused', next: 'retry' })
    expect(t.exits[1]).not.toHaveProperty('asked')
  })

  test('killed from outside, it comes back', async () => {
    const t = await running()
    t.output.kill()
    expect(t.child().calls).toEqual(['kill'])
    await t.child().exit({ code: null, signal: 'SIGKILL', forced: true })
    expect(t.exits).toMatchObject([{ class: 'killed', next: 'retry' }])
    expect(t.status()).toBe('reconnecting')
  })

  test('bytes and skips go on over reconnects and begin anew with a start', async () => {
    const t = await running()
    t.feed.skips = 2
    t.runFor(9)
    expect(t.output.figures(t.clock.now())).toMatchObject({
      id: 7,
      inputId: 3,
      bytesTotal: 5_000_000,
      skips: 2,
      fps: 25,
      speed: 1,
      uptimeSeconds: 9.5,
    })
    expect(t.output.figures(t.clock.now()).bitrateKbps).toBeCloseTo(4_000)
    await t.child().exit()
    expect(t.output.figures(t.clock.now())).toMatchObject({
      bytesTotal: 5_000_000,
      bitrateKbps: null,
      uptimeSeconds: null,
    })
    t.feed.skips = 0
    t.clock.advance(5_000)
    await settle()
    t.child().progress({ totalSizeBytes: 1_000, outTimeUs: 1 })
    expect(t.output.figures(t.clock.now())).toMatchObject({ bytesTotal: 5_001_000, skips: 2 })
    t.output.apply({ ...SPEC, generation: 1 })
    expect(t.output.figures(t.clock.now())).toMatchObject({ bytesTotal: 0, skips: 0 })
    await t.child().exit({ code: 0 })
    t.child().progress({ totalSizeBytes: 500, outTimeUs: 1 })
    expect(t.output.figures(t.clock.now()).bytesTotal).toBe(500)
  })

  test('its own words are in the log, and the last ten exits are kept', async () => {
    const t = await running({ spec: { reconnect: { auto: true, delayMs: 100, maxDelayMs: 100, maxAttempts: 0 } } })
    for (let i = 0; i < 12; i++) {
      await t.child().exit()
      t.clock.advance(100)
      await settle()
    }
    const { lines, exits } = t.output.logs()
    expect(exits).toHaveLength(10)
    const text = lines.map((line) => line.text).join('\n')
    expect(text).toContain('FFmpeg started, process 1000')
    expect(text).toContain('running: Sending.')
    expect(text).toContain('reconnecting: ')
    expect(text).toContain('FFmpeg ended (')
    expect(t.lines).toEqual(lines)
  })

  test('every change that is told differs from the one before', async () => {
    const t = await running()
    t.output.programChanged()
    t.output.apply(SPEC)
    t.runFor(30)
    const texts = t.changes.map((change) => JSON.stringify(change))
    for (let i = 1; i < texts.length; i++) expect(texts[i]).not.toBe(texts[i - 1] ?? '')
    expect(t.changes).toHaveLength(3)
  })
})

describe('where an output leads', () => {
  test('is looked up before each start, and its child goes to what was looked at', async () => {
    const t = await running()
    expect(t.child().request.argv.at(-1)).toBe('rtmp://192.0.2.7:1935/')
    expect(t.child().request.secret).toContain('rtmp_tcurl=rtmp://live.example.org:1935/live\n')
    t.names.answers = ['192.0.2.8']
    await t.child().exit()
    t.clock.advance(5_000)
    await settle()
    expect(t.child().request.argv.at(-1)).toBe('rtmp://192.0.2.8:1935/')
    expect(t.names.asked).toEqual(['live.example.org', 'live.example.org'])
  })

  test('of several addresses each try takes the next', async () => {
    const t = setUp()
    t.names.answers = ['192.0.2.7', '192.0.2.8']
    await settle()
    await t.child().exit()
    t.clock.advance(5_000)
    await settle()
    expect(t.children.map(({ request }) => request.argv.at(-1))).toEqual([
      'rtmp://192.0.2.7:1935/',
      'rtmp://192.0.2.8:1935/',
    ])
  })

  test('a name that moved to cloud metadata starts nothing, is told once, and is looked at each minute', async () => {
    const t = await running()
    t.names.answers = ['192.0.2.7', '169.254.169.254']
    await t.child().exit()
    t.clock.advance(5_000)
    await settle()
    const retryAt = t.clock.wall() + 60_000
    const blocked = { status: 'error', statusReason: OFF_LIMITS, lastError: OFF_LIMITS }
    expect(t.output.actual()).toMatchObject({ ...blocked, nextRetryAt: retryAt, processId: null })
    for (let minute = 1; minute <= 3; minute++) {
      t.clock.advance(60_000)
      await settle()
      expect(t.output.actual()).toMatchObject({ ...blocked, nextRetryAt: retryAt + minute * 60_000 })
    }
    expect(t.children).toHaveLength(1)
    expect(t.lines.filter(({ text }) => text.includes(OFF_LIMITS))).toHaveLength(1)
    t.names.answers = ['192.0.2.9']
    t.clock.advance(60_000)
    await settle()
    expect(t.output.actual()).toMatchObject({ status: 'starting', nextRetryAt: null })
    expect(t.child().request.argv.at(-1)).toBe('rtmp://192.0.2.9:1935/')
  })

  test('a person who starts, edits or stops it does not wait for that minute', async () => {
    const t = setUp()
    t.names.answers = ['fe80::1']
    await settle()
    expect(t.status()).toBe('error')
    t.output.apply({ ...SPEC, generation: 1 })
    await settle()
    expect(t.names.asked).toHaveLength(2)
    expect(t.status()).toBe('error')
    t.output.apply({ ...SPEC, generation: 1, enabled: false })
    expect(t.output.actual()).toMatchObject({ status: 'stopped', nextRetryAt: null })
    t.clock.advance(120_000)
    expect(t.names.asked).toHaveLength(2)
    t.names.answers = ['192.0.2.7']
    t.output.apply({
      ...SPEC,
      generation: 1,
      target: { ...SPEC.target, host: 'other.example' } as OutputSpec['target'],
    })
    await settle()
    expect(t.names.asked.at(-1)).toBe('other.example')
    expect(t.output.actual()).toMatchObject({ status: 'starting', processId: 1_000 })
  })

  test('a name that leads nowhere is a failure like others, without a child', async () => {
    const t = setUp()
    t.names.answers = []
    await settle()
    expect(t.exits).toMatchObject([{ class: 'dns', code: null, next: 'retry', ranSeconds: 0 }])
    expect(t.output.actual()).toMatchObject({ status: 'reconnecting', attempt: 1, processId: null })
    expect(t.children).toHaveLength(0)
  })

  test('an edit while the old name is looked up goes to the new one', async () => {
    const t = setUp({ gateDelayMs: 1 })
    const openFirst = t.gate.open
    t.output.apply({ ...SPEC, target: { ...SPEC.target, host: 'other.example' } as OutputSpec['target'] })
    openFirst()
    t.gate.open()
    await settle()
    expect(t.names.asked).toEqual(['other.example'])
    expect(t.children).toHaveLength(1)
  })
})
