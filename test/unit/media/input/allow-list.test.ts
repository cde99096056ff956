import { expect, test } from 'bun:test'
import { toAllowList } from '../../../../src/media/input/allow-list.ts'

test('an empty list lets everybody in', () => {
  expect(toAllowList([])('203.0.113.1')).toBe(true)
})

test.each([
  ['10.1.2.3', true],
  ['10.2.0.1', false],
  ['192.0.2.7', true],
  ['192.0.2.8', false],
  ['2001:db8:1::9', true],
  ['2001:db8:2::9', false],
])('of a list of networks and addresses: %s', (address, allowed) => {
  expect(toAllowList(['10.1.0.0/16', '192.0.2.7', '2001:db8:1::/48'])(address)).toBe(allowed)
})
