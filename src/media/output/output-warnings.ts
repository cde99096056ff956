import type { Warning } from '../actual.ts'

/** A warning stays this long after its last reason, so that a slow line does not make it flicker. */
const BEHIND_CALM_MS = 5_000
const SKIPPED_CALM_MS = 60_000

type Kind = { code: string; message: string; calmMs: number }

const BEHIND: Kind = {
  code: 'output.behind',
  message: 'The destination takes the stream more slowly than it comes. Its connection may be too slow.',
  calmMs: BEHIND_CALM_MS,
}
const SKIPPED: Kind = {
  code: 'output.skipped',
  message: 'The destination fell too far behind, and pictures were left out to catch up.',
  calmMs: SKIPPED_CALM_MS,
}

const SLOW_ENCODER: Kind = {
  code: 'output.slow_encoder',
  message:
    'The picture is encoded more slowly than it comes. This machine may be too busy, or the connection too slow.',
  calmMs: BEHIND_CALM_MS,
}
const SEND_QUEUE: Kind = {
  code: 'output.send_queue',
  message:
    'More than a second of the stream is on its way and not taken yet. The connection to the server is too slow.',
  calmMs: BEHIND_CALM_MS,
}
const QUEUE_LIMIT_MS = 1_000
const QUEUE_AFTER_MS = 3_000
/** Below this share of real time an encoder falls behind. */
const SLOW_BELOW = 0.97
const SLOW_AFTER_MS = 10_000

export type Seen = {
  behind: boolean
  skips: number
  /** It makes its picture anew. */
  encodes: boolean
  /** Media time over real time; null before it is known. */
  speed: number | null
  /** What the other end has yet to take, milliseconds of stream; null where that is not known. */
  sendQueueMs: number | null
}

/** What is wrong with a running output without ending it. `atMs` are `Clock.now`, `wallMs` the wall clock. */
export function createOutputWarnings() {
  let active: { kind: Kind; lastAtMs: number; since: number }[] = []
  let knownSkips = 0
  let slowSinceMs: number | null = null
  let queueSinceMs: number | null = null

  function note(kind: Kind, atMs: number, wallMs: number) {
    const known = active.find((entry) => entry.kind === kind)
    if (known) known.lastAtMs = atMs
    else active.push({ kind, lastAtMs: atMs, since: wallMs })
  }

  return {
    look(seen: Seen, atMs: number, wallMs: number): void {
      const isSlow = seen.encodes && seen.speed !== null && seen.speed < SLOW_BELOW
      slowSinceMs = isSlow ? (slowSinceMs ?? atMs) : null
      const wasSlowLong = slowSinceMs !== null && atMs - slowSinceMs >= SLOW_AFTER_MS
      const isLate = seen.sendQueueMs !== null && seen.sendQueueMs > QUEUE_LIMIT_MS
      queueSinceMs = isLate ? (queueSinceMs ?? atMs) : null
      if (queueSinceMs !== null && atMs - queueSinceMs >= QUEUE_AFTER_MS) note(SEND_QUEUE, atMs, wallMs)
      if (wasSlowLong || (seen.behind && seen.encodes)) note(SLOW_ENCODER, atMs, wallMs)
      else if (seen.behind) note(BEHIND, atMs, wallMs)
      if (seen.skips > knownSkips) note(SKIPPED, atMs, wallMs)
      knownSkips = seen.skips
      active = active.filter((entry) => atMs - entry.lastAtMs < entry.kind.calmMs)
    },
    /** For another child, which begins without a past. */
    clear(): void {
      active = []
      knownSkips = 0
      slowSinceMs = null
      queueSinceMs = null
    },
    list: (): Warning[] => active.map(({ kind, since }) => ({ code: kind.code, message: kind.message, since })),
  }
}
