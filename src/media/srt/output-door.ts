import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import type { Link } from '../doors/link.ts'
import type { FromDoor, Registration } from '../doors/messages.ts'
import { createRefusals } from '../doors/refusals.ts'
import { createCallers } from './callers.ts'
import type { Door } from './input-door.ts'
import { createKeptAway } from './kept-away.ts'
import { createSrtListener } from './listener.ts'
import { openMediaSocket } from './media-socket.ts'
import { secrecyRefusal } from './secrecy.ts'
import type { SrtLinkSocket, SrtSockets } from './sockets.ts'
import { isStreamId } from './stream-id.ts'
import { createTsChunks } from './ts-chunks.ts'

/** Every address of the machine: `::` takes IPv4 callers too (ipv6(7)); without IPv6 in the kernel there is no such file. */
const EVERY_ADDRESS = existsSync('/proc/net/if_inet6') ? '::' : '0.0.0.0'
const MAX_CALLERS = 100
const PACKET_BYTES = 188

/** One output's port: whoever calls gets the output's stream from its newest keyframe on. */
export function createOutputDoor(deps: {
  wanted: Extract<Registration, { t: 'register_srt_out' }>
  sockets: SrtSockets
  clock: Clock
  worker: Link<FromDoor>
  runDir: string
}): Door {
  const { wanted, sockets, clock, worker } = deps
  const mediaPath = join(deps.runDir, `srt-${wanted.outputId}.sock`)
  // Whole packets: receivers expect each to begin with a sync byte.
  const packetBytes = Math.max(1, Math.floor(wanted.pktSize / PACKET_BYTES)) * PACKET_BYTES
  const keptAway = createKeptAway(clock)
  const refused = createRefusals(clock, worker.send)
  const callers = createCallers({
    clock,
    packetBytes,
    latencyMs: wanted.latencyMs,
    watch: (link, ready) => sockets.watch(link.handle, ready),
    changed: () => worker.send({ t: 'callers', callers: callers.list() }),
    skipped(address, times) {
      const words = `the receiver at ${address} was too slow and went on at a newer keyframe`
      worker.send({ t: 'note', level: 'warning', words: times > 1 ? `${words} (${times} times)` : words })
    },
  })
  const chunks = createTsChunks((data, key) => callers.push(data, key, !chunks.hasVideo))
  const media = openMediaSocket(mediaPath, {
    started() {
      chunks.restart()
      callers.cut()
    },
    data: chunks.push,
  })
  const listener = createSrtListener({
    sockets,
    clock,
    options: {
      address: EVERY_ADDRESS,
      port: wanted.port,
      latencyMs: wanted.latencyMs,
      passphrase: wanted.passphrase,
      packetBytes,
    },
    listening: () => worker.send({ t: 'listening', receiveBufferBytes: null, mediaPath }),
    blocked: (code, words, retryAt) => worker.send({ t: 'blocked', code, words, retryAt }),
    called(link) {
      const words = refusal(link)
      if (words === null) return callers.add(link)
      link.close()
      refused(link.place, words)
    },
  })

  /** Why a caller is not let in, null = it is. */
  function refusal(link: SrtLinkSocket): string | null {
    if (keptAway.has(link.address)) return 'It was disconnected less than a minute ago.'
    const unproved = secrecyRefusal(link, wanted.passphrase)
    if (unproved !== null) return unproved
    if (wanted.streamId !== null && !isStreamId(link.streamId, wanted.streamId)) {
      return link.streamId === '' ? 'It came without a stream ID.' : 'Its stream ID is not the one of this output.'
    }
    return callers.size >= MAX_CALLERS ? `${MAX_CALLERS} receivers are there already.` : null
  }

  return {
    heard(control) {
      if (control.t !== 'kick') return
      const address = callers.kick(control.callerId)
      if (address !== null) keptAway.add(address)
    },
    second() {
      const figures = callers.figures()
      if (callers.size > 0) worker.send(figures)
    },
    tick: callers.tick,
    close() {
      listener.close()
      media.close()
      callers.close()
    },
  }
}
