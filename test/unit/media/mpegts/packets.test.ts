import { describe, expect, test } from 'bun:test'
import { collect, patched } from '../../../support/ts-collect.ts'
import { readUnits, tsFixture } from '../../../support/ts-fixture.ts'
import { createMux, packetize, section, sectionPackets } from '../../../support/ts-mux.ts'

/** Two seconds of the feed, written by another muxer. */
const some = readUnits(tsFixture('avc')).units.slice(0, 160)

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

  /** `by` is added to every counter, as of an encoder that begins to count anywhere. */
  const recounted = (datagram: Uint8Array, by: number) => {
    const other = datagram.slice()
    for (let at = 3; at < other.length; at += 188)
      other[at] = ((other[at] as number) & 0xf0) | (((other[at] as number) + by) & 0x0f)
    return other
  }

  test("an encoder's restart is no loss, whatever the counters were and are; a lost datagram is one", () => {
    const feed = tsFixture('avc')
    const datagrams = Array.from({ length: Math.floor(feed.length / 1316) }, (_, i) =>
      feed.subarray(i * 1316, (i + 1) * 1316),
    )
    for (const until of [60, 77, 94, 111])
      for (const by of [0, 1, 7, 15]) {
        const { reader, units } = collect()
        for (const [i, data] of datagrams.slice(0, until).entries()) reader.push(data, i)
        const before = units.length
        for (const [i, data] of datagrams.entries()) reader.push(recounted(data, by), until + i)
        expect(reader.health.continuityErrors).toBe(0)
        expect(reader.health.continuityErrorsHour(until)).toBe(0)
        expect(units.length - before).toBeGreaterThan(400)
        for (const [i, data] of datagrams.entries()) if (i !== 90) reader.push(data, 5000 + i)
        expect(reader.health.continuityErrors).toBeGreaterThan(0)
      }
  })

  test('losses around a clock that goes on are losses, however long nothing came', () => {
    const feed = tsFixture('avc')
    const { reader } = collect()
    const middle = Math.floor(feed.length / 376) * 188
    reader.push(feed.subarray(0, middle), 0)
    reader.push(feed.subarray(middle + 7 * 188), 9_000)
    expect(reader.health.continuityErrors).toBeGreaterThan(0)
  })

  test('tables of another encoder are read, though their counters stand where the last ones stood', () => {
    const { send, units, reader } = collect()
    const first = createMux()
    const other = createMux({ version: 1, videoPid: 0x300, audioPid: 0x301 })
    send([...first.tables(), ...some.slice(0, 60).flatMap((unit) => first.unit(unit))])
    const before = units.length
    send([...other.tables(), ...some.flatMap((unit) => other.unit(unit))])
    expect(units.length).toBeGreaterThan(before + 100)
    expect(reader.health.continuityErrors).toBe(0)
  })

  test('noise is not taken for packets, and packets are found behind it', () => {
    const mux = createMux()
    const packets = [...mux.tables(), ...some.flatMap((unit) => mux.unit(unit))]
    const { reader, units } = collect()
    // The same noise every time (xorshift32).
    let seed = 7
    const noise = Uint8Array.from({ length: 1316 * 1500 }, () => {
      seed ^= seed << 13
      seed ^= seed >>> 17
      seed ^= seed << 5
      return seed & 0xff
    })
    for (let at = 0; at < noise.length; at += 1316) reader.push(noise.subarray(at, at + 1316), at)
    expect(reader.health.packets).toBe(0)
    expect(reader.health.foreignBytes).toBeGreaterThan(noise.length - 600)
    reader.push(Buffer.concat([...packets, ...packets.slice(0, 2)]), noise.length)
    expect(units.length).toBeGreaterThan(100)
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
