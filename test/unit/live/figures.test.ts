import { describe, expect, test } from 'bun:test'
import { createFigures } from '../../../src/live/figures.ts'

const input = {
  id: 1,
  bitrateKbps: 10,
  bytesTotal: 20,
  continuityErrors: 1,
  continuityErrorsHour: 1,
  lastPacketAt: 5,
  keyframeSeconds: null,
  link: null,
  switches: 0,
  filledSeconds: 0,
}
const output = {
  id: 7,
  inputId: 1,
  bitrateKbps: 9,
  fps: 25,
  bytesTotal: 30,
  uptimeSeconds: 4,
  speed: 1,
  dropFrames: 2,
  skips: 3,
  cpuPercent: 1,
  memoryBytes: 100,
  callers: [],
}

test('momentary figures fade after 3 s, sums stay', () => {
  const figures = createFigures()
  expect([figures.input(1, 0), figures.output(7, 0, true)]).toEqual([null, null])
  figures.take({ at: 1000, inputs: [input], outputs: [output] })
  expect(figures.input(1, 4000)).toMatchObject(input)
  expect(figures.output(7, 4000, true)).toMatchObject(output)
  expect(figures.input(1, 4001)).toMatchObject({ bitrateKbps: null, bytesTotal: 20, continuityErrors: 1 })
  expect(figures.output(7, 4001, true)).toMatchObject({
    bitrateKbps: null,
    fps: null,
    speed: null,
    uptimeSeconds: null,
    cpuPercent: null,
    memoryBytes: null,
    bytesTotal: 30,
    dropFrames: 2,
    skips: 3,
  })
})

describe('what belongs to a child', () => {
  const { id, inputId, bytesTotal, skips } = output
  const sumsAlone = {
    ...{ id, inputId, bytesTotal, skips },
    ...{ bitrateKbps: null, fps: null, speed: null, uptimeSeconds: null },
    ...{ dropFrames: null, cpuPercent: null, memoryBytes: null, callers: [] },
  }

  test('is null while there is none, whatever a child that leaves still reports', () => {
    const figures = createFigures()
    figures.take({ at: 1000, inputs: [], outputs: [output] })
    expect(figures.output(7, 1000, false)).toMatchObject(sumsAlone)
  })

  test('goes when another child comes; its sums stay', () => {
    const figures = createFigures()
    figures.take({ at: 1000, inputs: [], outputs: [output] })
    figures.childChanged(7)
    expect(figures.output(7, 1000, true)).toMatchObject(sumsAlone)
    figures.take({ at: 1100, inputs: [], outputs: [output] })
    expect(figures.output(7, 1100, true)).toMatchObject(output)
  })

  test('a start by a person leaves nothing; the line of the last minutes stays', () => {
    const figures = createFigures()
    figures.take({ at: 1000, inputs: [], outputs: [output] })
    figures.startedAnew(7)
    expect(figures.output(7, 1000, true)).toBeNull()
    expect(figures.series('output', 7, 1000, 1)).toEqual([9])
  })
})

test('the lines of inputs and outputs are apart and end with them', () => {
  const figures = createFigures()
  figures.take({ at: 1000, inputs: [{ ...input, id: 7 }], outputs: [output] })
  expect([figures.series('input', 7, 1000, 1), figures.series('output', 7, 1000, 1)]).toEqual([[10], [9]])
  figures.drop('output', 7)
  expect([figures.series('input', 7, 1000, 1), figures.series('output', 7, 1000, 1)]).toEqual([[10], [null]])
  expect(figures.output(7, 1000, true)).toBeNull()
})

describe('stills', () => {
  test('the newest time stands; what is worth telling comes at most once a second for each input', () => {
    const figures = createFigures()
    expect(figures.stillAt(3)).toBeNull()
    expect([1000, 1400, 1999, 2000, 2500].map((atMs) => figures.takeStill(3, atMs))).toEqual([
      true,
      false,
      false,
      true,
      false,
    ])
    expect(figures.takeStill(4, 1500)).toBe(true)
    expect(figures.stillAt(3)).toBe(2500)
    figures.drop('input', 3)
    expect(figures.stillAt(3)).toBeNull()
    expect(figures.stillAt(4)).toBe(1500)
  })
})
