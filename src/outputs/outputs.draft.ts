import type { OutputRow, StoredOptions } from '../db/tables/outputs.ts'
import { AppError, type FieldError, invalidField } from '../errors.ts'
import { toNameKey } from '../lib/fields.ts'
import type { SecretName } from '../live/specs.ts'
import { type Carried, parseUrl, type Place } from './address.ts'
import { toOptions } from './outputs.options.ts'
import type { OutputPatch } from './outputs.schema.ts'

export type Secrets = Partial<Record<SecretName, string | null>>

type Timing = Pick<
  OutputRow,
  | 'autoReconnect'
  | 'reconnectDelaySeconds'
  | 'maxReconnectDelaySeconds'
  | 'maxReconnectAttempts'
  | 'stallTimeoutSeconds'
>

/** An output as wanted. Of the secrets only those that change are there: null clears one, absent leaves it. */
export type OutputDraft = Place &
  Timing & {
    name: string
    nameKey: string
    engine: OutputRow['engine']
    options: StoredOptions
    secrets: Secrets
    enabled: boolean
  }

export type OutputDefaults = { reconnectDelaySeconds: number; maxReconnectAttempts: number }

/** Of a listener that has none yet: the allocator's choice. */
export const ANY_PORT = 0
const DEFAULT_MAX_DELAY_SECONDS = 60
const DEFAULT_STALL_SECONDS = 10

const SECRETS_OF: Record<Place['protocol'], readonly SecretName[]> = {
  udp: [],
  srt_caller: ['passphrase', 'stream_id'],
  srt_listener: ['passphrase', 'stream_id'],
  rtmp: ['stream_key', 'username', 'password'],
  rtsp: ['username', 'password'],
}
const ALL_SECRETS = ['stream_key', 'username', 'password', 'passphrase', 'stream_id'] as const satisfies SecretName[]
/** libsrt SRTO_PASSPHRASE. */
const PASSPHRASE = { least: 10, most: 79 }

/**
 * A body laid over what is stored (RFC 7396): left out stays, null takes the default, a secret left out stays. What the
 * address carries counts where the body says nothing. Rules are checked on the result; what was stored for another
 * protocol falls away.
 * @throws AppError 422 with one entry per field
 */
export function toOutputDraft(body: OutputPatch, stored: OutputRow | null, defaults: OutputDefaults): OutputDraft {
  const { place, carried } = toPlace(body, stored)
  const errors: FieldError[] = []
  if (body.protocol && body.protocol !== place.protocol)
    errors.push({ path: 'protocol', message: `The address is one of ${place.protocol}.` })
  if (body.srt_port && place.protocol !== 'srt_listener')
    errors.push({ path: 'srt_port', message: 'For srt_listener alone.' })
  const engine = toEngine(body, place, stored)
  const given = toGivenSecrets(body, carried)
  const name = body.name ?? stored?.name ?? ''
  const draft: OutputDraft = {
    ...place,
    name,
    nameKey: toNameKey(name),
    engine,
    options: toOptions(body, carried, { ...place, engine }, stored, errors),
    secrets: toSecretChanges(given, place, stored, errors),
    enabled: pick(body.enabled, stored?.enabled, true),
    ...toTiming(body, stored, defaults, errors),
  }
  checkSecrets(draft, stored, errors)
  checkEngine(draft, errors)
  if (errors.length > 0) {
    const message = errors.length === 1 ? `${errors[0]?.path}: ${errors[0]?.message}` : 'Some fields are not right.'
    throw new AppError({ kind: 'invalid', code: 'invalid', message, errors })
  }
  return draft
}

function toPlace(body: OutputPatch, stored: OutputRow | null): { place: Place; carried: Carried } {
  const isListener = (body.protocol ?? (body.url ? null : stored?.protocol)) === 'srt_listener'
  if (isListener) {
    if (body.url) throw invalidField('url', 'A listener has no address to send to: leave it out.')
    const port = pick(body.srt_port, stored?.protocol === 'srt_listener' ? stored.port : undefined, ANY_PORT)
    return { place: { protocol: 'srt_listener', tls: false, host: '', port, app: '' }, carried: {} }
  }
  if (body.url === undefined && stored && stored.protocol !== 'srt_listener') {
    const { protocol, tls, host, port, app } = stored
    return { place: { protocol, tls, host, port, app }, carried: {} }
  }
  if (typeof body.url !== 'string') throw invalidField('url', 'The address is missing.')
  // An address that comes back as it was shown has no key in it, however many parts its application has.
  return parseUrl(body.url, (path) => body.stream_key !== undefined || path === stored?.app)
}

