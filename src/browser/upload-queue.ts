/** At once; the rest wait their turn. */
export const MOST_UPLOADS = 3

export type UploadTask = {
  /** Begins it; resolves when it has ended, whichever way. */
  run(): Promise<void>
}

export type UploadQueue = {
  add(task: UploadTask): void
  /** True where it had not begun. */
  drop(task: UploadTask): boolean
  /** Waiting and running. */
  size(): number
}

/** Uploads in the order in which they came, a few at a time. `onIdle` when the last one has ended. */
export function createUploadQueue(o: { onIdle(): void }): UploadQueue {
  const waiting: UploadTask[] = []
  let running = 0

  function next(): void {
    while (running < MOST_UPLOADS) {
      const task = waiting.shift()
      if (!task) break
      running++
      void task.run().finally(() => {
        running--
        next()
      })
    }
    if (running === 0 && waiting.length === 0) o.onIdle()
  }

  return {
    add(task) {
      waiting.push(task)
      next()
    },
    drop(task) {
      const at = waiting.indexOf(task)
      if (at >= 0) waiting.splice(at, 1)
      return at >= 0
    },
    size: () => waiting.length + running,
  }
}
