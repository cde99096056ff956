import { expect, test } from 'bun:test'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createFigures } from '../../../src/system/figures.ts'

test('rates appear with the first sample, every five seconds', () => {
  const clock = createManualClock()
  let samples = 0
  const figures = createFigures({ dir: '/', clock, onSample: () => samples++ })
  expect(figures.process().cpu_percent).toBeNull()
  clock.advance(15_000)
  expect(samples).toBe(3)
  expect(figures.process().cpu_percent).toBeGreaterThanOrEqual(0)
  figures.stop()
  clock.advance(15_000)
  expect(samples).toBe(3)
})

test('figures of this machine are plausible', () => {
  const figures = createFigures({ dir: '/', clock: createManualClock(), onSample: () => undefined })
  const host = figures.host()
  expect(host.cpu_count).toBeGreaterThan(0)
  expect(host.memory_available_bytes).toBeLessThan(host.memory_total_bytes)
  expect(host.disk_free_bytes).toBeLessThanOrEqual(host.disk_total_bytes)
  const { memory_bytes, memory_anonymous_bytes } = figures.process()
  expect(memory_bytes).toBeGreaterThan(memory_anonymous_bytes ?? 0)
  figures.stop()
})
