import { hostname, networkInterfaces } from 'node:os'
import { and, eq, inArray } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { type ListenerRow, listeners } from '../db/tables/listeners.ts'
import { outputs } from '../db/tables/outputs.ts'
import { AppError } from '../errors.ts'
import { isLoopback, isWildcard } from '../lib/host.ts'

export type Transport = 'udp' | 'tcp'

export type Ports = {
  /**
   * A port for an input: the wanted one, or the lowest free one of the range. The row in `listeners` is the caller's to
   * write, in one batch with its own.
   * @throws AppError 409 input.port_taken, 409 input.no_port, 422 output.loop
   */
  choose(o: { wanted: number | null; address: string; inputId: number | null }): Promise<number>
  /** True where Weir itself listens: a sender there would feed it its own output. */
  isOurs(transport: Transport, host: string, port: number): Promise<boolean>
}

export type PortsOptions = {
  db: Database
  udp: { start: number; end: number }
  /** Ports of Weir's own servers; 0 is none. */
  reserved: { web: number; rtmp: number }
  /** Host name under which people reach Weir, if it is known. */
  publicHost: string | null
}

/** '' = every address of the machine, as `listeners` has it. */
export function toListenAddress(bindAddress: string | null): string {
  return bindAddress === null || isWildcard(bindAddress) ? '' : bindAddress
}

/** Every address takes the port on each; two groups on one port live side by side. */
export function clashes(
  a: Pick<ListenerRow, 'transport' | 'port' | 'address' | 'group'>,
  b: Pick<ListenerRow, 'transport' | 'port' | 'address' | 'group'>,
): boolean {
  const overlap = (x: string, y: string) => x === '' || y === '' || x === y
  return a.transport === b.transport && a.port === b.port && overlap(a.address, b.address) && overlap(a.group, b.group)
}

/**
 * The one allocator. It knows what is owned, running or not; whether the system gives a port is found out by the worker
 * that binds it. Must be called within the turn in which the row is written.
 */
export function createPorts(o: PortsOptions): Ports {
  const reserved = new Set([o.reserved.web, o.reserved.rtmp].filter((port) => port !== 0))

  function isOwnHost(host: string): boolean {
    if (isLoopback(host) || isWildcard(host) || host === o.publicHost || host === hostname().toLowerCase()) return true
    return Object.values(networkInterfaces()).some((list) => list?.some((each) => each.address === host))
  }

  function hears(address: string, host: string): boolean {
    if (address === '') return true
    if (host === 'localhost' || host.endsWith('.localhost')) return isLoopback(address)
    return address === host || isWildcard(host)
  }

  async function portsSentTo(): Promise<Set<number>> {
    const rows = await o.db.orm
      .select({ host: outputs.host, port: outputs.port })
      .from(outputs)
      .where(inArray(outputs.protocol, ['udp', 'srt_caller']))
    return new Set(rows.filter((row) => isOwnHost(row.host)).map((row) => row.port))
  }

  return {
    async choose({ wanted, address, inputId }) {
      const owned = (await o.db.orm.select().from(listeners)).filter(
        (row) => inputId === null || row.inputId !== inputId,
      )
      const sentTo = await portsSentTo()
      const isTaken = (port: number) =>
        reserved.has(port) || owned.some((row) => clashes(row, { transport: 'udp', port, address, group: '' }))
      if (wanted !== null) {
        if (isTaken(wanted)) throw portTaken(wanted)
        if (sentTo.has(wanted)) throw loop('udp_port', 'An output sends to this port of this machine.')
        return wanted
      }
      for (let port = o.udp.start; port <= o.udp.end; port++) if (!isTaken(port) && !sentTo.has(port)) return port
      throw new AppError({
        kind: 'conflict',
        code: 'input.no_port',
        message: `Every UDP port from ${o.udp.start} to ${o.udp.end} has an owner.`,
      })
    },
    async isOurs(transport, host, port) {
      if (!isOwnHost(host)) return false
      if (transport === 'tcp' && port === o.reserved.web) return true
      const rows = await o.db.orm
        .select()
        .from(listeners)
        .where(and(eq(listeners.transport, transport), eq(listeners.port, port)))
      return rows.some((row) => hears(row.address, host))
    },
  }
}

export function portTaken(port: number): AppError {
  const message = `Port ${port} has an owner already.`
  return new AppError({ kind: 'conflict', code: 'input.port_taken', message, errors: [{ path: 'udp_port', message }] })
}

/** 422 output.loop: Weir would feed itself. */
export function loop(path: string, message: string): AppError {
  return new AppError({ kind: 'invalid', code: 'output.loop', message, errors: [{ path, message }] })
}
