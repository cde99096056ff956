import { describe, expect, test } from 'bun:test'
import { createBus, type DomainEvent } from '../../src/bus.ts'
import { createLog } from '../../src/lib/log.ts'

const changed = (inputId: number): DomainEvent => ({ type: 'input.changed', inputId })
const turn = () => new Promise<void>((done) => queueMicrotask(done))

function recordingLog() {
  const lines: string[] = []
  return { lines, log: createLog({ level: 'debug', format: 'json', write: (line) => lines.push(line) }) }
}

describe('bus', () => {
  test('delivers in order, after the turn of the publisher', async () => {
    const bus = createBus()
    const seen: DomainEvent[] = []
    bus.subscribe((event) => seen.push(event))
    bus.publish(changed(1))
    bus.publish(changed(2))
    expect(seen).toEqual([])
    await turn()
    expect(seen).toEqual([changed(1), changed(2)])
  })

  test('a subscriber hears nothing from before it came or after it left', async () => {
    const bus = createBus()
    const seen: DomainEvent[] = []
    bus.publish(changed(1))
    const leave = bus.subscribe((event) => seen.push(event))
    bus.publish(changed(2))
    await turn()
    bus.publish(changed(3))
    leave()
    await turn()
    expect(seen).toEqual([changed(2)])
  })

  test('a handler that throws harms neither the others nor its own next event', async () => {
    const { lines, log } = recordingLog()
    const bus = createBus({ log })
    const seen: number[] = []
    bus.subscribe(() => {
      throw new Error('boom')
    })
    bus.subscribe((event) => seen.push('inputId' in event ? event.inputId : 0))
    bus.publish(changed(1))
    bus.publish(changed(2))
    await turn()
    await turn()
    expect(seen).toEqual([1, 2])
    expect(lines.filter((line) => line.includes('boom'))).toHaveLength(2)
  })

  test('a burst past the limit loses the oldest and says how many', async () => {
    const { lines, log } = recordingLog()
    const bus = createBus({ log })
    const seen: number[] = []
    bus.subscribe((event) => seen.push('inputId' in event ? event.inputId : 0))
    for (let i = 1; i <= 5000; i++) bus.publish(changed(i))
    await turn()
    expect(seen).toHaveLength(4096)
    expect(seen.at(0)).toBe(905)
    expect(seen.at(-1)).toBe(5000)
    expect(lines.join()).toContain('"lost":904')
  })

  test('an event published by a handler is delivered too', async () => {
    const bus = createBus()
    const seen: string[] = []
    bus.subscribe((event) => {
      seen.push(event.type)
      if (event.type === 'input.changed') bus.publish({ type: 'system.status' })
    })
    bus.publish(changed(1))
    await turn()
    await turn()
    expect(seen).toEqual(['input.changed', 'system.status'])
  })
})
