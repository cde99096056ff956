import { TICKS_PER_SECOND, type Ticks } from '../units.ts'
import type { HealthRecorder } from './health.ts'
import { WRAP } from './pes.ts'

const PIDS = 8192
/** A clock reference that lies so far behind the last, or ahead of where it should be, is another encoder's life. */
const MAX_BACK: Ticks = TICKS_PER_SECOND / 2
const MAX_AHEAD: Ticks = 10 * TICKS_PER_SECOND

/** How a packet's counter stands to the last one of its PID. */
export const FOLLOWS = 0
export const SAME = 1
const BREAKS = 2

/**
 * Counts what is missing between packets (ISO 13818-1 2.4.3.3). An encoder that was started again counts from anywhere, and
 * its clock reference too: the network breaks counters, but never that. So what broke since the last clock reference is taken
 * back, and each PID may break once more.
 */
export function createContinuity(health: HealthRecorder) {
  const counters = new Int8Array(PIDS).fill(-1)
  /** The next break of these is no loss. */
  const begunAnew = new Uint8Array(PIDS)
  let last: { clock: Ticks; atMs: number } | null = null
  let brokenSince = 0

  return {
    look(pid: number, counter: number): number {
      const before = counters[pid] as number
      if (before < 0 || counter === ((before + 1) & 0x0f)) return FOLLOWS
      return counter === before ? SAME : BREAKS
    },
    took(pid: number, counter: number): void {
      counters[pid] = counter
      begunAnew[pid] = 0
    },
    broke(pid: number, nowMs: number): void {
      if (begunAnew[pid] === 1) return
      brokenSince++
      health.continuityBroken(nowMs)
    },
    /** Any counter may follow (2.4.3.5). */
    forget(pid: number): void {
      counters[pid] = -1
    },
    /** The program's clock reference of 33 bits; told before the counter of its packet is looked at. */
    clock(clock: Ticks, nowMs: number): void {
      if (last) {
        let step = (clock - last.clock) % WRAP
        if (step > WRAP / 2) step -= WRAP
        else if (step < -WRAP / 2) step += WRAP
        const expected = (nowMs - last.atMs) * (TICKS_PER_SECOND / 1000)
        if (step < -MAX_BACK || step > expected + MAX_AHEAD) {
          health.continuityMended(brokenSince)
          begunAnew.fill(1)
        }
      }
      last = { clock, atMs: nowMs }
      brokenSince = 0
    },
    reset(): void {
      counters.fill(-1)
      begunAnew.fill(0)
      last = null
      brokenSince = 0
    },
  }
}
