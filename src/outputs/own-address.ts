import { networkInterfaces } from 'node:os'
import { isLoopback } from '../lib/host.ts'

/** Whether an address, without brackets, is one of this machine's own: what is sent there leaves by no line. */
export function isOwnAddress(host: string): boolean {
  if (isLoopback(host)) return true
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host))
}
