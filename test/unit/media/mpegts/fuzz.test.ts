import { describe, expect, test } from 'bun:test'
import { type CanonicalWriter, createCanonicalWriter } from '../../../../src/media/program/canonical.ts'
import { createTsReader } from '../../../../src/media/mpegts/reader.ts'
import { createSplice } from '../../../../src/media/program/splice.ts'
import { checkTs } from '../../../support/ts-check.ts'
import { type TsFixture, tsFixture } from '../../../support/ts-fixture.ts'
import { createRandom, HOLD, type Random } from '../../../support/ts-simulator.ts'

const FEEDS: TsFixture[] = ['avc', 'hevc-main10', 'mpeg2-mp2', 'avc-ac3', 'avc-latm', 'aac']

/** Everything a feed goes through; what comes out, and the largest number of bytes that ever waited. */
function run(pieces: Iterable<Uint8Array>): { bytes: Uint8Array; units: number; largest: number } {
  let writer = null as CanonicalWriter | null
  let units = 0
  let largest = 0
  let chunks: Uint8Array[] = []
  let now = 0
  const splice = createSplice({
    rules: HOLD,
    emit(unit) {
      units++
      largest = Math.max(largest, unit.data.length)
      writer?.write(unit)
    },
    onAir: () => undefined,
    onRestarted: () => undefined,
    onProgramChange(format) {
      // Another program is another stream: outputs start anew.
      chunks = []
      writer = createCanonicalWriter(format)
    },
  })
  const reader = createTsReader({
    program: null,
    onUnit: (unit, nowMs) => splice.main.unit(unit, nowMs),
    onFormat: (format) => splice.main.format(format),
  })
  for (const piece of pieces) {
    now += 3
    reader.push(piece, now)
    splice.tick(now)
    const chunk = writer?.take()
    if (chunk) chunks.push(chunk)
  }
  reader.programs()
  return { bytes: Buffer.concat(chunks), units, largest }
}

function* cut(bytes: Uint8Array, random: Random): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const size = random.pick([1316, 188, 1 + Math.floor(random.between(0, 3000))])
    yield bytes.subarray(at, at + size)
    at += size
  }
}

function noise(size: number, random: Random): Uint8Array {
  return new Uint8Array(size).map(() => random.next() * 256)
}

describe('hostile bytes never throw and never grow', () => {
  test('noise', () => {
    const random = createRandom(1)
    expect(run(cut(noise(300_000, random), random)).units).toBe(0)
  })

  test('noise in packets: sync bytes in place, all else random', () => {
    const random = createRandom(2)
    const bytes = noise(188 * 3000, random)
    for (let at = 0; at < bytes.length; at += 188) bytes[at] = 0x47
    expect(run(cut(bytes, random)).units).toBe(0)
  })

  test.each(FEEDS)('%s with flipped bits, missing and doubled stretches', (name) => {
    const feed = tsFixture(name)
    let units = 0
    for (let seed = 1; seed <= 6; seed++) {
      const random = createRandom(seed)
      const parts: Uint8Array[] = []
      for (let at = 0; at < feed.length; ) {
        const size = Math.floor(random.between(500, 40_000))
        const part = feed.slice(at, at + size)
        for (let flips = random.between(0, 12); flips > 0; flips--) {
          const where = Math.floor(random.next() * part.length)
          part[where] = (part[where] as number) ^ (1 << Math.floor(random.next() * 8))
        }
        if (!random.chance(0.05)) parts.push(part)
        if (random.chance(0.05)) parts.push(part)
        if (random.chance(0.05)) parts.push(noise(300, random))
        at += size
      }
      const result = run(cut(Buffer.concat(parts), random))
      units += result.units
      const report = checkTs(result.bytes)
      expect(report).toMatchObject({ continuityErrors: 0, dtsBack: 0, clockLate: 0 })
    }
    expect(units).toBeGreaterThan(0)
  })

  test('a picture that never ends is dropped at its limit', () => {
    const packet = new Uint8Array(188).fill(0xaa)
    const feed = tsFixture('avc')
    function* endless(): Generator<Uint8Array> {
      yield feed.subarray(0, 188 * 200)
      for (let i = 0; i < 60_000; i++) {
        packet.set([0x47, 0x01, 0x00, 0x10 | (i & 15)])
        yield packet
      }
      yield feed
    }
    const { largest, units } = run(endless())
    expect(largest).toBeLessThan(200_000)
    expect(units).toBeGreaterThan(100)
  })

  test('cut off anywhere', () => {
    const feed = tsFixture('avc').subarray(0, 188 * 400)
    const before = run([feed.subarray(0, 188 * 300)]).units
    expect(before).toBeGreaterThan(0)
    let leastUnits = Number.POSITIVE_INFINITY
    for (let size = 0; size < 188 * 6; size += 7) {
      const result = run([feed.subarray(0, 188 * 300 + size), feed.subarray(size)])
      expect(checkTs(result.bytes)).toMatchObject({ continuityErrors: 0, dtsBack: 0, clockLate: 0, bareKeyframes: 0 })
      expect(result.largest).toBeLessThan(feed.length)
      leastUnits = Math.min(leastUnits, result.units)
    }
    // What was whole before the cut is never lost with it.
    expect(leastUnits).toBeGreaterThanOrEqual(before)
  })
})
