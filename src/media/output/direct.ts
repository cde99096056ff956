import { isIPv6 } from 'node:net'
import type { Clock } from '../../lib/clock.ts'
import { toDirectVerdict } from './direct-failure.ts'
import { createDatagramSender, type DatagramSender } from './direct-sender.ts'
import { createMeter } from '../meter.ts'
import type { Feed, Program } from '../program/program.ts'
import type { Run, RunExit } from './run.ts'
import type { OutputTarget } from '../specs.ts'

const METER_MS = 500

export type DirectRequest = {
  clock: Clock
  program: Program
  target: Extract<OutputTarget, { protocol: 'udp' }>
  /** Where its host leads. */
  address: string
  /** The feed as it came: each datagram leaves as it arrived. Otherwise the program, in datagrams of `pktSize`. */
  transparent: boolean
  onBytes(): void
}

/**
 * A UDP copy without a process: the worker itself sends what the program's ring holds, at the ring's pace. To its output
 * it looks as a child does, so states, retries and warnings are the same.
 */
export function startDirect(request: DirectRequest): Run {
  const { clock, target, address } = request
  const startedAtMs = clock.now()
  const meter = createMeter()
  const { promise: exited, resolve: leave } = Promise.withResolvers<RunExit>()
  let sender: DatagramSender | null = null
  let feed: Feed | null = null
  let ended = false
  let firstBytesAtMs: number | null = null
  let lastSentAtMs = startedAtMs

  const stopMeter = clock.every(METER_MS, () => meter.add(clock.now(), sender?.bytesSent ?? 0))

  function end(exit: Pick<RunExit, 'code' | 'signal' | 'forced' | 'lines' | 'verdict'>): void {
    if (ended) return
    ended = true
    stopMeter()
    feed?.detach()
    meter.add(clock.now(), sender?.bytesSent ?? 0)
    sender?.close()
    leave({ ...exit, ranMs: clock.now() - startedAtMs })
  }

  function fail(cause: unknown): void {
    const { line, ...verdict } = toDirectVerdict(cause)
    end({ code: 1, signal: null, forced: false, lines: [line], verdict })
  }

  function cut(chunk: Uint8Array): Uint8Array[] {
    if (request.transparent) return [chunk]
    const datagrams: Uint8Array[] = []
    for (let at = 0; at < chunk.length; at += target.pktSize) datagrams.push(chunk.subarray(at, at + target.pktSize))
    return datagrams
  }

  async function open(): Promise<void> {
    const opened = await createDatagramSender({ address, family: isIPv6(address) ? 6 : 4, target, failed: fail })
    if (ended) return opened.close()
    sender = opened
    feed = request.program.attach(
      {
        write(chunk) {
          const full = opened.send(cut(chunk))
          lastSentAtMs = clock.now()
          if (firstBytesAtMs === null) {
            firstBytesAtMs = lastSentAtMs
            request.onBytes()
          }
          return full
        },
      },
      { paced: true, adapts: false },
    )
  }
  open().catch(fail)

  return {
    pid: null,
    startedAt: clock.wall(),
    exited,
    vitals: (onAirSinceMs, nowMs) => ({
      spawnedAtMs: startedAtMs,
      startsSlowly: false,
      firstBytesAtMs,
      lastProgressAtMs: lastSentAtMs,
      outTimeMovedAtMs: lastSentAtMs,
      stdinFullSinceMs: feed?.busySinceMs ?? null,
      takenAtMs: null,
      lagMs: feed?.lagMs(nowMs) ?? 0,
      onAirSinceMs,
    }),
    figures: (nowMs) => ({
      bitrateKbps: meter.kbps(nowMs),
      bytes: sender?.bytesSent ?? 0,
      fps: null,
      speed: null,
      dropFrames: null,
      skips: feed?.skips ?? 0,
      sendQueueMs: null,
      cpuPercent: null,
      memoryBytes: null,
      uptimeSeconds: firstBytesAtMs === null ? null : (nowMs - firstBytesAtMs) / 1_000,
    }),
    sampleUsage: () => undefined,
    sampleQueue: () => () => undefined,
    stop: () => end({ code: 0, signal: null, forced: false, lines: [] }),
    kill: () => end({ code: null, signal: 'SIGKILL', forced: true, lines: [] }),
    release: () => feed?.detach(),
  }
}
