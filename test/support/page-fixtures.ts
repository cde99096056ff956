import type { InputResource } from '../../src/inputs/inputs.schema.ts'
import type { OutputResource } from '../../src/outputs/outputs.schema.ts'
import type { StatusView } from '../../src/system/system.schema.ts'
import { sampleInput } from './samples.ts'

const AT = '2026-11-15T10:31:07.000Z'

/** An input as the API gives it, live and without troubles, but for what is said otherwise. */
export function anInput(change: Partial<InputResource> = {}): InputResource {
  return sampleInput({
    on_air: 'main',
    on_air_since: AT,
    publish_url: 'udp://weir.example:5000',
    publish_example: 'ffmpeg -re -i talk.mp4 -f mpegts "udp://weir.example:5000?pkt_size=1316"',
    status: 'active',
    since: AT,
    source: '192.0.2.17:40000',
    stats: {
      bitrate_kbps: 6120,
      bytes_total: 6_100_000_000,
      continuity_errors: 0,
      continuity_errors_hour: 0,
      last_packet_at: AT,
      video: { codec: 'h264', profile: 'High', width: 1920, height: 1080, fps: 50 },
      audio: { codec: 'aac', sample_rate: 48000, channels: 2 },
      switches: 0,
      filled_seconds: 0,
      link: null,
    },
    outputs_total: 1,
    outputs_running: 1,
    created_at: AT,
    updated_at: AT,
    ...change,
  })
}

/** An output as the API gives it, running, but for what is said otherwise. */
export function anOutput(change: Partial<OutputResource> = {}): OutputResource {
  return {
    id: 7,
    input_id: 3,
    name: 'YouTube',
    protocol: 'rtmp',
    url: 'rtmps://a.rtmps.youtube.com/live2',
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
      tls_verify: true,
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
    since: AT,
    warnings: [],
    next_retry_at: null,
    attempt: 0,
    reconnect_count: 0,
    last_error: null,
    last_exit: null,
    process_id: 4711,
    started_at: AT,
    stats: {
      bitrate_kbps: 6130,
      fps: 50,
      bytes_total: 1_000_000,
      uptime_seconds: 60,
      speed: 1,
      drop_frames: 0,
      skips: 0,
      cpu_percent: 0.4,
      memory_bytes: 13_526_630,
    },
    created_at: AT,
    updated_at: AT,
    ...change,
  }
}

/** The server a minute after its start, with nothing to do. */
export function aStatus(): StatusView {
  return {
    version: '1.2.3',
    versions: { bun: '1.4.5', ffmpeg: null },
    uptime_seconds: 60,
    host: {
      cpu_count: 2,
      cpu_percent: null,
      load: [0.81, 0.5, 0.4],
      memory_total_bytes: 2 * 1024 ** 3,
      memory_available_bytes: 1024 ** 3,
      disk_total_bytes: 40 * 1024 ** 3,
      disk_free_bytes: 5 * 1024 ** 3,
    },
    process: { cpu_percent: 1, memory_bytes: 100 * 1024 ** 2, memory_anonymous_bytes: null },
    event_loop_lag_ms: 3.2,
    event_streams: 1,
    inputs: {},
    outputs: {},
    workers: [],
  }
}
