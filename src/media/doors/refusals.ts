import type { Clock } from '../../lib/clock.ts'
import type { FromDoor } from './messages.ts'

const PERIOD_MS = 1_000

/** To be put behind the words of a refusal: how many more there were; empty for none. */
export const toLeftOut = (count: number): string =>
  count > 0 ? ` ${count} more were turned away since the last word about it.` : ''

/** For one input or output: tells of callers that were turned away, at most once a second, with the number of those in between. */
export function createRefusals(clock: Clock, send: (message: Extract<FromDoor, { t: 'refused' }>) => void) {
  let lastMs = Number.NEGATIVE_INFINITY
  let leftOut = 0
  return (address: string, words: string): void => {
    const nowMs = clock.now()
    if (nowMs - lastMs < PERIOD_MS) {
      leftOut++
      return
    }
    lastMs = nowMs
    send({ t: 'refused', address, words, leftOut })
    leftOut = 0
  }
}
