import type { Clock } from '../../lib/clock.ts'
import type { Link } from '../doors/link.ts'
import type { FromDoor, Registration, ToDoor } from '../doors/messages.ts'
import { createRefusals } from '../doors/refusals.ts'
import { ANOTHER_CAME, REPLACED, mayReplace } from '../doors/takeover.ts'
import { toAllowList } from '../input/allow-list.ts'
import { createSrtListener } from './listener.ts'
import { secrecyRefusal } from './secrecy.ts'
import { MAX_PACKET_BYTES, type SrtLinkSocket, type SrtSockets } from './sockets.ts'
import { isStreamId } from './stream-id.ts'

/** What is read of a publisher in one go. */
const BATCH_BYTES = 64 * 1024
/** The worker is this far behind: what comes is dropped and counted, for old pictures are of no use to it. */
const WAITING_LIMIT_BYTES = 2 * 1024 * 1024
/** A publisher silent for so long gives its place to the next, as a sender by UDP does. */
const SILENT_MS = 2_000
/**
 * libsrt says alike that a publisher left and that its link broke. It breaks a link 5 s after the last packet, and arrivals
 * are looked at once a second: an end that comes sooner after the last packet than this was a goodbye.
 */
const GOODBYE_WITHIN_MS = 3_000

export type Door = {
  heard(control: ToDoor): void
  /** Every second. */
  second(): void
  /** Every few milliseconds. */
  tick(): void
  close(): void
}

type Publisher = {
  link: SrtLinkSocket
  sinceMs: number
  lastReadMs: number
  lastArrivalMs: number
  packets: number
  /** Packets that were dropped because the worker did not take them. */
  dropped: number
}

/** One input's port: lets one publisher in and hands its bytes on as they come. */
export function createInputDoor(deps: {
  wanted: Extract<Registration, { t: 'register_srt_in' }>
  sockets: SrtSockets
  clock: Clock
  worker: Link<FromDoor>
}): Door {
  const { wanted, sockets, clock, worker } = deps
  const isAllowed = toAllowList(wanted.allowFrom)
  const refused = createRefusals(clock, worker.send)
  const batch = new Uint8Array(BATCH_BYTES)
  let publisher: Publisher | null = null

  const listener = createSrtListener({
    sockets,
    clock,
    options: {
      address: wanted.bindAddress,
      port: wanted.port,
      latencyMs: wanted.latencyMs,
      passphrase: wanted.passphrase,
      packetBytes: MAX_PACKET_BYTES,
    },
    listening: () => worker.send({ t: 'listening', receiveBufferBytes: null, mediaPath: null }),
    blocked: (code, words, retryAt) => worker.send({ t: 'blocked', code, words, retryAt }),
    called(link) {
      const words = refusal(link)
      if (words === null) return admit(link)
      link.close()
      refused(link.place, words)
    },
  })

  /** Why a caller is not let in, null = it is. */
  function refusal(link: SrtLinkSocket): string | null {
    if (!isAllowed(link.address)) return 'Its address is not in the list of allowed senders.'
    const unproved = secrecyRefusal(link, wanted.passphrase)
    if (unproved !== null) return unproved
    // Whoever has the passphrase need not know the key too.
    const proved = wanted.passphrase !== null && link.streamId === ''
    if (!proved && !isStreamId(link.streamId, wanted.streamId)) {
      return link.streamId === '' ? 'It came without a stream ID.' : 'Its stream ID is not the key of this input.'
    }
    if (!publisher || clock.now() - publisher.lastReadMs >= SILENT_MS) return null
    if (wanted.onSecondPublisher === 'refuse') return 'Another publisher is there.'
    return mayReplace(publisher.sinceMs, clock.now()) ? null : ANOTHER_CAME
  }

  function admit(link: SrtLinkSocket): void {
    if (publisher) dismiss(REPLACED, link.place)
    const nowMs = clock.now()
    const mine: Publisher = { link, sinceMs: nowMs, lastReadMs: nowMs, lastArrivalMs: nowMs, packets: 0, dropped: 0 }
    publisher = mine
    worker.send({ t: 'publisher', address: link.place, streamId: null })
    if (!sockets.watch(link.handle, () => read(mine))) left(mine)
  }

  function dismiss(words: string, replacedBy: string | null): void {
    publisher?.link.close()
    publisher = null
    worker.send({ t: 'gone', orderly: false, words, replacedBy })
  }

  function read(from: Publisher): void {
    let size = 0
    let packets = 0
    let got = 0
    const hand = () => {
      if (worker.waitingBytes > WAITING_LIMIT_BYTES) from.dropped += packets
      else void worker.media(batch.subarray(0, size))
      size = 0
      packets = 0
    }
    do {
      got = from.link.receive(batch.subarray(size, size + MAX_PACKET_BYTES))
      if (got <= 0) break
      size += got
      packets++
      if (size + MAX_PACKET_BYTES > batch.length) hand()
    } while (publisher === from)
    if (size > 0) hand()
    if (got < 0) return left(from)
    from.lastReadMs = clock.now()
  }

  function left(from: Publisher): void {
    from.link.close()
    if (publisher !== from) return
    publisher = null
    const orderly = clock.now() - from.lastArrivalMs < GOODBYE_WITHIN_MS
    const words = orderly ? 'The publisher ended the stream.' : 'The link to the publisher broke.'
    worker.send({ t: 'gone', orderly, words, replacedBy: null })
  }

  return {
    heard(control) {
      if (control.t === 'end' && publisher) dismiss(control.words, null)
    },
    second() {
      const stats = publisher?.link.stats('receiver')
      if (!publisher || !stats) return
      if (stats.packets > publisher.packets) publisher.lastArrivalMs = clock.now()
      publisher.packets = stats.packets
      const packetsDropped = stats.link.packetsDropped + publisher.dropped
      worker.send({ t: 'link', link: { ...stats.link, packetsDropped } })
    },
    tick: () => undefined,
    close() {
      publisher?.link.close()
      publisher = null
      listener.close()
    },
  }
}
