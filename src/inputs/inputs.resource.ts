import type { EventRow } from '../db/tables/events.ts'
import type { InputRow } from '../db/tables/inputs.ts'
import { toIso } from '../lib/fields.ts'
import { USUAL_PORTS } from '../live/input-specs.ts'
import type { Live } from '../live/live.ts'
import { toRounded, toWarnings } from '../live/wire.ts'
import type { Probe, SrtLink } from '../media/actual.ts'
import type { Publishing } from './inputs.publish.ts'
import type { SlatePicture } from './slates.ts'
import type { EventResource } from './inputs.history.schema.ts'
import type { InputResource, InputStats, ProbeResource } from './inputs.schema.ts'

type Actual = ReturnType<Live['input']>['actual']

/** An input as the API gives it. What this version cannot fill is null. */
export function toInputResource(
  row: InputRow,
  live: Pick<Live, 'input' | 'outputsOf' | 'runningOutputs'>,
  publishing: Publishing,
  slate: SlatePicture | null,
): InputResource {
  const { actual, figures } = live.input(row.id)
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    udp_port: row.udpPort,
    bind_address: row.bindAddress,
    allow_from: row.allowFrom,
    multicast_group: row.multicastGroup,
    interface: row.interface,
    program: row.program,
    url: row.url,
    rtsp_transport: row.rtspTransport,
    has_username: row.usernameSealed !== null,
    has_password: row.passwordSealed !== null,
    srt_port: row.srtPort,
    latency_ms: row.latencyMs,
    has_passphrase: row.passphraseSealed !== null,
    has_stream_id: row.streamIdSealed !== null,
    on_second_publisher: row.onSecondPublisher,
    path: row.path,
    on_loss: row.onLoss,
    backup_input_id: row.backupInputId,
    slate_image_id: null,
    slate_url: slate && `/api/inputs/${row.id}/slate?v=${slate.version}`,
    loss_ms: row.lossMs,
    return: row.returnMode,
    return_after_ms: row.returnAfterMs,
    max_fill_minutes: row.maxFillMinutes,
    on_air: actual.onAir,
    on_air_since: toIso(actual.onAirSince),
    on_air_reason: actual.onAirReason,
    pending: actual.pending,
    backup_ready: actual.backupReady,
    slate_ready: actual.slateReady,
    mediamtx_path: row.path,
    ...publishing,
    enabled: row.enabled,
    status: actual.status,
    status_reason: reasonOf(actual),
    since: toIso(actual.since),
    warnings: toWarnings(actual.warnings),
    source: actual.source ?? (actual.status === 'active' ? fetchedFrom(row) : null),
    process_id: actual.processId,
    reconnect_count: actual.reconnectCount,
    next_retry_at: toIso(actual.nextRetryAt),
    receive_buffer_bytes: actual.receiveBufferBytes,
    stats: toInputStats({ actual, figures }),
    last_error: actual.lastError,
    outputs_total: live.outputsOf(row.id).length,
    outputs_running: live.runningOutputs(row.id).length,
    created_at: toIso(row.createdAt),
    updated_at: toIso(row.updatedAt),
  }
}

/** A feed without the wanted program is no feed, and the warning knows why. */
function reasonOf({ status, statusReason, warnings }: Actual): string | null {
  const missing = status === 'inactive' ? warnings.find(({ code }) => code === 'input.no_program') : undefined
  return missing?.message ?? statusReason
}

/** Host and port of what Weir calls itself, as `host:port`; null where the feed is sent here or made here. */
function fetchedFrom({ url }: InputRow): string | null {
  const parsed = url === null ? null : URL.parse(url)
  if (!parsed?.hostname) return null
  return `${parsed.hostname}:${parsed.port || USUAL_PORTS[parsed.protocol.slice(0, -1)]}`
}

export function toInputStats({ actual, figures }: ReturnType<Live['input']>): InputStats {
  const { video, audio } = actual
  return {
    bitrate_kbps: toRounded(figures?.bitrateKbps, 1),
    bytes_total: figures?.bytesTotal ?? 0,
    continuity_errors: figures?.continuityErrors ?? 0,
    continuity_errors_hour: figures?.continuityErrorsHour ?? 0,
    last_packet_at: toIso(figures?.lastPacketAt ?? null),
    video: video && { ...video, fps: toRounded(video.fps, 2) },
    audio: audio && { codec: audio.codec, sample_rate: audio.sampleRate, channels: audio.channels },
    switches: figures?.switches ?? 0,
    filled_seconds: figures?.filledSeconds ?? 0,
    link: figures?.link ? toLink(figures.link) : null,
  }
}

function toLink(link: SrtLink): NonNullable<InputStats['link']> {
  return {
    rtt_ms: Number(link.rttMs.toFixed(1)),
    latency_ms: link.latencyMs,
    bandwidth_kbps: Math.round(link.bandwidthKbps),
    packets_lost: link.packetsLost,
    packets_retransmitted: link.packetsRetransmitted,
    packets_dropped: link.packetsDropped,
    loss_percent: Number(link.lossPercent.toFixed(2)),
  }
}

export function toProbe({ bitrateKbps, programs }: Probe): ProbeResource {
  return {
    bitrate_kbps: toRounded(bitrateKbps, 1),
    programs: programs.map(({ pmtPid, pcrPid, tracks, ...program }) => ({
      ...program,
      pmt_pid: pmtPid,
      pcr_pid: pcrPid,
      tracks: tracks.map(({ sampleRate, fps, ...track }) => ({
        ...track,
        fps: toRounded(fps, 2),
        sample_rate: sampleRate,
      })),
    })),
  }
}

/** A line of the history as the API gives it. */
export function toEvent({ id, at, type, actor, outputId, message, data }: EventRow): EventResource {
  return { id, at: toIso(at), type, actor, output_id: outputId, message, data }
}
