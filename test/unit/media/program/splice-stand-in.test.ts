import { describe, expect, test } from 'bun:test'
import type { Slate } from '../../../../src/media/program/fill/stand-in.ts'
import { createSplice } from '../../../../src/media/program/splice.ts'
import type { SpliceRules, Switched } from '../../../../src/media/program/on-air.ts'
import type { AudioFormat, AudioUnit, Format, Ticks, Unit, VideoUnit } from '../../../../src/media/program/units.ts'
import { HOLD } from '../../../support/ts-simulator.ts'

const AAC: AudioFormat = { codec: 'aac', sampleRate: 48000, channels: 2, objectType: 2 }
const BOTH: Format = { video: { codec: 'h264', profile: 'High', width: 1280, height: 720, fps: 25 }, audio: AAC }
const PICTURE: Ticks = 3600
const FRAME: Ticks = 1920
const SLATE: Slate = {
  pictures: [9, 8].map((byte, i) => ({ kind: 'video', codec: 'h264', key: i === 0, data: Uint8Array.of(byte) })),
  ticks: PICTURE,
  format: { ...BOTH, video: { codec: 'h264', profile: 'High', width: 640, height: 360, fps: 25 } },
}
const HEVC: Format = { ...BOTH, video: { codec: 'hevc', profile: 'Main', width: 640, height: 360, fps: 25 } }
const FREEZE: SpliceRules = { ...HOLD, onLoss: 'freeze' }

type Name = 'main' | 'backup'

/** Two feeds of 25 pictures a second, a keyframe a second, and whatever comes out. */
function create(rules: SpliceRules, formats: { main?: Format; backup?: Format } = {}) {
  const out: { unit: Unit; nowMs: number }[] = []
  const switched: Switched[] = []
  const programs: Format[] = []
  const splice = createSplice({
    rules,
    emit: (unit, nowMs) => out.push({ unit, nowMs }),
    onAir: (change) => switched.push(change),
    onRestarted: () => undefined,
    onProgramChange: (format) => programs.push(format),
  })
  splice.setBackup(true, 0)
  splice.main.format(formats.main ?? BOTH)
  splice.backup.format(formats.backup ?? BOTH)
  let now = 0
  const mark = { main: 1, backup: 2 }
  const ptsAt = { main: 900_000, backup: 5_000_000 }
  const rates = { main: formats.main?.audio?.sampleRate ?? 48000, backup: formats.backup?.audio?.sampleRate ?? 48000 }

  function feed(name: Name, atMs: number, keyEvery: number): void {
    const dts = ptsAt[name] + atMs * 90
    const data = Uint8Array.of(mark[name])
    const key = atMs % keyEvery === 0
    splice[name].unit({ kind: 'video', codec: 'h264', key, dts, pts: dts, data }, atMs)
    for (let pts = Math.ceil(dts / FRAME) * FRAME; pts < dts + PICTURE; pts += FRAME) {
      const sound = { kind: 'audio', codec: 'aac', pts, durationTicks: FRAME, channels: 2 } as const
      splice[name].unit({ ...sound, data: Uint8Array.of(mark[name] * 10), sampleRate: rates[name] }, atMs + 1)
    }
  }

  return {
    splice,
    out,
    switched,
    programs,
    now: () => now,
    /** Lets time go on with these feeds. */
    run(ms: number, feeds: Name[], o: { keyEvery?: number } = {}): void {
      for (const end = now + ms; now < end; now += 20) {
        splice.tick(now)
        if (now % 40 === 0) for (const name of feeds) feed(name, now, o.keyEvery ?? 1000)
      }
    },
    path: () => switched.map(({ from, to, reason }) => `${from} ${to} ${reason}`),
    pictures: (fromMs = 0) =>
      out.flatMap(({ unit, nowMs }) => (unit.kind === 'video' && nowMs >= fromMs ? [{ unit, nowMs }] : [])),
    sounds: () => out.flatMap(({ unit }) => (unit.kind === 'audio' ? [unit] : [])),
  }
}

const marks = (list: { unit: VideoUnit }[]) => [...new Set(list.map(({ unit }) => unit.data[0]))]

function expectUnbrokenSound(sounds: AudioUnit[]): void {
  for (const [i, unit] of sounds.entries()) {
    const step = i === 0 ? FRAME : unit.pts - (sounds[i - 1] as AudioUnit).pts
    expect(step).toBeGreaterThanOrEqual(FRAME - 0.001)
    expect(step).toBeLessThanOrEqual(1.5 * FRAME)
  }
}

