import { describe, expect, test } from 'bun:test'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createSpawnGate } from '../../../src/media/spawn-gate.ts'

function gate(cores = 2) {
  const clock = createManualClock()
  const granted: string[] = []
  const it = createSpawnGate(clock, cores)
  return { clock, granted, gate: it, want: (key: string, failed = 0) => it.want(key, failed, () => granted.push(key)) }
}

describe('spawn gate', () => {
  test('an idle machine grants at once, one start for each core', () => {
    const { granted, want } = gate(2)
    for (const key of ['a', 'b', 'c']) want(key)
    expect(granted).toEqual(['a', 'b'])
  })

  test('then 5 a second for each core', () => {
    const { clock, granted, want } = gate(2)
    for (let i = 0; i < 30; i++) want(`k${i}`)
    clock.advance(1000)
    expect(granted.length).toBe(12)
    clock.advance(1800)
    expect(granted.length).toBe(30)
  })

  test('the least recently failed goes first', () => {
    const { clock, granted, want } = gate(1)
    want('first')
    want('failed just now', 900)
    want('failed long ago', 100)
    want('never failed', 0)
    clock.advance(1000)
    expect(granted).toEqual(['first', 'never failed', 'failed long ago', 'failed just now'])
  })

  test('a place given back is not used, nor those of a dead worker', () => {
    const { clock, granted, gate: it, want } = gate(1)
    for (const key of ['1.1.1', '1.1.2', '1.1.3', '2.1.1']) want(key)
    it.drop('1.1.2')
    it.dropAll('1.1.')
    clock.advance(2000)
    expect(granted).toEqual(['1.1.1', '2.1.1'])
    expect(it.waiting).toBe(0)
  })
})
