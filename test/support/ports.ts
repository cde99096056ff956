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

/** Files run in several processes at once (`bun test --parallel`), each in a part of its own of what lies below the ephemeral range. */
const LANES = 6
const LANE_PORTS = 3_700
const laneStart = 10_000 + ((Number(process.env['BUN_TEST_WORKER_ID'] ?? 1) - 1) % LANES) * LANE_PORTS
let nextRange = laneStart + Math.floor((Math.random() * LANE_PORTS) / 100) * 100

/** The first of `size` neighbouring ports that no other server of this run was given. */
export function portRange(size: number): number {
  if (nextRange + size > laneStart + LANE_PORTS) nextRange = laneStart
  const first = nextRange
  nextRange += size
  return first
}
