import { systemClock } from '../lib/clock.ts'
import { type FromWorker, toWorker, type WorkerConfig } from './protocol.ts'
import { createRunner, type Runner } from './runner.ts'
import { startSharpProcess } from './sharp-process.ts'

/**
 * Entry of the image worker's thread: jobs in, answers out. The handlers stand before anything else: a stray rejection
 * would end the thread.
 */
declare const self: Worker

const post = (message: FromWorker) => self.postMessage(message)
const BEAT_MS = 1_000
let runner: Runner | null = null

const fault = (error: unknown) =>
  post({ t: 'log', level: 'error', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
process.on('uncaughtException', fault)
process.on('unhandledRejection', fault)

function start(config: WorkerConfig): Runner {
  systemClock.every(BEAT_MS, () => post({ t: 'beat' }))
  return createRunner({
    config,
    clock: systemClock,
    post,
    startChild: (onMessage) =>
      startSharpProcess({
        clock: systemClock,
        instance: config.instance,
        cacheDir: config.cacheDir,
        onMessage,
        log: (level, message) => post({ t: 'log', level, message }),
      }),
  })
}

self.onmessage = async (event: MessageEvent<unknown>) => {
  const message = toWorker.parse(event.data)
  switch (message.t) {
    case 'config':
      runner = start(message.config)
      return
    case 'job':
      return runner?.add(message)
    case 'shutdown':
      await runner?.close()
      post({ t: 'bye' })
  }
}
