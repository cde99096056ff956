import type { ON_AIR, ON_AIR_REASONS } from '../actual.ts'

export type OnAir = (typeof ON_AIR)[number]
export type OnAirReason = (typeof ON_AIR_REASONS)[number] | null

export type SpliceRules = {
  /** So long without a whole picture written (sound frame, where there are no pictures) is a loss. */
  lossMs: number
  /** `hold`: nothing is on air after a loss. A slate or a backup that is not there is replaced by a freeze. */
  onLoss: 'freeze' | 'slate' | 'backup' | 'hold'
  returns: 'auto' | 'manual'
  /** Health of the feed before the program goes back to it at its next keyframe. */
  returnAfterMs: number
  /** A freeze or slate on air for so long ends the program; 0 = never. */
  maxFillMs: number
  /** The slate goes on air before the first feed comes. */
  slateBefore: boolean
}

export type Switched = {
  from: OnAir
  to: OnAir
  reason: OnAirReason
  /** What outputs miss between the last picture and the first new one. */
  gapMs: number
}

export type Refusal = 'no_backup' | 'not_there' | 'no_slate' | 'no_picture'
