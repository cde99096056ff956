import { describe, expect, test } from 'bun:test'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLogRing } from '../../../src/media/log-ring.ts'
import type { LogLine } from '../../../src/media/actual.ts'

function setUp() {
  const clock = createManualClock()
  const emitted: LogLine[] = []
  const ring = createLogRing(clock, (line) => emitted.push(line))
  return { clock, emitted, ring, texts: () => ring.lines().map((line) => line.text) }
}

describe('log ring', () => {
  test('keeps order, level and time, and hands out what it keeps', () => {
    const { clock, emitted, ring } = setUp()
    ring.note('info', 'spawned')
    clock.advance(10)
    ring.add('error', 'Connection refused')
    expect(ring.lines()).toEqual([
      { at: 1_700_000_000_000, level: 'info', text: 'spawned' },
      { at: 1_700_000_000_010, level: 'error', text: 'Connection refused' },
    ])
    expect(emitted).toEqual(ring.lines())
  })

  test('the same line again is counted, not kept', () => {
    const { ring, texts } = setUp()
    for (let i = 0; i < 5; i++) ring.add('warning', 'late')
    ring.add('warning', 'other')
    expect(texts()).toEqual(['late', 'repeated 4 times', 'other'])
  })

  test('one repeat is simply the line again', () => {
    const { ring, texts } = setUp()
    ring.add('warning', 'late')
    ring.add('warning', 'late')
    expect(texts()).toEqual(['late', 'late'])
  })

  test('a repeat goes on being counted over the seconds', () => {
    const { clock, ring, texts } = setUp()
    for (let second = 0; second < 3; second++) {
      for (let i = 0; i < 1_000; i++) ring.add('warning', 'late')
      clock.advance(1_000)
    }
    expect(texts()).toEqual(['late', 'repeated 999 times', 'repeated 1000 times', 'repeated 1000 times'])
  })

  test('fifty lines a second, and the rest is said', () => {
    const { clock, ring, texts } = setUp()
    for (let i = 0; i < 200; i++) ring.add('warning', `line ${i}`)
    clock.advance(1_000)
    ring.add('warning', 'later')
    expect(texts().slice(-3)).toEqual(['line 49', '150 more lines were left out', 'later'])
    expect(texts()).toHaveLength(52)
  })

  test('repeats of a line that was left out are left out too', () => {
    const { clock, ring, texts } = setUp()
    for (let i = 0; i < 50; i++) ring.add('warning', `line ${i}`)
    for (let i = 0; i < 100; i++) {
      ring.add('warning', 'a')
      ring.add('warning', 'a')
      ring.add('warning', 'b')
    }
    clock.advance(1_000)
    ring.add('warning', 'later')
    expect(texts().slice(50)).toEqual(['300 more lines were left out', 'later'])
  })

  test('a flood never grows it beyond 500 lines', () => {
    const { clock, emitted, ring } = setUp()
    for (let second = 0; second < 60; second++) {
      for (let i = 0; i < 500; i++) ring.add('error', `${second} ${i}`)
      clock.advance(1_000)
    }
    expect(ring.lines()).toHaveLength(500)
    expect(emitted.length).toBeLessThanOrEqual(60 * 51)
  })

  test('its own words pass in the middle of a flood', () => {
    const { ring, texts } = setUp()
    for (let i = 0; i < 80; i++) ring.add('error', `line ${i}`)
    ring.note('info', 'killed')
    expect(texts().slice(-2)).toEqual(['30 more lines were left out', 'killed'])
  })

  test('a long line is cut at 1,000 characters', () => {
    const { ring } = setUp()
    ring.add('error', 'x'.repeat(5_000))
    expect(ring.lines()[0]?.text).toHaveLength(1_000)
    expect(ring.lines()[0]?.text.endsWith('…')).toBe(true)
  })
})
