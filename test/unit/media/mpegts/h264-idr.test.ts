import { describe, expect, test } from 'bun:test'
import { createCanonicalWriter } from '../../../../src/media/program/canonical.ts'
import { createBitReader, createBitWriter, withEscapes, withoutEscapes } from '../../../../src/media/mpegts/bits.ts'
import { toIdr } from '../../../../src/media/mpegts/h264-idr.ts'
import type { VideoUnit } from '../../../../src/media/program/units.ts'
import { decodeErrors, readUnits, type TsFixture, tsFixture } from '../../../support/ts-fixture.ts'

const SIZE = 320 * 180
const pixels = (bytes: Uint8Array, format: string): Buffer => {
  const args = [
    '-v',
    'error',
    '-f',
    format,
    '-i',
    '-',
    '-pix_fmt',
    'gray',
    '-vsync',
    'passthrough',
    '-f',
    'rawvideo',
    '-',
  ]
  return Bun.spawnSync(['ffmpeg', ...args], { stdin: bytes }).stdout
}

function encode(params: string, profile: string): VideoUnit[] {
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-t', '4', '-pix_fmt', 'yuv420p']
  const args = ['-v', 'error', ...source, '-c:v', 'libx264', '-profile:v', profile, '-x264-params', params]
  const made = Bun.spawnSync(['ffmpeg', ...args, '-f', 'mpegts', '-'])
  return readUnits(new Uint8Array(made.stdout)).units.filter((unit): unit is VideoUnit => unit.kind === 'video')
}

/** A keyframe as it goes out while it is frozen. */
function frozen(data: Uint8Array, format: ReturnType<typeof readUnits>['formats'][number]): Uint8Array {
  const writer = createCanonicalWriter({ ...format, audio: null })
  for (let i = 0; i < 6; i++) {
    const picture = toIdr(data, i % 2) as Uint8Array
    writer.write({
      kind: 'video',
      codec: 'h264',
      key: true,
      data: picture,
      pts: 180_000 + i * 45_000,
      dts: 180_000 + i * 45_000,
    })
  }
  return writer.take() as Uint8Array
}

describe('a keyframe made an IDR picture of its own', () => {
  const format = readUnits(tsFixture('avc')).formats[0] as never
  test.each([
    ['CABAC, open GOP', 'keyint=25:min-keyint=25:scenecut=0:bframes=2:open-gop=1:b-pyramid=normal', 'high'],
    ['CAVLC', 'keyint=25:min-keyint=25:scenecut=0', 'baseline'],
    ['four slices, CABAC, open GOP', 'keyint=25:min-keyint=25:scenecut=0:slices=4:open-gop=1:bframes=3', 'main'],
    ['frames of an interlaced stream', 'keyint=25:scenecut=0:interlaced=1:open-gop=1', 'high'],
  ])('%s: decodes to the same picture, again and again, without a complaint', (_what, params, profile) => {
    const keys = encode(params, profile).filter(({ key }) => key)
    expect(keys.length).toBeGreaterThanOrEqual(3)
    for (const { data } of keys) {
      const bytes = frozen(data, format)
      expect(decodeErrors(bytes)).toBe('')
      const shown = pixels(bytes, 'mpegts')
      expect(shown.length).toBe(6 * SIZE)
      const alone = pixels(data, 'h264').subarray(0, SIZE)
      for (let i = 0; i < 6; i++) expect(Buffer.compare(shown.subarray(i * SIZE, (i + 1) * SIZE), alone)).toBe(0)
    }
  })

  test('nothing is made of other pictures, of damaged ones, and of none', () => {
    const units = readUnits(tsFixture('avc')).units.filter((unit): unit is VideoUnit => unit.kind === 'video')
    const other = units.find(({ key }) => !key) as VideoUnit
    expect(toIdr(other.data, 0)).toBeNull()
    expect(toIdr(new Uint8Array(0), 0)).toBeNull()
    const key = units[0] as VideoUnit
    for (let cut = 0; cut < 200; cut++) expect(() => toIdr(key.data.subarray(0, cut), 0)).not.toThrow()
    for (const name of ['hevc-main10', 'mpeg2-mp2'] satisfies TsFixture[]) {
      const foreign = readUnits(tsFixture(name)).units[0] as VideoUnit
      expect(() => toIdr(foreign.data, 0)).not.toThrow()
    }
  })
})

describe('bits', () => {
  test('are written as they are read', () => {
    const out = createBitWriter(64)
    const values = [0, 1, 2, 7, 8, 255, 1000]
    for (const value of values) out.ue(value)
    for (const value of values) out.se(-value)
    out.u(5, 3)
    const bits = createBitReader(out.finish())
    for (const value of values) expect(bits.ue()).toBe(value)
    for (const value of values) expect(Math.abs(bits.se())).toBe(value)
    expect(bits.u(3)).toBe(5)
  })

  test('are copied from any place to any place', () => {
    const source = Uint8Array.from({ length: 20 }, (_, i) => (i * 73) % 256)
    for (let from = 0; from < 16; from++) {
      for (let into = 0; into < 9; into++) {
        const out = createBitWriter(32)
        out.u(0, into)
        out.copy(source, from)
        const made = createBitReader(out.finish())
        const wanted = createBitReader(source)
        made.skip(into)
        wanted.skip(from)
        for (let left = 160 - from; left > 0; left--) expect(made.u(1)).toBe(wanted.u(1))
      }
    }
  })

  test('escapes come and go', () => {
    const raw = Uint8Array.of(1, 0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 4, 0, 0)
    expect([...withoutEscapes(withEscapes(raw))]).toEqual([...raw])
    expect([...withEscapes(Uint8Array.of(0, 0, 1))]).toEqual([0, 0, 3, 1])
  })
})
