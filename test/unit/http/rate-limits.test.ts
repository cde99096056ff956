import { expect, test } from 'bun:test'
import { createRateLimits } from '../../../src/http/rate-limits.ts'
import { createManualClock } from '../../../src/lib/clock.ts'

function setup(writes: number) {
  const clock = createManualClock()
  const limits = createRateLimits({ clock, perMinute: { reads: 1000, writes, uploads: 0 } })
  const passed = (who: string, n: number) =>
    Array.from({ length: n }, () => limits.take('writes', who)).filter((wait) => wait === null).length
  return { clock, limits, passed }
}

test('a minute of them at once, then as they come back; others are not touched', () => {
  const { clock, limits, passed } = setup(60)
  expect(passed('ruth', 100)).toBe(60)
  const wait = limits.take('writes', 'ruth') ?? 0
  expect(wait).toBeWithin(0.9, 1.1)
  clock.advance(wait * 1000)
  expect(passed('ruth', 5)).toBe(1)
  clock.advance(10_000)
  expect(passed('ruth', 50)).toBe(10)
  expect(passed('ines', 100)).toBe(60)
  expect(limits.take('reads', 'ruth')).toBeNull()
})

test('0 is no limit', () => {
  const { limits } = setup(1)
  for (let i = 0; i < 10_000; i++) expect(limits.take('uploads', 'ruth')).toBeNull()
})

test('time that stands still for a day brings no more than a minute of them', () => {
  const { clock, passed } = setup(60)
  passed('ruth', 60)
  clock.advance(24 * 60 * 60 * 1000)
  expect(passed('ruth', 1000)).toBe(60)
})

test('a crowd of ten thousand addresses has a bound', () => {
  const { limits, passed } = setup(1)
  expect(passed('first', 2)).toBe(1)
  for (let i = 0; i < 10_000; i++) limits.take('writes', `address ${i}`)
  // Forgotten, which is in its favour.
  expect(passed('first', 2)).toBe(1)
})
