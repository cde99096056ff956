import { describe, expect, test } from 'bun:test'
import { isBehind, judge, type Vitals } from '../../../../src/media/output/watchdog.ts'

const rtmp = { protocol: 'rtmp', stallTimeoutMs: 10_000, waitsForCaller: false } as const

/** A child that was spawned at 0 and has been well ever since. */
function vitals(nowMs: number, over: Partial<Vitals> = {}): Vitals {
  return {
    spawnedAtMs: 0,
    startsSlowly: false,
    firstBytesAtMs: 500,
    lastProgressAtMs: nowMs,
    outTimeMovedAtMs: nowMs,
    stdinFullSinceMs: null,
    takenAtMs: null,
    lagMs: 0,
    onAirSinceMs: 0,
    ...over,
  }
}

describe('watchdog', () => {
  test('leaves a healthy child alone', () => {
    for (const nowMs of [0, 10_000, 1_000_000]) expect(judge(vitals(nowMs), rtmp, nowMs)).toBeNull()
  })

  test.each([
    ['udp', 5_000],
    ['srt_caller', 8_000],
    ['rtmp', 10_000],
  ] as const)('%s has to send its first byte within %d ms', (protocol, deadlineMs) => {
    const rules = { protocol, stallTimeoutMs: 60_000, waitsForCaller: false }
    const silent = vitals(0, { firstBytesAtMs: null })
    expect(judge(silent, rules, deadlineMs)).toBeNull()
    expect(judge(silent, rules, deadlineMs + 1)).toContain(`${deadlineMs / 1_000} seconds`)
  })

  test('the deadline doubles while the spawn gate is busy', () => {
    const silent = vitals(0, { firstBytesAtMs: null, startsSlowly: true })
    expect(judge(silent, rtmp, 20_000)).toBeNull()
    expect(judge(silent, rtmp, 20_001)).toContain('20 seconds')
  })

  test('nobody has to call a listener; once somebody did, it is judged as any other', () => {
    const listener = { protocol: 'srt_listener', stallTimeoutMs: 10_000, waitsForCaller: true } as const
    expect(judge(vitals(0, { firstBytesAtMs: null }), listener, 10_000_000)).toBeNull()
    expect(judge(vitals(100_000, { lastProgressAtMs: 89_999 }), listener, 100_000)).toContain('sign of life')
  })

  test('a peer that takes nothing is noticed while FFmpeg still writes', () => {
    const nowMs = 100_000
    expect(judge(vitals(nowMs, { takenAtMs: 90_000 }), rtmp, nowMs)).toBeNull()
    expect(judge(vitals(nowMs, { takenAtMs: 89_999 }), rtmp, nowMs)).toContain('took nothing for 10 seconds')
    expect(judge(vitals(nowMs, { takenAtMs: 80_000, onAirSinceMs: 95_000 }), rtmp, nowMs)).toBeNull()
  })

  test('a child that has not sent yet is judged by its start alone', () => {
    const silent = vitals(0, { firstBytesAtMs: null, stdinFullSinceMs: 100 })
    expect(judge(silent, { ...rtmp, stallTimeoutMs: 1_000 }, 9_000)).toBeNull()
  })

  test('no progress, frozen time and full stdin each end it after the stall timeout', () => {
    const nowMs = 100_000
    const signs: Partial<Vitals>[] = [
      { lastProgressAtMs: 89_999 },
      { outTimeMovedAtMs: 89_999 },
      { stdinFullSinceMs: 89_999 },
    ]
    const words = signs.map((sign) => judge(vitals(nowMs, sign), rtmp, nowMs))
    expect(words).not.toContain(null)
    expect(new Set(words).size).toBe(3)
    for (const sign of [{ lastProgressAtMs: 90_000 }, { outTimeMovedAtMs: 90_000 }, { stdinFullSinceMs: 90_000 }]) {
      expect(judge(vitals(nowMs, sign), rtmp, nowMs)).toBeNull()
    }
  })

  test('the time it took to connect is not held against a child that has begun', () => {
    const begun = vitals(20_000, { firstBytesAtMs: 20_000, stdinFullSinceMs: 300 })
    expect(judge(begun, rtmp, 20_500)).toBeNull()
    expect(judge({ ...begun, lastProgressAtMs: 30_001, outTimeMovedAtMs: 30_001 }, rtmp, 30_001)).not.toBeNull()
    const lagging = { stdinFullSinceMs: 300, lagMs: 5_000 }
    expect(isBehind(vitals(0, { ...lagging, firstBytesAtMs: null }), 10_000)).toBe(false)
    expect(isBehind(vitals(0, { ...lagging, firstBytesAtMs: 9_001 }), 10_000)).toBe(false)
    expect(isBehind(vitals(0, { ...lagging, firstBytesAtMs: 9_000 }), 10_000)).toBe(true)
  })

  test('nobody is judged while nothing is on air', () => {
    const dead = vitals(0, { lastProgressAtMs: 0, outTimeMovedAtMs: 0, stdinFullSinceMs: 0, onAirSinceMs: null })
    expect(judge(dead, rtmp, 1_000_000)).toBeNull()
    expect(judge({ ...dead, firstBytesAtMs: null }, rtmp, 1_000_000)).toBeNull()
  })

  test('after a return the full time is given again', () => {
    const back = vitals(0, { lastProgressAtMs: 0, outTimeMovedAtMs: 0, onAirSinceMs: 50_000 })
    expect(judge(back, rtmp, 60_000)).toBeNull()
    expect(judge(back, rtmp, 60_001)).not.toBeNull()
  })

  test('behind after a second of full stdin, or a second of lag', () => {
    expect(isBehind(vitals(0, { lagMs: 999 }), 10_000)).toBe(false)
    expect(isBehind(vitals(0, { lagMs: 1_000 }), 10_000)).toBe(true)
    expect(isBehind(vitals(0), 10_000)).toBe(false)
    expect(isBehind(vitals(0, { stdinFullSinceMs: 9_001 }), 10_000)).toBe(false)
    expect(isBehind(vitals(0, { stdinFullSinceMs: 9_000 }), 10_000)).toBe(true)
  })
})
