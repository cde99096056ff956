import { describe, expect, test } from 'bun:test'
import { crc32, createSectionAssembler } from '../../../../src/media/mpegts/psi.ts'
import { createPrograms } from '../../../../src/media/mpegts/programs.ts'
import { section } from '../../../support/ts-mux.ts'

describe('CRC', () => {
  test('is the one of the standard: 0x0376E6E7 for "123456789"', () => {
    expect(crc32(Buffer.from('123456789'), 0, 9)).toBe(0x0376e6e7)
  })

  test('over a section with its own is 0', () => {
    const bytes = section(0, 3, 1, [0, 1, 0xf0, 0])
    expect(crc32(bytes, 0, bytes.length)).toBe(0)
  })
})

describe('sections', () => {
  const a = section(0x42, 0, 1, new Array(150).fill(7))
  const b = section(0x43, 0, 2, [1, 2, 3])
  function assemble(pushes: [number[], boolean, boolean][]): Uint8Array[] {
    const found: Uint8Array[] = []
    const assembler = createSectionAssembler((bytes) => found.push(bytes.slice()))
    for (const [bytes, start, lost] of pushes) assembler.push(Uint8Array.from(bytes), 0, bytes.length, start, lost)
    return found
  }

  test('two in one packet, stuffing behind them', () => {
    expect(assemble([[[0, ...b, ...b, 0xff, 0xff], true, false]])).toEqual([b, b])
  })

  test('one that ends where the next begins', () => {
    const head = [...a.subarray(0, 100)]
    const tail = [...a.subarray(100)]
    expect(
      assemble([
        [[0, ...head], true, false],
        [[tail.length, ...tail, ...b], true, false],
      ]),
    ).toEqual([a, b])
  })

  test('a lost packet costs the section it was in, not the next', () => {
    const head = [...a.subarray(0, 100)]
    expect(
      assemble([
        [[0, ...head], true, false],
        [[1, 2, 3], false, true],
        [[0, ...b], true, false],
      ]),
    ).toEqual([b])
  })

  test('a pointer beyond the packet and a length beyond 4096 are nothing', () => {
    expect(
      assemble([
        [[200, 1, 2], true, false],
        [[0, 0x42, 0xbf, 0xff, 0, 0], true, false],
      ]),
    ).toEqual([])
    expect(assemble([[[], true, false]])).toEqual([])
  })
})

describe('programs', () => {
  function create() {
    let changes = 0
    const programs = createPrograms({ program: null, onChange: () => changes++ })
    const push = (pid: number, bytes: Uint8Array) => {
      const payload = Uint8Array.from([0, ...bytes])
      programs.push(pid, payload, 0, payload.length, true, false)
    }
    return { programs, push, changes: () => changes }
  }
  const pat = (version: number, ...entries: [number, number][]) =>
    section(
      0,
      version,
      1,
      entries.flatMap(([n, pid]) => [0, n, 0xe0 | (pid >> 8), pid & 255]),
    )
  const pmt = (version: number, pid: number, number = 1) =>
    section(2, version, number, [0xe1, 0, 0xf0, 0, 0x1b, 0xe0 | (pid >> 8), pid & 255, 0xf0, 0])

  test('repeats change nothing, another version does', () => {
    const { programs, push, changes } = create()
    for (let i = 0; i < 3; i++) {
      push(0, pat(0, [1, 0x1000]))
      push(0x1000, pmt(0, 0x100))
    }
    expect(changes()).toBe(2)
    push(0x1000, pmt(1, 0x200))
    expect(changes()).toBe(3)
    expect(programs.chosen()?.pmt?.streams[0]?.pid).toBe(0x200)
  })

  test('a PMT that is not in the PAT, or is of another number, is not taken', () => {
    const { programs, push } = create()
    push(0, pat(0, [1, 0x1000]))
    push(0x1000, pmt(0, 0x100, 9))
    expect(programs.chosen()).toEqual({ number: 1, pmtPid: 0x1000, pmt: null, section: null } as never)
  })

  test('the network PID is no program; a new PAT replaces the old and keeps what stays', () => {
    const { programs, push } = create()
    push(0, pat(0, [0, 0x10], [1, 0x1000], [2, 0x1001]))
    push(0x1000, pmt(0, 0x100))
    push(0, pat(1, [2, 0x1001], [1, 0x1000]))
    expect(programs.list().map(({ number, pmt: table }) => [number, table !== null])).toEqual([
      [2, false],
      [1, true],
    ])
    expect(programs.chosen()?.number).toBe(2)
  })
})
