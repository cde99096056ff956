import { describe, expect, test } from 'bun:test'
import { createGopCache } from '../../../../src/media/program/gop-cache.ts'
import type { AudioUnit, Ticks, VideoUnit } from '../../../../src/media/program/units.ts'

const PICTURE: Ticks = 3600

function create(leads: 'video' | 'audio' = 'video') {
  const cache = createGopCache({ lossMs: () => 1000, leads: () => leads })
  return {
    cache,
    picture(dts: Ticks, nowMs: number, key = false, sizeBytes = 1): void {
      const unit: VideoUnit = { kind: 'video', codec: 'h264', key, dts, pts: dts, data: new Uint8Array(sizeBytes) }
      cache.add(unit, nowMs)
    },
    sound(pts: Ticks, nowMs: number): void {
      const data = new Uint8Array(1)
      const unit: AudioUnit = {
        kind: 'audio',
        codec: 'aac',
        pts,
        durationTicks: 1920,
        data,
        sampleRate: 48000,
        channels: 2,
      }
      cache.add(unit, nowMs)
    },
    times: () => cache.group()?.units.map((unit) => unit.pts) ?? null,
  }
}

describe('the newest group', () => {
  test('begins at a keyframe with the sound of the moments before it', () => {
    const { cache, picture, sound, times } = create()
    for (let i = 0; i < 50; i++) sound(i * 1920, i * 21)
    expect(cache.group()).toBeNull()
    picture(90_000, 1060)
    expect(cache.group()).toBeNull()
    picture(93_600, 1100, true)
    picture(97_200, 1140)
    sound(96_000, 1141)
    expect(times()?.slice(-4)).toEqual([94_080, 93_600, 97_200, 96_000])
    expect(times()?.[0]).toBeGreaterThanOrEqual(94_080 - 27_000)
    expect(cache.group()?.ticks).toBe(PICTURE)
    picture(100_800, 1180, true)
    expect(cache.group()?.key.dts).toBe(100_800)
    expect(cache.group()?.ticks).toBe(0)
  })

  test('keeps little sound while no picture comes, wherever its clock jumps', () => {
    const { picture, sound, times } = create()
    for (let i = 0; i < 2000; i++) sound(9_000_000_000 + i * 1920, i * 21)
    for (let i = 0; i < 2000; i++) sound(i * 1920, 42_000 + i * 21)
    picture(2000 * 1920, 84_000, true)
    expect(times()?.length).toBeLessThan(20)
  })

  test.each([
    ['steps back', -90_000],
    ['jumps ahead', 180_000],
  ])('is forgotten when time %s, until the next keyframe', (_what, jump) => {
    const { cache, picture, times } = create()
    picture(900_000, 0, true)
    picture(903_600, 40)
    picture(903_600 + jump, 80)
    expect(cache.group()).toBeNull()
    expect(cache.isAlive(80)).toBe(false)
    picture(907_200 + jump, 120, true)
    expect(times()).toEqual([907_200 + jump])
    expect(cache.healthyMs(1000)).toBe(880)
  })

  test('is forgotten behind a hole, whatever its clock says', () => {
    const { cache, picture } = create()
    picture(0, 0, true)
    expect(cache.isAlive(1000)).toBe(true)
    expect(cache.isAlive(1001)).toBe(false)
    expect(cache.healthyMs(1001)).toBe(0)
    picture(PICTURE, 1040)
    expect(cache.group()).toBeNull()
    picture(2 * PICTURE, 1080, true)
    expect(cache.healthyMs(1580)).toBe(500)
  })

  test('is given up when it grows too long or too large, and the next is kept', () => {
    const { cache, picture } = create()
    picture(0, 0, true)
    for (let i = 1; i < 400; i++) picture(i * PICTURE, i * 40)
    expect(cache.group()).toBeNull()
    expect(cache.isAlive(16_000)).toBe(true)
    picture(400 * PICTURE, 16_000, true)
    expect(cache.group()).not.toBeNull()
    for (let i = 1; i < 10; i++) picture((400 + i) * PICTURE, 16_000 + i * 40, false, 4 * 1024 * 1024)
    expect(cache.group()).toBeNull()
  })
})

test('sound alone has no group, and is alive by its frames', () => {
  const { cache, sound } = create('audio')
  for (let i = 0; i < 100; i++) sound(i * 1920, i * 21)
  expect(cache.group()).toBeNull()
  expect(cache.healthyMs(2100)).toBe(2100)
  expect(cache.isAlive(3200)).toBe(false)
})
