import { expect, test } from 'bun:test'
import { createManualClock } from '../../../../src/lib/clock.ts'
import { createBindPatience } from '../../../../src/media/input/bind-patience.ts'

test('a port is tried every 250 ms for 5 s, then every 10 s, until it is let be', () => {
  const clock = createManualClock()
  const tries: [number, boolean][] = []
  const bind = () => {
    const { lasting } = patience.again()
    tries.push([clock.now() - startMs, lasting])
  }
  const startMs = clock.now()
  const patience = createBindPatience(clock, bind)
  bind()
  clock.advance(25_000)
  expect(tries.filter(([, lasting]) => !lasting).map(([atMs]) => atMs)).toEqual(
    Array.from({ length: 20 }, (_, n) => n * 250),
  )
  expect(tries.filter(([, lasting]) => lasting)).toEqual([
    [5_000, true],
    [15_000, true],
    [25_000, true],
  ])
  patience.end()
  clock.advance(60_000)
  expect(tries).toHaveLength(23)
})
