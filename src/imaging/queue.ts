import { PRIORITIES, type Priority, type ToWorker } from './protocol.ts'

export type QueuedJob = Extract<ToWorker, { t: 'job' }> & { queuedAtMs: number; attempt: number }

/** Jobs in the order of asking, what people wait for before the rest. Main bounds how many there are. */
export function createQueue(waitLimitMs: number) {
  const rows: Record<Priority, QueuedJob[]> = { interactive: [], background: [] }
  return {
    add: (job: QueuedJob): void => void rows[job.priority].push(job),
    /** Once more, before all others of its kind: it has waited its turn already. */
    putBack: (job: QueuedJob): void => void rows[job.priority].unshift(job),
    next(): QueuedJob | null {
      for (const priority of PRIORITIES) {
        const job = rows[priority].shift()
        if (job) return job
      }
      return null
    },
    /** Takes out the jobs of people that have waited too long. A job that has been tried before has not. */
    takeLate(nowMs: number): QueuedJob[] {
      const isLate = (job: QueuedJob) => job.attempt === 1 && nowMs - job.queuedAtMs > waitLimitMs
      const late = rows.interactive.filter(isLate)
      if (late.length > 0) rows.interactive = rows.interactive.filter((job) => !isLate(job))
      return late
    },
  }
}
