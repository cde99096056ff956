import { describe, expect, test } from 'bun:test'
import { createManualClock } from '../../../../src/lib/clock.ts'
import { createSpawnGate } from '../../../../src/media/workers/spawn-gate.ts'

function gate(cores = 2) {
  const clock = createManualClock()
  const granted: string[] = []
  const it = createSpawnGate(clock, cores)
  return { clock, granted, gate: it, want: (key: string, failed = 0) => it.want(key, failed, () => granted.push(key)) }
}

describe('spawn gate', () => {
  test('an idle machine grants a second of starts at once', () => {
    const { granted, want } = gate(2)
    for (let i = 0; i < 12; i++) want(`k${i}`)
    expect(granted).toHaveLength(10)
  })

  test('then 5 a second for each core', () => {
    const { clock, granted, want } = gate(2)
    for (let i = 0; i < 40; i++) want(`k${i}`)
    clock.advance(1000)
    expect(granted).toHaveLength(20)
    clock.advance(2000)
    expect(granted).toHaveLength(40)
  })

  test('the least recently failed goes first', () => {
    const { clock, granted, want } = gate(1)
    for (let i = 1; i <= 5; i++) want(`before ${i}`)
    want('failed just now', 900)
    want('failed long ago', 100)
    want('never failed', 0)
    clock.advance(1000)
    expect(granted.slice(5)).toEqual(['never failed', 'failed long ago', 'failed just now'])
  })

  test('a place given back is not used, nor those of a dead worker', () => {
    const { clock, granted, gate: it, want } = gate(1)
    for (let i = 1; i <= 5; i++) want(`before ${i}`)
    for (const key of ['1.1.1', '1.1.2', '1.1.3', '2.1.1']) want(key)
    it.drop('2.1.1')
    it.dropAll('1.1.')
    want('2.1.2')
    clock.advance(2000)
    expect(granted.slice(5)).toEqual(['2.1.2'])
    expect(it.waiting).toBe(0)
  })
})
