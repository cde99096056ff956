import type { Warning } from '../actual.ts'

/** What is known of a feed when its warnings are made; times are `Clock.now` milliseconds. */
export type FeedFacts = {
  active: boolean
  /** Continuity errors of the last 10 s. */
  recentContinuityErrors: number
  hasVideo: boolean
  hasAudio: boolean
  /** Since when the present feed has been active. */
  activeSinceMs: number
  lastKeyframeMs: number | null
  lastAudioMs: number | null
  /** Bytes arrive, and most of them belong to no transport stream. */
  foreign: boolean
  /** A stream arrives without the program that is wanted of it. */
  missingProgram: { wanted: number; present: number[] } | null
  other: { address: string; atMs: number; allowed: boolean } | null
  receiveBufferBytes: number | null
  /** Losses in the last 5 minutes. */
  losses: number
}

const NO_KEYFRAME_MS = 10_000
const NO_AUDIO_MS = 2_000
const OTHER_SENDER_MS = 10_000
/** Under this a stall of half a second loses packets at 10 Mbit/s (measured). */
const SMALL_BUFFER_BYTES = 1024 * 1024
const FLAPPING_LOSSES = 3

/** Everything that is wrong with a feed that still counts as running, each as a code and plain words. */
export function feedWarnings(facts: FeedFacts, nowMs: number): Omit<Warning, 'since'>[] {
  const found: Omit<Warning, 'since'>[] = []
  const add = (code: string, message: string) => found.push({ code, message })
  const silentMs = (lastMs: number | null) => nowMs - Math.max(lastMs ?? 0, facts.activeSinceMs)

  if (facts.active && facts.recentContinuityErrors > 0)
    add(
      'input.continuity',
      `Packets of the feed are lost on the way here: ${facts.recentContinuityErrors} errors in the last 10 s. Viewers may see blocks.`,
    )
  if (facts.active && facts.hasVideo && silentMs(facts.lastKeyframeMs) > NO_KEYFRAME_MS)
    add(
      'input.no_keyframe',
      'No keyframe for 10 s. Outputs cannot start; set a keyframe interval of 2 s in the encoder.',
    )
  if (facts.active && facts.hasAudio && silentMs(facts.lastAudioMs) > NO_AUDIO_MS)
    add('input.no_audio', 'The feed announces sound but sends none. Silence goes out in its place.')
  if (facts.foreign)
    add('input.not_mpegts', 'Data arrives, but it is no MPEG transport stream. Set the encoder to MPEG-TS over UDP.')
  if (facts.missingProgram)
    add(
      'input.no_program',
      `The feed has no program ${facts.missingProgram.wanted}; it carries ${facts.missingProgram.present.join(', ')}. Change the program number of this input.`,
    )
  if (facts.other && nowMs - facts.other.atMs < OTHER_SENDER_MS)
    add(
      'input.other_sender',
      facts.other.allowed
        ? `${facts.other.address} sends to this port too and is ignored while the present sender is there.`
        : `${facts.other.address} sends to this port but is not in the list of allowed senders.`,
    )
  if (facts.receiveBufferBytes !== null && facts.receiveBufferBytes < SMALL_BUFFER_BYTES)
    add(
      'input.buffer_small',
      `The system gave a receive buffer of ${Math.round(facts.receiveBufferBytes / 1024)} KiB only; packets may be lost when the machine is busy. Raise net.core.rmem_max to 4194304 or more.`,
    )
  if (facts.losses >= FLAPPING_LOSSES)
    add('input.flapping', `The feed was lost ${facts.losses} times in the last 5 minutes. Check the sender's network.`)
  return found
}

/** Gives each warning the time it first stood there, and drops those that are over. */
export function keepSince(previous: Warning[], found: Omit<Warning, 'since'>[], wallMs: number): Warning[] {
  return found.map((warning) => ({
    ...warning,
    since: previous.find((old) => old.code === warning.code)?.since ?? wallMs,
  }))
}
