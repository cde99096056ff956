import type { OutputRow } from '../db/tables/outputs.ts'
import { toIso } from '../lib/fields.ts'
import type { Viewer } from '../lib/access.ts'
import type { SecretBox } from '../lib/secret-box.ts'
import type { Live } from '../live/live.ts'
import { openSecret, toEffectiveOptions } from '../live/specs.ts'
import { toExit, toRounded, toWarnings } from '../live/wire.ts'
import type { OutputActual, OutputFigures } from '../media/actual.ts'
import { toListenUrl, toUrl } from './address.ts'
import type { CallerResource, OutputResource, OutputStats } from './outputs.schema.ts'

/**
 * An output as the API gives it: no secret in it, options as they take effect. A stream ID, which often lets one publish,
 * is for the eyes of those who see keys.
 */
export function toOutputResource(
  row: OutputRow,
  live: Pick<Live, 'output'>,
  box: SecretBox,
  viewer: Viewer,
): OutputResource {
  const { actual, figures } = live.output(row.id)
  const options = toEffectiveOptions(row, row.options)
  const isListener = row.protocol === 'srt_listener'
  return {
    id: row.id,
    input_id: row.inputId,
    name: row.name,
    protocol: row.protocol,
    url: toUrl(row),
    engine: row.engine,
    has_stream_key: row.streamKeySealed !== null,
    has_username: row.usernameSealed !== null,
    has_password: row.passwordSealed !== null,
    has_passphrase: row.passphraseSealed !== null,
    srt_port: isListener ? row.port : null,
    listen_url: isListener ? toListenUrl(viewer.host, row.port) : null,
    callers: isListener ? toCallers(actual, figures, viewer) : null,
    options: {
      latency_ms: options.latencyMs,
      stream_id: viewer.seesKeys ? toStreamId(row, box) : null,
      ttl: options.ttl,
      interface: options.interfaceAddress,
      pkt_size: options.pktSize,
      rtsp_transport: options.rtspTransport,
      tls_verify: options.tlsVerify,
      transparent: options.transparent,
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

function toCallers({ callers }: OutputActual, figures: OutputFigures | null, viewer: Viewer): CallerResource[] {
  return (callers ?? []).map(({ id, address, streamId, since }) => {
    const own = figures?.callers.find((each) => each.id === id)
    return {
      id,
      address,
      stream_id: viewer.seesKeys ? streamId : '',
      connected_at: toIso(since),
      bitrate_kbps: toRounded(own?.bitrateKbps, 1),
      rtt_ms: toRounded(own?.link.rttMs, 1),
      loss_percent: toRounded(own?.link.lossPercent, 2),
      packets_retransmitted: own?.link.packetsRetransmitted ?? null,
      packets_dropped: own?.link.packetsDropped ?? null,
    }
  })
}

function toStreamId(row: OutputRow, box: SecretBox): string | null {
  try {
    return openSecret(row, 'stream_id', box)
  } catch {
    // The output is in `error` and says that its secrets cannot be read.
    return null
  }
}
