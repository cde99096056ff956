import type { Clock } from '../../lib/clock.ts'
import { toLeftOut } from '../doors/refusals.ts'
import { keepRegistered } from '../doors/registration.ts'
import type { FromDoor } from '../doors/messages.ts'
import type { FeedEvents, FeedSource } from './feed-source.ts'
import { flvCommand } from '../ffmpeg/ingest.ts'
import { createIngest, type Ingest } from './ingest.ts'
import { createMask } from '../mask.ts'
import type { Gate } from '../program/program.ts'
import type { Emit, WorkerConfig } from '../protocol.ts'
import { toRtmpSocketPath } from '../rtmp/door.ts'
import type { InputSource } from '../specs.ts'
import { createTakeovers } from './takeovers.ts'

const RETRY_MS = 10_000
/** The door gives up a silent publisher sooner; longer than that it is FFmpeg that hangs. */
const SILENCE_LIMIT_MS = 20_000
const REFUSAL_SHOWN_MS = 60_000

/** One publisher's stay: where it comes from, and the FFmpeg that makes a transport stream of what it sends. */
type Stay = { address: string; starting: Promise<Ingest>; ingest: Ingest | null; over: boolean }

/**
 * A feed that an RTMP publisher brings: the door hands over FLV, one FFmpeg for each publisher turns it into a transport
 * stream. A publisher that goes is nobody's failure; an FFmpeg that ends under one is, and ends the source.
 */
export function createRtmpFeed(
  source: Extract<InputSource, { kind: 'rtmp' }>,
  deps: {
    inputId: number
    config: WorkerConfig
    clock: Clock
    gate: Gate
    emit: Emit
    events: FeedEvents
    lastFailedAt: number
  },
): FeedSource {
  const { clock, config, events } = deps
  const mask = createMask([source.streamKey])
  let stay: Stay | null = null
  /** The one before has to be gone before the next begins: two streams in one reader would be noise. */
  let gone: Promise<unknown> = Promise.resolve()
  const takeovers = createTakeovers(clock)
  /** Who was turned away last, and why. */
  let refusal: { words: string; atMs: number } | null = null

  const door = keepRegistered({
    path: toRtmpSocketPath(config.runDir),
    clock,
    register: {
      t: 'register_rtmp',
      inputId: deps.inputId,
      app: source.app,
      streamKey: source.streamKey,
      onSecondPublisher: source.onSecondPublisher,
    },
    onControl: heard,
    onMedia: (bytes) => stay && write(stay, bytes),
    onLost: () => leave('The door for publishers was closed. It opens again.', false),
    onMissing: () => blocked('input.cannot_listen', 'The door for RTMP publishers does not open.', RETRY_MS),
  })

  function heard(control: FromDoor): void {
    switch (control.t) {
      case 'listening':
        return events.opened({ processId: null, receiveBufferBytes: null })
      case 'blocked':
        return blocked(control.code, control.words, control.retryAt - clock.wall())
      case 'unavailable':
        return blocked('input.unavailable', control.words, RETRY_MS)
      case 'publisher':
        return arrive(control.address)
      case 'gone':
        leave(control.words, control.orderly)
        if (control.replacedBy === null) return
        takeovers.add()
        return events.replaced(control.replacedBy)
      case 'refused':
        return refused(control)
    }
  }

  function blocked(code: string, words: string, retryInMs: number): void {
    events.note('error', words)
    events.blocked(code, words, clock.wall() + retryInMs)
  }

  function refused({ address, words, leftOut }: Extract<FromDoor, { t: 'refused' }>): void {
    refusal = { words: `The publisher ${address} was turned away. ${words}`, atMs: clock.now() }
    events.note('warning', `${refusal.words}${toLeftOut(leftOut)}`)
  }

  function arrive(address: string): void {
    events.note('info', `${address} publishes`)
    const mine: Stay = { address, over: false, ingest: null, starting: gone.then(() => startIngest(mine)) }
    stay = mine
  }

  function startIngest(mine: Stay): Ingest {
    let fresh = true
    mine.ingest = createIngest({
      ...{ config, clock, gate: deps.gate, emit: deps.emit, lastFailedAt: deps.lastFailedAt, stdin: 'pipe' },
      command: { ...flvCommand(mask), silenceLimitMs: SILENCE_LIMIT_MS },
      events: {
        ...events,
        data(bytes, nowMs) {
          events.data(bytes, nowMs, fresh)
          if (fresh) refusal = null
          fresh = false
        },
        // The way in stood before: the door has it.
        opened: () => undefined,
        exited(words, exit) {
          if (mine.over) return
          stay = null
          door.close()
          events.exited(words, exit)
        },
      },
    })
    return mine.ingest
  }

  function write({ ingest, starting }: Stay, bytes: Uint8Array): Promise<unknown> | null {
    return ingest ? ingest.write(bytes) : starting.then((started) => started.write(bytes))
  }

  /** FFmpeg hands out what it still holds; what comes after that is another publisher's. */
  function leave(words: string, orderly: boolean): void {
    if (!stay) return
    if (!orderly) events.note('warning', words)
    gone = finish(stay).then(() => orderly && events.goodbye(words))
    stay = null
  }

  async function finish(mine: Stay): Promise<void> {
    mine.over = true
    await (await mine.starting).close()
    events.child(null)
  }

  return {
    sender: () => stay?.address ?? null,
    other: () => null,
    warning() {
      const alternating = takeovers.warning()
      if (alternating) return alternating
      if (!refusal || clock.now() - refusal.atMs >= REFUSAL_SHOWN_MS) return null
      return { code: 'input.publisher_refused', message: refusal.words }
    },
    async close() {
      door.close()
      if (stay) gone = finish(stay)
      stay = null
      await gone
    },
  }
}
