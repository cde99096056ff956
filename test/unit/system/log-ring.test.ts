import { describe, expect, test } from 'bun:test'
import type { LogLevel } from '../../../src/lib/log.ts'
import { createLogRing } from '../../../src/system/log-ring.ts'

function filled(count: number, levelOf: (i: number) => LogLevel = () => 'info') {
  const ring = createLogRing()
  for (let i = 1; i <= count; i++) ring.push({ at: i, level: levelOf(i), msg: `m${i}`, fields: {} })
  return ring
}
const texts = (entries: { msg: string }[]) => entries.map((entry) => entry.msg)

describe('log ring', () => {
  test('newest first, page by page, without a gap', () => {
    const ring = filled(5)
    const first = ring.page({ limit: 2 })
    expect(texts(first)).toEqual(['m5', 'm4'])
    const second = ring.page({ limit: 2, before: first.at(-1)?.seq })
    expect(texts(second)).toEqual(['m3', 'm2'])
    expect(texts(ring.page({ limit: 2, before: second.at(-1)?.seq }))).toEqual(['m1'])
  })

  test('what comes in between does not shift a page', () => {
    const ring = filled(4)
    const first = ring.page({ limit: 2 })
    ring.push({ at: 9, level: 'info', msg: 'new', fields: {} })
    expect(texts(ring.page({ limit: 2, before: first.at(-1)?.seq }))).toEqual(['m2', 'm1'])
  })

  test('keeps the last thousand', () => {
    const all = filled(1500).page({ limit: 5000 })
    expect(all).toHaveLength(1000)
    expect(all.at(-1)?.msg).toBe('m501')
  })

  test('filters by level', () => {
    const ring = filled(6, (i) => (i % 3 === 0 ? 'error' : 'info'))
    expect(texts(ring.page({ limit: 10, level: 'error' }))).toEqual(['m6', 'm3'])
    expect([ring.count(), ring.count('error'), ring.count('warn')]).toEqual([6, 2, 0])
  })
})
