import { describe, expect, test } from 'bun:test'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createSieve } from '../../../src/lib/sieve.ts'

const open = (limitBytes = 30, ttlMs = 1_000) => {
  const clock = createManualClock()
  return { clock, cache: createSieve<string>({ limitBytes, ttlMs, clock }) }
}
const keysOf = (cache: { get(key: string): string | null }, keys: string) =>
  [...keys].filter((key) => cache.get(key) !== null).join('')

describe('a cache of so many bytes', () => {
  test('lets the oldest go that nobody read, and spares once what was read', () => {
    const { cache } = open()
    for (const key of 'abc') cache.set(key, key, 10)
    cache.get('a')
    cache.set('d', 'd', 10)
    expect(keysOf(cache, 'abcd')).toBe('acd')
    expect(cache.figures()).toEqual({ usedBytes: 30, limitBytes: 30, items: 3, evictions: 1 })
  })

  test('what passes through once does not push out what is read again and again', () => {
    const { cache } = open()
    cache.set('hot', 'hot', 10)
    for (let i = 0; i < 100; i++) {
      expect(cache.get('hot')).toBe('hot')
      cache.set(`scan-${i}`, 'x', 10)
    }
  })

  test('makes as much room as a large one needs, and does not keep what is larger than all', () => {
    const { cache } = open()
    for (const key of 'abc') cache.set(key, key, 10)
    cache.set('large', 'x', 25)
    expect(cache.figures()).toMatchObject({ usedBytes: 25, items: 1, evictions: 3 })
    cache.set('larger', 'x', 31)
    expect([cache.get('larger'), cache.get('large')]).toEqual([null, 'x'])
  })

  test('the same key again is the new value, counted once', () => {
    const { cache } = open()
    cache.set('a', 'old', 10)
    cache.set('a', 'new', 20)
    expect([cache.get('a'), cache.figures().usedBytes, cache.figures().items]).toEqual(['new', 20, 1])
  })

  test('nothing stays longer than its time', () => {
    const { cache, clock } = open()
    cache.set('a', 'a', 10)
    clock.advance(1_000)
    expect(cache.get('a')).toBe('a')
    clock.advance(1)
    expect([cache.get('a'), cache.figures().usedBytes]).toEqual([null, 0])
  })

  test('lets go of the oldest part of it, or of all', () => {
    const { cache } = open(100)
    for (const key of 'abcde') cache.set(key, key, 10)
    cache.clear(20)
    expect(keysOf(cache, 'abcde')).toBe('bcde')
    cache.clear()
    expect(cache.figures()).toEqual({ usedBytes: 0, limitBytes: 100, items: 0, evictions: 0 })
    cache.set('f', 'f', 10)
    expect(cache.get('f')).toBe('f')
  })

  test('ten thousand random acts: never over its bytes, and its figures are those of what it has', () => {
    const { cache, clock } = open(500, 200)
    let seed = 7
    const next = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    const sizes = new Map<string, number>()
    for (let i = 0; i < 10_000; i++) {
      const key = `k${next(60)}`
      const act = next(20)
      if (act < 9) {
        sizes.set(key, 1 + next(80))
        cache.set(key, key, sizes.get(key) ?? 0)
      } else if (act < 18) expect([null, key]).toContain(cache.get(key))
      else if (act < 19) cache.remove(key)
      else if (next(50) === 0) cache.clear(20)
      clock.advance(1)
      expect(cache.figures().usedBytes).toBeLessThanOrEqual(500)
    }
    const before = cache.figures()
    const there = [...sizes.keys()].filter((key) => cache.get(key) !== null)
    const after = cache.figures()
    expect(before.items).toBeGreaterThan(0)
    expect(after.items).toBe(there.length)
    expect(after.usedBytes).toBe(there.reduce((sum, key) => sum + (sizes.get(key) ?? 0), 0))
  })
})
