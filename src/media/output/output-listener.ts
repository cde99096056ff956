import type { Clock } from '../../lib/clock.ts'
import type { Caller, LogLine, OutputFigures, Warning } from '../actual.ts'
import type { FromDoor } from '../doors/messages.ts'
import { toLeftOut } from '../doors/refusals.ts'
import { keepRegistered } from '../doors/registration.ts'
import type { OutputTarget } from '../specs.ts'
import { toSrtSocketPath } from '../srt/socket-path.ts'

/** Longest time between two figures that still counts: the door sends them once a second. */
const FIGURES_GAP_MS = 2_000

const OPENING = 'Opening its port.'
const LOST = 'The part of Weir that serves SRT receivers went away. It is being started again.'
const MISSING = 'The part of Weir that serves SRT receivers is not running. Weir keeps trying.'
const UNGUARDED =
  'Without libsrt on this machine the stream ID of receivers cannot be checked, and anybody could watch. Set a passphrase, or install libsrt.'

export type Listener = {
  /** Why nobody can call yet; null when the port is open. */
  readonly hold: string | null
  /** The port cannot be had; it is tried again by itself at `retryAt` (wall clock), null = only another setting helps. */
  readonly blocked: { words: string; retryAt: number | null } | null
  /** Where its FFmpeg writes to; null: FFmpeg has to listen itself. */
  readonly mediaPath: string | null
  /** Oldest first; null where FFmpeg listens itself and says nothing of its caller. */
  readonly callers: Caller[] | null
  readonly warning: Warning | null
  /** What leaves to all callers, since `countAnew`. */
  figures(): { callers: OutputFigures['callers']; bitrateKbps: number; bytes: number }
  countAnew(): void
  kick(callerId: number): void
  /** The port is given back, and all callers are let go. */
  close(): void
}

/** The port of one SRT listener output, held at the door for as long as the output is switched on. */
export function createListener(deps: {
  outputId: number
  target: Extract<OutputTarget, { protocol: 'srt_listener' }>
  runDir: string
  clock: Clock
  changed(): void
  note(level: LogLine['level'], text: string): void
}): Listener {
  const { clock, target } = deps
  let hold: string | null = OPENING
  let blocked: Listener['blocked'] = null
  let mediaPath: string | null = null
  let callers: Caller[] | null = []
  let warning: Warning | null = null
  let figures: OutputFigures['callers'] = []
  let figuresAtMs = 0
  let bytes = 0

  const bitrateKbps = () => figures.reduce((sum, each) => sum + (each.bitrateKbps ?? 0), 0)

  function noteCallers(next: Caller[]): void {
    const before = callers ?? []
    for (const { id, address } of next)
      if (!before.some((known) => known.id === id)) deps.note('info', `a receiver called from ${address}`)
    for (const { id, address } of before)
      if (!next.some((known) => known.id === id)) deps.note('info', `the receiver at ${address} has gone`)
  }

  function onControl(control: FromDoor): void {
    switch (control.t) {
      case 'listening':
        hold = null
        blocked = null
        mediaPath = control.mediaPath
        return deps.changed()
      case 'blocked':
        hold = OPENING
        blocked = { words: control.words, retryAt: control.retryAt }
        return deps.changed()
      case 'unavailable':
        deps.note('warning', control.words)
        if (target.streamId !== null && target.passphrase === null) {
          blocked = { words: UNGUARDED, retryAt: null }
          return deps.changed()
        }
        hold = null
        mediaPath = null
        callers = null
        warning = { code: 'output.single_caller', message: toSingleWords(target), since: clock.wall() }
        return deps.changed()
      case 'callers':
        noteCallers(control.callers)
        callers = control.callers
        figures = figures.filter((each) => control.callers.some(({ id }) => id === each.id))
        return deps.changed()
      case 'figures': {
        const nowMs = clock.now()
        figures = control.callers
        bytes += (bitrateKbps() * Math.min(nowMs - figuresAtMs, FIGURES_GAP_MS)) / 8
        figuresAtMs = nowMs
        return
      }
      case 'refused':
        return deps.note('warning', `refused ${control.address}: ${control.words}${toLeftOut(control.leftOut)}`)
      case 'note':
        return deps.note(control.level, control.words)
      case 'publisher':
      case 'gone':
      case 'link':
        throw new Error(`a listener heard ${control.t}`)
    }
  }

  function shut(words: string): void {
    hold = words
    blocked = null
    mediaPath = null
    callers = []
    figures = []
    warning = null
    deps.note('warning', words)
    deps.changed()
  }

  const registered = keepRegistered({
    path: toSrtSocketPath(deps.runDir),
    clock,
    register: {
      t: 'register_srt_out',
      outputId: deps.outputId,
      port: target.port,
      latencyMs: target.latencyMs,
      pktSize: target.pktSize,
      passphrase: target.passphrase,
      streamId: target.streamId,
    },
    onControl,
    // A listener is sent no media.
    onMedia: () => null,
    onLost: () => shut(LOST),
    onMissing: () => shut(MISSING),
  })

  return {
    get hold() {
      return hold
    },
    get blocked() {
      return blocked
    },
    get mediaPath() {
      return mediaPath
    },
    get callers() {
      return callers
    },
    get warning() {
      return warning
    },
    figures: () => ({ callers: figures, bitrateKbps: bitrateKbps(), bytes: Math.round(bytes) }),
    countAnew() {
      bytes = 0
    },
    kick: (callerId) => registered.send({ t: 'kick', callerId }),
    close: registered.close,
  }
}

function toSingleWords({ streamId }: Extract<OutputTarget, { protocol: 'srt_listener' }>): string {
  const words = 'Without libsrt on this machine one receiver is served at a time.'
  return streamId === null ? words : `${words} Its stream ID cannot be checked.`
}
