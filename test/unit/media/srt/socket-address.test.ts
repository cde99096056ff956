import { expect, test } from 'bun:test'
import { fromSockaddr, toSockaddr } from '../../../../src/media/srt/socket-address.ts'

test.each(['0.0.0.0', '127.0.0.1', '255.1.2.3', '::', '::1', '2001:db8::5:6', 'fe80::1:2:3:4', '1:2:3:4:5:6:7:8'])(
  '%s goes into a sockaddr and out again',
  (address) => {
    expect(fromSockaddr(toSockaddr(address, 8_900))).toEqual({ address, port: 8_900 })
  },
)

test('the bytes are those of ip(7) and ipv6(7)', () => {
  expect([...toSockaddr('10.1.2.3', 0x1234)]).toEqual([2, 0, 0x12, 0x34, 10, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0])
  const v6 = toSockaddr('2001:db8::7', 0x1234)
  expect(v6.length).toBe(28)
  expect([...v6.subarray(0, 12)]).toEqual([10, 0, 0x12, 0x34, 0, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8])
  expect(v6[23]).toBe(7)
})

test('an IPv4 caller at a socket for both families is told as IPv4', () => {
  expect(fromSockaddr(toSockaddr('::ffff:192.0.2.9', 1))).toEqual({ address: '192.0.2.9', port: 1 })
})

test('what is no address is no address', () => {
  expect(() => toSockaddr('localhost', 1)).toThrow('localhost is no address')
})
