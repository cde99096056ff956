import type { Clock } from '../../lib/clock.ts'
import type { Log, LogLevel } from '../../lib/log.ts'
import { createChildLedger } from './child-ledger.ts'

/** What every such thread says beside its own words; any message is a sign that its loop goes round. */
export type ThreadMessage =
  | { t: 'beat' | 'bye' }
  | { t: 'log'; level: LogLevel; message: string }
  | { t: 'child.spawned' | 'child.reaped'; pid: number }

export type WatchedThread = {
  post(message: unknown): void
  /** Ends it as a crash would. */
  terminate(): void
  /** Asks it to close all (`shutdown`), waits for its `bye` for a while, and ends it. Resolves when it is gone. */
  end(): Promise<void>
}

const SHUTDOWN_DEADLINE_MS = 2_700
/** A loop silent for so many of our own seconds will not come back. */
const SILENT_SECONDS_LIMIT = 15

/**
 * One life of a worker thread: given its configuration first, ended where it falls silent, and its children ended with it.
 * Whether another follows is for the caller to say.
 */
export function startWatchedThread<M extends { t: string }>(o: {
  url: string
  config: unknown
  clock: Clock
  log: Log
  /** What the log says of a fault, and of its silence. */
  words: { fault: string; silent: string }
  parse(data: unknown): M | ThreadMessage
  /** A message of its own. */
  heard(message: Exclude<M, ThreadMessage>): void
  died(): void
}): WatchedThread {
  const { clock, log } = o
  const children = createChildLedger(clock)
  const bye = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  let silentSeconds = 0
  const thread = new Worker(o.url)
  thread.onmessage = (event: MessageEvent<unknown>) => heard(o.parse(event.data))
  thread.onerror = (event) => log.error(o.words.fault, { message: event.message })
  thread.addEventListener('close', () => {
    stopWatch()
    children.endAll()
    bye.resolve()
    closed.resolve()
    o.died()
  })
  thread.postMessage({ t: 'config', config: o.config })
  const stopWatch = clock.every(1_000, () => {
    if (++silentSeconds < SILENT_SECONDS_LIMIT) return
    log.error(o.words.silent, { silentSeconds })
    thread.terminate()
  })

  function heard(said: M | ThreadMessage): void {
    silentSeconds = 0
    const message = said as ThreadMessage
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
        return o.heard(said as Exclude<M, ThreadMessage>)
    }
  }

  return {
    post: (message) => thread.postMessage(message),
    terminate: () => thread.terminate(),
    async end() {
      thread.postMessage({ t: 'shutdown' })
      const cancelLate = clock.after(SHUTDOWN_DEADLINE_MS, bye.resolve)
      await bye.promise
      cancelLate()
      thread.terminate()
      await closed.promise
    },
  }
}
