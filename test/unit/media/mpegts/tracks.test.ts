import { describe, expect, test } from 'bun:test'
import type { AudioUnit, VideoUnit } from '../../../../src/media/program/units.ts'
import { audio, collect, pesHeader, video } from '../../../support/ts-collect.ts'
import { readUnits, tsFixture } from '../../../support/ts-fixture.ts'
import { createMux, packetize } from '../../../support/ts-mux.ts'

const avc = tsFixture('avc')
/** Two seconds of the feed, written by another muxer. */
const some = readUnits(avc).units.slice(0, 160)

describe('timelines', () => {
  test('the 33-bit wrap is no jump', () => {
    const start = 2 ** 33 - 90_000
    const zero = some[0]?.pts as number
    const mux = createMux()
    const { send, units } = collect()
    const shifted = some.map((unit) =>
      unit.kind === 'video'
        ? { ...unit, pts: unit.pts - zero + start, dts: unit.dts - zero + start }
        : { ...unit, pts: unit.pts - zero + start },
    )
    send([...mux.tables(), ...shifted.flatMap((unit) => mux.unit(unit))])
    const pictures = video(units)
    expect(pictures.length).toBeGreaterThan(50)
    for (const [i, unit] of pictures.entries()) if (i > 0) expect(unit.dts - (pictures[i - 1]?.dts ?? 0)).toBe(3600)
    const sounds = audio(units)
    expect(Math.abs((sounds.at(-1)?.pts ?? 0) - (pictures.at(-1)?.dts ?? 0))).toBeLessThan(90_000)
  })

  test('after a step back nothing comes before a keyframe, the unfinished picture least of all', () => {
    const pictures = video(some)
    const mux = createMux({ audioPid: null })
    const { send, units } = collect()
    const later = pictures.slice(10).map((unit) => ({ ...unit, pts: unit.pts - 90_000, dts: unit.dts - 90_000 }))
    const before = pictures.slice(0, 10).flatMap((unit) => mux.unit(unit))
    send([...mux.tables(), ...before.slice(0, -2), ...later.flatMap((unit) => mux.unit(unit))])
    const out = video(units)
    expect(out.slice(0, 9).map((unit) => unit.data)).toEqual(pictures.slice(0, 9).map((unit) => unit.data))
    const [next] = out.slice(9)
    expect(next?.key).toBe(true)
    expect(next?.data).toEqual(pictures[25]?.data as Uint8Array)
  })

  test('other PIDs are another timeline, even where the times go on', () => {
    const pictures = video(some)
    const first = createMux({ audioPid: null })
    const second = createMux({ audioPid: null, videoPid: 0x300, version: 1, counter: 7 })
    const { send, units } = collect()
    send([...first.tables(), ...pictures.slice(0, 10).flatMap((unit) => first.unit(unit))])
    send([...second.tables(), ...pictures.slice(10).flatMap((unit) => second.unit(unit))])
    expect(video(units)[9]).toMatchObject({ key: true, data: pictures[25]?.data as Uint8Array })
  })

  test('reset forgets the sender and keeps the counters', () => {
    const { reader, send, formats, units } = collect()
    const mux = createMux()
    send([...mux.tables(), ...some.flatMap((unit) => mux.unit(unit))])
    const { packets } = reader.health
    reader.reset()
    expect([reader.format(), reader.programs()]).toEqual([null, []])
    expect(reader.health.packets).toBe(packets)
    const count = units.length
    const again = createMux({ counter: 5 })
    send([...again.tables(), ...some.flatMap((unit) => again.unit(unit))])
    expect(reader.health.continuityErrors).toBe(0)
    expect(formats).toHaveLength(2)
    expect(units[count]).toMatchObject({ key: true })
  })
})

