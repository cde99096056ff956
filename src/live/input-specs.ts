import type { InputRow } from '../db/tables/inputs.ts'
import type { SecretBox } from '../lib/secret-box.ts'
import type { InputSource } from '../media/specs.ts'
import { parseAuthority, splitAddress } from './address-parts.ts'

export type InputSecretName = 'publish_key' | 'username' | 'password' | 'passphrase' | 'stream_id'

/** Which column holds which secret of an input. */
export const INPUT_SECRET_COLUMNS = {
  publish_key: 'publishKeySealed',
  username: 'usernameSealed',
  password: 'passwordSealed',
  passphrase: 'passphraseSealed',
  stream_id: 'streamIdSealed',
} as const satisfies Record<InputSecretName, keyof InputRow>

const DEFAULT_BIND_ADDRESS = '0.0.0.0'
/** The one application of the RTMP door; keys tell publishers apart. */
export const RTMP_APP = 'live'
/** Ports that an address may leave out, by its scheme. RTSPS: RFC 7826 22.14. */
export const USUAL_PORTS: Readonly<Record<string, number>> = { rtsp: 554, rtsps: 322, http: 80, https: 443 }

/** The place a secret of an input is sealed for (lib/secret-box): it opens in this row and column alone. */
export function inputSecretPlace(inputId: number, name: InputSecretName): string {
  return `input/${inputId}/${name}`
}

/** @throws Error when it was sealed with another key or damaged */
export function openInputSecret(row: InputRow, name: InputSecretName, box: SecretBox): string | null {
  const sealed = row[INPUT_SECRET_COLUMNS[name]]
  return sealed === null ? null : box.open(sealed, inputSecretPlace(row.id, name))
}

/** Where a feed comes from, as a worker takes it, secrets open. @throws Error where a secret does not open */
export function toSource(row: InputRow, box: SecretBox): InputSource {
  const secret = (name: InputSecretName) => openInputSecret(row, name, box)
  switch (row.kind) {
    case 'test':
      return { kind: 'test' }
    case 'udp':
      return {
        kind: 'udp',
        port: there(row, 'udpPort'),
        bindAddress: row.bindAddress ?? DEFAULT_BIND_ADDRESS,
        allowFrom: row.allowFrom,
        multicastGroup: row.multicastGroup,
        interfaceAddress: row.interface,
      }
    case 'rtmp':
      return {
        kind: 'rtmp',
        app: RTMP_APP,
        streamKey: publishKey(row, box),
        onSecondPublisher: there(row, 'onSecondPublisher'),
      }
    case 'srt_listener':
      return {
        kind: 'srt_listener',
        port: there(row, 'srtPort'),
        bindAddress: row.bindAddress ?? DEFAULT_BIND_ADDRESS,
        allowFrom: row.allowFrom,
        latencyMs: there(row, 'latencyMs'),
        passphrase: secret('passphrase'),
        streamId: publishKey(row, box),
        onSecondPublisher: there(row, 'onSecondPublisher'),
      }
    case 'srt_caller': {
      const { host, port } = parseAuthority(splitAddress(there(row, 'url')).authority, null)
      const latencyMs = there(row, 'latencyMs')
      return {
        kind: 'srt_caller',
        host,
        port,
        latencyMs,
        passphrase: secret('passphrase'),
        streamId: secret('stream_id'),
      }
    }
    case 'rtsp': {
      const { scheme, authority, path, rest } = splitAddress(there(row, 'url'))
      return {
        kind: 'rtsp',
        tls: scheme === 'rtsps',
        ...parseAuthority(authority, USUAL_PORTS[scheme] ?? null),
        path: path.slice(1) + rest,
        transport: there(row, 'rtspTransport'),
        username: secret('username'),
        password: secret('password'),
      }
    }
    case 'hls':
      return { kind: 'hls', url: there(row, 'url'), username: secret('username'), password: secret('password') }
  }
}

function publishKey(row: InputRow, box: SecretBox): string {
  const key = openInputSecret(row, 'publish_key', box)
  if (key === null) throw new Error(`input ${row.id} has no publish key`)
  return key
}

/** What a row of this kind always has. */
function there<N extends keyof InputRow>(row: InputRow, name: N): NonNullable<InputRow[N]> {
  const value = row[name]
  if (value === null) throw new Error(`input ${row.id} has no ${name}`)
  return value as NonNullable<InputRow[N]>
}
