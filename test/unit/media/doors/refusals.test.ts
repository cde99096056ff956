import { expect, test } from 'bun:test'
import { createManualClock } from '../../../../src/lib/clock.ts'
import type { FromDoor } from '../../../../src/media/doors/messages.ts'
import { createRefusals } from '../../../../src/media/doors/refusals.ts'

test('of many refusals one a second is told, with the number of the others', () => {
  const clock = createManualClock()
  const told: FromDoor[] = []
  const refused = createRefusals(clock, (message) => told.push(message))
  for (let i = 0; i < 30; i++) {
    refused(`192.0.2.${i}:1`, 'no')
    clock.advance(50)
  }
  refused('192.0.2.99:1', 'last')
  expect(told).toEqual([
    { t: 'refused', address: '192.0.2.0:1', words: 'no', leftOut: 0 },
    { t: 'refused', address: '192.0.2.20:1', words: 'no', leftOut: 19 },
  ])
})
