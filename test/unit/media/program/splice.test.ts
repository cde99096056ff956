import { describe, expect, test } from 'bun:test'
import { silentAdtsFrame } from '../../../../src/media/mpegts/adts.ts'
import { createSplice } from '../../../../src/media/program/splice.ts'
import { HOLD } from '../../../support/ts-simulator.ts'
import type { AudioFormat, AudioUnit, Format, Ticks, Unit, VideoUnit } from '../../../../src/media/program/units.ts'

const VIDEO = { codec: 'h264' as const, profile: 'High', width: 1280, height: 720, fps: 25 }
const AAC: AudioFormat = { codec: 'aac', sampleRate: 48000, channels: 2, objectType: 2 }
const BOTH: Format = { video: VIDEO, audio: AAC }
const PICTURE: Ticks = 3600
const FRAME: Ticks = 1920

function picture(dts: Ticks, o: { key?: boolean; pts?: Ticks } = {}): VideoUnit {
  return { kind: 'video', codec: 'h264', key: o.key ?? false, dts, pts: o.pts ?? dts, data: Uint8Array.of(1) }
}

function frame(pts: Ticks, o: Partial<AudioUnit> = {}): AudioUnit {
  return {
    kind: 'audio',
    codec: 'aac',
    pts,
    durationTicks: FRAME,
    data: Uint8Array.of(2),
    sampleRate: 48000,
    channels: 2,
    ...o,
  }
}

/** A splice with everything it says written down, in order. */
function create(format: Format = BOTH, lossMs = 1000) {
  const said: unknown[] = []
  const out: Unit[] = []
  const splice = createSplice({
    rules: { ...HOLD, lossMs },
    emit(unit) {
      out.push(unit)
      said.push(unit.kind)
    },
    onAir: ({ to, reason }) => said.push([to, reason]),
    onRestarted: (event) => said.push(event),
    onProgramChange: (next) => said.push(next),
  })
  splice.main.format(format)
  const pictures = () => out.filter((unit): unit is VideoUnit => unit.kind === 'video')
  const sounds = () => out.filter((unit): unit is AudioUnit => unit.kind === 'audio')
  return { splice, said, out, pictures, sounds }
}

/** One second of pictures and sound from `dts` on, in real time from `nowMs`; the first picture a keyframe. */
function second(splice: ReturnType<typeof create>['splice'], dts: Ticks, nowMs: number, sound = true): void {
  for (let i = 0; i < 25; i++) {
    splice.main.unit(picture(dts + i * PICTURE, { key: i === 0 }), nowMs + i * 40)
    for (let f = Math.ceil((i * PICTURE) / FRAME); sound && f * FRAME < (i + 1) * PICTURE; f++) {
      splice.main.unit(frame(dts + f * FRAME), nowMs + i * 40 + 1)
    }
  }
}

describe('the first picture', () => {
  test('is a keyframe, after the program is told and is on air', () => {
    const { splice, said, pictures } = create()
    splice.main.unit(picture(1000), 0)
    splice.main.unit(frame(1000), 1)
    expect(said).toEqual([])
    splice.main.unit(picture(4600, { key: true }), 40)
    expect(said).toEqual([BOTH, ['main', null], 'video'])
    expect(pictures()[0]?.dts).toBeGreaterThan(0.7 * 90_000)
  })

  test('brings the sound that came before it and belongs to it', () => {
    const { splice, sounds, pictures } = create()
    for (let i = 0; i < 10; i++) splice.main.unit(frame(90_000 + i * FRAME), i)
    splice.main.unit(picture(90_000 + 4 * FRAME, { key: true }), 40)
    expect(sounds()).toHaveLength(6)
    expect(sounds()[0]?.pts).toBe(pictures()[0]?.pts as number)
  })

  test('brings no more than two seconds of sound, however long it was waited for', () => {
    const { splice, sounds } = create()
    for (let i = 0; i < 10_000; i++) splice.main.unit(frame(i * FRAME), i * 21)
    splice.main.unit(picture(9_900 * FRAME, { key: true }), 210_000)
    expect(sounds()).toHaveLength(94 + 6)
    const late = create()
    for (let i = 0; i < 10_000; i++) late.splice.main.unit(frame(i * FRAME), i * 21)
    late.splice.main.unit(picture(9_800 * FRAME, { key: true }), 210_000)
    const real = late.sounds().filter((unit) => unit.data[0] === 2)
    expect(real).toHaveLength(94)
  })

  test('is not followed by pictures shown before it', () => {
    const { splice, pictures } = create()
    splice.main.unit(picture(90_000, { key: true, pts: 100_800 }), 0)
    splice.main.unit(picture(93_600), 40)
    splice.main.unit(picture(97_200), 80)
    splice.main.unit(picture(100_800, { pts: 108_000 }), 120)
    splice.main.unit(picture(104_400), 160)
    expect(pictures().map((unit) => unit.dts - (pictures()[0]?.dts ?? 0))).toEqual([0, 10_800, 14_400])
    splice.main.unit(picture(108_000, { key: true, pts: 118_800 }), 200)
    splice.main.unit(picture(111_600), 240)
    expect(pictures()).toHaveLength(5)
  })
})

