import { describe, expect, test } from 'bun:test'
import type { AudioUnit, VideoUnit } from '../../../../src/media/program/units.ts'
import { checkTs } from '../../../support/ts-check.ts'
import { decodeErrors, readUnits, tsFixture } from '../../../support/ts-fixture.ts'
import {
  createRandom,
  type Material,
  type Random,
  type Run,
  type Session,
  simulate,
  toMaterial,
} from '../../../support/ts-simulator.ts'

const LOSS_MS = 1000
const TICKS_PER_MS = 90
const PICTURE_TICKS = 3600
const FRAME_TICKS = 1920
/** Whole GOPs of 1 s. */
const MATERIAL_TICKS = 5 * 90_000

const material: Material = toMaterial(readUnits(tsFixture('avc')).units, MATERIAL_TICKS)
/** Where each unit of the material lies, by its bytes. */
const placeOf = new Map(material.units.map((unit, index) => [key(unit.data), { unit, index }]))

function key(data: Uint8Array): string {
  return `${data.length}:${Bun.hash(data)}`
}

const PIDS = [
  { videoPid: 0x100, audioPid: 0x101, pmtPid: 0x1000, version: 0 },
  { videoPid: 0x200, audioPid: 0x201, pmtPid: 0x1000, version: 1 },
  { videoPid: 0x44, audioPid: 0x45, pmtPid: 0x20, version: 2 },
]

type Faults = { lossRate: number; duplicateRate: number; mutes: boolean; outages: boolean }

/** Lives of one sender that is killed and comes back: other PIDs, timestamps from zero or ahead, anywhere in its GOP. */
function makeSessions(random: Random, count: number, faults: Faults): Session[] {
  const sessions: Session[] = []
  let atMs = 100
  let ptsEnd = random.pick([0, 1000 * 90_000, 2 ** 33 - 5 * 90_000])
  for (let i = 0; i < count; i++) {
    const lengthMs = random.between(1500, 7000)
    const gapMs = random.chance(0.5) ? random.between(50, 900) : random.between(900, 9000)
    const previous = sessions.at(-1)
    const outage = faults.outages && previous !== undefined && random.chance(0.3)
    const fromTicks = random.chance(0.5) ? 0 : Math.floor(random.between(0, MATERIAL_TICKS))
    const startMs = previous ? previous.endMs + gapMs : atMs
    // Not within a second ahead: nobody can tell that from a few lost packets.
    const ptsAt = outage
      ? Math.floor(previous.ptsAt + (startMs - previous.startMs) * TICKS_PER_MS)
      : Math.floor(
          random.pick([
            0,
            ptsEnd + random.between(2, 20) * 90_000,
            Math.max(0, ptsEnd - random.between(1, 20) * 90_000),
          ]),
        )
    const pids = outage ? previous.mux : random.pick(PIDS)
    const muteFrom = random.between(0, lengthMs)
    sessions.push({
      startMs,
      endMs: startMs + lengthMs,
      fromTicks: outage
        ? Math.floor((previous.fromTicks + (startMs - previous.startMs) * TICKS_PER_MS) % MATERIAL_TICKS)
        : fromTicks,
      ptsAt,
      mux: {
        ...pids,
        // Sometimes, by luck, no counter shows that anything happened.
        counter: Math.floor(random.between(0, 16)),
        videoLength: random.chance(0.3),
        randomAccess: random.chance(0.7),
        framesPerPes: random.pick([1, 3, 8]),
      },
      tablesFirst: random.chance(0.7),
      lossRate: faults.lossRate,
      duplicateRate: faults.duplicateRate,
      muteMs: faults.mutes && random.chance(0.5) ? [muteFrom, muteFrom + random.between(300, 3000)] : null,
    })
    ptsEnd = ptsAt + lengthMs * TICKS_PER_MS
    atMs = startMs + lengthMs
  }
  return sessions
}

type Cut = { index: number; gapMs: number; holeMs: number }

/** What must hold for every run, however bad the feed was. */
function checkStream(run: Run): void {
  const report = checkTs(run.bytes)
  expect(report.continuityErrors).toBe(0)
  expect(report.dtsBack).toBe(0)
  expect(report.clockBack).toBe(0)
  expect(report.clockLate).toBe(0)
  expect(report.bareKeyframes).toBe(0)
  const first = run.emitted.findIndex(({ unit }) => unit.kind === 'video')
  expect(run.emitted[first]?.unit).toMatchObject({ kind: 'video', key: true })
  expect(run.programChanges).toBe(1)
  const sounds = run.emitted.flatMap(({ unit }) => (unit.kind === 'audio' ? [unit] : []))
  const overlaps = sounds.filter((unit, i) => {
    const before = sounds[i - 1]
    return before && unit.pts < before.pts + before.durationTicks - 0.001
  })
  expect(overlaps).toEqual([])
}

