import type { OnAir } from './on-air.ts'
import type { Choice } from '../specs.ts'

/** For so long a slate or a backup is waited for: the one is made in a second or two, the other is there or not. */
const LIMIT_MS = 10_000

export type Wish = {
  make(choice: Choice): void
  drop(): void
  readonly isOpen: boolean
  /** The feed may not go on air before it. A still picture is the feed's, so that has to be on air first. */
  readonly holdsFeed: boolean
  /** At every tick. */
  look(nowMs: number): void
}

/** What was chosen by hand before this program was there: until it is on air, or was waited for in vain. */
export function createWish(stage: {
  onAir(): OnAir
  /** Begins with the backup, if that is there. */
  takeBackup(nowMs: number): void
  /** By hand, if there is such a picture. */
  fill(what: 'slate' | 'freeze', nowMs: number): void
}): Wish {
  let wish: { to: Choice; sinceMs: number | null } | null = null
  return {
    make(to) {
      wish = { to, sinceMs: null }
    },
    drop() {
      wish = null
    },
    get isOpen() {
      return wish !== null
    },
    get holdsFeed() {
      return wish !== null && wish.to !== 'freeze'
    },
    look(nowMs) {
      if (!wish) return
      wish.sinceMs ??= nowMs
      const { to, sinceMs } = wish
      if (to === 'backup') stage.takeBackup(nowMs)
      else if (to === 'slate' || stage.onAir() === 'main') stage.fill(to, nowMs)
      if (stage.onAir() === to || (to !== 'freeze' && nowMs - sinceMs > LIMIT_MS)) wish = null
    },
  }
}
