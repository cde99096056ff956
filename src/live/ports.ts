import { hostname, networkInterfaces } from 'node:os'
import { and, eq, inArray } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { inputs } from '../db/tables/inputs.ts'
import { type ListenerRow, listeners } from '../db/tables/listeners.ts'
import { outputs } from '../db/tables/outputs.ts'
import { AppError } from '../errors.ts'
import { isLoopback, isWildcard } from '../lib/host.ts'
import { createTargets } from '../lib/targets.ts'
import { parseAuthority, splitAddress } from './address-parts.ts'

export type Transport = 'udp' | 'tcp'

/** What listens somewhere: Weir's pages, its door for RTMP publishers, an input or an output. */
export type Ours = 'pages' | 'rtmp' | 'listener'

export type PortWish = {
  /** Null = the lowest free one of the range. */
  wanted: number | null
  /** As `toListenAddress` gives it. */
  address: string
  /** Multicast group, '' for none. */
  group: string
  /** The field of the API where the port stands; it says from which range one is taken. SRT runs over UDP. */
  field: 'udp_port' | 'srt_port'
  owner: 'input' | 'output'
  /** Of an owner that is there: what it has already does not stand in its way. */
  ownerId: number | null
}

export type Ports = {
  /**
   * A port to listen on: the wanted one, or the lowest free one of the range. The row in `listeners` is the caller's to
   * write, in one batch with its own (`toListener`).
   * @throws AppError 409 input.port_taken, output.port_taken, input.no_port, output.no_port, 422 output.loop
   */
  choose(wish: PortWish): Promise<number>
  /** Why nobody may connect there from here, in words; null where one may. Looks up a name where that decides. */
  refusal(host: string): Promise<string | null>
  /** What of ours listens there: a sender would feed Weir its own output. Null where nothing does. */
  isOurs(transport: Transport, host: string, port: number): Promise<Ours | null>
}

export type PortRange = { start: number; end: number }

export type PortsOptions = {
  db: Database
  ranges: { udp: PortRange; srt: PortRange }
  /** TCP ports of Weir's own servers; of the pages 0 is none. */
  reserved: { web: number; rtmp: readonly number[] }
  /** Peers must be in the public internet (MEDIA_PRIVATE_TARGETS). */
  denyPrivate: boolean
  /** Host name under which people reach Weir, if it is known. */
  publicHost: string | null
}

/** '' = every address of the machine, as `listeners` has it. */
export function toListenAddress(bindAddress: string | null): string {
  return bindAddress === null || isWildcard(bindAddress) ? '' : bindAddress
}

/** The row that says whose a port is. */
export function toListener(
  { address, group, owner }: Pick<PortWish, 'address' | 'group' | 'owner'>,
  port: number,
  ownerId: number,
): typeof listeners.$inferInsert {
  const place = { transport: 'udp' as const, port, address, group }
  return owner === 'input' ? { ...place, inputId: ownerId } : { ...place, outputId: ownerId }
}

/** Every address takes the port on each; two groups on one port live side by side. */
export function clashes(
  a: Pick<ListenerRow, 'transport' | 'port' | 'address' | 'group'>,
  b: Pick<ListenerRow, 'transport' | 'port' | 'address' | 'group'>,
): boolean {
  const overlap = (x: string, y: string) => x === '' || y === '' || x === y
  return a.transport === b.transport && a.port === b.port && overlap(a.address, b.address) && overlap(a.group, b.group)
}

/** For whoever waits for a form to be saved. */
const LOOKUP_MS = 2_000

/**
 * The one allocator. It knows what is owned, running or not; whether the system gives a port is found out by the worker
 * that binds it. Must be called within the turn in which the row is written.
 */
export function createPorts(o: PortsOptions): Ports {
  const targets = createTargets(o)
  const reserved = new Set([o.reserved.web, ...o.reserved.rtmp].filter((port) => port !== 0))

  function isOwnHost(host: string): boolean {
    if (isLoopback(host) || isWildcard(host) || host === o.publicHost || host === hostname().toLowerCase()) return true
    return Object.values(networkInterfaces()).some((list) => list?.some((each) => each.address === host))
  }

  function hears(address: string, host: string): boolean {
    if (address === '') return true
    if (host === 'localhost' || host.endsWith('.localhost')) return isLoopback(address)
    return address === host || isWildcard(host)
  }

  /** Ports of this machine, or of the group, that outputs send to or inputs call. */
  async function portsUsed(group: string): Promise<Set<number>> {
    const sent = await o.db.orm
      .select({ host: outputs.host, port: outputs.port })
      .from(outputs)
      .where(inArray(outputs.protocol, ['udp', 'srt_caller']))
    const called = await o.db.orm.select({ url: inputs.url }).from(inputs).where(eq(inputs.kind, 'srt_caller'))
    const places = called.flatMap(({ url }) => (url === null ? [] : parseAuthority(splitAddress(url).authority, null)))
    const isReached = (host: string) => isOwnHost(host) || (group !== '' && host === group)
    return new Set([...sent, ...places].filter((place) => isReached(place.host)).map(({ port }) => port))
  }

  return {
    async choose({ wanted, address, group, field, owner, ownerId }) {
      const own = owner === 'input' ? ('inputId' as const) : ('outputId' as const)
      const owned = (await o.db.orm.select().from(listeners)).filter((row) => ownerId === null || row[own] !== ownerId)
      const used = await portsUsed(group)
      const isTaken = (port: number) =>
        reserved.has(port) || owned.some((row) => clashes(row, { transport: 'udp', port, address, group }))
      if (wanted !== null) {
        if (isTaken(wanted)) throw portTaken(owner, field, wanted)
        if (used.has(wanted)) throw loop(field, 'An output sends to this port of this machine, or an input calls it.')
        return wanted
      }
      const { start, end } = field === 'udp_port' ? o.ranges.udp : o.ranges.srt
      for (let port = start; port <= end; port++) if (!isTaken(port) && !used.has(port)) return port
      throw new AppError({
        kind: 'conflict',
        code: `${owner}.no_port`,
        message: `Every ${field === 'udp_port' ? 'UDP' : 'SRT'} port from ${start} to ${end} has an owner.`,
      })
    },
    async refusal(host) {
      // Each start looks for itself; here only what a person can mend at once.
      if (!o.denyPrivate) return null
      const found = await targets.find(host, AbortSignal.timeout(LOOKUP_MS))
      if (found.is === 'unknown') return 'The name leads nowhere, so whether it is public is not known.'
      return found.is === 'refused' ? found.words : null
    },
    async isOurs(transport, host, port) {
      const isOwn = isOwnHost(host)
      if (isOwn && transport === 'tcp') {
        if (port === o.reserved.web) return 'pages'
        if (o.reserved.rtmp.includes(port)) return 'rtmp'
      }
      const rows = await o.db.orm
        .select()
        .from(listeners)
        .where(and(eq(listeners.transport, transport), eq(listeners.port, port)))
      const isHeard = rows.some(
        (row) => (isOwn && hears(row.address, host)) || (row.group !== '' && row.group === host),
      )
      return isHeard ? 'listener' : null
    },
  }
}

function portTaken(owner: PortWish['owner'], field: PortWish['field'], port: number): AppError {
  const message = `Port ${port} has an owner already.`
  return new AppError({ kind: 'conflict', code: `${owner}.port_taken`, message, errors: [{ path: field, message }] })
}

/** 422 output.loop: Weir would feed itself. */
export function loop(path: string, message: string): AppError {
  return new AppError({ kind: 'invalid', code: 'output.loop', message, errors: [{ path, message }] })
}
