import { describe, expect, test } from 'bun:test'
import { createTsReader } from '../../../../src/media/mpegts/reader.ts'
import type { AudioUnit, Format, Unit, VideoUnit } from '../../../../src/media/units.ts'
import { readUnits, type TsFixture, tsFixture } from '../../../support/ts-fixture.ts'
import { createMux, MUX_DEFAULTS, packetize, section, sectionPackets } from '../../../support/ts-mux.ts'

const avc = tsFixture('avc')
const video = (units: Unit[]) => units.filter((unit): unit is VideoUnit => unit.kind === 'video')
const audio = (units: Unit[]) => units.filter((unit): unit is AudioUnit => unit.kind === 'audio')

/** Pushes pieces; collects what comes out. */
function collect(program: number | null = null) {
  const units: Unit[] = []
  const formats: Format[] = []
  let jumps = 0
  const reader = createTsReader({
    program,
    onUnit: (unit) => units.push(unit),
    onFormat: (format) => formats.push(format),
    onJump: () => jumps++,
  })
  let nowMs = 0
  return {
    reader,
    units,
    formats,
    jumps: () => jumps,
    send(packets: Uint8Array[], stepMs = 1) {
      for (const packet of packets) {
        nowMs += stepMs
        reader.push(packet, nowMs)
      }
    },
  }
}

/** Two seconds of the feed, written by another muxer. */
const some = readUnits(avc).units.slice(0, 160)

