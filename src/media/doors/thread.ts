import { backoffDelayMs } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { InputSpec } from '../specs.ts'
import { startWatchedThread, type WatchedThread } from '../workers/watched-thread.ts'
import { type DoorsConfig, fromDoors, type ToDoors } from './protocol.ts'

export type Doors = {
  /** Takes the whole wanted list: the thread starts when one of it needs a door and ends half a minute after the last. */
  want(inputs: InputSpec[]): void
  /** What FFmpeg calls itself: more than the oldest may take. */
  ffmpegIs(version: string): void
  /** Ends the thread as a crash would. Tests only. */
  crash(): void
  close(): Promise<void>
}

const IDLE_MS = 30_000
const RETRY = { delayMs: 250, maxDelayMs: 10_000 }
/** A life longer than this was no failure to start. */
const HEALTHY_MS = 60_000

/** The one thread of the doors, kept alive while somebody needs it. Whoever was registered comes back by itself. */
export function createDoors(options: { url: string; config: DoorsConfig; clock: Clock; log: Log }): Doors {
  const { clock, log } = options
  let thread: WatchedThread | null = null
  let wanted = false
  let srtWanted = false
  let leaving = false
  let closing = false
  let attempt = 0
  let startedAtMs = 0
  let ffmpegVersion: string | null = null
  let cancel: (() => void) | null = null

  function start(): void {
    cancel = null
    leaving = false
    startedAtMs = clock.now()
    thread = startWatchedThread({
      ...{ url: options.url, config: options.config, clock, log },
      words: { fault: 'fault in the doors', silent: 'the doors do not answer, ending their thread' },
      parse: (data) => fromDoors.parse(data),
      // All that they say is said by every such thread.
      heard: () => undefined,
      died,
    })
    if (srtWanted) thread.post({ t: 'srt', wanted: true } satisfies ToDoors)
    if (ffmpegVersion !== null) thread.post({ t: 'ffmpeg', version: ffmpegVersion } satisfies ToDoors)
  }

  function died(): void {
    thread = null
    if (closing || !wanted) return
    if (leaving) return start()
    attempt = clock.now() - startedAtMs >= HEALTHY_MS ? 1 : attempt + 1
    const delayMs = backoffDelayMs(attempt, RETRY)
    log.error('the thread of the doors died', { retryInMs: Math.round(delayMs) })
    cancel = clock.after(delayMs, start)
  }

  async function end(): Promise<void> {
    leaving = thread !== null
    await thread?.end()
  }

  return {
    want(inputs) {
      if (closing) return
      const srt = inputs.some(needsSrtDoor)
      if (srt !== srtWanted) thread?.post({ t: 'srt', wanted: srt } satisfies ToDoors)
      srtWanted = srt
      const next = inputs.some(needsDoor)
      if (next === wanted) return
      wanted = next
      cancel?.()
      cancel = null
      if (!wanted) cancel = clock.after(IDLE_MS, () => void end())
      else if (!thread) start()
    },
    ffmpegIs(version) {
      ffmpegVersion = version
      thread?.post({ t: 'ffmpeg', version } satisfies ToDoors)
    },
    crash: () => thread?.terminate(),
    async close() {
      closing = true
      cancel?.()
      await end()
    },
  }
}

/** Publishers and callers that come to us need a door; what we fetch or send does not. */
function needsDoor(input: InputSpec): boolean {
  return (input.enabled && input.source.kind === 'rtmp') || needsSrtDoor(input)
}

function needsSrtDoor(input: InputSpec): boolean {
  if (!input.enabled) return false
  if (input.source.kind === 'srt_listener') return true
  return input.outputs.some((output) => output.enabled && output.target.protocol === 'srt_listener')
}
