/** The parts of the API's resources that the tests read; the contract has more. */
export type Warning = { code: string; message: string; since: string }

export type Input = {
  id: number
  name: string
  kind: string
  udp_port: number | null
  srt_port: number | null
  publish_url: string | null
  publish_server: string | null
  publish_key: string | null
  publish_example: string | null
  enabled: boolean
  status: 'stopped' | 'starting' | 'inactive' | 'active' | 'reconnecting' | 'stopping' | 'error'
  status_reason: string | null
  since: string
  warnings: Warning[]
  source: string | null
  process_id: number | null
  on_air: string
  on_air_reason: string | null
  pending: string | null
  slate_ready: boolean | null
  backup_ready: { ok: boolean; differs: string[] } | null
  slate_url: string | null
  stats: {
    bitrate_kbps: number | null
    bytes_total: number
    continuity_errors: number
    video: { codec: string; width: number | null; height: number | null; fps: number | null } | null
    audio: { codec: string; sample_rate: number | null; channels: number | null } | null
  }
}

export type Output = {
  id: number
  input_id: number
  name: string
  protocol: string
  url: string
  srt_port: number | null
  listen_url: string | null
  enabled: boolean
  status: 'stopped' | 'waiting' | 'starting' | 'running' | 'reconnecting' | 'stopping' | 'error'
  status_reason: string | null
  since: string
  warnings: Warning[]
  attempt: number
  reconnect_count: number
  next_retry_at: string | null
  last_error: string | null
  last_exit: { class: string; code: number | null; signal: string | null; next: string; lines: string[] } | null
  process_id: number | null
  started_at: string | null
  has_stream_key: boolean
  stats: { bytes_total: number; skips: number; bitrate_kbps: number | null; uptime_seconds: number | null }
}

export type Problem = {
  status: number
  code: string
  detail: string
  request_id: string
  errors?: { path: string; message: string }[]
}
