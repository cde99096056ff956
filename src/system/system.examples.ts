import type { LogsView, StatusView } from './system.schema.ts'

/** Answers as they look, for the API's document. */

export const STATUS_EXAMPLE: StatusView = {
  version: '0.1.0',
  uptime_seconds: 86_400,
  versions: { bun: '1.4.5', ffmpeg: { version: '5.1.9-0+deb12u1', protocols: ['rtmp', 'rtmps', 'srt', 'udp'] } },
  host: {
    cpu_count: 2,
    cpu_percent: 14.2,
    load: [0.31, 0.28, 0.22],
    memory_total_bytes: 4_105_420_800,
    memory_available_bytes: 3_221_225_472,
    disk_total_bytes: 42_949_672_960,
    disk_free_bytes: 31_138_512_896,
  },
  process: { cpu_percent: 1.9, memory_bytes: 91_226_112, memory_anonymous_bytes: 47_185_920 },
  event_loop_lag_ms: 1.4,
  event_streams: 1,
  inputs: { active: 1 },
  outputs: { running: 1, reconnecting: 1 },
  workers: [{ kind: 'media', index: 1, state: 'ready', inputs: [1], restarts: 0, loop_lag_ms: 0.8 }],
}

export const LOGS_EXAMPLE: LogsView = {
  items: [
    {
      at: '2026-05-01T18:00:00.000Z',
      level: 'warn',
      text: 'a worker did not take a change within a second',
      fields: { request_id: '5f1c9a0e6b7d4c32' },
    },
  ],
  next_cursor: null,
}
