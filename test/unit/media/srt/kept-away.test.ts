import { expect, test } from 'bun:test'
import { createManualClock } from '../../../../src/lib/clock.ts'
import { createKeptAway } from '../../../../src/media/srt/kept-away.ts'

test('an address is kept away for a minute from the last time it was put out', () => {
  const clock = createManualClock()
  const away = createKeptAway(clock)
  away.add('192.0.2.1')
  expect([away.has('192.0.2.1'), away.has('192.0.2.2')]).toEqual([true, false])
  clock.advance(59_000)
  away.add('192.0.2.1')
  clock.advance(59_999)
  expect(away.has('192.0.2.1')).toBe(true)
  clock.advance(1)
  expect(away.has('192.0.2.1')).toBe(false)
})

test('of more than 256 addresses the oldest are forgotten', () => {
  const away = createKeptAway(createManualClock())
  for (let n = 0; n < 300; n++) away.add(`2001:db8::${n}`)
  expect(away.has('2001:db8::43')).toBe(false)
  expect(away.has('2001:db8::44')).toBe(true)
  expect(away.has('2001:db8::299')).toBe(true)
})