/** What was chosen for another protocol falls away, as its options do. */
function toEngine(body: OutputPatch, place: Place, stored: OutputRow | null): OutputRow['engine'] {
  return pick(body.engine, stored?.protocol === place.protocol ? stored.engine : undefined, 'ffmpeg')
}

function checkEngine({ engine, protocol, options }: OutputDraft, errors: FieldError[]): void {
  const isCopy = (options.video ?? 'copy') === 'copy' && ['auto', 'copy'].includes(options.audio ?? 'auto')
  if (engine === 'direct' && !(protocol === 'udp' && isCopy))
    errors.push({ path: 'engine', message: 'Direct is for udp alone, with picture and sound as they come.' })
}

function toGivenSecrets(body: OutputPatch, carried: Carried): Secrets {
  const given: Secrets = {}
  const set = (name: SecretName, fromBody: string | null | undefined, fromUrl: string | undefined) => {
    const value = fromBody === undefined ? fromUrl : fromBody
    if (value !== undefined) given[name] = value
  }
  set('stream_key', body.stream_key, carried.streamKey)
  set('username', body.username, carried.username)
  set('password', body.password, carried.password)
  set('passphrase', body.passphrase, carried.passphrase)
  // `options: null` clears what was stored, not what the new address says.
  set('stream_id', body.options === null ? (carried.streamId ?? null) : body.options?.stream_id, carried.streamId)
  return given
}

function toSecretChanges(given: Secrets, place: Place, stored: OutputRow | null, errors: FieldError[]): Secrets {
  const fitting = SECRETS_OF[place.protocol]
  const changes: Secrets = {}
  for (const name of ALL_SECRETS) {
    const value = given[name]
    if (fitting.includes(name)) {
      if (value !== undefined) changes[name] = value
      continue
    }
    const path = name === 'stream_id' ? 'options.stream_id' : name
    if (value) errors.push({ path, message: `There is none for protocol ${place.protocol}.` })
    else if (stored) changes[name] = null
  }
  return changes
}

function checkSecrets(draft: OutputDraft, stored: OutputRow | null, errors: FieldError[]): void {
  const { passphrase, username, password } = draft.secrets
  if (passphrase && (passphrase.length < PASSPHRASE.least || Buffer.byteLength(passphrase) > PASSPHRASE.most))
    errors.push({ path: 'passphrase', message: 'SRT takes 10 to 79 characters.' })
  const hasUsername = username === undefined ? stored?.usernameSealed != null : username !== null
  const hasPassword = password === undefined ? stored?.passwordSealed != null : password !== null
  if (hasPassword && !hasUsername)
    errors.push({ path: 'username', message: 'There is a password without a user name.' })
}

/** What applies where nothing is said, in seconds and tries. */
export function toTimingDefaults(defaults: OutputDefaults) {
  const { reconnectDelaySeconds: delay } = defaults
  return {
    reconnect_delay: delay,
    max_reconnect_delay: Math.max(DEFAULT_MAX_DELAY_SECONDS, delay),
    max_reconnect_attempts: defaults.maxReconnectAttempts,
    stall_timeout: DEFAULT_STALL_SECONDS,
  }
}
export type TimingDefaults = ReturnType<typeof toTimingDefaults>

function toTiming(body: OutputPatch, stored: OutputRow | null, defaults: OutputDefaults, errors: FieldError[]): Timing {
  const delay = pick(body.reconnect_delay, stored?.reconnectDelaySeconds, defaults.reconnectDelaySeconds)
  const cap = toTimingDefaults({ ...defaults, reconnectDelaySeconds: delay }).max_reconnect_delay
  const maxDelay = pick(body.max_reconnect_delay, stored?.maxReconnectDelaySeconds, cap)
  if (maxDelay < delay) errors.push({ path: 'max_reconnect_delay', message: 'At least reconnect_delay.' })
  return {
    autoReconnect: pick(body.auto_reconnect, stored?.autoReconnect, true),
    reconnectDelaySeconds: delay,
    maxReconnectDelaySeconds: maxDelay,
    maxReconnectAttempts: pick(
      body.max_reconnect_attempts,
      stored?.maxReconnectAttempts,
      defaults.maxReconnectAttempts,
    ),
    stallTimeoutSeconds: pick(body.stall_timeout, stored?.stallTimeoutSeconds, DEFAULT_STALL_SECONDS),
  }
}

function pick<T>(given: T | null | undefined, stored: T | undefined, fallback: T): T {
  if (given === undefined) return stored === undefined ? fallback : stored
  return given === null ? fallback : given
}
