import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** Turns the address of a connection and its `X-Forwarded-For` into the address of whoever asks. */
export type ClientAddress = (peer: string, forwardedFor: string | undefined) => string

/**
 * Believes `X-Forwarded-For` only from the given proxies (addresses or CIDR ranges): the answer is the rightmost address
 * in the chain that is not one of them. Whatever is left of it was written by the client.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const isTrusted = createProxyCheck(trustedProxies)

  return (peer, forwardedFor) => {
    let address = toPlainAddress(peer)
    const chain = (forwardedFor ?? '').split(',').map((part) => toPlainAddress(part.trim()))
    while (isTrusted(address)) {
      const next = chain.pop()
      if (next === undefined || (!isIPv4(next) && !isIPv6(next))) break
      address = next
    }
    return address
  }
}

/** Whether an address is one of the proxies (addresses or CIDR ranges) whose headers count. */
export function createProxyCheck(trustedProxies: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList()
  for (const item of trustedProxies) {
    const [address = '', prefix] = item.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    trusted.addSubnet(address, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family)
  }
  return (given) => {
    const address = toPlainAddress(given)
    return isIPv4(address) ? trusted.check(address, 'ipv4') : isIPv6(address) && trusted.check(address, 'ipv6')
  }
}

/** A dual-stack socket shows IPv4 peers as `::ffff:192.0.2.1`. */
function toPlainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

/** One household or one attacker has a whole /64 of IPv6. */
export function toPlace(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::', 2)
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? 0 : tail.split(':').length
    while (groups.length + after < 8) groups.push('0')
  }
  return groups.slice(0, 4).join(':')
}
