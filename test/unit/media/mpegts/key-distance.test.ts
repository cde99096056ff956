import { expect, test } from 'bun:test'
import { createKeyDistance } from '../../../../src/media/mpegts/key-distance.ts'
import { collect } from '../../../support/ts-collect.ts'
import { readUnits, tsFixture } from '../../../support/ts-fixture.ts'
import { createMux } from '../../../support/ts-mux.ts'

test('is the mean of the last five', () => {
  const distance = createKeyDistance()
  distance.key(0)
  expect(distance.seconds()).toBeNull()
  distance.key(180_000)
  expect(distance.seconds()).toBe(2)
  for (let n = 1; n <= 5; n++) distance.key(180_000 + n * 90_000)
  expect(distance.seconds()).toBe(1)
})

test('is not taken over a break in time, and forgotten with the feed', () => {
  const distance = createKeyDistance()
  distance.key(0)
  distance.key(90_000)
  distance.jump()
  distance.key(9_000_000)
  expect(distance.seconds()).toBe(1)
  distance.reset()
  expect(distance.seconds()).toBeNull()
})

test('of a feed is what its encoder was set to', () => {
  const { reader, send } = collect()
  const mux = createMux()
  send([...mux.tables(), ...readUnits(tsFixture('avc')).units.flatMap((unit) => mux.unit(unit))])
  expect(reader.keyframeSeconds()).toBe(1)
  reader.reset()
  expect(reader.keyframeSeconds()).toBeNull()
})
