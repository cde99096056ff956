import type { ChildExit, InputActual, OutputActual } from '../media/actual.ts'
import { JUMP_WORDS, type WorkerEventData } from '../media/protocol.ts'
import type { NewEvent } from './events.ts'

type Line = Pick<NewEvent, 'type' | 'message'>

/** What a change of an input's state adds to its history; null where it is not worth a line. */
export function tellInput(before: InputActual, after: InputActual): Line | null {
  if (before.status === after.status) return tellFormat(before, after)
  switch (after.status) {
    case 'active':
      return {
        type: 'input.active',
        message: after.source ? `The feed arrives from ${after.source}.` : 'The feed arrives.',
      }
    case 'inactive':
      return before.status === 'active'
        ? { type: 'input.inactive', message: 'The feed does not arrive any more.' }
        : null
    case 'reconnecting':
      return { type: 'input.reconnecting', message: after.statusReason ?? 'Trying again.' }
    case 'error':
      return { type: 'input.error', message: after.statusReason ?? 'It does not run.' }
    default:
      return null
  }
}

type Switched = Omit<WorkerEventData<'input.switched'>, 'id'>

const ON_AIR: Record<Exclude<Switched['to'], 'none'>, string> = {
  main: 'The feed is back on air.',
  backup: 'The backup is on air.',
  slate: 'The slate is on air.',
  freeze: 'Its last picture stands still on air, without sound.',
}

/**
 * What a change of what outputs get adds to the history. The first feed on air has its line already, and what was asked for
 * by hand has one by whoever asked.
 */
export function tellSwitch(change: Switched): (Line & { data: Record<string, unknown> }) | null {
  const { from, to, reason, gapMs } = change
  if (reason === 'manual' || (from === 'none' && reason === null && to === 'main')) return null
  const what = to === 'none' ? 'Nothing is on air any more.' : ON_AIR[to]
  const message = [causeOf(change), what].filter((words) => words !== '').join(' ')
  return { type: 'input.switched', message, data: { from, to, reason, gap_ms: gapMs } }
}

/** A fill that ends has no cause of its own. */
function causeOf({ from, reason }: Switched): string {
  if (from !== 'main' && from !== 'backup') return ''
  if (reason === 'lost') return from === 'main' ? 'The feed was lost.' : 'The backup was lost.'
  return reason === 'ended' ? 'The show has ended.' : ''
}

/** An encoder that was set anew in the middle of a show; details that only become known are no change. */
function tellFormat(before: InputActual, after: InputActual): Line | null {
  const hadFeed = before.video !== null || before.audio !== null
  const hasFeed = after.video !== null || after.audio !== null
  if (!hadFeed || !hasFeed) return null
  const changes = [
    ...changeOf('picture', toPictureTrack(before.video), toPictureTrack(after.video)),
    ...changeOf('sound', toSoundTrack(before.audio), toSoundTrack(after.audio)),
  ]
  return changes.length === 0
    ? null
    : { type: 'input.changed_format', message: `The feed changed: ${changes.join('; ')}.` }
}

/** A track in words; `whole`: its details are known too, which may come after its codec. */
type Track = { codec: string; words: string; whole: boolean }

function changeOf(what: string, before: Track | null, after: Track | null): string[] {
  if (before === null && after === null) return []
  if (after === null) return [`it carries no ${what} any more`]
  if (before === null) return [`it carries ${what === 'picture' ? 'a picture' : 'sound'} now, ${after.words}`]
  const isSame = before.whole && after.whole ? before.words === after.words : before.codec === after.codec
  return isSame ? [] : [`its ${what} is ${after.words} now, it was ${before.words}`]
}

function toPictureTrack(video: InputActual['video']): Track | null {
  if (video === null) return null
  const { codec, width, height } = video
  const whole = width !== null && height !== null
  return { codec, whole, words: whole ? `${codec} ${width}x${height}` : codec }
}

function toSoundTrack(audio: InputActual['audio']): Track | null {
  if (audio === null) return null
  const { codec, sampleRate, channels } = audio
  const whole = sampleRate !== null && channels !== null
  const details = `${sampleRate} Hz with ${channels} ${channels === 1 ? 'channel' : 'channels'}`
  return { codec, whole, words: whole ? `${codec} ${details}` : codec }
}

/** As `tellInput`, for an output. */
export function tellOutput(before: OutputActual, after: OutputActual): Line | null {
  if (before.status === after.status) return null
  switch (after.status) {
    case 'running':
      return { type: 'output.running', message: 'It is sending.' }
    case 'waiting':
      if (before.status === 'stopped' || before.status === 'starting') return null
      // Its reason says what comes next; the history says what has happened.
      return {
        type: 'output.waiting',
        message: after.processId === null ? 'Nothing is on air any more.' : 'Its last receiver has left.',
      }
    case 'reconnecting':
      return { type: 'output.reconnecting', message: after.statusReason ?? 'Trying again.' }
    case 'error':
      return { type: 'output.error', message: after.statusReason ?? 'It does not run.' }
    default:
      return null
  }
}

/** A feed that came back on another timeline without a loss: an encoder that was started again, mostly. */
export function tellRestart({ reason, gapMs }: Omit<WorkerEventData<'input.restarted'>, 'id'>): Line & {
  data: Record<string, unknown>
} {
  return {
    type: 'input.restarted',
    message: `The feed began anew: ${JUMP_WORDS[reason]}.`,
    data: { reason, gap_ms: gapMs },
  }
}

const RESTARTS = {
  codec: "Restarted: the feed's codec changed.",
  sound: "Restarted: the feed's sound changed.",
  door: 'Stopped until its port is open again.',
}

/**
 * The end of a child, described whole but for its lines: those are in the output's log. One that was asked for is no
 * failure, and has a line already where a person asked or nothing is on air any more.
 */
export function tellExit(exit: ChildExit): (Line & { data?: Record<string, unknown> }) | null {
  const { asked } = exit
  if (asked === 'person' || asked === 'off_air') return null
  if (asked) return { type: 'output.restarted', message: RESTARTS[asked] }
  const how = exit.signal ? `signal ${exit.signal}` : `code ${exit.code}`
  const ran = `FFmpeg ended after ${Math.round(exit.ranSeconds * 10) / 10} s (${exit.class}, ${how}).`
  const hasRun = exit.signal !== null || exit.code !== null
  return {
    type: 'output.exited',
    message: hasRun ? ran : `FFmpeg was not started (${exit.class}).`,
    data: {
      class: exit.class,
      code: exit.code,
      signal: exit.signal,
      forced: exit.forced,
      ran_seconds: exit.ranSeconds,
      next: exit.next,
    },
  }
}
