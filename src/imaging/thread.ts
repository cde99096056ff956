import { backoffDelayMs } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { startWatchedThread, type WatchedThread } from '../media/workers/watched-thread.ts'
import { type FromWorker, fromWorker, type ToWorker, type WorkerConfig } from './protocol.ts'

/** `idle`: no picture has come yet. `failing`: it died so often that nobody waits for it. */
export type ImagingState = 'idle' | 'running' | 'restarting' | 'failing'

export type ImagingThread = {
  readonly restarts: number
  readonly state: ImagingState
  /** Starts the thread where there is none. Answers whether it takes messages now; if not, `onStarted` follows. */
  start(): boolean
  post(message: ToWorker): void
  /** Ends the thread as a crash would. */
  crash(): void
  close(): Promise<void>
}

const RETRY = { delayMs: 100, maxDelayMs: 10_000 }
/** A life longer than this was no failure to start. */
const HEALTHY_MS = 60_000
const FAILING_DEATHS = 5

/** The image worker's thread, kept alive from its first job on. Whatever its child was is ended with it. */
export function createImagingThread(options: {
  url: string
  config: WorkerConfig
  clock: Clock
  log: Log
  onMessage(message: Extract<FromWorker, { t: 'done' | 'failed' | 'started' }>): void
  /** A new thread takes messages; it knows nothing of what its predecessor was given. */
  onStarted(): void
  /** It is started again by itself. `failing`: so many died young that jobs should not wait for the next. */
  onDied(failing: boolean): void
}): ImagingThread {
  const { clock, log } = options
  let thread: WatchedThread | null = null
  let cancelStart: (() => void) | null = null
  let closing = false
  let attempt = 0
  let restarts = 0
  let startedAtMs = 0

  function start(): void {
    cancelStart = null
    startedAtMs = clock.now()
    thread = startWatchedThread({
      ...{ url: options.url, config: options.config, clock, log },
      words: { fault: 'fault in the image worker', silent: 'the image worker does not answer, ending it' },
      parse: (data) => fromWorker.parse(data),
      heard: options.onMessage,
      died,
    })
    options.onStarted()
  }

  function died(): void {
    thread = null
    attempt = clock.now() - startedAtMs >= HEALTHY_MS ? 1 : attempt + 1
    options.onDied(attempt >= FAILING_DEATHS)
    if (closing) return
    restarts++
    const delayMs = backoffDelayMs(attempt, RETRY)
    log.error('the image worker died', { retryInMs: Math.round(delayMs) })
    cancelStart = clock.after(delayMs, start)
  }

  return {
    get restarts() {
      return restarts
    },
    get state() {
      if (!cancelStart) return thread ? 'running' : 'idle'
      return attempt >= FAILING_DEATHS ? 'failing' : 'restarting'
    },
    start() {
      if (thread) return true
      if (!cancelStart && !closing) start()
      return false
    },
    post: (message) => thread?.post(message),
    crash: () => thread?.terminate(),
    async close() {
      closing = true
      cancelStart?.()
      await thread?.end()
    },
  }
}
