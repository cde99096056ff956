import type { InputRow } from '../db/tables/inputs.ts'
import type { OutputRow, StoredOptions } from '../db/tables/outputs.ts'
import { isMulticast } from '../lib/host.ts'
import type { SecretBox } from '../lib/secret-box.ts'
import type { Choice, InputSpec, OutputSpec, OutputTarget } from '../media/specs.ts'
import { toSource } from './input-specs.ts'

export type SecretName = 'stream_key' | 'username' | 'password' | 'passphrase' | 'stream_id'

/** Which column holds which secret of an output. */
export const SECRET_COLUMNS = {
  stream_key: 'streamKeySealed',
  username: 'usernameSealed',
  password: 'passwordSealed',
  passphrase: 'passphraseSealed',
  stream_id: 'streamIdSealed',
} as const satisfies Record<SecretName, keyof OutputRow>

/** The place a secret is sealed for (lib/secret-box): it opens in this row and column alone. */
export function secretPlace(outputId: number, name: SecretName): string {
  return `output/${outputId}/${name}`
}

/** @throws Error when it was sealed with another key or damaged */
export function openSecret(row: OutputRow, name: SecretName, box: SecretBox): string | null {
  const sealed = row[SECRET_COLUMNS[name]]
  return sealed === null ? null : box.open(sealed, secretPlace(row.id, name))
}

/** Options as they take effect; null where the protocol has no such thing. */
export type EffectiveOptions = {
  latencyMs: number | null
  pktSize: number | null
  ttl: number | null
  interfaceAddress: string | null
  rtspTransport: 'tcp' | 'udp' | null
  tlsVerify: boolean | null
  transparent: boolean | null
  video: OutputSpec['video']
  audio: OutputSpec['audio']
}

/** Seven transport stream packets, what fits an Ethernet frame (ISO 13818-1 packets of 188 bytes). */
const DEFAULT_PKT_SIZE = 1316
const DEFAULT_SRT_LATENCY_MS = 200

export function toEffectiveOptions(
  place: Pick<OutputRow, 'protocol' | 'host' | 'tls' | 'engine'>,
  stored: StoredOptions,
): EffectiveOptions {
  const { protocol } = place
  const isSrt = protocol === 'srt_caller' || protocol === 'srt_listener'
  const isGroup = protocol === 'udp' && isMulticast(place.host)
  return {
    latencyMs: isSrt ? (stored.latency_ms ?? DEFAULT_SRT_LATENCY_MS) : null,
    pktSize: isSrt || protocol === 'udp' ? (stored.pkt_size ?? DEFAULT_PKT_SIZE) : null,
    ttl: isGroup ? (stored.ttl ?? 1) : null,
    interfaceAddress: isGroup ? (stored.interface ?? null) : null,
    rtspTransport: protocol === 'rtsp' ? (stored.rtsp_transport ?? 'tcp') : null,
    tlsVerify: place.tls ? (stored.tls_verify ?? true) : null,
    transparent: place.engine === 'direct' ? (stored.transparent ?? false) : null,
    video: stored.video ?? 'copy',
    audio: stored.audio ?? 'auto',
  }
}

export type Wanted = {
  specs: InputSpec[]
  /** Those that cannot be wanted because their secrets do not open; of an input its outputs are left out too. */
  unreadable: { inputs: Set<number>; outputs: Set<number> }
}

/** What the operator wants, from rows to what a worker takes. Secrets are open in the result: it goes nowhere else. */
export function toWanted(
  inputs: readonly InputRow[],
  outputs: readonly OutputRow[],
  box: SecretBox,
  of: { slate(inputId: number): string | null; choice(inputId: number): Choice | null },
): Wanted {
  const unreadable = { inputs: new Set<number>(), outputs: new Set<number>() }
  const byInput = Map.groupBy(outputs, (row) => row.inputId)
  // Which of the ways it failed in helps nobody: the secret has to be typed anew, and the resource says so.
  const made = <T>(id: number, failed: Set<number>, make: () => T): T[] => {
    try {
      return [make()]
    } catch {
      failed.add(id)
      return []
    }
  }
  const toInputSpec = (row: InputRow): InputSpec => ({
    id: row.id,
    name: row.name,
    enabled: row.enabled,
    generation: row.generation,
    source: toSource(row, box),
    program: row.program,
    lossMs: row.lossMs,
    onLoss: row.onLoss,
    returns: row.returnMode,
    returnAfterMs: row.returnAfterMs,
    maxFillMinutes: row.maxFillMinutes,
    backupInputId: row.backupInputId,
    slate: { file: of.slate(row.id), text: row.name, before: false },
    choice: row.enabled ? of.choice(row.id) : null,
    outputs: (byInput.get(row.id) ?? []).flatMap((output) =>
      made(output.id, unreadable.outputs, () => toOutputSpec(output, box)),
    ),
  })
  return { specs: inputs.flatMap((row) => made(row.id, unreadable.inputs, () => toInputSpec(row))), unreadable }
}

/** One output as a worker takes it, its secrets open. @throws Error where one does not open */
export function toOutputSpec(row: OutputRow, box: SecretBox): OutputSpec {
  const options = toEffectiveOptions(row, row.options)
  return {
    id: row.id,
    inputId: row.inputId,
    name: row.name,
    enabled: row.enabled,
    generation: row.generation,
    target: toTarget(row, options, box),
    engine: row.engine,
    transparent: options.transparent ?? false,
    audio: options.audio,
    video: options.video,
    reconnect: {
      auto: row.autoReconnect,
      delayMs: row.reconnectDelaySeconds * 1000,
      maxDelayMs: row.maxReconnectDelaySeconds * 1000,
      maxAttempts: row.maxReconnectAttempts,
    },
    stallTimeoutMs: row.stallTimeoutSeconds * 1000,
  }
}

function toTarget(row: OutputRow, options: EffectiveOptions, box: SecretBox): OutputTarget {
  const { host, port } = row
  const secret = (name: SecretName) => openSecret(row, name, box)
  switch (row.protocol) {
    case 'udp':
      return {
        protocol: 'udp',
        host,
        port,
        ttl: options.ttl,
        interfaceAddress: options.interfaceAddress,
        pktSize: options.pktSize ?? DEFAULT_PKT_SIZE,
      }
    case 'srt_caller':
      return {
        protocol: 'srt_caller',
        host,
        port,
        latencyMs: options.latencyMs ?? DEFAULT_SRT_LATENCY_MS,
        pktSize: options.pktSize ?? DEFAULT_PKT_SIZE,
        passphrase: secret('passphrase'),
        streamId: secret('stream_id'),
      }
    case 'rtmp':
      return {
        protocol: 'rtmp',
        tls: row.tls,
        tlsVerify: options.tlsVerify ?? true,
        host,
        port,
        app: row.app,
        streamKey: secret('stream_key'),
        username: secret('username'),
        password: secret('password'),
      }
    case 'rtsp':
      return {
        protocol: 'rtsp',
        tls: row.tls,
        tlsVerify: options.tlsVerify ?? true,
        host,
        port,
        path: row.app,
        transport: options.rtspTransport ?? 'tcp',
        username: secret('username'),
        password: secret('password'),
      }
    case 'srt_listener':
      return {
        protocol: 'srt_listener',
        port,
        latencyMs: options.latencyMs ?? DEFAULT_SRT_LATENCY_MS,
        pktSize: options.pktSize ?? DEFAULT_PKT_SIZE,
        passphrase: secret('passphrase'),
        streamId: secret('stream_id'),
      }
  }
}