describe('what FFmpeg sends', () => {
  const expected: [TsFixture, Format, number, number, number][] = [
    ['avc', { video: h264('High'), audio: aac(2) }, 149, 6, 283],
    ['avc-open', { video: h264('High'), audio: aac(1) }, 149, 6, 283],
    ['avc-interlaced', { video: h264('High'), audio: null }, 149, 6, 0],
    ['mpeg2-mp2', { video: { ...h264('Main'), codec: 'mpeg2video' }, audio: sound('mp2') }, 149, 13, 125],
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

describe('packets', () => {
  test('lost packets are continuity errors, repeated ones are not', () => {
    const mux = createMux()
    const packets = [...mux.tables(), ...some.flatMap((unit) => mux.unit(unit))]
    const lossy = collect()
    lossy.send(packets.filter((_, i) => i !== 20 && i !== 40))
    expect(lossy.reader.health.continuityErrors).toBe(2)
    expect(lossy.reader.health.continuityErrorsHour(1000)).toBe(2)
    expect(lossy.reader.health.continuityErrorsHour(3_700_000)).toBe(0)
    const doubled = collect()
    doubled.send(packets.flatMap((packet) => [packet, packet]))
    const once = collect()
    once.send(packets)
    expect(doubled.reader.health.continuityErrors).toBe(0)
    expect(doubled.units).toEqual(once.units)
  })

  test('a loss of sixteen packets is told from a repeat by what is inside', () => {
    const mux = createMux()
    const packets = some.filter((unit) => unit.kind === 'video').flatMap((unit) => mux.unit(unit))
    const { reader, send } = collect()
    send([...mux.tables(), ...packets.slice(0, 20), ...packets.slice(35)])
    expect(reader.health.continuityErrors).toBe(1)
  })

  test('transport errors and scrambled packets are counted and not believed', () => {
    const mux = createMux()
    const packets = [...mux.tables(), ...some.flatMap((unit) => mux.unit(unit))]
    const { reader, send, units } = collect()
    send(packets.map((packet, i) => patched(packet, 1, i % 50 === 49 ? 0x80 : 0)))
    expect(reader.health.transportErrors).toBe(Math.floor(packets.length / 50))
    expect(reader.health.continuityErrors).toBeGreaterThan(0)
    expect(units.length).toBeGreaterThan(0)
    const scrambled = collect()
    scrambled.send([...createMux().tables(), ...packets.slice(2).map((packet) => patched(packet, 3, 0x80))])
    expect(scrambled.reader.health.scrambled).toBe(packets.length - 2)
    expect(scrambled.units).toEqual([])
    expect(scrambled.reader.format()).toBeNull()
  })

  test('an announced discontinuity is no error', () => {
    const { reader, send } = collect()
    const packet = (counter: number, announced: boolean) =>
      packetize(0x100, new Uint8Array(100), () => counter).map((p) => patched(p, 5, announced ? 0x80 : 0))
    send([...createMux().tables(), ...packet(3, false), ...packet(9, true), ...packet(10, false), ...packet(1, false)])
    expect(reader.health.continuityErrors).toBe(1)
  })
})

describe('tables', () => {
  test('a PAT of many programs over several packets; the asked one is taken', () => {
    const numbers = Array.from({ length: 80 }, (_, i) => i + 1)
    const body = numbers.flatMap((n) => [0, n, 0xe0 | ((0x100 + n) >> 8), (0x100 + n) & 255])
    let counter = 0
    const pat = sectionPackets(0, section(0, 0, 1, body), () => counter++ & 15)
    expect(pat.length).toBe(2)
    const mux = createMux({ program: 70, pmtPid: 0x100 + 70, videoPid: 0x900, audioPid: 0x901 })
    const { reader, send, units } = collect(70)
    send([...pat, mux.tables()[1] as Uint8Array, ...some.flatMap((unit) => mux.unit(unit))])
    expect(units.length).toBeGreaterThan(0)
    const programs = reader.programs()
    expect(programs).toHaveLength(80)
    expect(programs.filter((program) => program.chosen).map((program) => program.number)).toEqual([70])
    expect(programs[69]).toMatchObject({ pmtPid: 0x146, pcrPid: 0x900 })
    expect(programs[69]?.tracks).toEqual([
      {
        pid: 0x900,
        type: 'video',
        codec: 'h264',
        profile: 'High',
        width: 320,
        height: 180,
        fps: 25,
        sampleRate: null,
        channels: null,
        language: null,
      },
      {
        pid: 0x901,
        type: 'audio',
        codec: 'aac',
        profile: null,
        width: null,
        height: null,
        fps: null,
        sampleRate: 48000,
        channels: 2,
        language: null,
      },
    ])
  })

  test('a PAT in two sections is one list', () => {
    const { reader, send } = collect()
    let counter = 0
    const part = (index: number) =>
      sectionPackets(0, section(0, 0, 1, [0, index + 1, 0xe1, index], index, 1), () => counter++ & 15)
    send([...part(0), ...part(1), ...part(0)])
    expect(reader.programs().map((program) => program.number)).toEqual([1, 2])
  })

  test('a PMT with descriptors over two packets', () => {
    const descriptor = (tag: number, bytes: number[]) => [tag, bytes.length, ...bytes]
    const entry = (type: number, pid: number, info: number[]) => [
      type,
      0xe0 | (pid >> 8),
      pid & 255,
      0xf0,
      info.length,
      ...info,
    ]
    const body = [
      ...[0xe1, 0x00, 0xf0, 0],
      ...entry(0x1b, 0x100, descriptor(0x28, new Array(120).fill(0))),
      ...entry(0x06, 0x101, [...descriptor(0x0a, [...Buffer.from('deu'), 0]), ...descriptor(0x6a, [0])]),
      ...entry(0x06, 0x102, descriptor(0x59, new Array(40).fill(0))),
      ...entry(0x86, 0x103, []),
      ...entry(0x06, 0x104, descriptor(0x05, [...Buffer.from('EAC3')])),
    ]
    let counter = 0
    const pmt = sectionPackets(0x1000, section(2, 0, 1, body), () => counter++ & 15)
    expect(pmt.length).toBe(2)
    const { reader, send } = collect()
    send([createMux().tables()[0] as Uint8Array, ...pmt])
    expect(reader.programs()[0]?.tracks.map(({ pid, type, codec, language }) => [pid, type, codec, language])).toEqual([
      [0x100, 'video', 'h264', null],
      [0x101, 'audio', 'ac3', 'deu'],
      [0x102, 'data', 'dvb_subtitle', null],
      [0x103, 'data', 'scte_35', null],
      [0x104, 'audio', 'eac3', null],
    ])
  })

  test('a table with a broken CRC changes nothing', () => {
    const { reader, send } = collect()
    const [pat, pmt] = createMux().tables() as [Uint8Array, Uint8Array]
    send([pat, patched(pmt, 20, 0x01)])
    expect(reader.programs()[0]?.tracks).toEqual([])
  })
})

describe('timelines', () => {
  test('the 33-bit wrap is no jump', () => {
    const start = 2 ** 33 - 90_000
    const zero = some[0]?.pts as number
    const mux = createMux()
    const { send, units, jumps } = collect()
    const shifted = some.map((unit) =>
      unit.kind === 'video'
        ? { ...unit, pts: unit.pts - zero + start, dts: unit.dts - zero + start }
        : { ...unit, pts: unit.pts - zero + start },
    )
    send([...mux.tables(), ...shifted.flatMap((unit) => mux.unit(unit))])
    expect(jumps()).toBe(0)
    const pictures = video(units)
    expect(pictures.length).toBeGreaterThan(50)
    for (const [i, unit] of pictures.entries()) if (i > 0) expect(unit.dts - (pictures[i - 1]?.dts ?? 0)).toBe(3600)
    const sounds = audio(units)
    expect(Math.abs((sounds.at(-1)?.pts ?? 0) - (pictures.at(-1)?.dts ?? 0))).toBeLessThan(90_000)
  })

  test('after a step back nothing comes before a keyframe, the unfinished picture least of all', () => {
    const pictures = video(some)
    const mux = createMux({ audioPid: null })
    const { send, units, jumps } = collect()
    const later = pictures.slice(10).map((unit) => ({ ...unit, pts: unit.pts - 90_000, dts: unit.dts - 90_000 }))
    const before = pictures.slice(0, 10).flatMap((unit) => mux.unit(unit))
    send([...mux.tables(), ...before.slice(0, -2), ...later.flatMap((unit) => mux.unit(unit))])
    expect(jumps()).toBe(1)
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
    const { send, units, jumps } = collect()
    send([...first.tables(), ...pictures.slice(0, 10).flatMap((unit) => first.unit(unit))])
    send([...second.tables(), ...pictures.slice(10).flatMap((unit) => second.unit(unit))])
    expect(jumps()).toBe(1)
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

function h264(profile: string) {
  return { codec: 'h264' as const, profile, width: 320, height: 180, fps: 25 }
}

function aac(channels: number) {
  return { codec: 'aac' as const, sampleRate: 48000, channels, objectType: 2 }
}

function sound(codec: 'mp2' | 'ac3' | 'eac3') {
  return { codec, sampleRate: 48000, channels: 2, objectType: null }
}

function patched(bytes: Uint8Array, at: number, xor: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] as number) ^ xor
  return copy
}

function pesHeader(pts: number, dts: number): Uint8Array {
  const mux = createMux({ ...MUX_DEFAULTS })
  const [packet] = mux.unit({ kind: 'video', codec: 'h264', key: false, pts, dts, data: new Uint8Array(0) }) as [
    Uint8Array,
  ]
  return packet.subarray(5 + (packet[4] as number))
}

/** Types of the NAL units of H.264. */
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
