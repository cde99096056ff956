import { describe, expect, test } from 'bun:test'
import { createCanonicalWriter } from '../../../../src/media/program/canonical.ts'
import type { Format, Unit } from '../../../../src/media/program/units.ts'
import { checkTs } from '../../../support/ts-check.ts'
import { decodeErrors, readUnits, TS_FIXTURES, type TsFixture, tsFixture } from '../../../support/ts-fixture.ts'

/** What FFmpeg finds in it. */
function ffprobe(bytes: Uint8Array): string[] {
  const args = ['-v', 'error', '-f', 'mpegts', '-show_entries', 'stream=codec_name,id', '-of', 'csv=p=0', '-i', '-']
  const said = Bun.spawnSync(['ffprobe', ...args], { stdin: bytes }).stdout.toString()
  return [...new Set(said.trim().split(/[\s,]*\n/))].sort()
}

function write(format: Format, units: Unit[]): Uint8Array {
  const writer = createCanonicalWriter(format)
  for (const unit of units) writer.write(unit)
  return writer.take() ?? new Uint8Array(0)
}

function rewrite(name: TsFixture): { units: Unit[]; format: Format; bytes: Uint8Array } {
  const { units, formats } = readUnits(tsFixture(name))
  const format = formats.at(-1) as Format
  return { units, format, bytes: write(format, units) }
}

describe('every codec', () => {
  test.each(TS_FIXTURES)('%s: FFmpeg knows it again and decodes it without a word; units are the same', (name) => {
    const { units, format, bytes } = rewrite(name)
    const expected = []
    if (format.video) expected.push(`${format.video.codec},0x100`)
    if (format.audio) expected.push(`${format.audio.codec},0x101`)
    expect(ffprobe(bytes)).toEqual(expected.sort())
    expect(decodeErrors(bytes)).toBe('')
    const again = readUnits(bytes).units
    const withoutLast = (list: Unit[]) => list.filter((unit) => unit.kind === 'video').map((unit) => unit.data)
    expect(withoutLast(again)).toEqual(withoutLast(units).slice(0, withoutLast(again).length))
    expect(withoutLast(units).length - withoutLast(again).length).toBeLessThanOrEqual(1)
    const sound = (list: Unit[]) =>
      list.filter((unit) => unit.kind === 'audio').map((unit) => [Math.round(unit.pts), unit.data])
    expect(sound(again)).toEqual(sound(units))
  })
})

describe('packets', () => {
  const { units, format, bytes } = rewrite('avc')
  const report = checkTs(bytes)

  test('counters, clock and times are in order; every keyframe has its tables in front', () => {
    expect(report).toMatchObject({
      continuityErrors: 0,
      dtsBack: 0,
      clockBack: 0,
      clockLate: 0,
      bareKeyframes: 0,
      keyframes: 6,
    })
    expect([...report.pids].sort((a, b) => a - b)).toEqual([0, 0x100, 0x101, 0x1000])
  })

  test('tables come every 100 ms of decoding time', () => {
    let tables = 0
    for (let at = 0; at < bytes.length; at += 188)
      if (((bytes[at + 1] as number) & 31) === 0 && bytes[at + 2] === 0) tables++
    expect(tables).toBeGreaterThanOrEqual(50)
    expect(tables).toBeLessThanOrEqual(66)
  })

  test('a take gives what was written since the last, and stays as it is', () => {
    const writer = createCanonicalWriter(format)
    expect(writer.take()).toBeNull()
    const pieces: Uint8Array[] = []
    const copies: Buffer[] = []
    for (const unit of units) {
      writer.write(unit)
      const piece = writer.take() as Uint8Array
      pieces.push(piece)
      copies.push(Buffer.from(piece))
    }
    expect(pieces.every((piece, i) => Buffer.compare(piece, copies[i] as Buffer) === 0)).toBe(true)
    expect(Buffer.compare(Buffer.concat(pieces), bytes)).toBe(0)
  })

  test('every size of payload gives whole packets and comes back as it was', () => {
    for (let size = 1; size < 400; size++) {
      const key = size % 2 === 0
      const data = new Uint8Array(size).fill(0x55)
      const unit: Unit = {
        kind: 'video',
        codec: 'mpeg2video',
        key,
        pts: 200_000 + (size % 3) * 3600,
        dts: 200_000,
        data,
      }
      const written = write(
        { video: { codec: 'mpeg2video', profile: null, width: null, height: null, fps: null }, audio: null },
        [unit],
      )
      expect(written.length % 188).toBe(0)
      expect(payloadOf(written).subarray(-size)).toEqual(data)
    }
  })
})

describe('times', () => {
  test('wrap to 33 bits, the clock before them', () => {
    const { units, format } = rewrite('avc')
    const shift = 2 ** 33 - 90_000 - (units.find((unit) => unit.kind === 'video')?.pts ?? 0)
    const moved = units.map((unit) =>
      unit.kind === 'video'
        ? { ...unit, pts: unit.pts + shift, dts: unit.dts + shift }
        : { ...unit, pts: unit.pts + shift },
    )
    const times = checkTs(write(format, moved)).dts.get(0x100) as number[]
    const wraps = times.filter((dts, i) => i > 0 && dts < (times[i - 1] as number))
    expect(wraps.length).toBe(1)
    expect(Math.max(...times)).toBeLessThan(2 ** 33)
    expect(readUnits(write(format, moved)).units.length).toBe(units.length - 1)
  })

  test('a program of sound alone carries the clock and its tables itself', () => {
    const { bytes } = rewrite('aac')
    const report = checkTs(bytes, 0x101)
    expect(report).toMatchObject({ continuityErrors: 0, dtsBack: 0, clockBack: 0, clockLate: 0 })
    expect(report.keyframes).toBe(283)
    expect(bytes.subarray(0, 3)).toEqual(Uint8Array.of(0x47, 0x40, 0))
  })
})

/** What is in the packets of the picture PID, headers and stuffing taken off. */
function payloadOf(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += 188) {
    if ((((bytes[at + 1] as number) & 31) << 8) + (bytes[at + 2] as number) !== 0x100) continue
    const adaptation = (bytes[at + 3] as number) & 0x20 ? 1 + (bytes[at + 4] as number) : 0
    parts.push(bytes.subarray(at + 4 + adaptation, at + 188))
  }
  return Buffer.concat(parts)
}
