import { describe, expect, test } from 'bun:test'
import { createTimeline } from '../../../../src/media/program/timeline.ts'
import type { AudioUnit, Unit, VideoUnit } from '../../../../src/media/program/units.ts'

const FRAME = 1920

function create() {
  const out: Unit[] = []
  const timeline = createTimeline((unit) => out.push(unit))
  timeline.setAudio({ codec: 'aac', sampleRate: 48000, channels: 2, objectType: 2 })
  const picture = (dts: number, pts = dts) =>
    timeline.picture({ kind: 'video', codec: 'h264', key: true, dts, pts, data: new Uint8Array(1) }, 0, 0)
  const sound = (pts: number) =>
    timeline.sound(
      {
        kind: 'audio',
        codec: 'aac',
        pts,
        durationTicks: FRAME,
        data: new Uint8Array(1),
        sampleRate: 48000,
        channels: 2,
      },
      0,
      false,
      0,
    )
  const sounds = () => out.filter((unit): unit is AudioUnit => unit.kind === 'audio')
  const pictures = () => out.filter((unit): unit is VideoUnit => unit.kind === 'video')
  return { timeline, out, picture, sound, sounds, pictures }
}

describe('offset', () => {
  test('of the first start leaves room for the clock before it', () => {
    const { timeline } = create()
    expect(timeline.offsetFor({ dts: 9_000_000, pts: 9_000_000 }, 0)).toBe(180_000 - 9_000_000)
  })

  test('puts the start a picture behind the last, or the gap, or behind what is shown last', () => {
    const { timeline, picture } = create()
    picture(90_000, 97_200)
    picture(93_600, 108_000)
    expect(timeline.offsetFor({ dts: 0, pts: 20_000 }, 0)).toBe(97_200)
    expect(timeline.offsetFor({ dts: 0, pts: 20_000 }, 138_600)).toBe(138_600)
    expect(timeline.offsetFor({ dts: 0, pts: 0 }, 0)).toBe(111_600)
  })
})

describe('pictures', () => {
  test('with the same time twice get times that grow', () => {
    const { picture, pictures } = create()
    picture(90_000)
    picture(90_000)
    expect(pictures().map((unit) => [unit.dts, unit.pts])).toEqual([
      [90_000, 90_000],
      [90_001, 90_001],
    ])
  })
})

describe('sound', () => {
  test('that overlaps less than half a frame is moved, more is dropped', () => {
    const { sound, sounds } = create()
    sound(0)
    expect(sound(FRAME - 900)).toBe(true)
    expect(sound(2 * FRAME - 1000)).toBe(false)
    expect(sounds().map((unit) => unit.pts)).toEqual([0, FRAME])
  })

  test('behind a hole of up to one and a half frames stands as it is; a longer one is filled', () => {
    const { sound, sounds } = create()
    sound(0)
    sound(FRAME * 2.4)
    expect(sounds()).toHaveLength(2)
    sound(FRAME * 10)
    const places = sounds().map((unit) => Math.round((unit.pts / FRAME) * 10) / 10)
    expect(places).toEqual([0, 2.4, 3.4, 4.4, 5.4, 6.4, 7.4, 8.4, 9.4, 10.4])
  })

  test('a hole of more than 10 s stays one', () => {
    const { sound, sounds } = create()
    sound(0)
    sound(11 * 90_000)
    expect(sounds()).toHaveLength(2)
  })

  test('is silence up to a start, and too late before it', () => {
    const { timeline, sound, sounds } = create()
    sound(0)
    timeline.soundFrom(FRAME * 5, 0)
    expect(sounds()).toHaveLength(5)
    expect(sound(FRAME * 3)).toBe(false)
    expect(sound(FRAME * 5)).toBe(true)
  })

  test('without silence to write holes stay, but nothing comes before a start', () => {
    const { timeline, sound, sounds } = create()
    timeline.setAudio({ codec: 'aac', sampleRate: 48000, channels: 6, objectType: 2 })
    sound(0)
    timeline.soundFrom(FRAME * 5, 0)
    expect(sounds()).toHaveLength(1)
    expect(sound(FRAME * 3)).toBe(false)
  })

  test('that stays behind the picture is filled up to where it is asked', () => {
    const { timeline, picture, sound, sounds } = create()
    sound(0)
    picture(50_000)
    timeline.followPicture(54_000, 27_000, 0)
    expect(sounds()).toHaveLength(1)
    picture(60_000)
    timeline.followPicture(54_000, 27_000, 0)
    const end = (sounds().at(-1)?.pts ?? 0) + FRAME
    expect(Math.abs(end - 33_000)).toBeLessThanOrEqual(FRAME / 2)
  })
})

describe('silence', () => {
  const frame = (codec: 'ac3' | 'mp2', sampleRate = 48000): AudioUnit => ({
    kind: 'audio',
    codec,
    pts: 0,
    durationTicks: 2880,
    data: Uint8Array.of(7),
    sampleRate,
    channels: 2,
  })

  test('is an encoded frame where there is no constant one, and only of the same sound', () => {
    const { timeline, sounds } = create()
    timeline.setAudio({ codec: 'ac3', sampleRate: 48000, channels: 2, objectType: null })
    timeline.silenceTo(0, false, 0)
    timeline.setSilence(frame('mp2'))
    timeline.setSilence(frame('ac3', 44100))
    timeline.silenceTo(10 * 2880, false, 0)
    expect(sounds()).toHaveLength(0)
    timeline.setSilence(frame('ac3'))
    timeline.silenceTo(10 * 2880, false, 0)
    expect(sounds().map(({ pts, data }) => [pts, data[0]])).toEqual(Array.from({ length: 10 }, (_, i) => [i * 2880, 7]))
  })

  test('is what a program of sound alone is measured by', () => {
    const { timeline } = create()
    timeline.silenceTo(180_000, true, 0)
    timeline.silenceTo(270_000, true, 1000)
    expect(timeline.offsetFor({ dts: 0, pts: 0 }, 0)).toBeGreaterThanOrEqual(270_000 - FRAME)
  })
})

describe('the wall clock', () => {
  test('is followed by what is written live, and what is ahead of it is known', () => {
    const { timeline, picture } = create()
    picture(180_000)
    timeline.follow(0, 5000)
    expect(timeline.dueAt(6000)).toBe(270_000)
    picture(225_000)
    timeline.follow(45_000, 5000)
    expect(timeline.dueAt(6000)).toBe(270_000)
    expect(timeline.offsetFor({ dts: 90_000, pts: 90_000 }, timeline.dueAt(7000))).toBe(270_000)
  })

  test('begins with a picture that no source sent', () => {
    const { timeline, pictures } = create()
    const unit = { kind: 'video', codec: 'h264', key: true, data: new Uint8Array(1) } as const
    timeline.fillPicture(unit, timeline.dueAt(9000), 9000)
    expect(pictures()[0]).toMatchObject({ dts: 180_000, pts: 180_000 })
    expect(timeline.dueAt(10_000)).toBe(270_000)
  })
})