describe('pictures', () => {
  test('a PES header over two packets', () => {
    const unit = video(some)[0] as VideoUnit
    const header = pesHeader(unit.pts, unit.dts)
    for (const cut of [1, 3, 8, 12, 18]) {
      let counter = 0
      const mux = createMux({ audioPid: null, counter: 8 })
      const pes = Buffer.concat([header, unit.data])
      const { send, units, reader } = collect()
      send([...mux.tables(), ...packetize(0x100, pes, () => counter++ & 15, true, cut)])
      send(packetize(0x100, pesHeader(unit.pts + 3600, unit.dts + 3600), () => counter++ & 15))
      expect(reader.health.continuityErrors).toBe(0)
      expect(units).toEqual([{ ...unit }])
    }
  })

  test('a length ends a picture at once, without the next', () => {
    const mux = createMux({ audioPid: null, videoLength: true })
    const unit = video(some).find((u) => u.key && u.data.length < 60_000) as VideoUnit
    const { send, units } = collect()
    send([...mux.tables(), ...mux.unit(unit)])
    expect(units).toEqual([unit])
  })

  test('without RAI an IDR picture is a keyframe; without a delimiter one is put in front', () => {
    const mux = createMux({ audioPid: null, randomAccess: false, videoLength: true })
    const key = video(some).find((u) => u.key) as VideoUnit
    const { send, units } = collect()
    send([...mux.tables(), ...mux.unit({ ...key, data: key.data.subarray(6) })])
    expect(units).toEqual([key])
  })

  test('a keyframe without parameter sets gets the kept ones, and is none before they were seen', () => {
    const keys = video(readUnits(avc).units).filter((u) => u.key)
    const [first, second] = keys as [VideoUnit, VideoUnit]
    const bare = { ...second, dts: first.dts + 3600, pts: first.pts + 3600, data: withoutSets(second.data) }
    expect(bare.data.length).toBeLessThan(second.data.length)
    const mux = createMux({ audioPid: null, videoLength: true })
    const { send, units } = collect()
    send([...mux.tables(), ...mux.unit({ ...bare, dts: first.dts - 3600, pts: first.pts - 3600 })])
    expect(units).toEqual([])
    send([...mux.unit(first), ...mux.unit(bare)])
    expect(video(units).map((unit) => unit.key)).toEqual([true, true])
    expect(nalTypes(units[1]?.data as Uint8Array).slice(0, 3)).toEqual([9, 7, 8])
  })

  test('two PES with one timestamp are one picture once that was seen', () => {
    const pictures = video(some).slice(0, 6)
    let counter = 0
    const next = () => counter++ & 15
    const mux = createMux({ audioPid: null })
    const { send, units } = collect()
    send(mux.tables())
    for (const unit of pictures) {
      const half = unit.data.length >> 1
      const first = Buffer.concat([pesHeader(unit.pts, unit.dts), unit.data.subarray(0, half)])
      send(packetize(0x100, first, next, unit.key))
      send(
        packetize(
          0x100,
          Buffer.concat([Uint8Array.of(0, 0, 1, 0xe0, 0, 0, 0x80, 0, 0), unit.data.subarray(half)]),
          next,
        ),
      )
    }
    send(packetize(0x100, pesHeader((pictures[5]?.pts ?? 0) + 9000, (pictures[5]?.dts ?? 0) + 3600), next))
    expect(units).toEqual(pictures)
  })

  test('leading pictures of an open GOP are left out at the start, and only there', () => {
    const whole = video(readUnits(tsFixture('avc-open')).units)
    const second = whole.findIndex((unit, i) => i > 0 && unit.key)
    const leading = whole.slice(second + 1, second + 4).filter((unit) => unit.pts < (whole[second]?.pts ?? 0))
    expect(leading.length).toBeGreaterThan(0)
    const mux = createMux({ audioPid: null, videoLength: true })
    const { send, units } = collect()
    send([...mux.tables(), ...whole.slice(second).flatMap((unit) => mux.unit(unit))])
    expect(units.length).toBe(whole.length - second - leading.length)
  })
})

describe('sound', () => {
  test('frames that straddle PES come out whole, with the time of the PES they begin in', () => {
    const frames = audio(some).slice(0, 30)
    const stream = Buffer.concat(frames.map((frame) => frame.data))
    const starts = frames.map((_, i) => frames.slice(0, i).reduce((sum, frame) => sum + frame.data.length, 0))
    const mux = createMux({ videoPid: null })
    const { send, units } = collect()
    send(mux.tables())
    for (let at = 0; at < stream.length; at += 1000) {
      const first = starts.findIndex((start) => start >= at)
      const pts = frames[first < 0 ? frames.length - 1 : first]?.pts as number
      send(mux.unit({ ...(frames[0] as AudioUnit), pts, data: stream.subarray(at, at + 1000) }))
    }
    expect(units.map((unit) => Buffer.from(unit.data).toString('hex'))).toEqual(
      frames.map((frame) => Buffer.from(frame.data).toString('hex')),
    )
    for (const [i, unit] of units.entries()) expect(Math.abs(unit.pts - (frames[i]?.pts ?? 0))).toBeLessThanOrEqual(1)
  })

  test('of a PES that lost a packet only the frames before the hole are believed', () => {
    const frames = audio(some).slice(0, 16)
    const mux = createMux({ videoPid: null, framesPerPes: 8 })
    const packets = frames.flatMap((frame) => mux.unit(frame))
    const { send, units } = collect()
    send([...mux.tables(), ...packets.filter((_, i) => i !== 5)])
    expect(units.length).toBeLessThan(16)
    expect(units.length).toBeGreaterThan(8)
    const byPts = new Map(frames.map((frame) => [Math.round(frame.pts), frame.data]))
    for (const unit of units) expect(byPts.get(Math.round(unit.pts))).toEqual(unit.data)
  })
})

function nalTypes(data: Uint8Array): number[] {
  const types: number[] = []
  for (let i = 3; i < data.length; i++)
    if (data[i - 1] === 1 && data[i - 2] === 0 && data[i - 3] === 0) types.push((data[i] as number) & 31)
  return types
}

function withoutSets(data: Uint8Array): Uint8Array {
  const starts: number[] = []
  for (let i = 0; i + 4 < data.length; i++) if (data[i] === 0 && data[i + 1] === 0 && data[i + 2] === 1) starts.push(i)
  const nals = starts.map((start, i) => data.subarray(start, starts[i + 1] ?? data.length))
  return Buffer.concat(nals.filter((nal) => ![7, 8].includes((nal[3] as number) & 31)))
}
