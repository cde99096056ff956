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

type Deps = {
  config: WorkerConfig
  clock: Clock
  post(message: FromWorker): void
  /** Throws when it cannot be started. */
  startChild(onMessage: (message: FromChild) => void): SharpProcess
}

/** The one child that takes jobs. Until it is ready its death is no picture's doing. */
type Child = { process: SharpProcess; ready: boolean; jobsDone: number }

/** A job is tried so often: what ends the child twice is refused. */
const ATTEMPTS = 2
const LOOK_MS = 500

/** Gives jobs to the child one at a time, so that a death says which picture it was. */
export function createRunner({ config, clock, post, startChild }: Deps): Runner {
  const queue = createQueue(config.waitLimitMs)
  let child: Child | null = null
  /** `sinceMs`: when it was sent, or its child began to start. */
  let current: { job: QueuedJob; sinceMs: number } | null = null
  let cancelIdle: (() => void) | null = null
  let closing = false
  /** Children that were asked to leave and have not left. */
  const leaving = new Set<SharpProcess>()

  const log = (level: 'info' | 'warn' | 'error', message: string) => post({ t: 'log', level, message })
  function refuse(id: number, code: RefusalCode): void {
    post({ t: 'failed', id, refusal: { code, message: toRefusal(code).message } })
  }

  function stopIdling(): void {
    cancelIdle?.()
    cancelIdle = null
  }

  function next(): void {
    if (current || closing) return
    const job = queue.next()
    if (!job) return
    stopIdling()
    current = { job, sinceMs: clock.now() }
    try {
      child ??= start()
    } catch (error) {
      current = null
      log('error', `the process that decodes pictures cannot be started: ${(error as Error).message}`)
      refuse(job.id, 'image.unavailable')
      return next()
    }
    if (child.ready) send(child)
  }

  function send({ process }: Child): void {
    if (!current) return
    const { id, job, attempt } = current.job
    current.sinceMs = clock.now()
    process.send({ id, job })
    post({ t: 'started', id, attempt, pid: process.pid })
  }

  function start(): Child {
    const process = startChild((message) => {
      if (child?.process === process) heard(child, message)
    })
    post({ t: 'child.spawned', pid: process.pid })
    void process.exited.then((exit) => ended(process, exit))
    return { process, ready: false, jobsDone: 0 }
  }

  function heard(from: Child, message: FromChild): void {
    if (message.t === 'ready') {
      from.ready = true
      return send(from)
    }
    if (current?.job.id !== message.id) return
    current = null
    from.jobsDone++
    post(message)
    const { memoryBytes, jobs } = config.recycle
    if (from.jobsDone >= jobs || from.process.memoryBytes() > memoryBytes) retire(from)
    next()
    if (!current && child) cancelIdle = clock.after(config.idleMs, () => retire(from))
  }

  function retire(it: Child): void {
    if (it === child) child = null
    leaving.add(it.process)
    it.process.stop()
  }

  function ended(process: SharpProcess, exit: ProcessExit): void {
    post({ t: 'child.reaped', pid: process.pid })
    leaving.delete(process)
    if (child?.process !== process) return
    const { ready } = child
    child = null
    stopIdling()
    if (closing) return
    const how = exit.signal ?? `code ${exit.code}`
    if (!current) return log('warn', `the process that decodes pictures ended by itself: ${how}`)
    const { job } = current
    current = null
    log('warn', `the process that decodes pictures ended at job ${job.id}, attempt ${job.attempt}: ${how}`)
    if (job.attempt < ATTEMPTS) queue.putBack({ ...job, attempt: job.attempt + 1 })
    else refuse(job.id, ready ? 'image.failed' : 'image.unavailable')
    next()
  }

  /** Ends a child that hangs or swells; its end is told as any other. */
  const stopLook = clock.every(LOOK_MS, () => {
    const nowMs = clock.now()
    for (const { id } of queue.takeLate(nowMs)) refuse(id, 'image.busy')
    if (!child || !current) return
    const isHung = nowMs - current.sinceMs > config.deadlineMs
    if (!isHung && child.process.memoryBytes() <= config.maxMemoryBytes) return
    log('warn', `job ${current.job.id} ${isHung ? 'takes too long' : 'takes too much memory'}, its process is ended`)
    child.process.kill()
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
