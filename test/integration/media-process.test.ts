import { afterAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { systemClock as clock } from '../../src/lib/clock.ts'
import { createTargets } from '../../src/lib/targets.ts'
import { inspectFfmpeg } from '../../src/media/ffmpeg/binary.ts'
import { createOutput, type OutputDeps } from '../../src/media/output/output.ts'
import type { ProcessRequest } from '../../src/media/process.ts'
import { startProcess } from '../../src/media/process.ts'
import type { Program } from '../../src/media/program/program.ts'
import type { ChildExit, LogLine, OutputActual } from '../../src/media/actual.ts'
import type { OutputSpec, OutputTarget } from '../../src/media/specs.ts'
import { findSetpriv, reapByMarker, reapPids } from '../../src/media/spawn.ts'
import { fixture } from '../support/fixtures.ts'
import { hasNginxRtmp, startRtmpServer } from '../support/nginx.ts'
import { freeTcpPort } from '../support/ports.ts'
import { memoryBytes, processesWith, readProc, startProgram } from '../support/processes.ts'
import { hasStunnel, startTlsFront } from '../support/rtmps.ts'
import { hasSrtLiveTransmit, startSrtListener } from '../support/srt.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'
import { eventually, within } from '../support/waiting.ts'

const INSTANCE = `test-media-process-${process.pid}`
const SECRET = 'SECRET-key-0123'
const children = join(import.meta.dir, '../fixtures/children')

afterAll(() => {
  reapByMarker(INSTANCE)
})

/** A program that plays a file from its first keyframe at its own speed, 0.6 s ahead, as the hub would. */
function filePlayer(bytes: Uint8Array, seconds: number): Program {
  const chunkBytes = 188 * 100
  return {
    onAir: true,
    version: 1,
    soundVersion: 0,
    format: {
      video: { codec: 'h264', profile: null, width: 1280, height: 720, fps: 25 },
      audio: { codec: 'aac', sampleRate: 48_000, channels: 2, objectType: 2 },
    },
    attach(sink) {
      const startedAtMs = clock.now()
      let sent = 0
      let busySinceMs: number | null = null
      const detach = clock.every(20, () => {
        const due = ((clock.now() - startedAtMs + 600) / 1_000 / seconds) * bytes.length
        while (busySinceMs === null && sent < Math.min(due, bytes.length)) {
          const chunk = bytes.subarray(sent, sent + chunkBytes)
          try {
            const full = sink.write(chunk)
            sent += chunk.length
            if (!full) continue
            busySinceMs = clock.now()
            full.then(() => (busySinceMs = null), detach)
          } catch {
            // The child is gone; its exit tells.
            return detach()
          }
        }
      })
      return {
        detach,
        skips: 0,
        lagMs: () => 0,
        get busySinceMs() {
          return busySinceMs
        },
        get bytesWritten() {
          return sent
        },
      }
    },
  }
}

const played = new Uint8Array(await Bun.file(await fixture('main')).arrayBuffer())

type Harness = ReturnType<typeof open>

function open(target: OutputTarget, over: Partial<OutputDeps> = {}, spec: Partial<OutputSpec> = {}) {
  const changes: OutputActual[] = []
  const lines: LogLine[] = []
  const exits: ChildExit[] = []
  const pids = { spawned: [] as number[], reaped: [] as number[] }
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const look of waiting) look()
  }
  const output = createOutput({
    spec: {
      id: 1,
      inputId: 1,
      name: 'test',
      enabled: true,
      generation: 0,
      target,
      engine: 'ffmpeg',
      transparent: false,
      audio: 'auto',
      video: 'copy',
      reconnect: { auto: true, delayMs: 60_000, maxDelayMs: 60_000, maxAttempts: 0 },
      stallTimeoutMs: 10_000,
      ...spec,
    },
    program: filePlayer(played, 20),
    raw: filePlayer(played, 20),
    gate: () => Promise.resolve(),
    targets: createTargets({ denyPrivate: false }),
    clock,
    ffmpegPath: 'ffmpeg',
    instance: INSTANCE,
    runDir: '/nowhere',
    caFile: null,
    childSpawned: (pid) => pids.spawned.push(pid),
    childReaped: (pid) => pids.reaped.push(pid),
    changed(actual) {
      changes.push(actual)
      wake()
    },
    exited(exit) {
      exits.push(exit)
      wake()
    },
    logged: (line) => lines.push(line),
    ...over,
  })
  return {
    output,
    changes,
    lines,
    exits,
    pids,
    pid: () => output.actual().processId ?? expect.unreachable(),
    /** Resolves as soon as it holds, looked at with every event. */
    until(what: string, holds: () => boolean, deadlineMs = 15_000): Promise<void> {
      if (holds()) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = () => holds() && resolve()
      waiting.add(look)
      return within(deadlineMs, `${what}; ${JSON.stringify(output.actual())}`, promise).finally(() =>
        waiting.delete(look),
      )
    },
    status(status: OutputActual['status'], deadlineMs?: number) {
      return this.until(`status ${status}`, () => output.actual().status === status, deadlineMs)
    },
    [Symbol.asyncDispose]: () => output.remove(),
  }
}

