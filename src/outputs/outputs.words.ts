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

export const NEXT_WORDS = { retry: 'tried again', error: 'Weir stopped trying', none: 'stayed off' } as const

/**
 * `, 7 tries left`, the next one among them; nothing where there is no end. How many there were is another figure: the
 * retries of a line count on over failures that are over.
 */
export function triesLeftWords({ attempt, max_reconnect_attempts: most }: OutputResource): string {
  if (most === 0) return ''
  return attempt >= most ? ', the last one' : `, ${most - attempt + 1} tries left`
}

export type Remedy = 'key' | 'passphrase' | 'address' | 'settings'

/** What most often mends the last failure; null where no edit would. */
export function remedyOf(output: OutputResource): Remedy | null {
  if (output.status !== 'error' && output.status !== 'reconnecting') return null
  switch (output.last_exit?.class) {
    case 'rejected':
      return output.protocol === 'rtmp' ? 'key' : 'passphrase'
    case 'dns':
    case 'refused':
    case 'unreachable':
    case 'tls':
      return 'address'
    case 'codec':
      return 'settings'
    case undefined:
      // No child ever ran: its stored secrets cannot be read.
      return output.status === 'error' ? 'key' : null
    default:
      return null
  }
}

export const REMEDY_WORDS: Record<Remedy, string> = {
  key: 'Change key',
  passphrase: 'Change passphrase',
  address: 'Edit address',
  settings: 'Edit output',
}

/** The field of the form that a remedy is about. */
const REMEDY_FIELDS: Record<Remedy, string> = {
  key: 'stream_key',
  passphrase: 'passphrase',
  address: 'url',
  settings: 'options.audio',
}

/** Where an output is checked. */
export function checkPath(output: Pick<OutputResource, 'id' | 'input_id'>): string {
  return `/inputs/${output.input_id}/outputs/${output.id}/check`
}

/** Where the form of an output stands; with a remedy, at the field that it is about. */
export function editPath(output: Pick<OutputResource, 'id' | 'input_id'>, remedy?: Remedy): string {
  const path = `/inputs/${output.input_id}/outputs/${output.id}/edit`
  return remedy ? `${path}#f-${REMEDY_FIELDS[remedy]}` : path
}
