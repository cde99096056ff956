import { OFF_LIMITS, PRIVATE } from '../lib/targets.ts'
import { UNREADABLE } from '../live/actual.ts'
import { fieldId } from '../ui/field.tsx'
import type { OutputResource } from './outputs.schema.ts'

/** What an output's line, log and forms say about it in words. */

/** The address as people see it, with a mark for the key that is not shown; of a listener, its port. */
export function shownAddress(output: Pick<OutputResource, 'url' | 'srt_port' | 'has_stream_key'>): string {
  if (output.url === null) return `SRT port ${output.srt_port}`
  return output.has_stream_key ? `${output.url.replace(/\/$/, '')}/••••` : output.url
}

/** True of a listener on the air that nobody has called; while no feed is there, that is what it waits for. */
export function isAwaitingCallers({ status, callers, process_id }: OutputResource): boolean {
  return status === 'waiting' && callers !== null && process_id !== null
}

/** What says more than the state alone; undefined where nothing does. */
export function stateWords(output: OutputResource): string | undefined {
  return isAwaitingCallers(output) ? 'Waits for a caller' : undefined
}

/** `1 caller`, `3 callers`. */
export function callersWords(count: number): string {
  return count === 1 ? '1 caller' : `${count} callers`
}

/** What is done to the feed on its way, short: `720p, AAC`; empty where it goes out as it comes. */
export function madeWords({ engine, options: { video, audio, transparent } }: OutputResource): string {
  const parts = [
    engine === 'direct' && (transparent ? 'direct, untouched' : 'direct'),
    video === 'none' ? 'no picture' : video !== 'copy' && video,
    audio === 'none' ? 'no sound' : audio === 'aac' && 'AAC',
  ]
  return parts.filter(Boolean).join(', ')
}

export type ExitClass = NonNullable<OutputResource['last_exit']>['class']

const EXITS: Record<ExitClass, string> = {
  dns: 'Name not known',
  refused: 'Connection refused',
  unreachable: 'Not reachable',
  tls: 'No secure connection',
  rejected: 'Taken and closed: key, application or passphrase',
  codec: 'Codec not taken',
  peer_closed: 'Peer closed the connection',
  hung: 'No progress',
  input_lost: 'The feed ended',
  killed: 'Ended from outside',
  unknown: 'Ended without a word',
}

/** Why a run ended, short. One that we ended because it was asked for is no failure. */
export function exitWords(exit: { class: ExitClass; next: 'retry' | 'error' | 'none' }): string {
  return exit.class === 'killed' && exit.next === 'none' ? 'Stopped' : EXITS[exit.class]
}

/** How the process ended: `code 224`, `SIGTERM`, `SIGKILL by Weir`. */
export function exitCodeWords(exit: { code: number | null; signal: string | null; forced: boolean }): string {
  if (exit.signal) return exit.forced ? `${exit.signal} by Weir` : exit.signal
  return exit.code === null ? 'unknown' : `code ${exit.code}`
}

type Exit = NonNullable<OutputResource['last_exit']>

/** Newest first: those that ended alike one after the other are one, the newest of them, with their number. */
export function foldExits<E extends Exit>(exits: readonly E[]): { exit: E; count: number }[] {
  const folded: { exit: E; count: number }[] = []
  for (const exit of exits) {
    const last = folded.at(-1)
    if (last && isAlike(last.exit, exit)) last.count++
    else folded.push({ exit, count: 1 })
  }
  return folded
}

function isAlike(a: Exit, b: Exit): boolean {
  return a.class === b.class && a.next === b.next && exitCodeWords(a) === exitCodeWords(b)
}

export const NEXT_WORDS = { retry: 'tried again', error: 'Weir stopped trying', none: 'stayed off' } as const

/**
 * `, 7 tries left`, the next one among them; nothing where there is no end. How many there were is another figure: the
 * retries of a line count on over failures that are over.
 */
export function triesLeftWords({ attempt, max_reconnect_attempts: most }: OutputResource): string {
  if (most === 0) return ''
  return attempt >= most ? ', the last one' : `, ${most - attempt + 1} tries left`
}

/** What mends a failure: words for a button, and the form at the field that it is about. */
export type Remedy = { words: string; href: string }

const REMEDIES = {
  key: { words: 'Change key', field: 'stream_key' },
  login: { words: 'Change login', field: 'username' },
  passphrase: { words: 'Change passphrase', field: 'passphrase' },
  address: { words: 'Edit address', field: 'url' },
  port: { words: 'Change port', field: 'srt_port' },
  picture: { words: 'Change picture', field: 'options.video' },
  settings: { words: 'Edit output', field: 'options.audio' },
} as const
type RemedyName = keyof typeof REMEDIES

/** By what a destination tells friend from stranger. */
const SECRETS: Record<OutputResource['protocol'], RemedyName> = {
  rtmp: 'key',
  rtsp: 'login',
  srt_caller: 'passphrase',
  srt_listener: 'passphrase',
  udp: 'address',
}

/** What most often mends the last failure, whatever the state is now; null where no edit would. */
export function remedyOf(output: OutputResource): Remedy | null {
  const name = remedyName(output)
  return name && toRemedy(output, name)
}

/** What mends a warning; null where there is nothing to edit. */
export function warningRemedyOf(output: OutputResource, code: string): Remedy | null {
  return code === 'output.slow_encoder' ? toRemedy(output, 'picture') : null
}

function toRemedy(output: OutputResource, name: RemedyName): Remedy {
  const { words, field } = REMEDIES[name]
  return { words, href: `${editPath(output)}#${fieldId(field)}` }
}

function remedyName({ last_exit, protocol, status, status_reason }: OutputResource): RemedyName | null {
  switch (last_exit?.class) {
    case 'rejected':
      return SECRETS[protocol]
    case 'dns':
    case 'refused':
    case 'unreachable':
    case 'tls':
      return protocol === 'srt_listener' ? 'port' : 'address'
    case 'codec':
      return 'settings'
    case undefined:
      // No child ever ran: its secrets do not open, nobody may go there, or the feed does not fit.
      if (status !== 'error') return null
      if (status_reason === OFF_LIMITS || status_reason === PRIVATE) return 'address'
      return status_reason === UNREADABLE ? SECRETS[protocol] : 'settings'
    default:
      return null
  }
}

/** Where an output is checked. */
export function checkPath(output: Pick<OutputResource, 'id' | 'input_id'>): string {
  return `/inputs/${output.input_id}/outputs/${output.id}/check`
}

/** Where the form of an output stands. */
export function editPath(output: Pick<OutputResource, 'id' | 'input_id'>): string {
  return `/inputs/${output.input_id}/outputs/${output.id}/edit`
}
