import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

/** A TCP port on the loopback that was free a moment ago. */
export async function freeTcpPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  return address.port
}

/** A UDP port on the loopback that was free a moment ago. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return port
}

let nextRange = 10_000 + Math.floor(Math.random() * 180) * 100

/** The first of `size` neighbouring ports that no other server of this run was given (below the ephemeral range). */
export function portRange(size: number): number {
  const first = nextRange
  nextRange += size
  if (nextRange > 32_000) nextRange = 10_000
  return first
}