/** Pictures follow each other as the material has them; where they do not is a cut, which only a keyframe may make. */
function findCuts(run: Run): Cut[] {
  const cuts: Cut[] = []
  let last: { place: number; unit: VideoUnit; nowMs: number } | null = null
  const pictures = material.units.filter((unit) => unit.kind === 'video')
  const orderOf = new Map(pictures.map((unit, order) => [key(unit.data), order]))
  for (const [index, { unit, nowMs }] of run.emitted.entries()) {
    if (unit.kind !== 'video') continue
    const place = orderOf.get(key(unit.data))
    if (place === undefined) throw new Error(`a picture of ${unit.data.length} bytes is not in the material`)
    const follows =
      last !== null && place === (last.place + 1) % pictures.length && unit.dts - last.unit.dts === PICTURE_TICKS
    if (!follows && !unit.key) throw new Error(`a cut at picture ${place} without a keyframe`)
    if (!follows && last) {
      cuts.push({ index, gapMs: (unit.dts - last.unit.dts) / TICKS_PER_MS, holeMs: nowMs - last.nowMs })
    }
    last = { place, unit, nowMs }
  }
  return cuts
}

/** Sound against picture, in ticks: how far each is moved from its place in the material must agree. */
function worstSync(run: Run): number {
  let pictureMove: number | null = null
  let worst = 0
  const half = MATERIAL_TICKS / 2
  for (const { unit } of run.emitted) {
    const place = placeOf.get(key(unit.data))
    // A damaged picture may be the first after a cut.
    if (!place && unit.kind === 'video') pictureMove = null
    if (!place) continue
    const move = unit.pts - place.unit.pts
    if (unit.kind === 'video') pictureMove = move
    else if (pictureMove !== null) {
      const apart = ((((move - pictureMove + half) % MATERIAL_TICKS) + MATERIAL_TICKS) % MATERIAL_TICKS) - half
      worst = Math.max(worst, Math.abs(apart))
    }
  }
  return worst
}

function longestSoundHole(run: Run): number {
  let end: number | null = null
  let longest = 0
  for (const { unit } of run.emitted) {
    if (unit.kind !== 'audio') continue
    if (end !== null) longest = Math.max(longest, unit.pts - end)
    end = unit.pts + unit.durationTicks
  }
  return longest
}

const CLEAN: Faults = { lossRate: 0, duplicateRate: 0, mutes: false, outages: false }

describe('a sender that is killed and comes back', () => {
  test('40 runs: every cut at a keyframe, gaps as long as holes, sound and picture together', () => {
    let cutCount = 0
    for (let seed = 1; seed <= 40; seed++) {
      const random = createRandom(seed)
      const run = simulate(material, makeSessions(random, 5, CLEAN), random, LOSS_MS)
      checkStream(run)
      const cuts = findCuts(run)
      cutCount += cuts.length
      for (const cut of cuts) expect(Math.abs(cut.gapMs - cut.holeMs), `seed ${seed}`).toBeLessThanOrEqual(150)
      expect(worstSync(run), `seed ${seed}`).toBeLessThanOrEqual(FRAME_TICKS / 2 + 1)
      expect(longestSoundHole(run), `seed ${seed}`).toBeLessThanOrEqual(1.5 * FRAME_TICKS)
    }
    expect(cutCount).toBeGreaterThan(100)
  }, 30_000)

  test('what is on air is told: lost and returned in turn, a restart within the limit as such', () => {
    for (let seed = 100; seed < 120; seed++) {
      const random = createRandom(seed)
      const run = simulate(material, makeSessions(random, 5, CLEAN), random, LOSS_MS)
      expect(run.onAir[0]).toMatchObject({ state: 'main', reason: null })
      for (const [i, change] of run.onAir.entries()) {
        if (i === 0) continue
        const before = run.onAir[i - 1] as Run['onAir'][number]
        if (change.state === 'none') expect([before.state, change.reason]).toEqual(['main', 'lost'])
        else if (change.reason === 'returned') expect(before.state).toBe('none')
        else expect([before.state, change.reason]).toEqual(['main', 'restarted'])
        if (change.state !== 'none') continue
        const lastPicture = run.emitted.findLast(({ unit, nowMs }) => unit.kind === 'video' && nowMs <= change.atMs)
        expect(change.atMs - (lastPicture?.nowMs ?? 0)).toBeGreaterThan(LOSS_MS)
        expect(change.atMs - (lastPicture?.nowMs ?? 0)).toBeLessThanOrEqual(LOSS_MS + 20)
      }
      expect(run.onAir.filter(({ reason }) => reason === 'restarted').length).toBe(run.restarts.length)
      for (const { gapMs } of run.restarts) expect(gapMs).toBeLessThanOrEqual(LOSS_MS + 150)
    }
  })

  test('a decoder finds nothing wrong with what comes out', () => {
    for (let seed = 200; seed < 204; seed++) {
      const random = createRandom(seed)
      const sessions = makeSessions(random, 4, { ...CLEAN, mutes: true })
      expect(decodeErrors(simulate(material, sessions, random, LOSS_MS).bytes)).toBe('')
    }
  })
})

