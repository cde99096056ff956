import { expect, test } from 'bun:test'
import { createManualClock } from '../../../../src/lib/clock.ts'
import { createTakeovers } from '../../../../src/media/input/takeovers.ts'

test('the third takeover within a minute is a warning, which goes with the minute', () => {
  const clock = createManualClock()
  const takeovers = createTakeovers(clock)
  for (let n = 0; n < 2; n++) {
    takeovers.add()
    clock.advance(6_000)
  }
  expect(takeovers.warning()).toBeNull()
  takeovers.add()
  expect(takeovers.warning()).toMatchObject({
    code: 'input.publishers_alternate',
    message: expect.stringContaining('3 times in the last minute'),
  })
  clock.advance(60_000)
  expect(takeovers.warning()).toBeNull()
})
