import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'

/** The part of a socket that joins groups. */
type Joining = {
  addMembership(group: string, interfaceAddress?: string): boolean
  addSourceSpecificMembership(source: string, group: string, interfaceAddress?: string): boolean
}

/**
 * Joins a multicast group on the interface with this address, or on the one that the system chooses. Where only single
 * addresses may send the network is asked for these alone (source-specific: IGMPv3, RFC 3376; MLDv2, RFC 3810). Throws
 * the system's error (`ENODEV`: no such interface).
 */
export function joinGroup(
  socket: Joining,
  group: string,
  o: { interfaceAddress: string | null; allowFrom: readonly string[] },
): void {
  const local = o.interfaceAddress === null ? undefined : toInterface(o.interfaceAddress)
  const sources = o.allowFrom.map(toSingleAddress)
  if (sources.length > 0 && sources.every((source) => source !== null))
    for (const source of sources) socket.addSourceSpecificMembership(source, group, local)
  else socket.addMembership(group, local)
}

/** The address of a CIDR entry that is one machine; null for a range. */
function toSingleAddress(cidr: string): string | null {
  const [address = '', bits] = cidr.split('/')
  return bits === undefined || Number(bits) === (isIPv6(address) ? 128 : 32) ? address : null
}

/** As a socket wants its interface: IPv4 by address, IPv6 by name (RFC 4007 section 11). */
function toInterface(address: string): string {
  if (!isIPv6(address)) return address
  for (const [name, addresses] of Object.entries(networkInterfaces()))
    if (addresses?.some((each) => each.address === address)) return `::%${name}`
  throw Object.assign(new Error(`no interface has the address ${address}`), { code: 'ENODEV' })
}