describe('freeze', () => {
  test('shows the last keyframe twice a second, with silence, once the limit has passed', () => {
    const { run, pictures, sounds, path, out } = create(FREEZE)
    run(2500, ['main'])
    run(5000, [])
    expect(path()).toEqual(['none main null', 'main freeze lost'])
    const frozen = pictures(3000)
    expect(frozen[0]?.nowMs).toBeGreaterThan(2480 + 1000)
    expect(frozen[0]?.nowMs).toBeLessThanOrEqual(2480 + 1040)
    expect(frozen).toHaveLength(8)
    expect(frozen.every(({ unit }) => unit.key && unit.data[0] === 1)).toBe(true)
    for (const [i, { unit }] of frozen.entries())
      if (i > 0) expect(unit.dts - (frozen[i - 1] as { unit: VideoUnit }).unit.dts).toBe(45_000)
    expectUnbrokenSound(sounds())
    // Silence goes on between the pictures.
    expect(Math.max(...out.slice(1).map(({ nowMs }, i) => nowMs - (out[i] as { nowMs: number }).nowMs))).toBeLessThan(
      1_060,
    )
  })

  test('ends at the first keyframe after the feed has been well for long enough', () => {
    const { run, pictures, switched, path, now } = create({ ...FREEZE, returnAfterMs: 1500 })
    run(2000, ['main'])
    run(3000, [])
    const backMs = now()
    run(4000, ['main'])
    expect(path()).toEqual(['none main null', 'main freeze lost', 'freeze main returned'])
    const first = pictures(backMs).find(
      ({ unit, nowMs }, i, all) => i > 0 && nowMs - (all[i - 1]?.nowMs ?? 0) === 40 && unit,
    )
    expect(first?.nowMs).toBe(backMs + 2040)
    expect(switched.at(-1)?.gapMs).toBeLessThanOrEqual(500)
  })

  test('a feed that flaps is not let in', () => {
    const { run, splice } = create({ ...FREEZE, returnAfterMs: 3000 })
    run(2000, ['main'])
    for (let i = 0; i < 5; i++) {
      run(1500, [])
      run(2000, ['main'])
    }
    expect(splice.onAir).toBe('freeze')
    expect(splice.switches).toBe(1)
  })

  test('ends by a goodbye, by a stop, and when it has lasted too long', () => {
    for (const end of ['goodbye', 'stop', 'time'] as const) {
      const { run, splice, path, now } = create({ ...FREEZE, maxFillMs: 4000 })
      run(2000, ['main'])
      run(2000, [])
      if (end === 'time') run(4000, [])
      else splice.end(end, now())
      expect(path().at(-1)).toBe('freeze none ended')
      run(2000, [])
      expect(splice.onAir).toBe('none')
      run(1000, ['main'])
      expect(path().at(-1)).toBe('none main returned')
    }
  })

  test('a goodbye on air is no loss', () => {
    const { run, splice, path, now } = create(FREEZE)
    run(2000, ['main'])
    splice.end('goodbye', now())
    run(3000, [])
    expect(path()).toEqual(['none main null', 'main none ended'])
  })

  test('works for sound alone: silence in real time', () => {
    const only: Format = { video: null, audio: AAC }
    const { splice, sounds, out } = create(FREEZE, { main: only })
    for (let ms = 0; ms < 2000; ms += 20) {
      splice.tick(ms)
      const unit = { kind: 'audio', codec: 'aac', durationTicks: FRAME, sampleRate: 48000, channels: 2 } as const
      splice.main.unit({ ...unit, pts: (ms / 20) * FRAME, data: Uint8Array.of(1) }, ms)
    }
    for (let ms = 2000; ms < 6000; ms += 20) splice.tick(ms)
    expect(splice.onAir).toBe('freeze')
    expectUnbrokenSound(sounds())
    const first = out[0] as { unit: Unit; nowMs: number }
    const last = out.at(-1) as { unit: Unit; nowMs: number }
    expect(Math.abs((last.unit.pts - first.unit.pts) / 90 - (last.nowMs - first.nowMs))).toBeLessThan(300)
  })
})

