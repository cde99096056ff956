import type { Clock } from '../../lib/clock.ts'
import type { Caller } from '../actual.ts'
import { createCursor, type Cursor } from '../program/cursor.ts'
import type { FromDoor } from '../doors/messages.ts'
import { createMeter } from '../meter.ts'
import { createRing } from '../program/ring.ts'
import { type CallerSink, createCallerSink } from './caller-sink.ts'
import type { SrtLinkSocket } from './sockets.ts'

/** Everything since the newest keyframe, and no more of a program whose keyframes are far apart. */
const RING_BYTES = 8 * 1024 * 1024
/** A caller waits so long for a keyframe to start at, then it starts where the program is. */
const KEYFRAME_PATIENCE_MS = 10_000

/** Longer stream ids are cut where they are shown: of a hundred callers all must fit into one message. */
const SHOWN_ID = 128

type Entry = Caller & {
  link: SrtLinkSocket
  sink: CallerSink
  /** Null until there is something to start at. */
  cursor: Cursor | null
  cameMs: number
  toldSkips: number
  meter: ReturnType<typeof createMeter>
}

export type Callers = {
  readonly size: number
  add(link: SrtLinkSocket): void
  /** A stretch of the program; `anywhere`: it may be started at in the middle. */
  push(data: Uint8Array, key: boolean, anywhere: boolean): void
  /** Those who come now do not begin before what follows. */
  cut(): void
  /** Ends the link of one; answers its address without port, null where nobody of that id is there. */
  kick(id: number): string | null
  tick(): void
  /** To be asked for once a second. */
  figures(): Extract<FromDoor, { t: 'figures' }>
  list(): Caller[]
  close(): void
}

/** Those who have called one listener: each reads the program at its own pace, and none holds up another. */
export function createCallers(deps: {
  clock: Clock
  packetBytes: number
  latencyMs: number
  /** False: the link is over already. */
  watch(link: SrtLinkSocket, ready: () => void): boolean
  changed(): void
  /** This one was too slow and went on at a newer keyframe, so often since it was told last. */
  skipped(address: string, times: number): void
}): Callers {
  const { clock } = deps
  const entries = new Map<number, Entry>()
  const ring = createRing(RING_BYTES, () => {
    const nowMs = clock.now()
    const needed = [...entries.values()].map((entry) => entry.cursor?.neededSeq(nowMs) ?? ring.head)
    return needed.length > 0 ? Math.min(...needed) : null
  })
  let lastId = 0
  const program = createMeter()
  let programBytes = 0
  let bytesPerSecondNow = 0
  const bytesPerSecond = () => bytesPerSecondNow

  function drop(entry: Entry): void {
    if (!entries.delete(entry.id)) return
    entry.cursor?.detach()
    entry.link.close()
    deps.changed()
  }

  function start(entry: Entry): void {
    entry.cursor = createCursor(ring, entry.sink, { paced: true, nowMs: clock.now, ended: () => drop(entry) })
    entry.cursor.pump(clock.now())
  }

  const scratch = new Uint8Array(2_048)
  /** A receiver has nothing to say: what comes from it is read away, so that its end is noticed. */
  function heard(entry: Entry): void {
    for (;;) {
      const got = entry.link.receive(scratch)
      if (got < 0) drop(entry)
      if (got <= 0) return
    }
  }

  return {
    get size() {
      return entries.size
    },
    add(link) {
      // The caller may have asked for more than we did; the larger of the two holds.
      const latencyMs = link.stats('sender')?.link.latencyMs ?? deps.latencyMs
      const entry: Entry = {
        id: ++lastId,
        address: link.place,
        streamId: toShown(link.streamId),
        since: clock.wall(),
        link,
        sink: createCallerSink(link, { packetBytes: deps.packetBytes, latencyMs, bytesPerSecond }),
        cursor: null,
        cameMs: clock.now(),
        toldSkips: 0,
        meter: createMeter(),
      }
      if (!deps.watch(link, () => heard(entry))) return link.close()
      entries.set(entry.id, entry)
      deps.changed()
      if (ring.startSeq(clock.now()) < ring.head) start(entry)
    },
    push(data, key, anywhere) {
      const nowMs = clock.now()
      programBytes += data.length
      for (const entry of entries.values()) {
        const isPatient = nowMs - entry.cameMs < KEYFRAME_PATIENCE_MS
        if (!entry.cursor && (key || anywhere || !isPatient)) start(entry)
      }
      ring.push({ data, atMs: nowMs, key })
      for (const entry of entries.values()) entry.cursor?.pump(nowMs)
    },
    cut: ring.cut,
    kick(id) {
      const entry = entries.get(id)
      if (!entry) return null
      drop(entry)
      return entry.link.address
    },
    tick() {
      const nowMs = clock.now()
      for (const { sink, cursor } of entries.values()) {
        sink.tick()
        cursor?.pump(nowMs)
      }
    },
    figures() {
      program.add(clock.now(), programBytes)
      bytesPerSecondNow = program.perSecond(clock.now()) ?? 0
      const callers = []
      for (const entry of entries.values()) {
        const { id, link, cursor, meter } = entry
        const skips = cursor?.skips ?? 0
        if (skips > entry.toldSkips) deps.skipped(entry.address, skips - entry.toldSkips)
        entry.toldSkips = skips
        const stats = link.stats('sender')
        if (!stats) continue
        meter.add(clock.now(), cursor?.bytesWritten ?? 0)
        callers.push({ id, bitrateKbps: meter.kbps(clock.now()), link: stats.link })
      }
      return { t: 'figures', callers }
    },
    list: () => [...entries.values()].map(({ id, address, streamId, since }) => ({ id, address, streamId, since })),
    close() {
      for (const entry of [...entries.values()]) {
        entries.delete(entry.id)
        entry.cursor?.detach()
        entry.link.close()
      }
    },
  }
}

/** As it may be shown: what a stranger typed, without control characters. */
function toShown(streamId: string): string {
  return streamId.replace(/\p{Cc}/gu, '').slice(0, SHOWN_ID)
}
