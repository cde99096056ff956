import { expect, test } from 'bun:test'
import { createHearing } from '../../../../src/media/input/hearing.ts'
import { judge } from '../../../../src/media/output/watchdog.ts'

test('looks in time are heard from the beginning on', () => {
  const hear = createHearing(100)
  for (const nowMs of [600, 1_100, 3_100, 5_100]) expect(hear(nowMs)).toBe(100)
})

test('after a look that came late it is heard anew', () => {
  const hear = createHearing(0)
  hear(500)
  expect(hear(11_500)).toBe(11_500)
  expect(hear(12_000)).toBe(11_500)
})

test('a child that was not heard while we were held up has its whole time again', () => {
  const hear = createHearing(0)
  const rules = { protocol: 'udp', stallTimeoutMs: 10_000, waitsForCaller: false } as const
  const silent = {
    spawnedAtMs: 0,
    startsSlowly: false,
    firstBytesAtMs: 0,
    lastProgressAtMs: 500,
    outTimeMovedAtMs: 500,
  }
  const child = { ...silent, stdinFullSinceMs: null, takenAtMs: null, lagMs: 0 }
  const judgedAt = (nowMs: number) => judge({ ...child, onAirSinceMs: hear(nowMs) }, rules, nowMs)
  expect(judgedAt(11_000)).toBeNull()
  for (let nowMs = 11_500; nowMs <= 21_000; nowMs += 500) expect(judgedAt(nowMs)).toBeNull()
  expect(judgedAt(21_500)).toContain('no sign of life')
})
