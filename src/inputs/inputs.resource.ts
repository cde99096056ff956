import type { InputRow } from '../db/tables/inputs.ts'
import { toIso } from '../lib/fields.ts'
import { isLoopback, toUrlHost } from '../lib/host.ts'
import type { Live } from '../live/live.ts'
import { toRounded, toWarnings } from '../live/wire.ts'
import type { Probe } from '../media/actual.ts'
import type { InputResource, InputStats, ProbeResource } from './inputs.schema.ts'

/** An input as the API gives it. `host` is where senders reach this machine. What this version cannot fill is null. */
export function toInputResource(
  row: InputRow,
  live: Pick<Live, 'input' | 'outputsOf' | 'runningOutputs'>,
  host: string,
): InputResource {
  const { actual, figures } = live.input(row.id)
  const publishUrl = toPublishUrl(row, host)
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    udp_port: row.udpPort,
    bind_address: row.bindAddress,
    allow_from: row.allowFrom,
    multicast_group: null,
    interface: null,
    program: row.program,
    url: null,
    srt_port: null,
    latency_ms: null,
    on_second_publisher: null,
    path: row.path,
    on_loss: 'hold',
    backup_input_id: null,
    slate_image_id: null,
    loss_ms: row.lossMs,
    return: null,
    return_after_ms: null,
    max_fill_minutes: null,
    on_air: actual.onAir,
    on_air_since: toIso(actual.onAirSince),
    on_air_reason: actual.onAirReason,
    pending: null,
    backup_ready: null,
    slate_ready: null,
    mediamtx_path: row.path,
    publish_url: publishUrl,
    publish_server: null,
    publish_key: null,
    publish_example: publishUrl === null ? null : toPublishExample(publishUrl),
    enabled: row.enabled,
    status: actual.status,
    status_reason: actual.statusReason,
    since: toIso(actual.since),
    warnings: toWarnings(actual.warnings),
    source: actual.source,
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

function toPublishUrl(row: InputRow, host: string): string | null {
  if (row.kind !== 'udp') return null
  // One that listens on loopback alone is reached nowhere else, whatever the public name is.
  const reached = row.bindAddress !== null && isLoopback(row.bindAddress) ? row.bindAddress : host
  return `udp://${toUrlHost(reached)}:${row.udpPort}`
}

/** A line that runs as it is, without a file: a moving test picture and a tone, 7 TS packets in each datagram. */
function toPublishExample(publishUrl: string): string {
  const source = '-re -f lavfi -i testsrc2=size=1280x720:rate=25 -f lavfi -i sine=frequency=440:sample_rate=48000'
  const codecs = '-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p -g 50 -b:v 2500k -c:a aac -b:a 128k'
  return `ffmpeg ${source} ${codecs} -f mpegts "${publishUrl}?pkt_size=1316"`
}
