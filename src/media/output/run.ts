import type { Clock } from '../../lib/clock.ts'
import type { Progress } from '../ffmpeg/progress.ts'
import { createMeter } from '../meter.ts'
import { readProcSample } from '../proc.ts'
import type { ChildProcess, ProcessExit, ProcessRequest } from '../process.ts'
import type { Verdict } from '../ffmpeg/exits.ts'
import type { Feed, Program } from '../program/program.ts'
import type { LogLine } from '../actual.ts'
import { createSendQueue, type SendQueues } from './send-queues.ts'
import type { Vitals } from './watchdog.ts'

/** The kernel counts CPU in steps of 10 ms, as much as a copy uses in two seconds; a shorter look shows 0 or 1. */
const CPU_WINDOW_MS = 10_000

export type RunRequest = {
  clock: Clock
  program: Program
  paced: boolean
  /** Its sound is made anew, so that of the feed may change. */
  adapts: boolean
  argv: readonly [string, ...string[]]
  niced: boolean
  /**
   * What counts as sent: what FFmpeg says it wrote; or, for RTSP, of which it says nothing, somebody else's count, what
   * it was fed, or null where that is not what leaves.
   */
  counts: 'written' | 'fed' | (() => number) | null
  preset: string | null
  instance: string
  /** It may take twice as long to its first byte. */
  startsSlowly: boolean
  startProcess(request: ProcessRequest): ChildProcess
  mask(line: string): string
  onLine(level: LogLine['level'], text: string): void
  /** The first byte has left. */
  onBytes(): void
}

export type RunFigures = {
  bitrateKbps: number | null
  bytes: number
  fps: number | null
  speed: number | null
  dropFrames: number | null
  skips: number
  /** What the other end has yet to take, milliseconds of stream; null where that is not known. */
  sendQueueMs: number | null
  cpuPercent: number | null
  memoryBytes: number | null
  uptimeSeconds: number | null
}

/** `verdict`: what went wrong, where it is known without reading lines. */
export type RunExit = ProcessExit & { verdict?: Verdict }

/** One life of an output: a child, or a socket of our own. */
export type Run = {
  /** Null where there is no child. */
  readonly pid: number | null
  /** Wall clock. */
  readonly startedAt: number
  readonly exited: Promise<RunExit>
  vitals(onAirSinceMs: number | null, nowMs: number): Vitals
  figures(nowMs: number): RunFigures
  sampleUsage(): void
  /** Notes what is written by now; the answer takes all queues of this machine, read after that. Once a second. */
  sampleQueue(): (queues: SendQueues) => void
  stop(): void
  kill(): void
  /** Ends the delivery once the child is gone. */
  release(): void
}

/** One life of an output's child, from its spawn to its exit: fed by the program, measured by what it says. */
export function startRun(request: RunRequest): Run {
  const { clock } = request
  const spawnedAtMs = clock.now()
  const meter = createMeter()
  const frames = createMeter()
  const mediaSeconds = createMeter()
  let progress: Progress | null = null
  let firstBytesAtMs: number | null = null
  let lastProgressAtMs = spawnedAtMs
  let outTimeMovedAtMs = spawnedAtMs
  const usage: { atMs: number; cpuSeconds: number }[] = []
  let cpuPercent: number | null = null
  let memoryBytes: number | null = null

  function onProgress(block: Progress) {
    const nowMs = clock.now()
    if (block.outTimeUs !== progress?.outTimeUs) outTimeMovedAtMs = nowMs
    lastProgressAtMs = nowMs
    progress = block
    if (block.frame !== null) frames.add(nowMs, block.frame)
    if (block.outTimeUs !== null) mediaSeconds.add(nowMs, block.outTimeUs / 1_000_000)
    const bytes = sentBytes(block)
    if (bytes !== null) meter.add(nowMs, bytes)
    if (firstBytesAtMs !== null || !hasSent(block)) return
    firstBytesAtMs = nowMs
    request.onBytes()
  }

  function sentBytes(block: Progress): number | null {
    const { counts } = request
    if (typeof counts === 'function') return counts()
    return counts === 'fed' ? feed.bytesWritten : block.totalSizeBytes
  }

  /** FFmpeg writes no block before its RTSP session stands, and no size at all. */
  const hasSent = (block: Progress) =>
    request.counts === 'written'
      ? (block.totalSizeBytes ?? 0) > 0
      : (block.frame ?? 0) > 0 || (block.outTimeUs ?? 0) > 0

  const child = request.startProcess({
    clock,
    argv: request.argv,
    instance: request.instance,
    secret: request.preset,
    niced: request.niced,
    stdin: 'pipe',
    stdout: { kind: 'progress', onProgress },
    mask: request.mask,
    onLine: request.onLine,
  })
  const feed: Feed = attach()
  const sendQueue = createSendQueue(child.pid)
  let attached = true

  function attach(): Feed {
    try {
      return request.program.attach(child, { paced: request.paced, adapts: request.adapts })
    } catch (cause) {
      // Nobody will ever hear of this child again.
      child.kill()
      throw cause
    }
  }

  function sendQueueMs(nowMs: number): number | null {
    const kbps = meter.kbps(nowMs)
    return sendQueue.bytes === null || !kbps ? null : (sendQueue.bytes * 8) / kbps
  }

  function release() {
    if (attached) feed.detach()
    attached = false
  }

  return {
    pid: child.pid,
    startedAt: clock.wall(),
    exited: child.exited,
    vitals: (onAirSinceMs, nowMs) => ({
      spawnedAtMs,
      startsSlowly: request.startsSlowly,
      firstBytesAtMs,
      lastProgressAtMs,
      outTimeMovedAtMs,
      stdinFullSinceMs: feed.busySinceMs,
      takenAtMs: sendQueue.takenAtMs,
      lagMs: feed.lagMs(nowMs),
      onAirSinceMs,
    }),
    figures: (nowMs) => ({
      bitrateKbps: meter.kbps(nowMs),
      bytes: meter.total(),
      // FFmpeg's own are means since its start, which hide what is happening now.
      fps: frames.perSecond(nowMs),
      speed: mediaSeconds.perSecond(nowMs),
      dropFrames: progress?.dropFrames ?? null,
      skips: feed.skips,
      sendQueueMs: sendQueueMs(nowMs),
      cpuPercent,
      memoryBytes,
      uptimeSeconds: firstBytesAtMs === null ? null : (nowMs - firstBytesAtMs) / 1_000,
    }),
    sampleUsage() {
      const sample = readProcSample(child.pid)
      if (!sample) return
      const atMs = clock.now()
      const oldest = usage[0]
      if (oldest && atMs > oldest.atMs) {
        cpuPercent = ((sample.cpuSeconds - oldest.cpuSeconds) / ((atMs - oldest.atMs) / 1_000)) * 100
      }
      usage.push({ atMs, cpuSeconds: sample.cpuSeconds })
      while (atMs - (usage[0]?.atMs ?? atMs) > CPU_WINDOW_MS) usage.shift()
      memoryBytes = sample.memoryBytes
    },
    sampleQueue() {
      const writtenBytes = meter.total()
      return (queues) => sendQueue.sample(queues, writtenBytes, clock.now())
    },
    stop() {
      release()
      child.stop()
    },
    kill: child.kill,
    release,
  }
}
