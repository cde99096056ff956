import type { Clock } from '../../lib/clock.ts'
import { reapPids } from '../spawn.ts'

const POLL_MS = 50
/** A killed process that is still there after so long sits in the kernel (a dead disk); it is left to the boot sweep. */
const POLLS = 100

/**
 * The pids of a worker's children as main knows them, so that a dead worker's children are killed and collected: Bun
 * never waits for them again, and a living one would hold a destination's place against its successor.
 */
export function createChildLedger(clock: Clock) {
  const pids = new Set<number>()
  return {
    add: (pid: number) => void pids.add(pid),
    remove: (pid: number) => void pids.delete(pid),
    /** Kills at once, collects as they end. The ledger is empty afterwards. */
    endAll(): void {
      const left = new Set(pids)
      pids.clear()
      const collect = () => {
        for (const pid of reapPids(left)) left.delete(pid)
      }
      // Collected first: what remains is certainly a living child of ours, not a number that has been given away anew.
      collect()
      for (const pid of left) process.kill(pid, 'SIGKILL')
      let polls = 0
      const stop = clock.every(POLL_MS, () => {
        collect()
        if (left.size === 0 || ++polls >= POLLS) stop()
      })
    },
  }
}
