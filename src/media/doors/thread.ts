import { backoffDelayMs } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import { createChildLedger } from '../child-ledger.ts'
import type { InputSpec } from '../specs.ts'
import { type DoorsConfig, type FromDoors, fromDoors, type ToDoors } from './protocol.ts'

export type Doors = {
  /** Takes the whole wanted list: the thread starts when one of it needs a door and ends half a minute after the last. */
  want(inputs: InputSpec[]): void
  /** Ends the thread as a crash would. Tests only. */
  crash(): void
  close(): Promise<void>
}

const IDLE_MS = 30_000
const SHUTDOWN_DEADLINE_MS = 2_700
/** A loop silent for so many of our own seconds will not come back. */
const SILENT_SECONDS_LIMIT = 15
const RETRY = { delayMs: 250, maxDelayMs: 10_000 }
/** A life longer than this was no failure to start. */
const HEALTHY_MS = 60_000

/** The one thread of the doors, kept alive while somebody needs it. Whoever was registered comes back by itself. */
export function createDoors(options: { url: string; config: DoorsConfig; clock: Clock; log: Log }): Doors {
  const { clock, log } = options
  const children = createChildLedger(clock)
  let thread: Worker | null = null
  let wanted = false
  let srtWanted = false
  let leaving = false
  let closing = false
  let attempt = 0
  let startedAtMs = 0
  let silentSeconds = 0
  let cancel: (() => void) | null = null
  let stopWatch: (() => void) | null = null
  let bye = Promise.withResolvers<void>()
  let closed = Promise.withResolvers<void>()

  function start(): void {
    cancel = null
    leaving = false
    silentSeconds = 0
    startedAtMs = clock.now()
    bye = Promise.withResolvers()
    closed = Promise.withResolvers()
    const worker = new Worker(options.url)
    thread = worker
    worker.onmessage = (event: MessageEvent<unknown>) => heard(fromDoors.parse(event.data))
    worker.onerror = (event) => log.error('fault in the doors', { message: event.message })
    worker.addEventListener('close', died)
    worker.postMessage({ t: 'config', config: options.config } satisfies ToDoors)
    if (srtWanted) worker.postMessage({ t: 'srt', wanted: true } satisfies ToDoors)
    stopWatch = clock.every(1_000, () => {
      if (++silentSeconds < SILENT_SECONDS_LIMIT) return
      log.error('the doors do not answer, ending their thread', { silentSeconds })
      worker.terminate()
    })
  }

  function heard(message: FromDoors): void {
    silentSeconds = 0
    switch (message.t) {
      case 'log':
        return log[message.level](message.message)
      case 'child.spawned':
        return children.add(message.pid)
      case 'child.reaped':
        return children.remove(message.pid)
      case 'bye':
        return bye.resolve()
    }
  }

  function died(): void {
    thread = null
    stopWatch?.()
    children.endAll()
    bye.resolve()
    closed.resolve()
    if (closing || !wanted) return
    if (leaving) return start()
    attempt = clock.now() - startedAtMs >= HEALTHY_MS ? 1 : attempt + 1
    const delayMs = backoffDelayMs(attempt, RETRY)
    log.error('the thread of the doors died', { retryInMs: Math.round(delayMs) })
    cancel = clock.after(delayMs, start)
  }

  async function end(): Promise<void> {
    const worker = thread
    if (!worker) return
    leaving = true
    worker.postMessage({ t: 'shutdown' } satisfies ToDoors)
    const late = clock.after(SHUTDOWN_DEADLINE_MS, bye.resolve)
    await bye.promise
    late()
    worker.terminate()
    await closed.promise
  }

  return {
    want(inputs) {
      if (closing) return
      const srt = inputs.some(needsSrtDoor)
      if (srt !== srtWanted) thread?.postMessage({ t: 'srt', wanted: srt } satisfies ToDoors)
      srtWanted = srt
      const next = inputs.some(needsDoor)
      if (next === wanted) return
      wanted = next
      cancel?.()
      cancel = null
      if (!wanted) cancel = clock.after(IDLE_MS, () => void end())
      else if (!thread) start()
    },
    crash: () => thread?.terminate(),
    async close() {
      closing = true
      cancel?.()
      await end()
      stopWatch?.()
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
