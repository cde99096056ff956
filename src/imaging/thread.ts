import { backoffDelayMs } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { createChildLedger } from '../media/child-ledger.ts'
import { type FromWorker, fromWorker, type ToWorker, type WorkerConfig } from './protocol.ts'

export type ImagingThread = {
  readonly restarts: number
  /** Starts the thread where there is none. Answers whether it takes messages now; if not, `onStarted` follows. */
  start(): boolean
  post(message: ToWorker): void
  /** Ends the thread as a crash would. */
  crash(): void
  close(): Promise<void>
}

const SHUTDOWN_DEADLINE_MS = 2_700
/** A loop silent for so many of our own seconds will not come back. */
const SILENT_SECONDS_LIMIT = 15
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
  const children = createChildLedger(clock)
  let worker: Worker | null = null
  let cancelStart: (() => void) | null = null
  let stopWatch: (() => void) | null = null
  let closing = false
  let attempt = 0
  let restarts = 0
  let startedAtMs = 0
  let silentSeconds = 0
  let bye = Promise.withResolvers<void>()
  let closed = Promise.withResolvers<void>()

  function start(): void {
    cancelStart = null
    silentSeconds = 0
    startedAtMs = clock.now()
    bye = Promise.withResolvers()
    closed = Promise.withResolvers()
    const thread = new Worker(options.url)
    worker = thread
    thread.onmessage = (event: MessageEvent<unknown>) => heard(fromWorker.parse(event.data))
    thread.onerror = (event) => log.error('fault in the image worker', { message: event.message })
    thread.addEventListener('close', died)
    thread.postMessage({ t: 'config', config: options.config } satisfies ToWorker)
    stopWatch = clock.every(1_000, () => {
      if (++silentSeconds < SILENT_SECONDS_LIMIT) return
      log.error('the image worker does not answer, ending it', { silentSeconds })
      thread.terminate()
    })
    options.onStarted()
  }

  function heard(message: FromWorker): void {
    silentSeconds = 0
    switch (message.t) {
      case 'log':
        return log[message.level](message.message)
      case 'child.spawned':
        return children.add(message.pid)
      case 'child.reaped':
        return children.remove(message.pid)
      case 'beat':
        return
      case 'bye':
        return bye.resolve()
      default:
        return options.onMessage(message)
    }
  }

  function died(): void {
    worker = null
    stopWatch?.()
    children.endAll()
    bye.resolve()
    closed.resolve()
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
    start() {
      if (worker) return true
      if (!cancelStart && !closing) start()
      return false
    },
    post: (message) => worker?.postMessage(message),
    crash: () => worker?.terminate(),
    async close() {
      closing = true
      cancelStart?.()
      const thread = worker
      if (!thread) return
      thread.postMessage({ t: 'shutdown' } satisfies ToWorker)
      const cancelLate = clock.after(SHUTDOWN_DEADLINE_MS, bye.resolve)
      await bye.promise
      cancelLate()
      thread.terminate()
      await closed.promise
    },
  }
}
