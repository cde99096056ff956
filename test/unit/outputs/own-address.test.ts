import { expect, test } from 'bun:test'
import { networkInterfaces } from 'node:os'
import { isOwnAddress } from '../../../src/outputs/own-address.ts'

test('every address of this machine is its own, others are not', () => {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? [])
  expect([...own, '127.0.0.1', '127.9.9.9', '::1', 'localhost'].filter((host) => !isOwnAddress(host))).toEqual([])
  expect(['192.0.2.1', '2001:db8::1', 'live.example', ''].filter(isOwnAddress)).toEqual([])
})
