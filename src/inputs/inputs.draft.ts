import type { InputRow } from '../db/tables/inputs.ts'
import { AppError, type FieldError } from '../errors.ts'
import { toNameKey } from '../lib/fields.ts'
import { isMulticast } from '../lib/host.ts'
import type { InputPatch } from './inputs.schema.ts'

/** An input as wanted, but for what the database decides: id, path and port where none is asked for. */
export type InputDraft = Omit<InputRow, 'id' | 'createdAt' | 'updatedAt' | 'generation' | 'path' | 'udpPort'> & {
  /** null = to be made of the name. */
  path: string | null
  /** null = to be allocated, or none for a kind without. */
  udpPort: number | null
}

const UDP_ONLY = ['udp_port', 'bind_address', 'allow_from', 'program'] as const

/**
 * A body laid over what is stored (RFC 7396): left out stays, null takes the default. Rules are checked on the result.
 * @throws AppError 422 with one entry per field
 */
export function toInputDraft(body: InputPatch, stored: InputRow | null): InputDraft {
  const kind = pick(body.kind, stored?.kind, 'udp')
  const isUdp = kind === 'udp'
  const name = body.name ?? stored?.name ?? ''
  const draft: InputDraft = {
    name,
    nameKey: toNameKey(name),
    kind,
    path: pick(body.path, stored?.path, null),
    enabled: pick(body.enabled, stored?.enabled, true),
    udpPort: isUdp ? pick(body.udp_port, stored?.udpPort, null) : null,
    bindAddress: isUdp ? pick(body.bind_address, stored?.bindAddress, null) : null,
    allowFrom: isUdp ? pick(body.allow_from, stored?.allowFrom, []) : [],
    program: isUdp ? pick(body.program, stored?.program, null) : null,
    multicastGroup: null,
    interface: null,
    url: null,
    rtspTransport: null,
    srtPort: null,
    latencyMs: null,
    onSecondPublisher: null,
    publishKeySealed: null,
    usernameSealed: null,
    passwordSealed: null,
    passphraseSealed: null,
    streamIdSealed: null,
    onLoss: 'hold',
    lossMs: pick(body.loss_ms, stored?.lossMs, 1000),
    returnMode: 'auto',
    returnAfterMs: 1000,
    maxFillMinutes: 5,
    backupInputId: null,
    slateImageId: null,
  }
  const errors: FieldError[] = []
  for (const path of UDP_ONLY) {
    const value = body[path]
    const isSet = value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
    if (!isUdp && isSet) errors.push({ path, message: `An input of kind ${kind} has none.` })
  }
  if (draft.bindAddress !== null && isMulticast(draft.bindAddress))
    errors.push({ path: 'bind_address', message: 'An address of this machine, not a multicast group.' })
  if (errors.length > 0)
    throw new AppError({ kind: 'invalid', code: 'invalid', message: 'Some fields do not go together.', errors })
  return draft
}

/** The path of an input's name: small letters and digits of any accent, hyphens between; `input` where nothing is left. */
export function toSlug(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '')
  return slug || 'input'
}

/** `slug`, or `slug-2`, `slug-3`, ... */
export function toFreeSlug(slug: string, taken: ReadonlySet<string>): string {
  if (!taken.has(slug)) return slug
  let n = 2
  while (taken.has(`${slug}-${n}`)) n++
  return `${slug}-${n}`
}

function pick<T>(given: T | null | undefined, stored: T | undefined, fallback: T): T {
  if (given === undefined) return stored === undefined ? fallback : stored
  return given === null ? fallback : given
}
