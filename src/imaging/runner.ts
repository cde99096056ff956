import type { Clock } from '../lib/clock.ts'
import type { ProcessExit } from '../media/process.ts'
import type { FromChild, FromWorker, ToWorker, WorkerConfig } from './protocol.ts'
import { createQueue, type QueuedJob } from './queue.ts'
import { type RefusalCode, toRefusal } from './refusals.ts'
import type { SharpProcess } from './sharp-process.ts'

export type Runner = {
  add(job: Extract<ToWorker, { t: 'job' }>): void
  close(): Promise<void>
}

type Answer = Exclude<FromChild, { t: 'ready' }>
type Deps = {
  config: WorkerConfig
  clock: Clock
  post(message: FromWorker): void
  /** Throws when it cannot be started. */
  startChild(onAnswer: (message: Answer) => void): SharpProcess
}

/** A job is tried so often: what ends the child twice is refused. */
const ATTEMPTS = 2
const LOOK_MS = 500

/** Gives jobs to the child one at a time, so that a death says which picture it was. */
export function createRunner({ config, clock, post, startChild }: Deps): Runner {
  const queue = createQueue(config.waitLimitMs)
  let child: SharpProcess | null = null
  let jobsDone = 0
  let current: { job: QueuedJob; startedAtMs: number } | null = null
  let cancelIdle: (() => void) | null = null
  let closing = false
  /** Children that were asked to leave and have not left. */
  const leaving = new Set<SharpProcess>()

  const log = (level: 'info' | 'warn' | 'error', message: string) => post({ t: 'log', level, message })
  function refuse(id: number, code: RefusalCode): void {
    post({ t: 'failed', id, refusal: { code, message: toRefusal(code).message } })
  }

  function next(): void {
    if (current || closing) return
    const job = queue.next()
    if (!job) return
    cancelIdle?.()
    cancelIdle = null
    try {
      child ??= start()
    } catch (error) {
      log('error', `the process that decodes pictures cannot be started: ${(error as Error).message}`)
      refuse(job.id, 'image.unavailable')
      return next()
    }
    current = { job, startedAtMs: clock.now() }
    child.send({ id: job.id, job: job.job })
    post({ t: 'started', id: job.id, attempt: job.attempt, pid: child.pid })
  }

  function start(): SharpProcess {
    const it: SharpProcess = startChild((message) => {
      if (it === child) answered(message)
    })
    jobsDone = 0
    post({ t: 'child.spawned', pid: it.pid })
    void it.exited.then((exit) => ended(it, exit))
    return it
  }

  function answered(message: Answer): void {
    if (current?.job.id !== message.id) return
    current = null
    jobsDone++
    post(message)
    const { memoryBytes, jobs } = config.recycle
    if (child && (jobsDone >= jobs || child.memoryBytes() > memoryBytes)) retire(child)
    next()
    if (!current && child) {
      const idle = child
      cancelIdle = clock.after(config.idleMs, () => retire(idle))
    }
  }

  function retire(it: SharpProcess): void {
    if (it === child) child = null
    leaving.add(it)
    it.stop()
  }

  function ended(it: SharpProcess, exit: ProcessExit): void {
    post({ t: 'child.reaped', pid: it.pid })
    leaving.delete(it)
    if (it !== child) return
    child = null
    cancelIdle?.()
    cancelIdle = null
    if (closing) return
    const how = exit.signal ?? `code ${exit.code}`
    if (!current) return log('warn', `the process that decodes pictures ended by itself: ${how}`)
    const { job } = current
    current = null
    log('warn', `the process that decodes pictures ended at job ${job.id}, attempt ${job.attempt}: ${how}`)
    if (job.attempt < ATTEMPTS) queue.putBack({ ...job, attempt: job.attempt + 1 })
    else refuse(job.id, it.ready ? 'image.failed' : 'image.unavailable')
    next()
  }

  /** Ends a child that hangs or swells; its end is told as any other. */
  const stopLook = clock.every(LOOK_MS, () => {
    const nowMs = clock.now()
    for (const { id } of queue.takeLate(nowMs)) refuse(id, 'image.busy')
    if (!child || !current) return
    const isHung = nowMs - current.startedAtMs > config.deadlineMs
    if (!isHung && child.memoryBytes() <= config.maxMemoryBytes) return
    log('warn', `job ${current.job.id} ${isHung ? 'takes too long' : 'takes too much memory'}, its process is ended`)
    child.kill()
  })

  return {
    add(job) {
      queue.add({ ...job, queuedAtMs: clock.now(), attempt: 1 })
      next()
    },
    async close() {
      closing = true
      stopLook()
      cancelIdle?.()
      if (child) retire(child)
      await Promise.all([...leaving].map((it) => it.exited))
    },
  }
}
