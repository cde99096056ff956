import { isIPv4, isIPv6 } from 'node:net'

// Linux, bits/socket.h
const AF_INET = 2
const AF_INET6 = 10
/** Room for either family (`struct sockaddr_in6` is 28 bytes long). */
export const SOCKADDR_BYTES = 28

/**
 * An address as the kernel's `struct sockaddr_in` (16 bytes) or `sockaddr_in6` (28); ip(7), ipv6(7).
 * @throws Error for what is no address
 */
export function toSockaddr(address: string, port: number): Uint8Array {
  const v4 = isIPv4(address)
  if (!v4 && !isIPv6(address)) throw new Error(`${address} is no address`)
  const bytes = new Uint8Array(v4 ? 16 : SOCKADDR_BYTES)
  const view = new DataView(bytes.buffer)
  // The family in the order of this machine (all that Bun runs on is little-endian), the port in that of the network.
  view.setUint16(0, v4 ? AF_INET : AF_INET6, true)
  view.setUint16(2, port)
  if (v4) bytes.set(address.split('.').map(Number), 4)
  else bytes.set(toIpv6Bytes(address), 8)
  return bytes
}

/** The address of a `struct sockaddr`; an IPv4 caller at a socket bound to `::` is told as IPv4 (RFC 4291, 2.5.5.2). */
export function fromSockaddr(bytes: Uint8Array): { address: string; port: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const port = view.getUint16(2)
  if (view.getUint16(0, true) === AF_INET) return { address: bytes.subarray(4, 8).join('.'), port }
  const isMapped = bytes.subarray(8, 18).every((byte) => byte === 0) && view.getUint16(18) === 0xffff
  if (isMapped) return { address: bytes.subarray(20, 24).join('.'), port }
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(8 + 2 * i).toString(16))
  return { address: new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1), port }
}

function toIpv6Bytes(address: string): Uint8Array {
  // The URL parser writes an IPv4 tail as two groups (RFC 5952).
  const [left = '', right] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::')
  const toGroups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const head = toGroups(left)
  const tail = toGroups(right ?? '')
  const groups = [...head, ...Array(8 - head.length - tail.length).fill(0), ...tail]
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  for (const [i, group] of groups.entries()) view.setUint16(2 * i, group)
  return bytes
}
