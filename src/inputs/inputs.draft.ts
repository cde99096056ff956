import type { InputRow } from '../db/tables/inputs.ts'
import { AppError, type FieldError } from '../errors.ts'
import { toNameKey } from '../lib/fields.ts'
import { isMulticast } from '../lib/host.ts'
import type { INPUT_SECRET_COLUMNS, InputSecretName } from '../live/input-specs.ts'
import { type Carried, type PullKind, type PullPlace, parsePullUrl } from './address.ts'
import { type InputPatch, latencyField } from './inputs.schema.ts'

export type InputKind = InputRow['kind']

/** Only those that change are there: null clears one, absent leaves it. */
export type InputSecrets = Partial<Record<InputSecretName, string | null>>

type Decided = 'id' | 'createdAt' | 'updatedAt' | 'generation' | 'path' | (typeof INPUT_SECRET_COLUMNS)[InputSecretName]

/** An input as wanted, but for what the database decides: id, path, and ports and keys where none is asked for. */
export type InputDraft = Omit<InputRow, Decided> & {
  /** null = to be made of the name. */
  path: string | null
  secrets: InputSecrets
  /** Where a pull kind calls; null where this body does not change it. */
  place: PullPlace | null
}

/** What each kind has beside what all have, by the names of the API. */
const FIELDS = {
  udp: ['udp_port', 'bind_address', 'allow_from', 'multicast_group', 'interface', 'program'],
  srt_listener: [
    'srt_port',
    'bind_address',
    'allow_from',
    'latency_ms',
    'passphrase',
    'on_second_publisher',
    'program',
  ],
  srt_caller: ['url', 'latency_ms', 'passphrase', 'stream_id'],
  rtmp: ['on_second_publisher'],
  rtsp: ['url', 'username', 'password', 'rtsp_transport'],
  hls: ['url', 'username', 'password'],
  test: [],
} as const satisfies Record<InputKind, readonly (keyof InputPatch)[]>

export type KindField = (typeof FIELDS)[InputKind][number]

/** Every field that some kinds have and others have not. */
export const KIND_FIELDS: readonly KindField[] = [...new Set(Object.values(FIELDS).flat())]
const TYPED_SECRETS = ['username', 'password', 'passphrase', 'stream_id'] as const satisfies InputSecretName[]

export const DEFAULT_SRT_LATENCY_MS = 200
/** libsrt SRTO_PASSPHRASE. */
const PASSPHRASE = { least: 10, most: 79 }

export function hasField(kind: InputKind, field: KindField): boolean {
  return (FIELDS[kind] as readonly KindField[]).includes(field)
}

export function isPull(kind: InputKind): kind is PullKind {
  return hasField(kind, 'url')
}

/** Kinds to which a publisher comes with a key of Weir's making. */
export function hasPublishKey(kind: InputKind): kind is 'rtmp' | 'srt_listener' {
  return hasField(kind, 'on_second_publisher')
}

/**
 * A body laid over what is stored (RFC 7396): left out stays, null takes the default, a secret left out stays. What the
 * address carries counts where the body says nothing. Rules are checked on the result; what was stored for another kind
 * falls away.
 * @throws AppError 422 with one entry per field
 */
export function toInputDraft(body: InputPatch, stored: InputRow | null): InputDraft {
  const kind = pick(body.kind, stored?.kind, 'udp')
  const name = body.name ?? stored?.name ?? ''
  const errors: FieldError[] = []
  const { place, carried } = toPlace(body, kind, stored, errors)
  const own = <T>(field: KindField, given: T | null | undefined, kept: T | undefined, fallback: T): T | null =>
    hasField(kind, field) ? pick(given, kept, fallback) : null
  const draft: InputDraft = {
    name,
    nameKey: toNameKey(name),
    kind,
    path: pick(body.path, stored?.path, null),
    enabled: pick(body.enabled, stored?.enabled, true),
    udpPort: own('udp_port', body.udp_port, stored?.udpPort, null),
    bindAddress: own('bind_address', body.bind_address, stored?.bindAddress, null),
    allowFrom: own('allow_from', body.allow_from, stored?.allowFrom, []) ?? [],
    program: own('program', body.program, stored?.program, null),
    multicastGroup: own('multicast_group', body.multicast_group, stored?.multicastGroup, null),
    interface: own('interface', body.interface, stored?.interface, null),
    url: place ? place.url : own('url', undefined, stored?.url, null),
    rtspTransport: own('rtsp_transport', body.rtsp_transport, stored?.rtspTransport ?? undefined, 'tcp'),
    srtPort: own('srt_port', body.srt_port, stored?.srtPort, null),
    latencyMs: own(
      'latency_ms',
      body.latency_ms === undefined ? carried.latencyMs : body.latency_ms,
      stored?.latencyMs ?? undefined,
      DEFAULT_SRT_LATENCY_MS,
    ),
    onSecondPublisher: own(
      'on_second_publisher',
      body.on_second_publisher,
      stored?.onSecondPublisher ?? undefined,
      'refuse',
    ),
    onLoss: pick(body.on_loss, stored?.onLoss, 'freeze'),
    lossMs: pick(body.loss_ms, stored?.lossMs, 1000),
    returnMode: pick(body.return, stored?.returnMode, 'auto'),
    returnAfterMs: pick(body.return_after_ms, stored?.returnAfterMs, 1000),
    maxFillMinutes: pick(body.max_fill_minutes, stored?.maxFillMinutes, 5),
    backupInputId: pick(body.backup_input_id, stored?.backupInputId, null),
    slateImageId: stored?.slateImageId ?? null,
    secrets: toSecretChanges(body, carried, kind, stored),
    place,
  }
  for (const path of KIND_FIELDS)
    if (!hasField(kind, path) && isSet(body[path])) errors.push({ path, message: `An input of kind ${kind} has none.` })
  checkPlaces(draft, errors)
  if (draft.onLoss === 'backup' && draft.backupInputId === null)
    errors.push({ path: 'backup_input_id', message: 'Choose the input that takes over.' })
  checkSecrets(draft, stored, errors)
  if (errors.length > 0) {
    const message = errors.length === 1 ? `${errors[0]?.path}: ${errors[0]?.message}` : 'Some fields are not right.'
    throw new AppError({ kind: 'invalid', code: 'invalid', message, errors })
  }
  return draft
}

