import { TICKS_PER_SECOND, type Ticks } from '../program/units.ts'

/** Distances over which the mean is taken. */
const KEPT = 5

/** How far apart the keyframes of a feed are, in its own time. */
export function createKeyDistance() {
  let distances: Ticks[] = []
  let last: Ticks | null = null

  return {
    /** Decoding time of a keyframe; later ones are larger. */
    key(dts: Ticks): void {
      if (last !== null) distances = [...distances.slice(1 - KEPT), dts - last]
      last = dts
    },
    /** The next keyframe is on another timeline. */
    jump(): void {
      last = null
    },
    /** Another feed. */
    reset(): void {
      distances = []
      last = null
    },
    /** Mean of the last ones in seconds; null before two keyframes were seen. */
    seconds(): number | null {
      if (distances.length === 0) return null
      const sum = distances.reduce((total, distance) => total + distance, 0)
      return Math.round((sum / distances.length / TICKS_PER_SECOND) * 1000) / 1000
    },
  }
}
