import { describe, expect, test } from 'bun:test'
import type { Slate } from '../../../../src/media/program/fill/stand-in.ts'
import type { SpliceRules } from '../../../../src/media/program/on-air.ts'
import { TICKS_PER_SECOND, type VideoUnit } from '../../../../src/media/program/units.ts'
import { fixture } from '../../../support/fixtures.ts'
import { type Act, arrivalsOf, randomLives, type ShowRun, simulateShow } from '../../../support/show-simulator.ts'
import { checkTs } from '../../../support/ts-check.ts'
import { decodeErrors, readUnits, type TsFixture, tsFixture } from '../../../support/ts-fixture.ts'
import { createRandom, HOLD, type Material, type Random, toMaterial } from '../../../support/ts-simulator.ts'

/** A recorded feed and what it carries. */
function load(bytes: Uint8Array, seconds: number) {
  const { units, formats } = readUnits(bytes)
  return { material: toMaterial(units, seconds * TICKS_PER_SECOND), format: formats.at(-1) as (typeof formats)[number] }
}
const of = (name: TsFixture) => load(tsFixture(name), 5)
const avc = of('avc')
const hevc = of('hevc-main10')
const open = of('avc-open')
const soundOnly = of('aac')
const small = load(new Uint8Array(await Bun.file(await fixture('small')).arrayBuffer()), 20)
const longGop = load(new Uint8Array(await Bun.file(await fixture('longGop')).arrayBuffer()), 20)

/** The first group of a feed as if it were a slate of its codec. */
function slateOf({ material, format }: typeof avc): Slate {
  const second = material.units.filter((u): u is VideoUnit => u.kind === 'video' && u.dts < 25 * 3600)
  // Without B-pictures: only what is shown in the order it is sent.
  const pictures = second.filter((unit, i) => i === 0 || unit.pts === unit.dts)
  return { pictures: pictures.slice(0, 1), ticks: 3600 * 5, format }
}

function randomRules(random: Random): SpliceRules {
  return {
    lossMs: random.pick([300, 1000, 1000, 3000]),
    onLoss: random.pick(['freeze', 'freeze', 'slate', 'backup', 'backup', 'hold']),
    returns: random.chance(0.85) ? 'auto' : 'manual',
    returnAfterMs: random.pick([1000, 1000, 3000]),
    maxFillMs: random.chance(0.1) ? 5000 : 0,
    slateBefore: random.chance(0.2),
  }
}

/** What people press, and what publishers say. */
function randomActs(random: Random, endMs: number): Act[] {
  return Array.from({ length: Math.floor(random.between(0, 8)) }, () => {
    const atMs = random.between(0, endMs)
    const to = random.pick(['main', 'backup', 'slate', 'freeze', 'auto', 'auto'] as const)
    const when = random.pick(['keyframe', 'now'] as const)
    const says = random.chance(0.05)
    return { atMs, run: (splice, nowMs) => (says ? splice.end('goodbye', nowMs) : splice.switchTo(to, when, nowMs)) }
  })
}

type Feed = typeof avc

function randomShow(seed: number, main: Feed, backup: Feed | null, endMs: number, rules?: Partial<SpliceRules>) {
  const random = createRandom(seed)
  const lives = (feed: Feed, source: 'main' | 'backup') =>
    randomLives(random, feed.material, endMs, { calm: source === 'backup' }).flatMap((life, i) =>
      arrivalsOf(source, feed.material as Material, life, i),
    )
  const all = { ...randomRules(random), ...rules }
  const run = simulateShow({
    rules: all,
    formats: { main: main.format, backup: backup?.format ?? null },
    arrivals: [...lives(main, 'main'), ...(backup ? lives(backup, 'backup') : [])].sort((a, b) => a.atMs - b.atMs),
    acts: randomActs(random, endMs),
    endMs,
    ...(random.chance(0.7) && { slate: slateOf(main) }),
  })
  return { run, rules: all }
}

