import type { AppError } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import {
  type Ingested,
  type Job,
  LATER_VARIANTS,
  type MadeFile,
  type Priority,
  type Result,
  type Variant,
  type WorkerConfig,
} from './protocol.ts'
import { toRefusal } from './refusals.ts'
import { createImagingThread, type ImagingState } from './thread.ts'

export type Picture = {
  /** Of the upload's bytes: what killed the child twice is not tried again under any name. */
  contentHash: string
  /** The upload, absolute; its name says nothing. */
  sourcePath: string
  /** Where the files go, absolute; it must be there. Each appears whole or not at all. */
  outDir: string
}

export type ImagingStatus = {
  state: ImagingState
  /** Jobs that wait or run. */
  pending: { ingest: number; variant: number; background: number }
  /** The job that the child is at, null when it has none. */
  running: { kind: Job['kind']; pid: number; attempt: number } | null
  /** Times the worker thread died. */
  restarts: number
}

/**
 * Pictures, made in a child process behind a worker thread. Every method may throw `image.unavailable` (503) when Weir
 * stops, `image.disk_full` (507), `image.failed` (422) for a picture that ended the child twice, and `image.busy` (503).
 */
export type ImagingClient = {
  /**
   * Checks and decodes an upload once, and makes `FIRST_VARIANTS` of it.
   * @throws AppError `image.type` 415, `image.too_big` 413, `image.empty` `image.broken` `image.pixels` `image.frames` 422
   */
  ingest(picture: Picture): Promise<Ingested>
  /** Makes `LATER_VARIANTS`, behind whatever people wait for. A file that is there is made anew. */
  background(picture: Picture): Promise<MadeFile[]>
  /** Makes one file for somebody who waits; however many ask for it meanwhile, it is made once. */
  variantOnce(picture: Picture & { name: Variant }): Promise<MadeFile>
  status(): ImagingStatus
  /** Ends the thread as a crash would. */
  crash(): void
  close(): Promise<void>
}

/** Longest queues: of uploads as told, of the others so many. */
const MAX_VARIANTS = 200
const MAX_BACKGROUND = 1_000
const MAX_REFUSED = 1_000
const DEFAULTS = {
  deadlineMs: 60_000,
  waitLimitMs: 60_000,
  maxMemoryBytes: 1024 ** 3,
  recycle: { memoryBytes: 300 * 1024 ** 2, jobs: 500 },
  idleMs: 60_000,
} satisfies Partial<WorkerConfig>

type Queue = keyof ImagingStatus['pending']
type Pending = {
  queue: Queue
  contentHash: string
  job: Job
  resolve(result: Result): void
  reject(error: AppError): void
}

const PRIORITY: Record<Queue, Priority> = { ingest: 'interactive', variant: 'interactive', background: 'background' }

/** What main sees of pictures. The thread starts at the first job; jobs outlive its death, and the child's. */
export function createImagingClient(deps: {
  workerUrl: string
  instance: string
  /** Where the one binary unpacks what it carries. */
  cacheDir: string
  /** Uploads that may wait at once, beyond which they are `image.busy`. */
  maxWaiting: number
  clock: Clock
  log: Log
  /** Other limits than the usual; for tests. */
  limits?: Partial<typeof DEFAULTS>
}): ImagingClient {
  const { clock, log } = deps
  const limits: Record<Queue, number> = { ingest: deps.maxWaiting, variant: MAX_VARIANTS, background: MAX_BACKGROUND }
  const counts: Record<Queue, number> = { ingest: 0, variant: 0, background: 0 }
  const pending = new Map<number, Pending>()
  /** Content hashes, the oldest first. */
  const refused = new Set<string>()
  const inFlight = new Map<string, Promise<MadeFile>>()
  let lastId = 0
  let running: { id: number; pid: number; attempt: number } | null = null
  let closed = false

  const thread = createImagingThread({
    url: deps.workerUrl,
    config: { instance: deps.instance, cacheDir: deps.cacheDir, ...DEFAULTS, ...deps.limits },
    clock,
    log,
    onStarted() {
      for (const id of pending.keys()) post(id)
    },
    onDied(failing) {
      running = null
      if (failing) giveUp()
    },
    onMessage(message) {
      if (message.t === 'started') {
        running = message
        return
      }
      if (running?.id === message.id) running = null
      settle(message.id, (it) => {
        if (message.t === 'done') return it.resolve(message.result)
        const { code, message: words } = message.refusal
        if (code === 'image.failed') refuse(it.contentHash)
        it.reject(toRefusal(code, words))
      })
    },
  })

  function post(id: number): void {
    const it = pending.get(id)
    if (it) thread.post({ t: 'job', id, priority: PRIORITY[it.queue], job: it.job })
  }

  function settle(id: number, how: (it: Pending) => void): void {
    const it = pending.get(id)
    if (!it) return
    pending.delete(id)
    counts[it.queue]--
    how(it)
  }

  function giveUp(): void {
    for (const id of [...pending.keys()]) settle(id, (it) => it.reject(toRefusal('image.unavailable')))
  }

  function refuse(contentHash: string): void {
    refused.add(contentHash)
    const [oldest] = refused
    if (refused.size > MAX_REFUSED && oldest !== undefined) refused.delete(oldest)
  }

  async function ask(queue: Queue, contentHash: string, job: Job): Promise<Result> {
    if (closed) throw toRefusal('image.unavailable')
    if (refused.has(contentHash)) throw toRefusal('image.failed')
    if (counts[queue] >= limits[queue]) throw toRefusal('image.busy')
    const id = ++lastId
    counts[queue]++
    return new Promise((resolve, reject) => {
      pending.set(id, { queue, contentHash, job, resolve, reject })
      // A thread that has yet to start is given all that is pending when it has.
      if (thread.start()) post(id)
    })
  }

  async function make(queue: Queue, picture: Picture, names: readonly Variant[], fitting: boolean) {
    const { contentHash, sourcePath, outDir } = picture
    const answer = await ask(queue, contentHash, { kind: 'make', sourcePath, outDir, names: [...names], fitting })
    if (answer.kind !== 'make') throw new Error('the image worker answered another question')
    return answer.files
  }

  async function makeOne(picture: Picture, name: Variant): Promise<MadeFile> {
    const [file] = await make('variant', picture, [name], false)
    if (!file) throw new Error(`the image worker made no ${name}`)
    return file
  }

  return {
    async ingest({ contentHash, sourcePath, outDir }) {
      const answer = await ask('ingest', contentHash, { kind: 'ingest', sourcePath, outDir })
      if (answer.kind !== 'ingest') throw new Error('the image worker answered another question')
      return answer.ingested
    },
    async background(picture) {
      const files: MadeFile[] = []
      for (const names of LATER_VARIANTS) files.push(...(await make('background', picture, names, true)))
      return files
    },
    variantOnce(picture) {
      const key = `${picture.outDir}/${picture.name}`
      const started = inFlight.get(key)
      if (started) return started
      const made = makeOne(picture, picture.name).finally(() => inFlight.delete(key))
      inFlight.set(key, made)
      return made
    },
    status() {
      const kind = running && pending.get(running.id)?.job.kind
      return {
        state: thread.state,
        pending: { ...counts },
        running: running && kind ? { kind, pid: running.pid, attempt: running.attempt } : null,
        restarts: thread.restarts,
      }
    },
    crash: thread.crash,
    async close() {
      closed = true
      await thread.close()
      giveUp()
    },
  }
}
