import type { Setting } from '../config.ts'
import type { Clock } from '../lib/clock.ts'
import type { LoopLag } from '../lib/loop-lag.ts'
import type { Log } from '../lib/log.ts'
import { findProgram } from '../lib/program.ts'
import type { ImagingClient } from '../imaging/client.ts'
import type { MediaClient } from '../media/client.ts'
import type { Figures } from './figures.ts'
import type { LogRing } from './log-ring.ts'
import type { Check, HealthView, LogsQuery, LogsView, StatusView } from './system.schema.ts'

/** Uploads will stop there; until then it is a warning that the disk is nearly full. */
const MIN_FREE_BYTES = 2 * 1024 ** 3
const MIN_FREE_PART = 0.05

export type SystemDeps = {
  version: string
  clock: Clock
  figures: Figures
  lag: LoopLag
  logRing: LogRing
  settings: Setting[]
  ffmpegPath: string
  /** What the FFmpeg is and what it can write to. Rejects when there is none. */
  inspectFfmpeg(): Promise<{ version: string; protocols: string[] }>
  log: Log
  media: Pick<MediaClient, 'workers' | 'fault'>
  imaging: Pick<ImagingClient, 'status' | 'crash'>
  /** How many inputs and outputs are in which status. */
  counts(): { inputs: Record<string, number>; outputs: Record<string, number> }
  /** One cheap question to the database; rejects when it does not answer. */
  pingDatabase(): Promise<unknown>
  eventStreams(): number
  isReady(): boolean
}

export type System = ReturnType<typeof createSystem>

/** What Weir knows of itself and of its machine. */
export function createSystem(d: SystemDeps) {
  const startedAt = d.clock.now()
  let ffmpeg: StatusView['versions']['ffmpeg'] = null
  const uptimeSeconds = () => Math.floor((d.clock.now() - startedAt) / 1000)

  async function checks() {
    return {
      database: await checkDatabase(),
      media_worker: checkWorkers(),
      image_worker: checkImageWorker(),
      ffmpeg: findProgram(d.ffmpegPath) ? OK : degraded('FFmpeg is not installed: no output can run. See FFMPEG_PATH.'),
      mediamtx: OFF,
      disk: checkDisk(),
    }
  }

  async function checkDatabase(): Promise<Check> {
    try {
      await d.pingDatabase()
      return OK
    } catch {
      // The answer itself says it; the cause is in the log of whoever needed the database.
      return { status: 'error', message: 'The database does not answer.' }
    }
  }

  function checkWorkers(): Check {
    const states = d.media.workers().map((worker) => worker.state)
    const failed = states.filter((state) => state === 'failed').length
    if (failed > 0 && failed === states.length)
      return { status: 'error', message: 'All media workers have failed. Restart Weir and look into its log.' }
    if (failed > 0) return degraded('A media worker has failed; its inputs stand still.')
    return states.includes('restarting') ? degraded('A media worker is restarting.') : OK
  }

  function checkImageWorker(): Check {
    switch (d.imaging.status().state) {
      case 'restarting':
        return degraded('The image worker is restarting. Pictures wait for it.')
      case 'failing':
        return degraded('The image worker fails again and again, so no picture is taken in. Look into the log.')
      default:
        return OK
    }
  }

  function checkDisk(): Check {
    const { disk_free_bytes: free, disk_total_bytes: total } = d.figures.host()
    return free < MIN_FREE_BYTES || free < total * MIN_FREE_PART ? degraded('The disk is nearly full.') : OK
  }

  return {
    /** Health, with its reasons only for those who may know. */
    async health(o: { withChecks: boolean }): Promise<HealthView> {
      const all = await checks()
      const states = Object.values(all).map((check) => check.status)
      const status = states.includes('error') ? 'error' : states.includes('degraded') ? 'degraded' : 'ok'
      return o.withChecks ? { status, version: d.version, uptime_seconds: uptimeSeconds(), checks: all } : { status }
    },
    /** False while starting or stopping, and when a media worker has failed for good. */
    isReady: () => d.isReady() && d.media.workers().every((worker) => worker.state !== 'failed'),
    status(): StatusView {
      return {
        version: d.version,
        uptime_seconds: uptimeSeconds(),
        versions: { bun: Bun.version, ffmpeg },
        host: d.figures.host(),
        process: d.figures.process(),
        event_loop_lag_ms: d.lag.worstMs(),
        event_streams: d.eventStreams(),
        ...d.counts(),
        workers: d.media.workers().map((worker) => ({
          kind: 'media',
          index: worker.index,
          state: worker.state,
          inputs: worker.inputs,
          restarts: worker.restarts,
          loop_lag_ms: worker.loopLagMs,
        })),
      }
    },
    settings: () => d.settings,
    /** A page of the log, newest first. */
    logPage({ limit, cursor, level, total }: LogsQuery): LogsView {
      const before = cursor === undefined ? undefined : Number(cursor)
      const found = d.logRing.page({ limit: limit + 1, before, level })
      const page = found.slice(0, limit)
      const items = page.map(({ at, level, msg, fields }) => ({
        at: new Date(at).toISOString(),
        level,
        text: msg,
        fields,
      }))
      const nextCursor = found.length > page.length ? String(page.at(-1)?.seq) : null
      return { items, next_cursor: nextCursor, ...(total ? { total: d.logRing.count(level) } : {}) }
    },
    /** Breaks something. @throws AppError where there is no such thing */
    async fault(fault: { kill?: string; blockLoopMs?: number }): Promise<void> {
      if (fault.kill === 'image') d.imaging.crash()
      else await d.media.fault(fault)
    },
    /** Asks the FFmpeg what it is, once; it takes a moment, so nobody waits for it. */
    async learnFfmpeg(): Promise<void> {
      try {
        ffmpeg = await d.inspectFfmpeg()
      } catch (error) {
        d.log.warn('FFmpeg does not say what it is', { error })
      }
    },
  }
}

const OK: Check = { status: 'ok', message: null }
const OFF: Check = { status: 'off', message: null }

function degraded(message: string): Check {
  return { status: 'degraded', message }
}