describe('slate', () => {
  test('is played round and round; until it is ready the last picture stands', () => {
    const { run, splice, pictures, path, now, sounds } = create({ ...FREEZE, onLoss: 'slate' })
    run(2000, ['main'])
    run(2000, [])
    expect(splice.onAir).toBe('freeze')
    splice.setSlate(SLATE, now())
    const fromMs = now()
    run(2000, [])
    expect(path().slice(1)).toEqual(['main freeze lost', 'freeze slate lost'])
    const shown = pictures(fromMs)
    expect(shown.slice(0, 4).map(({ unit }) => [unit.data[0], unit.key])).toEqual([
      [9, true],
      [8, false],
      [9, true],
      [8, false],
    ])
    expect(shown.length).toBeGreaterThanOrEqual(49)
    expect(shown.length).toBeLessThanOrEqual(51)
    expectUnbrokenSound(sounds())
  })

  test('one that is asked for before it is made: the picture stands still until it is there', () => {
    const { run, splice, path, now } = create(FREEZE)
    expect(splice.awaitSlate(0)).toBe('no_slate')
    run(2000, ['main'])
    expect(splice.switchTo('slate', 'now', now())).toBe('no_slate')
    expect(splice.awaitSlate(now())).toBeNull()
    run(1000, ['main'])
    expect(splice.onAir).toBe('freeze')
    splice.setSlate(SLATE, now())
    run(1000, ['main'])
    expect(path()).toEqual(['none main null', 'main freeze manual', 'freeze slate manual'])
    splice.switchTo('auto', 'keyframe', now())
    run(2000, ['main'])
    expect(splice.onAir).toBe('main')
  })

  test('chosen by hand it stands, however long a fill may be', () => {
    const { run, splice, now } = create({ ...FREEZE, maxFillMs: 2000 })
    splice.setSlate(SLATE, 0)
    run(2000, ['main'])
    expect(splice.switchTo('slate', 'now', now())).toBeNull()
    run(6000, ['main'])
    expect(splice.onAir).toBe('slate')
  })

  test('of another codec is never shown', () => {
    const { run, splice, now } = create({ ...FREEZE, onLoss: 'slate' })
    run(2000, ['main'])
    splice.setSlate({ ...SLATE, format: HEVC }, now())
    run(3000, [])
    expect(splice.onAir).toBe('freeze')
    expect(splice.switchTo('slate', 'now', now())).toBe('no_slate')
  })

  test('may begin the show; the feed follows at a keyframe', () => {
    const { run, splice, programs, path, pictures, now } = create({ ...FREEZE, onLoss: 'slate', slateBefore: true })
    splice.setSlate(SLATE, 0)
    run(1000, [])
    expect(programs).toEqual([SLATE.format])
    expect(pictures().length).toBeGreaterThan(24)
    expect(pictures()[0]?.unit.dts).toBe(180_000)
    const last = pictures().at(-1)
    expect(((last?.unit.dts ?? 0) - 180_000) / 90).toBeGreaterThan((last?.nowMs ?? 0) - 80)
    run(3000, ['main'])
    expect(path()).toEqual(['none slate null', 'slate main null'])
    expect(programs).toHaveLength(1)
    splice.end('stop', now())
    run(3000, [])
    expect(splice.onAir).toBe('none')
    splice.begin()
    run(100, [])
    expect(splice.onAir).toBe('slate')
  })
})

