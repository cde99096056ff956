import type { Clock } from '../../lib/clock.ts'
import type { SrtLink } from '../actual.ts'
import type { FromDoor } from '../doors/messages.ts'
import { toLeftOut } from '../doors/refusals.ts'
import { keepRegistered } from '../doors/registration.ts'
import type { FeedEvents, FeedSource } from './feed-source.ts'
import type { InputSource } from '../specs.ts'
import { toSrtSocketPath } from '../srt/socket-path.ts'
import { createTakeovers } from './takeovers.ts'

const RETRY_MS = 250
const MISSING_RETRY_MS = 10_000
/** A publisher that was turned away is a warning for so long, for it mostly comes again and again. */
const REFUSAL_SHOWN_MS = 60_000
const MISSING = 'The part of Weir that takes SRT feeds is not running. Weir keeps trying.'
const UNGUARDED =
  'SRT needs the library libsrt on this machine. Without it neither the stream key nor the addresses of senders can be checked, so nobody is let in. Install it (Debian: libsrt1.5-gnutls). Weir tries again every 10 s.'
const SINGLE_CALLER = {
  code: 'input.single_caller',
  message:
    'Without libsrt on this machine FFmpeg takes this feed: one sender at a time, let in by the passphrase alone, without figures of the link. Install libsrt (Debian: libsrt1.5-gnutls), then stop and start this input.',
}

/**
 * A feed that a publisher brings to the SRT door, as it comes. Without libsrt an FFmpeg listens itself, where a passphrase
 * guards the port; where only the stream key or the addresses would, which FFmpeg does not look at, nobody is let in.
 */
export function createSrtFeed(
  source: Extract<InputSource, { kind: 'srt_listener' }>,
  deps: {
    inputId: number
    runDir: string
    clock: Clock
    events: FeedEvents
    /** An FFmpeg that listens in the door's place; `events` is told of it. */
    listen(events: FeedEvents): FeedSource
  },
): FeedSource {
  const { clock, events } = deps
  let sender: string | null = null
  let link: SrtLink | null = null
  let fresh = false
  let instead: FeedSource | null = null
  let cancelRetry: (() => void) | null = null
  let lacked = false
  const takeovers = createTakeovers(clock)
  let refusal: { words: string; atMs: number } | null = null

  function gone(): void {
    sender = null
    link = null
  }

  function heard(control: FromDoor): void {
    switch (control.t) {
      case 'listening':
        events.note('info', `listens for SRT on ${source.bindAddress}:${source.port}`)
        return events.opened({ processId: null, receiveBufferBytes: control.receiveBufferBytes })
      case 'blocked':
        events.note('error', control.words)
        return events.blocked(control.code, control.words, control.retryAt)
      case 'unavailable':
        return unavailable(control.words)
      case 'publisher':
        sender = control.address
        fresh = true
        refusal = null
        return events.note('info', `${control.address} publishes`)
      case 'gone':
        gone()
        events.note(control.orderly ? 'info' : 'warning', control.words)
        if (control.orderly) events.goodbye(control.words)
        if (control.replacedBy !== null) {
          takeovers.add()
          events.replaced(control.replacedBy)
        }
        return
      case 'refused':
        refusal = {
          words: `The publisher ${control.address} was turned away. ${control.words}`,
          atMs: clock.now(),
        }
        return events.note('warning', `${refusal.words}${toLeftOut(control.leftOut)}`)
      case 'note':
        return events.note(control.level, control.words)
      case 'link':
        link = control.link
        return
      case 'callers':
      case 'figures':
        throw new Error(`an input heard ${control.t}`)
    }
  }

  function unavailable(words: string): void {
    if (!lacked) events.note('warning', words)
    lacked = true
    if (source.passphrase === null || source.allowFrom.length > 0) {
      cancelRetry = clock.after(MISSING_RETRY_MS, () => {
        registered.close()
        registered = register()
      })
      return events.blocked('input.cannot_listen', UNGUARDED, clock.wall() + MISSING_RETRY_MS)
    }
    // The door is asked no more: one that came back with the library would find the port taken.
    registered.close()
    listen()
    events.opened({ processId: null, receiveBufferBytes: null })
  }

  function listen(): void {
    instead = deps.listen({ ...events, opened: () => undefined, exited })
  }

  /** An FFmpeg that listens ends with its caller: the next is awaited by another one. */
  function exited(...[words, exit]: Parameters<FeedEvents['exited']>): void {
    instead = null
    if (exit.class !== 'peer_closed' && exit.class !== 'input_lost') return events.exited(words, exit)
    events.note('info', words)
    cancelRetry = clock.after(RETRY_MS, listen)
  }

  const register = () =>
    keepRegistered({
      path: toSrtSocketPath(deps.runDir),
      clock,
      register: {
        t: 'register_srt_in',
        inputId: deps.inputId,
        port: source.port,
        bindAddress: source.bindAddress,
        allowFrom: source.allowFrom,
        latencyMs: source.latencyMs,
        passphrase: source.passphrase,
        streamId: source.streamId,
        onSecondPublisher: source.onSecondPublisher,
      },
      onControl: heard,
      onMedia(bytes) {
        events.data(bytes, clock.now(), fresh)
        fresh = false
        return null
      },
      onLost() {
        gone()
        events.note('warning', 'the part of Weir that takes SRT feeds went away and is started again')
      },
      onMissing: () => events.blocked('input.cannot_listen', MISSING, clock.wall() + MISSING_RETRY_MS),
    })
  let registered = register()

  return {
    sender: () => sender,
    other: () => null,
    link: () => link,
    warning() {
      if (instead) return SINGLE_CALLER
      const alternating = takeovers.warning()
      if (alternating) return alternating
      if (!refusal || clock.now() - refusal.atMs >= REFUSAL_SHOWN_MS) return null
      return { code: 'input.publisher_refused', message: refusal.words }
    },
    async close() {
      cancelRetry?.()
      registered.close()
      await instead?.close()
    },
  }
}
