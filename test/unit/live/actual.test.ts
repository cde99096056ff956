import { beforeEach, describe, expect, test } from 'bun:test'
import { type Actual, createActual } from '../../../src/live/actual.ts'
import { newInput, newOutput } from '../../support/fake-media.ts'

const input = (id: number, enabled = true, unreadable = false) => ({ id, enabled, unreadable, offSinceMs: 300 })
const row = (id: number, inputId: number, enabled = true, unreadable = false) => ({
  ...input(id, enabled, unreadable),
  inputId,
})

let actual: Actual
beforeEach(() => {
  actual = createActual()
  actual.want([input(1), input(2, false)], [row(11, 1), row(12, 1, false), row(21, 2), row(13, 1, true, true)], 1000)
})

const status = (id: number) => actual.output(id).status

describe('without a word of a worker', () => {
  test('what is wanted says what is', () => {
    expect([actual.input(1).status, actual.input(2).status]).toEqual(['starting', 'stopped'])
    expect([status(11), status(12), status(21), status(13)]).toEqual(['starting', 'stopped', 'waiting', 'error'])
    expect(actual.output(21).statusReason).toBe('Its input is stopped.')
    expect(actual.output(13).lastError).toContain('SECRET_KEY')
    expect(actual.input(1).since).toBe(1000)
  })
  test('an input whose secrets do not open is in error, whatever a worker said of it before; its outputs wait', () => {
    actual.setInput({ ...newInput(1), status: 'active' })
    actual.setOutput({ ...newOutput(11, 1), status: 'running' })
    actual.want([input(1, true, true), input(2, false, true)], [row(11, 1)], 2000)
    expect(actual.input(1)).toMatchObject({ status: 'error', since: 1000 })
    expect(actual.input(1).lastError).toContain('SECRET_KEY')
    expect(actual.input(2)).toMatchObject({ status: 'stopped', lastError: null })
    expect([status(11), actual.output(11).statusReason]).toEqual(['waiting', 'Its input does not run.'])
  })
  test('what is off when it is first seen has been off before', () => {
    expect([actual.input(2).since, actual.output(12).since]).toEqual([300, 300])
    actual.want([input(1), input(2, false)], [row(11, 1, false), row(12, 1, false)], 2000)
    expect([actual.input(2).since, actual.output(11).since, actual.output(12).since]).toEqual([300, 2000, 300])
  })
  test('since moves when the wish changes, not when it is repeated', () => {
    actual.want([input(1), input(2)], [row(11, 1)], 2000)
    expect([actual.input(1).since, actual.input(2).since, actual.output(11).since]).toEqual([1000, 2000, 1000])
  })
  test('who belongs to whom', () => {
    expect([actual.outputsOf(1), actual.outputsOf(9), actual.inputOf(21), actual.inputOf(99)]).toEqual([
      [11, 12, 13],
      [],
      2,
      null,
    ])
    expect([actual.isWanted('input', 2), actual.isWanted('output', 2), actual.inputIds()]).toEqual([
      true,
      false,
      [1, 2],
    ])
  })
})

describe('a word of a worker', () => {
  test('counts, but not about secrets that it never got', () => {
    actual.setInput({ ...newInput(1), status: 'active' })
    actual.setOutput({ ...newOutput(11, 1), status: 'running' })
    actual.setOutput({ ...newOutput(13, 1), status: 'running' })
    expect([actual.input(1).status, status(11), status(13)]).toEqual(['active', 'running', 'error'])
    actual.removed('output', 11)
    expect(status(11)).toBe('starting')
  })
})

describe('the death of a worker', () => {
  beforeEach(() => {
    actual.setInput({ ...newInput(1), status: 'active', processId: 5 })
    actual.setOutput({ ...newOutput(11, 1), status: 'running', processId: 6 })
  })
  test('is told in words until its successor is there', () => {
    actual.workerDown([1, 2], 5000, false)
    expect(actual.input(1)).toMatchObject({
      status: 'starting',
      since: 5000,
      processId: null,
      statusReason: expect.stringContaining('started again'),
    })
    expect(actual.output(11)).toMatchObject({ status: 'reconnecting', since: 5000, processId: null })
    expect([status(12), status(21), actual.input(2).status, actual.input(2).statusReason]).toEqual([
      'stopped',
      'waiting',
      'stopped',
      null,
    ])
    actual.workerUp([1, 2], 6000)
    expect(actual.input(1)).toMatchObject({ status: 'starting', statusReason: null, since: 6000 })
    expect(actual.output(11)).toMatchObject({ status: 'starting', since: 6000 })
  })
  test('for good is an error', () => {
    actual.workerDown([1], 5000, true)
    expect(actual.input(1)).toMatchObject({ status: 'error', lastError: expect.stringContaining('five times') })
    expect(status(11)).toBe('error')
  })
})

describe('gone', () => {
  const settledBy = async (promise: Promise<void>) => {
    let settled = false
    void promise.then(() => {
      settled = true
    })
    await Promise.resolve()
    await Promise.resolve()
    return settled
  }
  test('at once where no worker ever spoke of it', async () => {
    expect(await settledBy(actual.gone('output', 12))).toBe(true)
  })
  test.each(['removed', 'forget'] as const)('when it is %s', async (how) => {
    actual.setOutput({ ...newOutput(11, 1), status: 'running' })
    actual.want([input(1)], [], 2000)
    const gone = actual.gone('output', 11)
    expect(await settledBy(gone)).toBe(false)
    expect(status(11)).toBe('running')
    actual[how]('output', 11)
    expect(await settledBy(gone)).toBe(true)
  })
  test('an input takes its outputs along', async () => {
    actual.setInput({ ...newInput(1), status: 'stopping' })
    actual.setOutput({ ...newOutput(11, 1), status: 'stopping' })
    actual.want([], [], 2000)
    const gone = actual.gone('output', 11)
    actual.forget('input', 1)
    expect(await settledBy(gone)).toBe(true)
    expect([actual.input(1).status, actual.output(11).status]).toEqual(['stopped', 'stopped'])
  })
  test('when its worker dies, and its children with it', async () => {
    actual.setOutput({ ...newOutput(11, 1), status: 'stopping' })
    const gone = actual.gone('output', 11)
    actual.workerDown([1], 1, false)
    expect(await settledBy(gone)).toBe(true)
  })
})