describe('loss', () => {
  test('is told once, after the limit without a picture, whatever the sound does', () => {
    const { splice, said, sounds } = create()
    second(splice, 0, 0)
    for (let ms = 980; ms <= 3000; ms += 20) {
      splice.main.unit(frame(90_000 + (ms - 980) * 90), ms)
      splice.tick(ms)
    }
    expect(said.filter((event) => Array.isArray(event))).toEqual([
      ['main', null],
      ['none', 'lost'],
    ])
    const last = sounds().at(-1) as AudioUnit
    // Sound went on for no longer than the limit.
    expect(last.pts - (sounds()[0]?.pts ?? 0)).toBeLessThan(2.1 * 90_000)
  })

  test('ends at a keyframe, after a gap as long as the hole', () => {
    const { splice, said, pictures } = create()
    second(splice, 0, 0)
    splice.tick(2500)
    for (let i = 0; i < 5; i++) splice.main.unit(picture(400_000 + i * PICTURE), 4960 + i)
    expect(pictures()).toHaveLength(25)
    second(splice, 900_000, 5960)
    expect(said.filter((event) => Array.isArray(event))).toEqual([
      ['main', null],
      ['none', 'lost'],
      ['main', 'returned'],
    ])
    const gap = (pictures()[25]?.dts ?? 0) - (pictures()[24]?.dts ?? 0)
    expect(gap).toBe(5000 * 90)
  })

  test('an outage of the same clock keeps the offset to the tick', () => {
    const { splice, pictures, said } = create()
    second(splice, 0, 0)
    second(splice, 90_000 * 6, 6010)
    expect((pictures()[25]?.dts ?? 0) - (pictures()[0]?.dts ?? 0)).toBe(90_000 * 6)
    expect(said.some((event) => typeof event === 'object' && event !== null && 'gapMs' in event)).toBe(false)
  })

  test('a limit that is changed counts at once', () => {
    const { splice, said } = create()
    second(splice, 0, 0)
    splice.setRules({ ...HOLD, lossMs: 300 })
    splice.tick(1300)
    expect(said.at(-1)).toEqual(['none', 'lost'])
  })

  test('restarted pictures without a keyframe are a loss too', () => {
    const { splice, said } = create()
    second(splice, 900_000, 0)
    for (let ms = 1000; ms < 2100; ms += 40) splice.main.unit(picture((ms - 1000) * 90), ms)
    expect(said.at(-1)).toEqual(['none', 'lost'])
  })
})

describe('a restart on air', () => {
  test.each([
    ['clock_back', 0],
    ['clock_ahead', 90_000_000],
  ])('%s: told with its gap, on air all the time', (reason, dts) => {
    const { splice, said, pictures } = create()
    second(splice, 900_000, 0)
    second(splice, dts, 1460)
    expect(said.filter((event) => typeof event === 'object').slice(2)).toEqual([
      { reason, gapMs: 460 },
      ['main', 'restarted'],
    ])
    expect((pictures()[25]?.dts ?? 0) - (pictures()[24]?.dts ?? 0)).toBe(500 * 90)
  })

  test('of B-pictures before it nothing is shown later than what comes', () => {
    const { splice, pictures } = create()
    splice.main.unit(picture(90_000, { key: true, pts: 97_200 }), 0)
    splice.main.unit(picture(93_600, { pts: 108_000 }), 40)
    splice.main.unit(picture(0, { key: true }), 50)
    const [, before, after] = pictures() as [VideoUnit, VideoUnit, VideoUnit]
    expect(after.pts).toBe(before.pts + PICTURE)
    expect(after.dts).toBeGreaterThan(before.dts)
  })

  test('sound of the new timeline that comes first is not written on the old one', () => {
    const { splice, sounds, pictures } = create()
    second(splice, 900_000, 0)
    const soundEnd = sounds().at(-1)?.pts as number
    for (let i = 0; i < 20; i++) splice.main.unit(frame(i * FRAME), 1100 + i)
    expect(sounds().at(-1)?.pts).toBe(soundEnd)
    splice.main.unit(picture(0, { key: true }), 1200)
    const key = pictures().at(-1) as VideoUnit
    const fresh = sounds().filter((unit) => unit.data[0] === 2 && unit.pts > soundEnd)
    expect(fresh).toHaveLength(20)
    expect(Math.abs((fresh[0]?.pts ?? 0) - key.pts)).toBeLessThanOrEqual(FRAME / 2)
  })

  test('the hole in the sound is silence', () => {
    const { splice, sounds } = create()
    second(splice, 900_000, 0)
    second(splice, 0, 1460)
    const silent = silentAdtsFrame(AAC)
    expect(sounds().filter((unit) => Buffer.compare(unit.data, silent as Uint8Array) === 0).length).toBeGreaterThan(18)
    for (const [i, unit] of sounds().entries()) {
      if (i > 0) expect(unit.pts - (sounds()[i - 1]?.pts ?? 0)).toBeLessThanOrEqual(1.5 * FRAME)
    }
  })
})

