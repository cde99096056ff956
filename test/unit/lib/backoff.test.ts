import { describe, expect, test } from 'bun:test'
import { backoffDelayMs } from '../../../src/lib/backoff.ts'

const rules = { delayMs: 5_000, maxDelayMs: 60_000 }

describe('backoff', () => {
  test('the first retry comes after exactly the delay, whatever chance says', () => {
    expect(backoffDelayMs(1, rules, () => 0.999)).toBe(5_000)
  })

  test('doubles up to the cap', () => {
    const delays = [1, 2, 3, 4, 5, 6].map((attempt) => backoffDelayMs(attempt, rules, () => 0))
    expect(delays).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
  })

  test('takes away at most a quarter', () => {
    expect(backoffDelayMs(3, rules, () => 0.5)).toBe(17_500)
    for (let attempt = 2; attempt < 50; attempt++) {
      const delayMs = backoffDelayMs(attempt, rules)
      const fullMs = Math.min(60_000, 5_000 * 2 ** (attempt - 1))
      expect(delayMs).toBeLessThanOrEqual(fullMs)
      expect(delayMs).toBeGreaterThan(fullMs * 0.75 - 1)
    }
  })

  test('stays finite after days of failures', () => {
    expect(backoffDelayMs(5_000, rules, () => 0)).toBe(60_000)
  })

  test('a delay longer than the cap is kept, never cut', () => {
    expect(backoffDelayMs(4, { delayMs: 90_000, maxDelayMs: 60_000 }, () => 0)).toBe(90_000)
  })
})
