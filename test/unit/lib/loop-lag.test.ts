import { expect, test } from 'bun:test'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLoopLag } from '../../../src/lib/loop-lag.ts'

/** A manual clock whose periodic task can be made late. */
function lateClock() {
  const clock = createManualClock()
  let tick = () => {}
  return {
    clock: {
      ...clock,
      every(_: number, fn: () => void) {
        tick = fn
        return () => undefined
      },
    },
    fire: () => tick(),
    advance: clock.advance,
  }
}

test('a loop in time has no lag', () => {
  const clock = createManualClock()
  const lag = createLoopLag(clock)
  clock.advance(20_000)
  expect(lag.worstMs()).toBe(0)
})

test('the worst delay shows for ten seconds, then is forgotten', () => {
  const { clock, fire, advance } = lateClock()
  const lag = createLoopLag(clock)
  advance(620)
  fire()
  expect(lag.worstMs()).toBe(120)
  for (let i = 0; i < 19; i++) {
    advance(500)
    fire()
  }
  expect(lag.worstMs()).toBe(120)
  advance(500)
  fire()
  expect(lag.worstMs()).toBe(0)
})