function udp(port: number): OutputTarget {
  return { protocol: 'udp', host: '127.0.0.1', port, ttl: null, interfaceAddress: null, pktSize: 1_316 }
}

function rtmp(port: number, over: Partial<Extract<OutputTarget, { protocol: 'rtmp' }>> = {}): OutputTarget {
  return {
    protocol: 'rtmp',
    tls: false,
    tlsVerify: true,
    host: '127.0.0.1',
    port,
    app: 'live',
    streamKey: SECRET,
    username: null,
    password: null,
    ...over,
  }
}

/** What anybody on the machine, and anybody who reads our events, can see of an output. */
function expectNoSecret(harness: Harness, secrets: string[]) {
  const seen = JSON.stringify([harness.changes, harness.lines, harness.exits, harness.output.logs()])
  expect(secrets.filter((secret) => seen.includes(secret))).toEqual([])
}

function child(program: string, over: Partial<ProcessRequest> = {}) {
  const lines: string[] = []
  const process = startProcess({
    clock,
    argv: [join(children, program)],
    instance: INSTANCE,
    secret: null,
    stdin: 'pipe',
    stdout: { kind: 'progress', onProgress: () => undefined },
    mask: (line) => line,
    onLine: (_, text) => lines.push(text),
    ...over,
  })
  return { process, lines }
}

describe('an output with a real FFmpeg', () => {
  test.concurrent('sends a feed by UDP, is measured, and leaves at the end of its stdin', async () => {
    await using receiver = await openUdpReceiver()
    await using harness = open(udp(receiver.port))
    await harness.status('running')
    await receiver.more(1_500)
    harness.output.sampleUsage()
    await receiver.more(1_000)
    harness.output.sampleUsage()
    const figures = harness.output.figures(clock.now())
    expect(figures.bitrateKbps).toBeGreaterThan(1_000)
    expect(figures.memoryBytes).toBeGreaterThan(1_000_000)
    expect(figures.cpuPercent).toBeLessThan(100)
    expect(receiver.errorCount()).toBe(0)
    await harness.output.remove()
    expect(harness.output.actual()).toMatchObject({ status: 'stopped', processId: null })
    expect(harness.exits).toMatchObject([{ class: 'killed', code: 0, signal: null, forced: false, next: 'none' }])
    expect(harness.pids.reaped).toEqual(harness.pids.spawned)
  })

  test.concurrent('a frozen child is killed by the stop within 2.5 s', async () => {
    await using receiver = await openUdpReceiver()
    await using harness = open(udp(receiver.port))
    await harness.status('running')
    process.kill(harness.pid(), 'SIGSTOP')
    const askedAtMs = clock.now()
    await harness.output.remove()
    expect(clock.now() - askedAtMs).toBeLessThan(2_500)
    expect(harness.exits).toMatchObject([{ code: null, signal: 'SIGKILL', forced: true, next: 'none' }])
  })

  test.concurrent('a frozen child is found by the watchdog and replaced', async () => {
    await using receiver = await openUdpReceiver()
    const reconnect = { auto: true, delayMs: 100, maxDelayMs: 100, maxAttempts: 0 }
    await using harness = open(udp(receiver.port), {}, { stallTimeoutMs: 1_500, reconnect })
    await harness.status('running')
    process.kill(harness.pid(), 'SIGSTOP')
    await harness.until('the hung child ends', () => harness.exits.length === 1)
    expect(harness.exits).toMatchObject([{ class: 'hung', forced: true, next: 'retry' }])
    await harness.status('running')
    expect(harness.output.actual()).toMatchObject({ reconnectCount: 1, attempt: 1 })
  })

  test.concurrent('killed from outside, it returns after its delay', async () => {
    await using receiver = await openUdpReceiver()
    const reconnect = { auto: true, delayMs: 100, maxDelayMs: 100, maxAttempts: 0 }
    await using harness = open(udp(receiver.port), {}, { reconnect })
    await harness.status('running')
    const first = harness.pid()
    process.kill(first, 'SIGKILL')
    await harness.until('another child runs', () => {
      const { status, processId } = harness.output.actual()
      return status === 'running' && processId !== first
    })
    expect(harness.exits).toMatchObject([{ class: 'killed', signal: 'SIGKILL', forced: false }])
  })

  test.concurrent('a refused connection is said in words and given up after the attempts', async () => {
    const reconnect = { auto: true, delayMs: 100, maxDelayMs: 100, maxAttempts: 1 }
    await using harness = open(rtmp(await freeTcpPort()), {}, { reconnect })
    await harness.status('error')
    expect(harness.exits.map((exit) => [exit.class, exit.next])).toEqual([
      ['refused', 'retry'],
      ['refused', 'error'],
    ])
    expect(harness.output.actual().statusReason).toStartWith('The server refused the connection.')
    expectNoSecret(harness, [SECRET])
  })

  test.concurrent('a name that does not exist is said', async () => {
    await using harness = open(rtmp(1_935, { host: 'nowhere.invalid' }))
    await harness.status('reconnecting', 30_000)
    expect(harness.exits).toMatchObject([{ class: 'dns' }])
  })
})

