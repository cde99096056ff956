import { describe, expect, test } from 'bun:test'
import { createTsReader } from '../../../../src/media/mpegts/reader.ts'
import type { AudioUnit, Format } from '../../../../src/media/program/units.ts'
import { audio, collect, patched, video } from '../../../support/ts-collect.ts'
import { readUnits, type TsFixture, tsFixture } from '../../../support/ts-fixture.ts'
import { createMux } from '../../../support/ts-mux.ts'

const avc = tsFixture('avc')
/** Two seconds of the feed. */
const some = readUnits(avc).units.slice(0, 160)

describe('what FFmpeg sends', () => {
  const expected: [TsFixture, Format, number, number, number][] = [
    ['avc', { video: h264('High'), audio: aac(2) }, 149, 6, 283],
    ['avc-open', { video: h264('High'), audio: aac(1) }, 149, 6, 283],
    ['avc-interlaced', { video: h264('High'), audio: null }, 149, 6, 0],
    ['mpeg2-mp2', { video: { ...h264('Main'), codec: 'mpeg2video' }, audio: sound('mp2') }, 149, 13, 125],
    ['mpeg2-mp3', { video: { ...h264('Main'), codec: 'mpeg2video' }, audio: sound('mp3') }, 149, 13, 36],
    ['avc-ac3', { video: h264('High'), audio: sound('ac3') }, 149, 6, 63],
    ['avc-eac3', { video: h264('High'), audio: sound('eac3') }, 149, 6, 63],
    ['hevc-main10', { video: { ...h264('Main 10'), codec: 'hevc', fps: 25 }, audio: aac(2) }, 149, 6, 283],
    ['aac', { video: null, audio: aac(2) }, 0, 0, 283],
  ]
  test.each(expected)('%s', (name, format, pictures, keyframes, sounds) => {
    const { units, formats } = readUnits(tsFixture(name))
    expect(formats.at(-1)).toEqual(format)
    expect(video(units)).toHaveLength(pictures)
    expect(video(units).filter((unit) => unit.key)).toHaveLength(keyframes)
    expect(audio(units)).toHaveLength(sounds)
    for (const [i, unit] of video(units).entries()) {
      expect(unit.data.subarray(0, 3)).toEqual(Uint8Array.of(0, 0, unit.codec === 'mpeg2video' ? 1 : 0))
      if (i > 0) expect(unit.dts - (video(units)[i - 1]?.dts ?? 0)).toBe(3600)
    }
  })

  test('LATM travels whole, its configuration unknown', () => {
    const { formats, units } = readUnits(tsFixture('avc-latm'))
    expect(formats[0]?.audio).toEqual({ codec: 'aac_latm', sampleRate: null, channels: null, objectType: null })
    expect(audio(units).length).toBe(36)
  })

  test('sound frames are a frame apart, in fractions of a tick', () => {
    const frames = audio(readUnits(avc).units)
    for (const [i, frame] of frames.entries()) {
      expect(frame.durationTicks).toBe(1920)
      if (i > 0) expect(Math.abs(frame.pts - (frames[i - 1]?.pts ?? 0) - 1920)).toBeLessThanOrEqual(1)
    }
  })
})

describe('bytes', () => {
  test('any cut of the bytes gives the same units', () => {
    const whole = readUnits(avc).units
    for (const size of [1, 7, 187, 189, 1000, 65_536]) {
      const { reader, units } = collect()
      for (let at = 0; at < avc.length; at += size) reader.push(avc.subarray(at, at + size), at / 1000)
      expect(units.length).toBe(whole.length)
      expect(units.every((unit, i) => Buffer.compare(unit.data, whole[i]?.data as Uint8Array) === 0)).toBe(true)
      expect(reader.health.foreignBytes).toBe(0)
    }
  })

  test('foreign bytes in between are counted and skipped', () => {
    const { reader, units } = collect()
    const noise = new Uint8Array(300).fill(0x11)
    reader.push(noise, 0)
    for (let at = 0; at < avc.length; at += 1316) {
      reader.push(avc.subarray(at, at + 1316), at / 1000)
      if (at === 1316 * 20) reader.push(noise, at / 1000)
    }
    expect(reader.health.foreignBytes).toBe(600)
    expect(units.length).toBe(readUnits(avc).units.length)
  })

  test('a datagram that was cut short costs no packet of the next', () => {
    const { reader } = collect()
    reader.push(avc.subarray(0, 1316 - 100), 0)
    reader.push(avc.subarray(1316, 2632), 1)
    expect(reader.health.packets).toBe(6 + 7)
    expect(reader.health.foreignBytes).toBe(88)
  })
})

