import { TICKS_PER_SECOND, type Ticks } from '../program/units.ts'
import type { HealthRecorder } from './health.ts'
import { WRAP } from './pes.ts'

const PIDS = 8192
/** A clock reference that lies so far behind the last, or ahead of where it should be, is another encoder's life. */
const MAX_BACK: Ticks = TICKS_PER_SECOND / 2
const MAX_AHEAD: Ticks = 10 * TICKS_PER_SECOND

/** In `next`: no packet yet, or any may follow; and: the first of another life of the encoder, what was half read is cut off. */
const ANY = 255
const ANEW = 254

const FOLLOWS = 0
export const REPEATS = 1
export const CUT = 2
export const LOST = 3

/**
 * What is missing between packets (ISO 13818-1 2.4.3.3). An encoder that was started again counts from anywhere, and its clock
 * reference too: the network breaks counters, but never that. So what was lost since the last clock reference is taken back,
 * and each PID may begin anew.
 */
export function createContinuity(health: HealthRecorder) {
  const next = new Uint8Array(PIDS).fill(ANY)
  let last: { clock: Ticks; atMs: number } | null = null
  let lostSince = 0

  return {
    /** By PID the counter that follows; looked at and set by whoever reads packets, for a call for each costs as much as the rest. */
    next,
    /** How a packet stands to the last of its PID whose counter is not `next`. Nothing is counted yet. */
    judge(pid: number, counter: number): number {
      const wanted = next[pid] as number
      if (wanted === ANY) return FOLLOWS
      if (wanted === ANEW) return CUT
      return counter === ((wanted - 1) & 0x0f) ? REPEATS : LOST
    },
    lost(nowMs: number): void {
      lostSince++
      health.continuityBroken(nowMs)
    },
    /** Any counter may follow (2.4.3.5). */
    forget(pid: number): void {
      next[pid] = ANY
    },
    /** The program's clock reference of 33 bits; told before the counter of its packet is looked at. */
    clock(clock: Ticks, nowMs: number): void {
      if (last) {
        let step = (clock - last.clock) % WRAP
        if (step > WRAP / 2) step -= WRAP
        else if (step < -WRAP / 2) step += WRAP
        const expected = (nowMs - last.atMs) * (TICKS_PER_SECOND / 1000)
        if (step < -MAX_BACK || step > expected + MAX_AHEAD) {
          health.continuityMended(lostSince)
          for (let pid = 0; pid < PIDS; pid++) if (next[pid] !== ANY) next[pid] = ANEW
        }
      }
      last = { clock, atMs: nowMs }
      lostSince = 0
    },
    reset(): void {
      next.fill(ANY)
      last = null
      lostSince = 0
    },
  }
}