describe.skipIf(!hasNginxRtmp())('an output to a real RTMP server', () => {
  const hard = `a?b=c&d #%41'"$(id);\\é ${SECRET}`

  test('the key arrives as it was typed and shows nowhere, while it runs and when it is refused', async () => {
    await using server = await startRtmpServer()
    await using harness = open(rtmp(server.port, { host: 'localhost', app: 'live/inst', streamKey: hard }))
    await harness.status('running')
    const published = await server.called('publish', (call) => call.call === 'publish' && call.app === 'live/inst')
    // nginx cuts the name at its question mark and hands on the rest as arguments.
    expect(published.name).toBe('a')
    expect(published.fields.get('b')).toBe('c')
    // ... decoding its percent signs, as a form is read.
    expect([...published.fields.keys()].at(-1)).toBe(`d #A'"$(id);\\é ${SECRET}`)
    // It calls the address that was looked at, and asks for the server by its name.
    expect(published.fields.get('tcurl')).toBe(`rtmp://localhost:${server.port}/live/inst`)
    const pid = harness.pid()
    expect(readProc(`/proc/${pid}/cmdline`)).toContain(`rtmp://127.0.0.1:${server.port}/`)
    expect(readProc(`/proc/${pid}/environ`)).toContain('WEIR_CHILD=')
    for (const file of ['cmdline', 'environ', 'status', 'comm'])
      expect(readProc(`/proc/${pid}/${file}`)).not.toContain('SECRET')
    await harness.output.remove()
    expectNoSecret(harness, ['SECRET'])

    await using refused = open(rtmp(server.port, { app: 'refuse' }))
    await refused.status('reconnecting')
    expect(refused.exits).toMatchObject([{ class: 'rejected', next: 'retry' }])
    expect(refused.exits[0]?.lines.length).toBeGreaterThan(0)
    expectNoSecret(refused, ['SECRET'])
  })

  test('a server that dies is a closed connection', async () => {
    await using server = await startRtmpServer()
    await using harness = open(rtmp(server.port))
    await harness.status('running')
    await server.called('publish', (call) => call.call === 'publish')
    await server.kill('SIGKILL')
    await harness.status('reconnecting')
    expect(harness.exits).toMatchObject([{ class: 'peer_closed', next: 'retry' }])
  })

  test.skipIf(!hasStunnel())('RTMPS goes to whom it knows alone', async () => {
    await using server = await startRtmpServer()
    await using front = await startTlsFront(server.port)
    const secure = { tls: true, host: 'localhost' }
    await using trusted = open(rtmp(front.port, secure), { caFile: front.caFile })
    await using stranger = open(rtmp(front.port, secure))
    // The same address, written as the certificate does not know it.
    await using misnamed = open(rtmp(front.port, { ...secure, host: '127.1' }), { caFile: front.caFile })
    await using careless = open(rtmp(front.port, { ...secure, tlsVerify: false, streamKey: 'other' }))
    await Promise.all([
      trusted.status('running'),
      careless.status('running'),
      stranger.status('reconnecting'),
      misnamed.status('reconnecting'),
    ])
    expect(stranger.exits).toMatchObject([{ class: 'tls' }])
    expect(misnamed.exits).toMatchObject([{ class: 'tls' }])
    expect(misnamed.output.actual().statusReason).toContain('another name')
    for (const harness of [trusted, stranger, misnamed]) expectNoSecret(harness, [SECRET])
  })
})