/** The address, where the body has one. One of another kind does not stay. */
function toPlace(
  body: InputPatch,
  kind: InputKind,
  stored: InputRow | null,
  errors: FieldError[],
): { place: PullPlace | null; carried: Carried } {
  const nothing = { place: null, carried: {} }
  if (!isPull(kind)) return nothing
  if (typeof body.url !== 'string') {
    const stays = body.url === undefined && stored?.kind === kind && stored.url !== null
    if (!stays) errors.push({ path: 'url', message: 'The address of the feed is missing.' })
    return nothing
  }
  const taken = parsePullUrl(kind, body.url)
  const latency = latencyField.safeParse(taken.carried.latencyMs)
  if (!latency.success)
    errors.push({ path: 'url', message: `latency: ${latency.error.issues[0]?.message} It counts milliseconds.` })
  return taken
}

function toSecretChanges(body: InputPatch, carried: Carried, kind: InputKind, stored: InputRow | null): InputSecrets {
  const fromUrl = { ...carried, stream_id: carried.streamId }
  const changes: InputSecrets = {}
  for (const name of TYPED_SECRETS) {
    const given = body[name] === undefined ? fromUrl[name] : body[name]
    if (!hasField(kind, name)) {
      if (stored) changes[name] = null
    } else if (given !== undefined) changes[name] = given
  }
  if (stored && !hasPublishKey(kind)) changes.publish_key = null
  return changes
}

function checkPlaces(draft: InputDraft, errors: FieldError[]): void {
  const { bindAddress, multicastGroup, interface: local, url } = draft
  if (bindAddress !== null && isMulticast(bindAddress))
    errors.push({ path: 'bind_address', message: 'An address of this machine. A group stands in multicast_group.' })
  if (multicastGroup === null) {
    if (local !== null) errors.push({ path: 'interface', message: 'For a multicast group alone.' })
  } else {
    if (draft.udpPort === null) errors.push({ path: 'udp_port', message: 'A group comes on one port: say which.' })
    if (bindAddress !== null)
      errors.push({ path: 'bind_address', message: 'With a group, `interface` says on which network it is joined.' })
    if (local !== null && local.includes(':') !== multicastGroup.includes(':'))
      errors.push({ path: 'interface', message: 'Its address family is not that of the group.' })
  }
  if (draft.rtspTransport === 'udp' && url?.startsWith('rtsps:'))
    errors.push({ path: 'rtsp_transport', message: 'rtsps:// runs over tcp alone.' })
}

function checkSecrets({ secrets }: InputDraft, stored: InputRow | null, errors: FieldError[]): void {
  const { passphrase, username, password } = secrets
  if (passphrase && (passphrase.length < PASSPHRASE.least || Buffer.byteLength(passphrase) > PASSPHRASE.most))
    errors.push({ path: 'passphrase', message: 'SRT takes 10 to 79 characters.' })
  const hasUsername = username === undefined ? stored?.usernameSealed != null : username !== null
  const hasPassword = password === undefined ? stored?.passwordSealed != null : password !== null
  if (hasPassword && !hasUsername)
    errors.push({ path: 'username', message: 'There is a password without a user name.' })
}

function isSet(value: InputPatch[KindField]): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
}

function pick<T>(given: T | null | undefined, stored: T | undefined, fallback: T): T {
  if (given === undefined) return stored === undefined ? fallback : stored
  return given === null ? fallback : given
}