/** What must hold for every show, however bad its feeds were. */
function checkShow(run: ShowRun, rules: SpliceRules, words: string): void {
  if (run.bytes.length > 0) {
    const report = checkTs(run.bytes)
    const { continuityErrors, dtsBack, clockBack, clockLate, bareKeyframes } = report
    expect({ continuityErrors, dtsBack, clockBack, clockLate, bareKeyframes }, words).toEqual({
      continuityErrors: 0,
      dtsBack: 0,
      clockBack: 0,
      clockLate: 0,
      bareKeyframes: 0,
    })
  }
  expect(run.programs.length, words).toBeLessThanOrEqual(1)
  expect(run.lost.length, words).toBe(0)
  let soundEnd: number | null = null
  let longestHole = 0
  let overlaps = 0
  let worst = 0
  const moves = new Map<string, number>()
  for (const { unit, from, onAir } of run.written) {
    if (unit.kind === 'video') {
      // A frozen keyframe is that of a feed, at another time.
      if (from?.source === onAir) moves.set(from.life, unit.pts - from.unit.pts)
      continue
    }
    if (soundEnd !== null) {
      if (unit.pts < soundEnd - 0.001) overlaps++
      longestHole = Math.max(longestHole, unit.pts - soundEnd)
    }
    soundEnd = unit.pts + unit.durationTicks
    const move = from && moves.get(from.life)
    if (from && move !== null && move !== undefined) worst = Math.max(worst, Math.abs(unit.pts - from.unit.pts - move))
  }
  expect(overlaps, words).toBe(0)
  // A sound may be moved by half a frame of its own.
  expect(worst, words).toBeLessThanOrEqual(1920 / 2 + 1)
  if (rules.onLoss === 'hold') return
  expect(longestHole, words).toBeLessThanOrEqual(1.5 * 1920)
  expect(longestSilenceMs(run), words).toBeLessThanOrEqual(rules.lossMs + 500)
}

/** A cut at a keyframe, by hand or back to the feed, leaves no longer gap than there was none to show anyway. */
function checkPlanned(run: ShowRun, words: string): void {
  for (const { from, to, reason, gapMs, atMs } of run.switched) {
    if (from === 'none' || to === 'none' || (reason !== 'manual' && reason !== 'returned')) continue
    const last = run.written.findLast(({ unit, nowMs }) => unit.kind === 'video' && nowMs < atMs)
    const limitMs = Math.max(from === 'freeze' ? 500 : 250, atMs - (last?.nowMs ?? 0) + 60)
    expect(gapMs, `${words} ${from} to ${to}`).toBeLessThanOrEqual(limitMs)
  }
}

/** At the receivers, while something is on air. */
function longestSilenceMs(run: ShowRun): number {
  let longest = 0
  let onAir = false
  let lastMs = 0
  const moments = [
    ...run.written.map(({ nowMs }) => ({ atMs: nowMs, is: null as boolean | null })),
    ...run.switched.map(({ atMs, to }) => ({ atMs, is: to !== 'none' })),
    { atMs: run.endMs, is: null },
  ].sort((a, b) => a.atMs - b.atMs)
  for (const { atMs, is } of moments) {
    if (onAir) longest = Math.max(longest, atMs - lastMs)
    lastMs = atMs
    if (is !== null) onAir = is
  }
  return longest
}

