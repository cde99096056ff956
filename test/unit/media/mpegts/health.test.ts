import { describe, expect, test } from 'bun:test'
import { createHealth } from '../../../../src/media/mpegts/health.ts'

describe('bitrate', () => {
  test('is unknown for two seconds, then what came in the last two', () => {
    const health = createHealth()
    expect(health.bitrateKbps(0)).toBeNull()
    for (let ms = 0; ms < 1900; ms += 10) health.received(1000, ms)
    expect(health.bitrateKbps(1900)).toBeNull()
    for (let ms = 1900; ms < 5000; ms += 10) health.received(1000, ms)
    expect(health.bitrateKbps(5000)).toBe(800)
    expect(health.bytesTotal).toBe(500_000)
  })

  test('falls to zero when nothing comes', () => {
    const health = createHealth()
    for (let ms = 0; ms < 3000; ms += 10) health.received(1000, ms)
    expect(health.bitrateKbps(4000)).toBe(400)
    expect(health.bitrateKbps(5500)).toBe(0)
    expect(health.bitrateKbps(500_000)).toBe(0)
  })
})

describe('continuity errors of the last hour', () => {
  test('leave after an hour, the total stays', () => {
    const health = createHealth()
    health.continuityBroken(0)
    health.continuityBroken(30 * 60_000)
    expect(health.continuityErrorsHour(30 * 60_000)).toBe(2)
    expect(health.continuityErrorsHour(61 * 60_000)).toBe(1)
    expect(health.continuityErrorsHour(91 * 60_000)).toBe(0)
    expect(health.continuityErrors).toBe(2)
  })
})
