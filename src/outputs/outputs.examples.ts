import type { z } from 'zod'
import type { logsResource } from '../live/wire.ts'
import type { CheckResource } from './outputs.check.ts'
import type { OutputResource } from './outputs.schema.ts'

/** Answers as they look, for the API's document. */

const EXIT = {
  class: 'refused' as const,
  code: 1,
  signal: null,
  forced: false,
  at: '2026-05-01T18:01:00.000Z',
  ran_seconds: 0.4,
  next: 'retry' as const,
  lines: ['Connection to tcp://live.example.org:1935 failed: Connection refused'],
}

export const OUTPUT_EXAMPLE: OutputResource = {
  id: 7,
  input_id: 1,
  name: 'Main platform',
  protocol: 'rtmp',
  url: 'rtmp://live.example.org/app',
  engine: 'ffmpeg',
  has_stream_key: true,
  has_username: false,
  has_password: false,
  has_passphrase: false,
  srt_port: null,
  listen_url: null,
  callers: null,
  options: {
    latency_ms: null,
    stream_id: null,
    ttl: null,
    interface: null,
    pkt_size: null,
    rtsp_transport: null,
    tls_verify: null,
    transparent: null,
    video: 'copy',
    audio: 'auto',
  },
  enabled: true,
  auto_reconnect: true,
  reconnect_delay: 5,
  max_reconnect_delay: 60,
  max_reconnect_attempts: 0,
  stall_timeout: 10,
  status: 'running',
  status_reason: null,
  since: '2026-05-01T18:01:05.800Z',
  warnings: [],
  next_retry_at: null,
  attempt: 0,
  reconnect_count: 1,
  last_error: null,
  last_exit: EXIT,
  process_id: 4711,
  started_at: '2026-05-01T18:01:05.400Z',
  stats: {
    bitrate_kbps: 4511.6,
    fps: 25,
    bytes_total: 780_004_112,
    uptime_seconds: 1384.7,
    speed: 1,
    drop_frames: 0,
    skips: 0,
    cpu_percent: 0.61,
    memory_bytes: 21_843_968,
  },
  created_at: '2026-05-01T17:59:00.000Z',
  updated_at: '2026-05-01T17:59:00.000Z',
}

export const CHECK_EXAMPLE: CheckResource = {
  verdict: 'warning',
  checks: [
    { code: 'name', status: 'ok', message: 'It leads to 203.0.113.7.' },
    { code: 'reach', status: 'ok', message: 'It answers. It took 21 ms.' },
    { code: 'tls', status: 'skipped', message: 'This address is not encrypted.' },
    { code: 'video_codec', status: 'ok', message: 'H.264 goes out as it comes.' },
    { code: 'audio_codec', status: 'ok', message: 'AAC goes out as it comes.' },
    { code: 'bitrate', status: 'ok', message: '4.51 Mbit/s. No limit of this destination is known.' },
    {
      code: 'keyframes',
      status: 'warning',
      message:
        'A keyframe every 12 s: so long may the picture take to appear. Set the keyframe interval of the encoder to 2 s.',
    },
    {
      code: 'upload',
      status: 'ok',
      message:
        'The other outputs of this server send 9.02 Mbit/s now; with this one it is 13.5 Mbit/s. Your line must carry that, with some to spare.',
    },
  ],
}

export const LOGS_EXAMPLE: z.infer<typeof logsResource> = {
  lines: [{ at: EXIT.at, level: 'warning', text: 'FFmpeg ended (refused, code 1) after 0.4 s' }],
  exits: [EXIT],
}