describe('backup', () => {
  const rules: SpliceRules = { ...HOLD, onLoss: 'backup' }

  test('takes over from its newest keyframe and gives back', () => {
    const { run, path, pictures, now, sounds } = create(rules)
    run(2600, ['main', 'backup'])
    const lostMs = now()
    run(3000, ['backup'])
    expect(path()).toEqual(['none main null', 'main backup lost'])
    const first = pictures(lostMs).find(({ unit }) => unit.data[0] === 2)
    expect(first?.unit.key).toBe(true)
    expect(first?.nowMs).toBeLessThanOrEqual(lostMs + 1040)
    expect(marks(pictures(lostMs))).toEqual([2])
    run(3000, ['main', 'backup'])
    expect(path().at(-1)).toBe('backup main returned')
    expectUnbrokenSound(sounds())
    const all = pictures()
    for (const [i, { unit }] of all.entries()) if (i > 0) expect(unit.dts).toBeGreaterThan(all[i - 1]?.unit.dts ?? 0)
  })

  test('a group of many seconds is not sent late: something else is shown until its next keyframe', () => {
    const { run, path, switched, pictures } = create(rules)
    run(8000, ['main', 'backup'], { keyEvery: 10_000 })
    run(3000, ['backup'], { keyEvery: 10_000 })
    expect(path()).toEqual(['none main null', 'main freeze lost', 'freeze backup lost'])
    expect(switched.at(-1)?.gapMs).toBeLessThanOrEqual(500)
    expect(pictures().find(({ unit }) => unit.data[0] === 2)?.nowMs).toBe(10_000)
  })

  test('with another AAC configuration outputs begin anew', () => {
    const other: Format = { ...BOTH, audio: { ...AAC, sampleRate: 44100 } }
    const { run, programs, splice, now } = create(rules, { backup: other })
    run(2000, ['main', 'backup'])
    expect(splice.backupReady(now())).toEqual({ ok: false, differs: ['audio'] })
    run(2000, ['backup'])
    expect(programs).toEqual([BOTH, other])
    expect(splice.onAir).toBe('backup')
  })

  test('that is gone itself is replaced by the last picture, and comes in later', () => {
    const { run, path } = create(rules)
    run(2000, ['main'])
    run(3000, [])
    run(3000, ['backup'])
    run(2000, [])
    expect(path()).toEqual(['none main null', 'main freeze lost', 'freeze backup lost', 'backup freeze lost'])
  })

  test('what it lacks is told before it is needed', () => {
    const small: Format = {
      video: { codec: 'h264', profile: 'Main', width: 640, height: 360, fps: 30 },
      audio: AAC,
    }
    const { run, splice, now } = create(rules, { backup: small })
    expect(splice.backupReady(0)).toEqual({ ok: false, differs: [] })
    run(1500, ['main', 'backup'])
    expect(splice.backupReady(now())).toEqual({ ok: true, differs: ['size', 'fps'] })
    run(2000, ['main'])
    expect(splice.backupReady(now())).toEqual({ ok: false, differs: [] })
    splice.setBackup(false, now())
    expect(splice.backupReady(now())).toBeNull()
  })

  test('taken away while it is on air is a loss', () => {
    const { run, splice, now } = create(rules)
    run(2000, ['main', 'backup'])
    run(2000, ['backup'])
    expect(splice.onAir).toBe('backup')
    splice.setBackup(false, now())
    expect(splice.onAir).toBe('freeze')
  })
})

