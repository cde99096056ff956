import { beforeEach, describe, expect, test } from 'bun:test'
import type { DomainEvent } from '../../../src/bus.ts'
import { createLog } from '../../../src/lib/log.ts'
import { type Actual, createActual } from '../../../src/live/actual.ts'
import type { NewEvent } from '../../../src/live/events.ts'
import { createFigures, type Figures } from '../../../src/live/figures.ts'
import { createMediaEvents } from '../../../src/live/media-events.ts'
import type { MediaEvent } from '../../../src/media/protocol.ts'
import { newInput, newOutput } from '../../support/fake-media.ts'

let actual: Actual
let figures: Figures
let told: DomainEvent[]
let recorded: NewEvent[]
let lines: string[]
let hear: (event: MediaEvent) => void

beforeEach(() => {
  actual = createActual()
  figures = createFigures()
  told = []
  recorded = []
  const bus = { publish: (event: DomainEvent) => void told.push(event), subscribe: () => () => undefined }
  lines = []
  const log = createLog({ level: 'warn', format: 'human', write: (line) => void lines.push(line), wall: () => 0 })
  const choices = { switched: () => undefined }
  hear = createMediaEvents({ actual, figures, choices, bus, record: (event) => void recorded.push(event), log })
  actual.want(
    [{ id: 1, enabled: true, unreadable: false, offSinceMs: 0 }],
    [{ id: 7, inputId: 1, enabled: true, unreadable: false, offSinceMs: 0 }],
    1000,
  )
})

const input = (change: Partial<ReturnType<typeof newInput>>) =>
  hear({ name: 'input.state', at: 0, data: { ...newInput(1), ...change } })
const output = (change: Partial<ReturnType<typeof newOutput>>) =>
  hear({ name: 'output.state', at: 0, data: { ...newOutput(7, 1), ...change } })
const types = () => told.map((event) => event.type)

describe('state', () => {
  test('a change is told once, its repetition is not', () => {
    input({ status: 'active', source: '10.0.0.1:5' })
    input({ status: 'active', source: '10.0.0.1:5' })
    expect(types()).toEqual(['input.changed'])
    expect(recorded).toMatchObject([{ inputId: 1, type: 'input.active', actor: 'weir' }])
  })

  test('an output that gave up is a line of the log, one that tries again is none', () => {
    output({ status: 'reconnecting', statusReason: 'Refused.' })
    expect(lines).toEqual([])
    output({ status: 'error', statusReason: 'Refused. Given up after 3 reconnects.' })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toEndWith('an output gave up input=1 output=7 reason="Refused. Given up after 3 reconnects."')
  })

  test('a running output is told of its input too, which counts them; other changes are its own', () => {
    output({ status: 'starting', processId: 3 })
    expect(types()).toEqual(['output.changed'])
    output({ status: 'running', processId: 3 })
    expect(types()).toEqual(['output.changed', 'output.changed', 'input.changed'])
    output({ status: 'running', processId: 3, warnings: [{ code: 'output.behind', message: 'x', since: 0 }] })
    expect(types().slice(3)).toEqual(['output.changed'])
    output({ status: 'reconnecting', statusReason: 'The server refused.' })
    expect(types().slice(4)).toEqual(['output.changed', 'input.changed'])
    expect(recorded.map((event) => [event.type, event.outputId])).toEqual([
      ['output.running', 7],
      ['output.reconnecting', 7],
    ])
  })

  test('what leaves or comes on air is a switch, with a line where nobody else has written one', () => {
    const changes = [
      { from: 'none', to: 'main', reason: null, gapMs: 0 },
      { from: 'main', to: 'slate', reason: 'lost', gapMs: 40 },
      { from: 'slate', to: 'main', reason: 'returned', gapMs: 80 },
      { from: 'main', to: 'freeze', reason: 'manual', gapMs: 0 },
    ] as const
    for (const change of changes) hear({ name: 'input.switched', at: 0, data: { id: 1, ...change } })
    hear({ name: 'input.switched', at: 0, data: { id: 99, ...changes[1] } })
    expect(told).toEqual(changes.map((change) => ({ type: 'input.switched', inputId: 1, ...change })))
    expect(recorded.map(({ message, data }) => [message, data?.['to']])).toEqual([
      ['The feed was lost. The slate is on air.', 'slate'],
      ['The feed is back on air.', 'main'],
    ])
  })

  test('of what is not wanted any more nobody hears, until it is gone', async () => {
    output({ status: 'running' })
    actual.want([{ id: 1, enabled: true, unreadable: false, offSinceMs: 0 }], [], 2000)
    told.length = recorded.length = 0
    output({ status: 'stopping' })
    const gone = actual.gone('output', 7)
    hear({ name: 'output.removed', at: 0, data: { id: 7 } })
    await gone
    expect([told, recorded]).toEqual([[], []])
  })
})

