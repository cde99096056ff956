import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Streams } from './streams.service.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const SWEEP_MS = 6 * 60 * 60 * 1000

export type StreamSweepDeps = {
  streams: Pick<Streams, 'sweep'>
  /** Every picture of the stream, for ever. */
  removePictures(streamId: number): Promise<void>
  trashDays: number
  clock: Clock
  log: Log
}

/** Empties the trash of streams, now and four times a day. The answer ends it. */
export function startStreamSweep({ streams, removePictures, trashDays, clock, log }: StreamSweepDeps): () => void {
  const sweep = () =>
    void streams
      .sweep(clock.wall() - trashDays * DAY_MS, removePictures)
      .catch((error: unknown) => log.error('the trash of streams could not be emptied', { error }))
  sweep()
  return clock.every(SWEEP_MS, sweep)
}