describe('by hand', () => {
  test('a choice stands until auto, whatever the feed does well', () => {
    const { run, splice, path, now } = create(FREEZE)
    run(2000, ['main', 'backup'])
    expect(splice.switchTo('backup', 'keyframe', now())).toBeNull()
    expect(splice.pending).toBe('backup')
    run(5000, ['main', 'backup'])
    expect(splice.onAir).toBe('backup')
    splice.switchTo('auto', 'keyframe', now())
    run(2000, ['main', 'backup'])
    expect(path()).toEqual(['none main null', 'main backup manual', 'backup main manual'])
  })

  test('what was chosen while the feed died is on air by hand', () => {
    const { run, splice, path, now } = create(FREEZE)
    run(2040, ['main', 'backup'])
    splice.switchTo('backup', 'keyframe', now())
    splice.setRules({ ...FREEZE, lossMs: 300 })
    run(600, ['backup'])
    run(4000, ['main', 'backup'])
    expect(path()).toEqual(['none main null', 'main backup manual'])
  })

  test('a choice that dies is given up', () => {
    const { run, splice, path, now } = create(FREEZE)
    run(2000, ['main', 'backup'])
    splice.switchTo('backup', 'now', now())
    expect(splice.onAir).toBe('backup')
    run(3000, ['main'])
    expect(path()).toEqual(['none main null', 'main backup manual', 'backup main lost'])
  })

  test('a planned cut has no hole and no burst, in picture or sound', () => {
    const { run, splice, switched, pictures, sounds, now } = create(FREEZE)
    run(2500, ['main', 'backup'])
    splice.switchTo('backup', 'keyframe', now())
    run(2000, ['main', 'backup'])
    expect(switched.at(-1)?.gapMs).toBeLessThanOrEqual(40)
    const all = pictures()
    for (const [i, { unit }] of all.entries()) {
      if (i > 0) expect(unit.dts - (all[i - 1]?.unit.dts ?? 0)).toBeLessThanOrEqual(2 * PICTURE)
    }
    expectUnbrokenSound(sounds())
    // No silence: the old sound lasts up to the cut.
    expect(sounds().every((unit) => unit.data.length === 1)).toBe(true)
  })

  test('two cuts within a blink keep the sound in order', () => {
    const { run, splice, sounds, now } = create(FREEZE)
    run(2000, ['main', 'backup'])
    splice.switchTo('backup', 'now', now())
    run(120, ['main', 'backup'])
    splice.switchTo('main', 'now', now())
    run(120, ['main', 'backup'])
    splice.switchTo('freeze', 'now', now())
    run(2000, ['main', 'backup'])
    expect(splice.switches).toBe(3)
    expectUnbrokenSound(sounds())
  })

  test('what was sent ahead is worked off at half speed, without a pause', () => {
    const { run, splice, out, pictures, now } = create({ ...FREEZE, onLoss: 'slate' })
    splice.setSlate(SLATE, 0)
    run(2960, ['main', 'backup'])
    // The backup's group of almost a second at once: the program is now that far ahead.
    splice.switchTo('backup', 'now', now())
    run(400, ['main', 'backup'])
    splice.switchTo('slate', 'now', now())
    const fromMs = now()
    run(600, [])
    const shown = pictures(fromMs)
    const passed = ((shown.at(-1)?.unit.dts ?? 0) - (shown[0]?.unit.dts ?? 0)) / 90
    expect(passed).toBeGreaterThan(200)
    expect(passed).toBeLessThan(400)
    run(3000, [])
    const last = out.findLast(({ unit }) => unit.kind === 'video')
    expect((last?.unit.pts ?? 0) / 90 - 2000 - (last?.nowMs ?? 0)).toBeLessThan(80)
  })

  test('a picture that stands comes twice a second too while what was sent ahead is worked off', () => {
    const { run, splice, pictures, now } = create(FREEZE)
    run(2960, ['main', 'backup'])
    splice.switchTo('backup', 'now', now())
    run(400, ['main', 'backup'])
    splice.switchTo('freeze', 'now', now())
    const fromMs = now()
    run(4000, [])
    const shown = pictures(fromMs)
    const steps = shown.slice(1).map(({ unit, nowMs }, i) => {
      const before = shown[i] as (typeof shown)[number]
      return { ticks: unit.dts - before.unit.dts, ms: nowMs - before.nowMs }
    })
    expect(steps[0]?.ticks).toBe(22_500)
    expect(steps.at(-1)?.ticks).toBe(45_000)
    expect(Math.max(...steps.map(({ ms }) => ms))).toBeLessThanOrEqual(520)
  })

  test.each(['slate', 'freeze', 'backup'] as const)('a %s that was chosen before is taken up again', (choice) => {
    const { splice, run, path, pictures } = create(FREEZE)
    splice.resume(choice)
    run(400, ['main', 'backup'])
    splice.setSlate(SLATE, 400)
    run(4000, ['main', 'backup'])
    expect(path()).toEqual(choice === 'freeze' ? ['none main null', 'main freeze manual'] : [`none ${choice} manual`])
    // Of the feed nothing is seen, but the one picture that is to stand still.
    expect(pictures().filter(({ unit }) => !unit.key && unit.data[0] === 1)).toEqual([])
    splice.switchTo('auto', 'keyframe', 4400)
    run(2000, ['main', 'backup'])
    expect(splice.onAir).toBe('main')
  })

  test('a backup that was chosen before and does not come is given up', () => {
    const { splice, run, path } = create(FREEZE)
    splice.resume('backup')
    run(5_000, ['main'])
    // What cannot be changes nothing.
    expect(splice.switchTo('slate', 'now', 5_000)).toBe('no_slate')
    run(4_900, ['main'])
    expect(path()).toEqual([])
    run(2000, ['main'])
    expect(path()).toEqual(['none main null'])
  })

  test('what cannot be is refused, and what is already so changes nothing', () => {
    const { run, splice, switched, now } = create(FREEZE)
    expect(splice.switchTo('freeze', 'now', 0)).toBe('no_picture')
    expect(splice.switchTo('main', 'now', 0)).toBe('not_there')
    run(2000, ['main'])
    expect(splice.switchTo('backup', 'now', now())).toBe('not_there')
    expect(splice.switchTo('slate', 'now', now())).toBe('no_slate')
    splice.setBackup(false, now())
    expect(splice.switchTo('backup', 'now', now())).toBe('no_backup')
    expect(splice.switchTo('main', 'now', now())).toBeNull()
    expect(switched).toHaveLength(1)
  })

  test('a slate by hand outlasts a goodbye, and the time with it is counted', () => {
    const { run, splice, now } = create(FREEZE)
    splice.setSlate(SLATE, 0)
    run(2000, ['main'])
    splice.switchTo('slate', 'now', now())
    run(1000, ['main'])
    splice.end('goodbye', now())
    run(2000, [])
    expect(splice.onAir).toBe('slate')
    expect(splice.filledMs(now())).toBe(3000)
  })
})
