import { describe, expect, test } from 'bun:test'
import { createMeter } from '../../../src/media/meter.ts'

describe('meter', () => {
  test('knows nothing before two readings', () => {
    const meter = createMeter()
    expect(meter.kbps(0)).toBeNull()
    meter.add(0, 0)
    expect(meter.kbps(100)).toBeNull()
    expect(meter.total()).toBe(0)
  })

  test('is the change over the last five seconds', () => {
    const meter = createMeter()
    // 250,000 bytes every half second are 4,000 kbit/s; then half of it.
    for (let i = 0; i <= 20; i++) meter.add(i * 500, i * 250_000)
    expect(meter.kbps(10_000)).toBeCloseTo(4_000)
    for (let i = 1; i <= 20; i++) meter.add(10_000 + i * 500, 5_000_000 + i * 125_000)
    expect(meter.kbps(20_000)).toBeCloseTo(2_000)
    expect(meter.total()).toBe(7_500_000)
  })

  test('fades to nothing when the readings stop', () => {
    const meter = createMeter()
    for (let i = 0; i <= 20; i++) meter.add(i * 500, i * 250_000)
    expect(meter.kbps(11_000)).toBeCloseTo(4_000, -3)
    expect(meter.kbps(12_500)).toBeLessThan(2_600)
    expect(meter.kbps(15_000)).toBe(0)
    expect(meter.kbps(60_000)).toBe(0)
  })

  test('two readings at one moment are no division by zero', () => {
    const meter = createMeter()
    meter.add(5, 10)
    meter.add(5, 20)
    expect(meter.kbps(5)).toBe(0)
  })
})
