import { expect, test } from 'bun:test'
import { createContinuityCounter } from '../../support/continuity.ts'

/** A packet of `pid` with a payload (control 1), an adaptation field alone (2) or both (3). */
function packet(pid: number, counter: number, control = 1, discontinuity = false): Uint8Array {
  const bytes = new Uint8Array(188).fill(0xff)
  bytes.set([0x47, pid >> 8, pid & 0xff, (control << 4) | counter])
  if (control & 2) bytes.set([control === 2 ? 183 : 1, discontinuity ? 0x80 : 0], 4)
  return bytes
}

function errorsOf(...packets: Uint8Array[]): Record<number, number> {
  const counter = createContinuityCounter()
  for (const bytes of packets) counter.push(bytes)
  return Object.fromEntries(counter.errors())
}

test('a counter that goes round is no error', () => {
  expect(errorsOf(...Array.from({ length: 40 }, (_, n) => packet(256, n & 15)))).toEqual({})
})

test('a missing packet is one error, at its PID alone', () => {
  expect(errorsOf(packet(256, 0), packet(257, 0), packet(256, 2), packet(257, 1), packet(256, 3))).toEqual({ 256: 1 })
})

test('one repeat is a duplicate, a second one is an error', () => {
  expect(errorsOf(packet(256, 5), packet(256, 5), packet(256, 6))).toEqual({})
  expect(errorsOf(packet(256, 5), packet(256, 5), packet(256, 5))).toEqual({ 256: 1 })
})

test('packets without payload do not count, null packets neither', () => {
  expect(errorsOf(packet(256, 5), packet(256, 5, 2), packet(256, 6), packet(0x1fff, 9), packet(0x1fff, 2))).toEqual({})
})

test('a discontinuity indicator excuses a jump', () => {
  expect(errorsOf(packet(256, 5), packet(256, 11, 3, true), packet(256, 12))).toEqual({})
  expect(errorsOf(packet(256, 5), packet(256, 11, 3, false), packet(256, 12))).toEqual({ 256: 1 })
})

test('a datagram that is not whole packets is an error of its own', () => {
  expect(errorsOf(packet(256, 5).subarray(0, 100))).toEqual({ [-1]: 1 })
})