describe.skipIf(!hasSrtLiveTransmit())('an output to a real SRT listener', () => {
  const target = (port: number, passphrase: string | null): OutputTarget => ({
    protocol: 'srt_caller',
    host: '127.0.0.1',
    port,
    latencyMs: 120,
    pktSize: 1_316,
    passphrase,
    streamId: `#!::r=${SECRET},m=publish`,
  })

  test('the right passphrase gets through, the wrong one is told, neither shows', async () => {
    await using listener = await startSrtListener({ passphrase: 'RIGHT-passphrase' })
    await using wrong = open(target(listener.port, 'WRONG-passphrase'))
    await wrong.status('reconnecting')
    expect(wrong.exits).toMatchObject([{ class: 'rejected' }])
    expect(wrong.output.actual().statusReason).toContain('passphrase')
    expectNoSecret(wrong, ['WRONG-passphrase', SECRET])

    await using right = open(target(listener.port, 'RIGHT-passphrase'))
    await right.status('running')
    await listener.received(100_000)
    const cmdline = readProc(`/proc/${right.pid()}/cmdline`)
    expect(cmdline).toContain('srt://')
    expect(cmdline).not.toContain('passphrase\0')
    expect(cmdline).not.toContain(SECRET)
    expectNoSecret(right, ['RIGHT-passphrase', SECRET])
  })
})

describe('children that misbehave', () => {
  test('one that ignores SIGTERM gets SIGKILL', async () => {
    const { process } = child('stubborn.pl')
    const askedAtMs = clock.now()
    process.stop()
    process.stop()
    const exit = await within(10_000, 'the stubborn child ends', process.exited)
    expect(exit).toMatchObject({ code: null, signal: 'SIGKILL', forced: true })
    expect(clock.now() - askedAtMs).toBeGreaterThan(1_700)
    expect(clock.now() - askedAtMs).toBeLessThan(2_500)
  })

  test('one that shouts is bounded in lines, in memory and in our time', async () => {
    const before = memoryBytes(process.pid).anonymous
    let longestLagMs = 0
    let lastMs = clock.now()
    const stopLagging = clock.every(10, () => {
      longestLagMs = Math.max(longestLagMs, clock.now() - lastMs)
      lastMs = clock.now()
    })
    const harness = open(rtmp(1), { ffmpegPath: join(children, 'loud.pl') })
    await Bun.sleep(2_500)
    stopLagging()
    await harness.output.remove()
    expect(harness.lines.length).toBeLessThan(4 * 52 + 10)
    expect(harness.lines.length).toBeGreaterThan(50)
    expect(harness.output.logs().lines.length).toBeLessThanOrEqual(500)
    expect(harness.lines.some((line) => /\d+ more lines were left out/.test(line.text))).toBe(true)
    expect(memoryBytes(process.pid).anonymous - before).toBeLessThan(64 * 1024 * 1024)
    expect(longestLagMs).toBeLessThan(500)
    expectNoSecret(harness, ['SECRET'])
  })

  test('one that never ends its line is cut', async () => {
    const { process, lines } = child('endless-line.pl')
    const exit = await within(20_000, 'the child ends', process.exited)
    expect(exit).toMatchObject({ code: 3, signal: null, forced: false })
    expect(exit.lines).toHaveLength(1)
    expect(exit.lines[0]).toHaveLength(1_000)
    expect(lines).toHaveLength(1)
  })

  test('one that says nothing is ended by its deadline', async () => {
    await using harness = open(udp(9), { ffmpegPath: join(children, 'stubborn.pl') })
    await harness.status('reconnecting')
    expect(harness.exits).toMatchObject([{ class: 'hung', signal: 'SIGKILL', forced: true }])
    const { ranSeconds } = harness.exits[0] ?? expect.unreachable()
    expect(ranSeconds).toBeGreaterThan(4.9)
    expect(ranSeconds).toBeLessThan(7)
  }, 20_000)

  test('one that dies young is tried again and again', async () => {
    const reconnect = { auto: true, delayMs: 100, maxDelayMs: 100, maxAttempts: 2 }
    await using harness = open(udp(9), { ffmpegPath: join(children, 'short-lived.pl') }, { reconnect })
    await harness.status('error')
    expect(harness.exits.map((exit) => [exit.class, exit.next])).toEqual([
      ['peer_closed', 'retry'],
      ['peer_closed', 'retry'],
      ['peer_closed', 'error'],
    ])
    expect(harness.changes.filter((change) => change.status === 'running').length).toBeGreaterThanOrEqual(3)
  })

  test('writing to one that is gone throws or rejects, and nothing else', async () => {
    const { process } = child('short-lived.pl')
    await process.exited
    expect(() => process.write(new Uint8Array(188))).toThrow()
    process.stop()
    process.kill()
  })

  test('a full pipe is a promise; it ends with the child', async () => {
    const { process } = child('stubborn.pl')
    let full: Promise<unknown> | null = null
    for (let i = 0; i < 100 && !full; i++) full = process.write(new Uint8Array(65_424))
    expect(full).toBeInstanceOf(Promise)
    process.kill()
    expect((await process.exited).forced).toBe(true)
    expect(
      await full?.then(
        () => 'taken',
        (error: { code: string }) => error.code,
      ),
    ).toBe('EPIPE')
  })

  test('a grandchild that holds the pipes does not hold us; the sweep finds it', async () => {
    const { process } = child('leaves-a-child.pl')
    await within(2_000, 'the exit is told', process.exited)
    const left = processesWith(`WEIR_CHILD=${INSTANCE}`).map((found) => found.pid)
    expect(left).toHaveLength(1)
    expect(reapByMarker(`${INSTANCE}-other`)).toEqual([])
    expect(reapByMarker(INSTANCE)).toEqual(left)
  })

  test('a program that does not exist throws', () => {
    expect(() => child('no-such-program.pl')).toThrow('is not a program')
  })
})

