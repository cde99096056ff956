import type { OutputTarget } from '../specs.ts'

/** A child that is slow to take its feed is pointed out from here on. */
const BEHIND_AFTER_MS = 1_000

/** What is known of one child, in `Clock.now` milliseconds. */
export type Vitals = {
  spawnedAtMs: number
  /** The spawn gate was crowded, so everything starts slowly; or it is an encoder. */
  startsSlowly: boolean
  firstBytesAtMs: number | null
  lastProgressAtMs: number
  /** When the media time written last moved. */
  outTimeMovedAtMs: number
  stdinFullSinceMs: number | null
  /** When the other end of a TCP connection last took something; null where that is not known. */
  takenAtMs: number | null
  /** How far behind the live edge it reads, milliseconds. */
  lagMs: number
  /** Since when it can be judged: the program is on air and we heard of it; null while nothing is on air. */
  onAirSinceMs: number | null
}

export type WatchdogRules = {
  protocol: OutputTarget['protocol']
  stallTimeoutMs: number
  /** It waits for somebody to call, for which there is no deadline. */
  waitsForCaller: boolean
}

const START_DEADLINE_MS: Record<OutputTarget['protocol'], number> = {
  udp: 5_000,
  srt_caller: 8_000,
  srt_listener: 8_000,
  rtmp: 10_000,
  rtsp: 10_000,
}

/**
 * Looks at a child's vital signs and says, in words, why it has to go; null while it is well. Several failures never
 * end FFmpeg: a mute or frozen peer, a server that is no TLS server, a blocked write. While nothing is on air nobody is
 * judged, and the time off air is not counted.
 */
export function judge(vitals: Vitals, rules: WatchdogRules, nowMs: number): string | null {
  const onAirSinceMs = vitals.onAirSinceMs
  if (onAirSinceMs === null) return null
  const since = (atMs: number) => nowMs - Math.max(atMs, onAirSinceMs)
  if (vitals.firstBytesAtMs === null) {
    if (rules.waitsForCaller) return null
    const deadlineMs = START_DEADLINE_MS[rules.protocol] * (vitals.startsSlowly ? 2 : 1)
    if (since(vitals.spawnedAtMs) <= deadlineMs) return null
    return `The server did not answer within ${toSeconds(deadlineMs)}. It may be busy, or something else listens on that port.`
  }
  const limit = rules.stallTimeoutMs
  // While it connects it reads nothing; that is what the start deadline is for.
  const { stdinFullSinceMs, firstBytesAtMs } = vitals
  if (stdinFullSinceMs !== null && since(Math.max(stdinFullSinceMs, firstBytesAtMs)) > limit) {
    return `The server took nothing for ${toSeconds(limit)}. Its connection may be too slow or broken.`
  }
  const isFrozen = vitals.takenAtMs !== null && since(Math.max(vitals.takenAtMs, firstBytesAtMs)) > limit
  if (isFrozen) return `The server took nothing for ${toSeconds(limit)}. Its connection may be too slow or broken.`
  if (since(vitals.lastProgressAtMs) > limit) return `FFmpeg gave no sign of life for ${toSeconds(limit)}.`
  if (since(vitals.outTimeMovedAtMs) > limit) return `Nothing left for ${toSeconds(limit)}, though the feed is there.`
  return null
}

/** Whether a child is slow enough to warn: it refuses its feed altogether, or takes it in sips and falls behind. */
export function isBehind(vitals: Vitals, nowMs: number): boolean {
  const { firstBytesAtMs, stdinFullSinceMs } = vitals
  // What piled up while it connected leaves in the first moments.
  if (firstBytesAtMs === null || nowMs - firstBytesAtMs < BEHIND_AFTER_MS) return false
  const fullForMs = stdinFullSinceMs === null ? 0 : nowMs - Math.max(stdinFullSinceMs, firstBytesAtMs)
  return fullForMs >= BEHIND_AFTER_MS || vitals.lagMs >= BEHIND_AFTER_MS
}

function toSeconds(ms: number): string {
  const seconds = Math.round(ms / 100) / 10
  return seconds === 1 ? '1 second' : `${seconds} seconds`
}
