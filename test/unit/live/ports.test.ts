import { expect, test } from 'bun:test'
import { clashes, toListenAddress } from '../../../src/live/ports.ts'

const at = (port: number, address = '', group = '', transport: 'udp' | 'tcp' = 'udp') => ({
  transport,
  port,
  address,
  group,
})

test.each([
  [at(1), at(1), true],
  [at(1), at(2), false],
  [at(1), at(1, '10.0.0.1'), true],
  [at(1, '10.0.0.1'), at(1, '10.0.0.1'), true],
  [at(1, '10.0.0.1'), at(1, '10.0.0.2'), false],
  [at(1, '', '', 'tcp'), at(1), false],
  [at(1, '', '239.0.0.1'), at(1, '', '239.0.0.2'), false],
  [at(1, '', '239.0.0.1'), at(1, '', '239.0.0.1'), true],
  [at(1, '', '239.0.0.1'), at(1), true],
])('%j and %j: %p', (a, b, clash) => {
  expect([clashes(a, b), clashes(b, a)]).toEqual([clash, clash])
})

test('every way to say every address is one', () => {
  expect([null, '0.0.0.0', '::', '10.0.0.1'].map(toListenAddress)).toEqual(['', '', '', '10.0.0.1'])
})