describe('what a child is given', () => {
  test('four names in its environment, three pipes, and a sealed descriptor', async () => {
    const { process, lines } = child('descriptors.pl', { secret: 'rtmp_app=live\nrtmp_playpath=key\n' })
    expect(await process.exited).toMatchObject({ code: 0 })
    const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    expect(lines).toEqual([
      'read: rtmp_app=live|rtmp_playpath=key|',
      'sealed: yes',
      `environment: HOME=/ LANG=C.UTF-8 PATH=${path} WEIR_CHILD=${INSTANCE}`,
      'others: 0',
    ])
  })

  test('the parent keeps no copy of the descriptor', async () => {
    const { process: started } = child('descriptors.pl', { secret: 'a=b\n' })
    await started.exited
    const open = [...new Bun.Glob('*').scanSync({ cwd: '/proc/self/fd', onlyFiles: false })]
    const targets = await Promise.all(open.map((fd) => Bun.$`readlink /proc/${process.pid}/fd/${fd}`.nothrow().text()))
    expect(targets.join('')).not.toContain('memfd:weir')
  })

  test('stdout as data comes whole', async () => {
    let bytes = 0
    const source = startProcess({
      clock,
      argv: ['perl', '-e', 'print "x" x 3_000_000'],
      instance: INSTANCE,
      secret: null,
      stdin: 'ignore',
      stdout: {
        kind: 'data',
        onData(chunk) {
          bytes += chunk.length
        },
      },
      mask: (line) => line,
      onLine: () => undefined,
    })
    expect(await source.exited).toMatchObject({ code: 0 })
    expect(bytes).toBe(3_000_000)
  })

  test('FFmpeg says what it is', async () => {
    const binary = await inspectFfmpeg({ clock, ffmpegPath: 'ffmpeg', instance: INSTANCE })
    expect(binary.version).toMatch(/^[\w.]/)
    expect(binary.protocols).toContain('udp')
    expect(inspectFfmpeg({ clock, ffmpegPath: 'false', instance: INSTANCE })).rejects.toThrow('ended with 1')
  })
})

describe('when we die', () => {
  test.skipIf(findSetpriv() === null)('a child goes with the thread that started it, and is reaped', async () => {
    const worker = new Worker(new URL('../fixtures/spawning-worker.ts', import.meta.url))
    const pid = await new Promise<number>((resolve) => {
      worker.onmessage = (event: MessageEvent<number>) => resolve(event.data)
    })
    expect(processesWith('WEIR_CHILD=test-worker-death').map((found) => found.pid)).toEqual([pid])
    expect(reapPids([pid])).toEqual([])
    await worker.terminate()
    await eventually(
      5_000,
      'the child ends with its thread',
      () => processesWith('WEIR_CHILD=test-worker-death').length === 0,
    )
    expect(await eventually(5_000, 'it is reaped', () => reapPids([pid]).length === 1)).toBe(true)
    expect(readProc(`/proc/${pid}/stat`)).toBeNull()
  })

  test('the sweep leaves the children of others alone', async () => {
    await using other = startProgram(['env', 'WEIR_CHILD=somebody-else', 'sleep', '60'])
    await eventually(2_000, 'it runs', () => processesWith('WEIR_CHILD=somebody-else').length === 1)
    expect(reapByMarker(INSTANCE)).toEqual([])
    expect(processesWith('WEIR_CHILD=somebody-else').map((found) => found.pid)).toEqual([other.pid])
  })
})