describe('another program', () => {
  test.each<[string, Format]>([
    ['another codec of pictures', { ...BOTH, video: { ...VIDEO, codec: 'hevc' } }],
    ['another rate', { ...BOTH, audio: { ...AAC, sampleRate: 44100 } }],
    ['other channels', { ...BOTH, audio: { ...AAC, channels: 1 } }],
    ['another object type', { ...BOTH, audio: { ...AAC, objectType: 5 } }],
    ['another codec of sound', { ...BOTH, audio: { codec: 'mp2', sampleRate: 48000, channels: 2, objectType: null } }],
  ])('%s is told before its first picture, at a keyframe', (_what, next) => {
    const { splice, said } = create()
    second(splice, 0, 0, false)
    splice.main.format(next)
    const codec = next.video?.codec ?? 'h264'
    splice.main.unit({ ...picture(90_000), codec }, 1000)
    const before = said.length
    splice.main.unit({ ...picture(93_600, { key: true }), codec }, 1040)
    expect(said.slice(before).filter((event) => event !== 'audio')).toEqual([next, 'video'])
  })

  test.each<[string, Format]>([
    ['another size', { ...BOTH, video: { ...VIDEO, width: 640, height: 360, fps: 50 } }],
    ['sound that is gone', { ...BOTH, audio: null }],
  ])('%s is not', (_what, next) => {
    const { splice, said } = create()
    second(splice, 0, 0)
    splice.main.format(next)
    second(splice, 90_000, 1000, false)
    expect(said.filter((event) => event === next)).toEqual([])
  })

  test('sound of another rate is kept back until the keyframe', () => {
    const { splice, sounds } = create()
    second(splice, 0, 0)
    const count = sounds().length
    splice.main.format({ ...BOTH, audio: { ...AAC, sampleRate: 44100 } })
    splice.main.unit(frame(90_000, { sampleRate: 44100 }), 1000)
    expect(sounds()).toHaveLength(count)
  })
})

describe('sound alone', () => {
  const only: Format = { video: null, audio: AAC }

  test('goes on air at its first frame, is lost and returns', () => {
    const { splice, said, sounds } = create(only)
    for (let i = 0; i < 50; i++) splice.main.unit(frame(i * FRAME), i * 21)
    splice.tick(2100)
    for (let i = 0; i < 50; i++) splice.main.unit(frame(9_000_000 + i * FRAME), 4000 + i * 21)
    expect(said.filter((event) => Array.isArray(event))).toEqual([
      ['main', null],
      ['none', 'lost'],
      ['main', 'returned'],
    ])
    for (const [i, unit] of sounds().entries()) {
      if (i > 0) expect(unit.pts - (sounds()[i - 1]?.pts ?? 0)).toBeLessThanOrEqual(1.5 * FRAME)
    }
  })

  test('that steps back is put behind what was', () => {
    const { splice, said, sounds } = create(only)
    for (let i = 0; i < 20; i++) splice.main.unit(frame(9_000_000 + i * FRAME), i * 21)
    for (let i = 0; i < 20; i++) splice.main.unit(frame(i * FRAME), 420 + i * 21)
    expect(sounds().filter((unit) => unit.data[0] === 2)).toHaveLength(40)
    expect(said).toContainEqual(['main', 'restarted'])
  })
})