describe('format', () => {
  test('comes before the first unit, when every announced track is known', () => {
    const order: string[] = []
    const reader = createTsReader({
      program: null,
      onUnit: (unit) => order.push(unit.kind),
      onFormat: () => order.push('format'),
    })
    for (let at = 0; at < avc.length; at += 1316) reader.push(avc.subarray(at, at + 1316), at / 1000)
    expect(order[0]).toBe('format')
    expect(order.filter((kind) => kind === 'format')).toHaveLength(1)
  })

  test('announced sound that never comes is not waited for longer than 2 s; when it comes it is told', () => {
    const mux = createMux()
    const { send, formats, reader } = collect()
    const pictures = video(some)
    send(mux.tables())
    send(
      pictures.slice(0, 20).flatMap((unit) => mux.unit(unit)),
      1,
    )
    expect(reader.format()).toBeNull()
    send(
      pictures.slice(20, 40).flatMap((unit) => mux.unit(unit)),
      20,
    )
    expect(reader.format()).toMatchObject({ video: { codec: 'h264' }, audio: null })
    send(audio(some).flatMap((unit) => mux.unit(unit)))
    expect(formats.at(-1)?.audio).toEqual(aac(2))
  })

  test('pictures and sound that change together are told once, on the same PIDs too', () => {
    const { send, formats, units } = collect()
    const old = createMux()
    send([...old.tables(), ...some.flatMap((unit) => old.unit(unit))])
    const hevc = video(readUnits(tsFixture('hevc-main10')).units).slice(0, 60)
    const mono = audio(some).map((unit) => ({ ...unit, data: patched(patched(unit.data, 2, 0), 3, 0xc0) }))
    const mux = createMux({ version: 1, videoType: 0x24, counter: 5 })
    const before = units.length
    send([...mux.tables(), ...hevc.flatMap((unit) => mux.unit(unit)), ...mono.flatMap((unit) => mux.unit(unit))])
    expect(formats).toHaveLength(2)
    expect(formats[1]).toMatchObject({ video: { codec: 'hevc' }, audio: { codec: 'aac', channels: 1 } })
    expect(new Set(units.slice(before).map((unit) => unit.codec))).toEqual(new Set(['hevc', 'aac']))
  })

  test('one flipped header does not change the sound; four in a row do', () => {
    const mux = createMux({ videoPid: null })
    const frames = audio(some)
    const mono = (unit: AudioUnit) => ({ ...unit, data: patched(patched(unit.data, 2, 0), 3, 0xc0) })
    const { send, formats, units } = collect()
    send(mux.tables())
    send(frames.map((unit, i) => (i === 10 ? mono(unit) : unit)).flatMap((unit) => mux.unit(unit)))
    expect(formats).toHaveLength(1)
    expect(units).toHaveLength(frames.length - 1)
    const moved = frames.map((unit) => ({ ...mono(unit), pts: unit.pts + frames.length * 1920 }))
    send(moved.flatMap((unit) => mux.unit(unit)))
    expect(formats).toHaveLength(2)
    expect(formats[1]?.audio?.channels).toBe(1)
  })
})

function h264(profile: string) {
  return { codec: 'h264' as const, profile, width: 320, height: 180, fps: 25 }
}

function aac(channels: number) {
  return { codec: 'aac' as const, sampleRate: 48000, channels, objectType: 2 }
}

function sound(codec: 'mp2' | 'mp3' | 'ac3' | 'eac3') {
  return { codec, sampleRate: 48000, channels: 2, objectType: null }
}