describe('shows of any kind', () => {
  test('500 runs of kills, restarts, flaps, lost sound, lost pictures and buttons pressed at random', () => {
    let cuts = 0
    const seen = new Set<string>()
    for (let seed = 1; seed <= 500; seed++) {
      const { run, rules } = randomShow(seed, avc, seed % 3 === 0 ? null : avc, 20_000)
      checkShow(run, rules, `seed ${seed}`)
      checkPlanned(run, `seed ${seed}`)
      cuts += run.switched.length
      for (const { from, to } of run.switched) seen.add(`${from}>${to}`)
    }
    expect(cuts).toBeGreaterThan(2000)
    for (const each of ['main>freeze', 'freeze>main', 'main>slate', 'slate>main', 'main>backup', 'backup>main'])
      expect(seen).toContain(each)
  }, 120_000)

  test.each<[string, Feed, Feed, number]>([
    ['B-pictures', avc, avc, 6],
    ['HEVC', hevc, hevc, 4],
    ['GOPs of 10 s', longGop, longGop, 5],
    ['a backup of another size, without B-pictures', longGop, small, 6],
  ])(
    '%s: a decoder finds nothing wrong',
    (_what, main, backup, count) => {
      let cuts = 0
      for (let seed = 1000; seed < 1000 + count; seed++) {
        const { run, rules } = randomShow(seed, main, backup, 30_000, { onLoss: seed % 2 ? 'freeze' : 'backup' })
        checkShow(run, rules, `seed ${seed}`)
        expect(decodeErrors(run.bytes), `seed ${seed}`).toBe('')
        cuts += run.switched.length
      }
      expect(cuts).toBeGreaterThan(count)
    },
    120_000,
  )

  test('open GOPs keep every rule of the stream', () => {
    for (let seed = 2000; seed < 2040; seed++) {
      const { run, rules } = randomShow(seed, open, open, 20_000)
      checkShow(run, rules, `seed ${seed}`)
    }
  }, 60_000)

  test('open GOPs: a freeze is clean; a decoder has something to say of cuts alone', () => {
    for (let seed = 2000; seed < 2008; seed++) {
      const { run } = randomShow(seed, open, open, 20_000, { onLoss: 'freeze' })
      // An open keyframe is not made a new beginning: the pictures behind it count on from it. Frozen, it is shown alone.
      const said = decodeErrors(run.bytes)
        .split('\n')
        .filter((line) => /mmco|illegal short term|non mono/.test(line))
      const other = decodeErrors(run.bytes)
        .split('\n')
        .filter((line) => !/mmco|illegal short term|non mono|repeated|^$/.test(line))
      expect(other).toEqual([])
      const cuts = run.switched.filter(({ to }) => to === 'main' || to === 'backup').length
      expect(said.length, `seed ${seed}`).toBeLessThanOrEqual(4 * cuts)
    }
  }, 60_000)

  test('the 33 bits of a timestamp pass without a step back', () => {
    const dayMs = (2 ** 33 - 8 * TICKS_PER_SECOND) / 90
    const life = { fromTicks: 0, ptsAt: 0, soundLateMs: 100, muteMs: null, blindMs: null }
    const first = arrivalsOf('main', avc.material, { ...life, startMs: 0, endMs: 3000 }, 0)
    const late = arrivalsOf('main', avc.material, { ...life, startMs: dayMs, endMs: dayMs + 12_000 }, 1)
    const run = simulateShow({
      rules: { ...HOLD, onLoss: 'hold' },
      formats: { main: avc.format, backup: null },
      arrivals: [...first, ...late],
      // Freeze and back on both sides of it.
      acts: [4000, 7000].flatMap((ms) => [
        { atMs: dayMs + ms, run: (splice, nowMs) => splice.switchTo('freeze', 'now', nowMs) },
        { atMs: dayMs + ms + 1500, run: (splice, nowMs) => splice.switchTo('auto', 'now', nowMs) },
      ]),
      endMs: dayMs + 12_000,
    })
    expect(run.switched.map(({ to }) => to)).toEqual(['main', 'none', 'main', 'freeze', 'main', 'freeze', 'main'])
    const { dts, continuityErrors } = checkTs(run.bytes)
    expect(continuityErrors).toBe(0)
    for (const times of dts.values()) {
      const wraps = times.filter((time, i) => i > 0 && time < (times[i - 1] as number))
      expect(wraps).toHaveLength(1)
      expect(wraps[0]).toBeLessThan(TICKS_PER_SECOND)
      const steps = times.slice(1).map((time, i) => (time - (times[i] as number) + 2 ** 33) % 2 ** 33)
      // But for the day that nothing was on air.
      expect(steps.filter((step) => step > TICKS_PER_SECOND)).toHaveLength(1)
      expect(Math.min(...steps)).toBeGreaterThan(0)
    }
  }, 60_000)

  test('sound alone goes on as silence', () => {
    for (let seed = 3000; seed < 3040; seed++) {
      const { run, rules } = randomShow(seed, soundOnly, seed % 2 ? soundOnly : null, 20_000)
      checkShow(run, rules, `seed ${seed}`)
    }
  }, 60_000)
})
