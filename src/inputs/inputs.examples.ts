import type { z } from 'zod'
import type { logsResource } from '../live/wire.ts'
import type { EventResource, eventsPage, historyResource } from './inputs.history.schema.ts'
import type { InputResource, ProbeResource } from './inputs.schema.ts'

/** Answers as they look, for the API's document; one story of one camera. */

export const INPUT_EXAMPLE: InputResource = {
  id: 1,
  name: 'Main camera',
  kind: 'udp',
  udp_port: 5000,
  bind_address: null,
  allow_from: ['192.0.2.0/24'],
  multicast_group: null,
  interface: null,
  program: null,
  url: null,
  rtsp_transport: null,
  has_username: false,
  has_password: false,
  srt_port: null,
  latency_ms: null,
  has_passphrase: false,
  has_stream_id: false,
  on_second_publisher: null,
  path: 'main-camera',
  on_loss: 'backup',
  backup_input_id: 2,
  slate_image_id: null,
  slate_url: null,
  loss_ms: 1000,
  return: 'auto',
  return_after_ms: 1000,
  max_fill_minutes: 5,
  on_air: 'main',
  on_air_since: '2026-05-01T18:00:02.500Z',
  on_air_reason: null,
  pending: null,
  backup_ready: { ok: true, differs: ['fps'] },
  slate_ready: true,
  mediamtx_path: 'main-camera',
  publish_url: 'udp://weir.example.org:5000',
  publish_server: null,
  publish_server_tls: null,
  publish_key: null,
  publish_example: 'ffmpeg -re -i camera.ts -c copy -f mpegts "udp://weir.example.org:5000?pkt_size=1316"',
  enabled: true,
  status: 'active',
  status_reason: null,
  since: '2026-05-01T18:00:02.500Z',
  warnings: [
    { code: 'input.continuity', message: '3 packets were lost in the last minute.', since: '2026-05-01T18:20:00.000Z' },
  ],
  source: '192.0.2.10:49152',
  process_id: null,
  reconnect_count: 0,
  next_retry_at: null,
  receive_buffer_bytes: 4_194_304,
  stats: {
    bitrate_kbps: 4512.3,
    bytes_total: 812_214_000,
    continuity_errors: 3,
    continuity_errors_hour: 3,
    last_packet_at: '2026-05-01T18:24:10.120Z',
    video: { codec: 'h264', profile: 'High', width: 1920, height: 1080, fps: 25 },
    audio: { codec: 'aac', sample_rate: 48_000, channels: 2 },
    switches: 2,
    filled_seconds: 14.2,
    link: null,
  },
  last_error: null,
  outputs_total: 2,
  outputs_running: 1,
  created_at: '2026-05-01T17:55:00.000Z',
  updated_at: '2026-05-01T17:58:30.000Z',
}

export const PROBE_EXAMPLE: ProbeResource = {
  bitrate_kbps: 4512.3,
  programs: [
    {
      number: 1,
      pmt_pid: 4096,
      pcr_pid: 256,
      chosen: true,
      tracks: [
        {
          pid: 256,
          type: 'video',
          codec: 'h264',
          profile: 'High',
          width: 1920,
          height: 1080,
          fps: 25,
          sample_rate: null,
          channels: null,
          language: null,
        },
      ],
    },
  ],
}

export const LOGS_EXAMPLE: z.infer<typeof logsResource> = {
  lines: [{ at: '2026-05-01T18:00:02.500Z', level: 'info', text: 'The feed arrives from 192.0.2.10:49152.' }],
  exits: [],
}

export const HISTORY_EXAMPLE: z.infer<typeof historyResource> = {
  step_seconds: 1,
  from: '2026-05-01T18:24:08.000Z',
  bitrate_kbps: [null, 4508.9, 4512.3],
  outputs: { '7': [null, 4490.2, 4511.6] },
}

const EVENT: EventResource = {
  id: 12,
  at: '2026-05-01T18:00:02.500Z',
  type: 'input.active',
  actor: 'weir',
  output_id: null,
  message: 'The feed arrives from 192.0.2.10:49152.',
  data: null,
}
export const EVENTS_EXAMPLE: z.infer<typeof eventsPage> = { items: [EVENT], next_cursor: 'ZTEy' }