test('figures of what is wanted are kept and told once an input', () => {
  const of = (id: number) => ({
    id,
    bitrateKbps: 1,
    bytesTotal: 1,
    continuityErrors: 0,
    continuityErrorsHour: 0,
    lastPacketAt: null,
    keyframeSeconds: null,
    link: null,
    switches: 0,
    filledSeconds: 0,
  })
  hear({ name: 'figures', at: 0, data: { at: 5000, loopLagMs: 0, inputs: [of(1), of(2)], outputs: [] } })
  expect(told).toEqual([{ type: 'stats', inputId: 1 }])
  expect([figures.input(1, 5000)?.bitrateKbps, figures.input(2, 5000)]).toEqual([1, null])
})

test("another child: the old one's figures are gone, the sums stay", () => {
  output({ status: 'running', processId: 3, startedAt: 1000 })
  const mine = { ...{ id: 7, inputId: 1, bitrateKbps: 9, fps: 25, bytesTotal: 30, uptimeSeconds: 4, speed: 1 } }
  const all = { ...mine, dropFrames: 2, skips: 3, cpuPercent: 1, memoryBytes: 100, callers: [] }
  hear({ name: 'figures', at: 0, data: { at: 5000, loopLagMs: 0, inputs: [], outputs: [all] } })
  output({ status: 'running', processId: 3, startedAt: 1000, attempt: 1 })
  expect(figures.output(7, 5000, true)).toMatchObject(all)
  output({ status: 'starting', processId: 4, startedAt: 2000 })
  expect(figures.output(7, 5000, true)).toMatchObject({ bytesTotal: 30, skips: 3, uptimeSeconds: null, speed: null })
})

test('log lines of outputs are told, with their input; those of inputs and strangers are not', () => {
  const line = { at: 0, level: 'info' as const, text: 'x' }
  for (const [kind, id] of [
    ['output', 7],
    ['output', 8],
    ['input', 1],
  ] as const)
    hear({ name: 'log', at: 0, data: { kind, id, line } })
  expect(told).toEqual([{ type: 'output.log', inputId: 1, outputId: 7, line }])
})

test.each([
  [false, 'worker.restarted', 'starting', 'reconnecting'],
  [true, 'worker.failed', 'error', 'error'],
] as const)(
  'a dead worker (failed: %p) is history, state and event of everything that lived in it',
  (failed, type, ofInput, ofOutput) => {
    input({ status: 'active' })
    output({ status: 'running' })
    told.length = recorded.length = 0
    hear({ name: 'worker.down', at: 9000, data: { index: 1, inputIds: [1, 99], failed } })
    expect(types()).toEqual(['input.changed', 'output.changed', 'system.status'])
    expect(recorded[0]).toMatchObject({ inputId: 1, type })
    expect([actual.input(1).status, actual.output(7).status]).toEqual([ofInput, ofOutput])
    hear({ name: 'worker.up', at: 9500, data: { index: 1, inputIds: [1] } })
    expect([actual.input(1).status, actual.output(7).status]).toEqual(['starting', 'starting'])
  },
)

test('a new still is told once a second for each input, and of no input that is gone', () => {
  const still = (id: number, at: number) => hear({ name: 'input.still', at, data: { id, at } })
  for (const at of [1000, 1200, 1999, 2000]) still(1, at)
  still(2, 5000)
  expect(told).toEqual([
    { type: 'input.still', inputId: 1, at: 1000 },
    { type: 'input.still', inputId: 1, at: 2000 },
  ])
  expect([figures.stillAt(1), figures.stillAt(2)]).toEqual([2000, null])
})
