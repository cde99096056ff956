import type { OutputRow } from '../db/tables/outputs.ts'
import { toIso } from '../lib/fields.ts'
import type { SecretBox } from '../lib/secret-box.ts'
import type { Live } from '../live/live.ts'
import { openSecret, toEffectiveOptions } from '../live/specs.ts'
import { toExit, toRounded, toWarnings } from '../live/wire.ts'
import type { OutputFigures } from '../media/actual.ts'
import { toUrl } from './address.ts'
import type { OutputResource, OutputStats } from './outputs.schema.ts'

/** An output as the API gives it: no secret in it, options as they take effect. What this version cannot fill is null. */
export function toOutputResource(row: OutputRow, live: Pick<Live, 'output'>, box: SecretBox): OutputResource {
  const { actual, figures } = live.output(row.id)
  const options = toEffectiveOptions(row, row.options)
  return {
    id: row.id,
    input_id: row.inputId,
    name: row.name,
    protocol: row.protocol,
    url: toUrl(row),
    engine: 'ffmpeg',
    has_stream_key: row.streamKeySealed !== null,
    has_username: row.usernameSealed !== null,
    has_password: row.passwordSealed !== null,
    has_passphrase: row.passphraseSealed !== null,
    srt_port: null,
    listen_url: null,
    callers: null,
    options: {
      latency_ms: options.latencyMs,
      stream_id: toStreamId(row, box),
      ttl: options.ttl,
      interface: options.interfaceAddress,
      pkt_size: options.pktSize,
      rtsp_transport: null,
      tls_verify: options.tlsVerify,
      transparent: null,
      video: options.video,
      audio: options.audio,
    },
    enabled: row.enabled,
    auto_reconnect: row.autoReconnect,
    reconnect_delay: row.reconnectDelaySeconds,
    max_reconnect_delay: row.maxReconnectDelaySeconds,
    max_reconnect_attempts: row.maxReconnectAttempts,
    stall_timeout: row.stallTimeoutSeconds,
    status: actual.status,
    status_reason: actual.statusReason,
    since: toIso(actual.since),
    warnings: toWarnings(actual.warnings),
    next_retry_at: toIso(actual.nextRetryAt),
    attempt: actual.attempt,
    reconnect_count: actual.reconnectCount,
    last_error: actual.lastError,
    last_exit: actual.lastExit && toExit(actual.lastExit),
    process_id: actual.processId,
    started_at: toIso(actual.startedAt),
    stats: toOutputStats(figures),
    created_at: toIso(row.createdAt),
    updated_at: toIso(row.updatedAt),
  }
}

export function toOutputStats(figures: OutputFigures | null): OutputStats {
  return {
    bitrate_kbps: toRounded(figures?.bitrateKbps, 1),
    fps: toRounded(figures?.fps, 2),
    bytes_total: figures?.bytesTotal ?? 0,
    uptime_seconds: toRounded(figures?.uptimeSeconds, 1),
    speed: toRounded(figures?.speed, 2),
    drop_frames: figures?.dropFrames ?? null,
    skips: figures?.skips ?? 0,
    cpu_percent: toRounded(figures?.cpuPercent, 2),
    memory_bytes: figures?.memoryBytes ?? null,
  }
}

function toStreamId(row: OutputRow, box: SecretBox): string | null {
  try {
    return openSecret(row, 'stream_id', box)
  } catch {
    // The output is in `error` and says that its secrets cannot be read.
    return null
  }
}