describe('other codecs under the same faults', () => {
  test.each([
    ['hevc-main10', 0x24, 0x0f],
    ['avc-ac3', 0x1b, 0x81],
  ] as const)('%s: a decoder finds nothing wrong', (name, videoType, audioType) => {
    const other = toMaterial(readUnits(tsFixture(name)).units, MATERIAL_TICKS)
    const random = createRandom(400)
    const sessions = makeSessions(random, 4, CLEAN).map((session) => ({
      ...session,
      mux: { ...session.mux, videoType, audioType, framesPerPes: name === 'hevc-main10' ? 3 : 1 },
    }))
    const run = simulate(other, sessions, random, LOSS_MS)
    checkStream(run)
    expect(run.emitted.length).toBeGreaterThan(200)
    expect(decodeErrors(run.bytes)).toBe('')
  })

  test('open GOPs: every cut is at a keyframe and without the pictures that lead it', () => {
    const open = toMaterial(readUnits(tsFixture('avc-open')).units, MATERIAL_TICKS)
    const random = createRandom(401)
    const run = simulate(open, makeSessions(random, 6, CLEAN), random, LOSS_MS)
    checkStream(run)
    let cutAt = Number.NEGATIVE_INFINITY
    let cuts = 0
    for (const [i, { unit, session }] of run.emitted.entries()) {
      if (unit.kind !== 'video') continue
      const before = run.emitted.slice(0, i).findLast((e) => e.unit.kind === 'video')
      if (before?.session !== session) {
        expect(unit.key).toBe(true)
        cutAt = unit.pts
        cuts++
      }
      expect(unit.pts).toBeGreaterThanOrEqual(cutAt)
      if (unit.key) cutAt = Math.max(cutAt, unit.pts - 10 * PICTURE_TICKS)
    }
    expect(cuts).toBeGreaterThan(3)
  })
})

describe('a bad line', () => {
  test('40 runs with lost and repeated packets, outages and vanishing sound keep every rule of the stream', () => {
    for (let seed = 300; seed < 340; seed++) {
      const random = createRandom(seed)
      const faults = { lossRate: random.between(0.001, 0.01), duplicateRate: 0.002, mutes: true, outages: true }
      const run = simulate(material, makeSessions(random, 5, faults), random, LOSS_MS)
      checkStream(run)
      expect(worstSync(run), `seed ${seed}`).toBeLessThanOrEqual(FRAME_TICKS / 2 + 1)
    }
  }, 30_000)

  test('repeated packets alone change nothing', () => {
    const sessions = (duplicateRate: number) => makeSessions(createRandom(7), 3, { ...CLEAN, duplicateRate })
    const once = simulate(material, sessions(0), createRandom(1), LOSS_MS)
    const often = simulate(material, sessions(0.2), createRandom(1), LOSS_MS)
    expect(Buffer.compare(often.bytes, once.bytes)).toBe(0)
  })

  test('sound that vanishes is replaced by silence that keeps up with the picture', () => {
    const session: Session = {
      ...(makeSessions(createRandom(3), 1, CLEAN)[0] as Session),
      endMs: 8000,
      muteMs: [2000, 5000],
    }
    const run = simulate(material, [session], createRandom(3), LOSS_MS)
    checkStream(run)
    expect(longestSoundHole(run)).toBeLessThanOrEqual(1.5 * FRAME_TICKS)
    const silent = run.emitted.filter(({ unit }) => unit.kind === 'audio' && !placeOf.has(key(unit.data)))
    expect(silent.length * (FRAME_TICKS / 90)).toBeGreaterThan(2500)
    expect(worstSync(run)).toBeLessThanOrEqual(FRAME_TICKS / 2 + 1)
    for (const { unit, nowMs } of run.emitted) {
      if (unit.kind !== 'video' || nowMs < 1500) continue
      const sound = run.emitted.findLast((e) => e.unit.kind === 'audio' && e.nowMs <= nowMs)?.unit as AudioUnit
      expect((unit.dts - sound.pts) / TICKS_PER_MS).toBeLessThan(700)
    }
    const back = run.emitted.find((e) => e.nowMs > 5200 && e.unit.kind === 'audio' && placeOf.has(key(e.unit.data)))
    expect(back?.nowMs).toBeLessThan(5500)
  })
})
