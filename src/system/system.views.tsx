/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Figure } from '../ui/figures.tsx'
import { formatBinaryBytes, formatCount, formatDuration } from '../ui/format.ts'
import { Gauge } from '../ui/gauge.tsx'
import { Icon, type IconName } from '../ui/icon.tsx'
import { Facts } from '../ui/lists.tsx'
import type { Check, HealthView, StatusView } from './system.schema.ts'

type Checks = NonNullable<HealthView['checks']>
type Look = { word: string; icon: IconName; state: string }

const CHECK_LOOKS: Record<Check['status'], Look> = {
  ok: { word: 'Good', icon: 'state-running', state: 'running' },
  degraded: { word: 'Warning', icon: 'state-warning', state: 'reconnecting' },
  error: { word: 'Failed', icon: 'state-error', state: 'error' },
  off: { word: 'Not used', icon: 'state-stopped', state: 'stopped' },
}

const WORKER_LOOKS: Record<string, Look> = {
  idle: { word: 'Idle', icon: 'state-stopped', state: 'stopped' },
  starting: { word: 'Starting', icon: 'state-starting', state: 'starting' },
  ready: { word: 'Running', icon: 'state-running', state: 'running' },
  restarting: { word: 'Restarting', icon: 'state-reconnecting', state: 'reconnecting' },
  failed: { word: 'Failed', icon: 'state-error', state: 'error' },
}

/** Beside the page's title: `#health-word`. It sums up the rows below it, so that neither gainsays the other. */
export function HealthBadge({ health, status }: { health: HealthView; status: StatusView }) {
  const rows = health.checks ? toRows(health.checks, status) : []
  return <Badge id="health-word" look={toBadge(health, rows)} isPill />
}

function toBadge(health: HealthView, rows: readonly Row[]): Look {
  if (health.status === 'error') return { ...CHECK_LOOKS.error, word: 'Does not work' }
  const warnings = rows.filter((row) => row.check.status === 'degraded').length
  if (warnings === 0) return { ...CHECK_LOOKS.ok, word: 'All is well' }
  return { ...CHECK_LOOKS.degraded, word: warnings === 1 ? 'Works, one warning' : `Works, ${warnings} warnings` }
}

/** The sentence under the title. */
export function SystemLede({ status }: { status: StatusView }) {
  return (
    <p class="lede">
      Weir {status.version}, up {formatDuration(status.uptime_seconds)}
    </p>
  )
}

/** Each part of the server: its state in a word, then in a sentence, then its figure. `#health`. */
export function HealthTable({ health, status }: { health: HealthView; status: StatusView }) {
  const rows = health.checks ? toRows(health.checks, status) : []
  return (
    <table class="table" id="health">
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">State</th>
          <th scope="col">In words</th>
          <th scope="col" class="num">
            Figure
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, check, words, figure }) => (
          <tr>
            <th scope="row">{name}</th>
            <td>
              <Badge look={CHECK_LOOKS[check.status]} />
            </td>
            <td class="wide">{check.message ?? words}</td>
            <td class="num">{figure}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

type Row = { name: string; check: Check; words: string; figure?: Child }

/** What this version does not have (MediaMTX) is not told of. */
function toRows(checks: Checks, status: StatusView): Row[] {
  const { host, workers, versions } = status
  const restarts = workers.reduce((sum, worker) => sum + worker.restarts, 0)
  const running = workers.filter((worker) => worker.state === 'ready').length
  const outputs = status.outputs['running'] ?? 0
  const disk = host.disk_total_bytes > 0 ? (1 - host.disk_free_bytes / host.disk_total_bytes) * 100 : 0
  const lag = Math.max(1, Math.round(status.event_loop_lag_ms))
  const all: Row[] = [
    { name: 'Database', check: checks.database, words: 'Answers' },
    {
      name: 'Media workers',
      check: checks.media_worker,
      words:
        workers.length === 0
          ? 'The first one starts with the first input'
          : `${count(running, 'worker runs', 'workers run')}, ${count(outputs, 'output', 'outputs')}${running > 1 ? ' between them' : ''}`,
      figure: <Figure unit={restarts === 1 ? 'restart' : 'restarts'}>{restarts}</Figure>,
    },
    { name: 'Image worker', check: checks.image_worker, words: 'Takes pictures in' },
    {
      name: 'FFmpeg',
      check: checks.ffmpeg,
      words: versions.ffmpeg ? `Sends by ${toProtocols(versions.ffmpeg.protocols)}` : 'Is there',
      figure: versions.ffmpeg ? <Figure>{toShortVersion(versions.ffmpeg.version)}</Figure> : null,
    },
    {
      name: 'Disk',
      check: checks.disk,
      words: `${bytes(host.disk_free_bytes)} left of ${bytes(host.disk_total_bytes)}`,
      figure: <Figure unit="%">{Math.round(disk)}</Figure>,
    },
    {
      name: 'Main thread',
      check: { status: lag > 200 ? 'degraded' : 'ok', message: null },
      words: 'The longest that a request had to wait for its turn, lately',
      figure: <Figure unit="ms">{lag}</Figure>,
    },
  ]
  return all.filter((row) => row.check.status !== 'off')
}

/** The threads that carry the feeds, and the program as a whole: `#workers`. */
export function Workers({ status }: { status: StatusView }) {
  const { process, workers, event_streams: streams } = status
  return (
    <div class="stack" id="workers">
      {workers.map((worker) => (
        <div class="gauge" id={`worker-media-${worker.index}`}>
          <span class="gauge-label">Media {worker.index}</span>
          <Badge look={WORKER_LOOKS[worker.state] ?? { word: worker.state, icon: 'info', state: 'stopped' }} />
          <span class="gauge-note">
            {[
              count(worker.inputs.length, 'input', 'inputs'),
              count(worker.restarts, 'restart', 'restarts'),
              ...(worker.loop_lag_ms === null ? [] : [`late by ${Math.round(worker.loop_lag_ms)} ms at most`]),
            ].join(' · ')}
          </span>
        </div>
      ))}
      <Gauge
        name="weir"
        label="Weir, without its FFmpegs"
        percent={process.cpu_percent === null ? null : Math.min(100, process.cpu_percent)}
        note={`${bytes(process.memory_bytes)} · ${count(streams, 'open page', 'open pages')}`}
      />
    </div>
  )
}

/** What runs: `#versions`. */
export function Versions({ status }: { status: StatusView }) {
  const { bun, ffmpeg } = status.versions
  return (
    <Facts
      id="versions"
      facts={[
        ['Weir', status.version],
        ['Bun', bun],
        ['FFmpeg', ffmpeg ? ffmpeg.version : 'No answer'],
        ...(ffmpeg ? ([['Sends by', toProtocols(ffmpeg.protocols)]] as const) : []),
      ]}
    />
  )
}

function Badge({ look, isPill = false, id }: { look: Look; isPill?: boolean; id?: string }) {
  return (
    <span class={isPill ? 'state state-pill' : 'state'} id={id} data-state={look.state}>
      <Icon name={look.icon} />
      {look.word}
    </span>
  )
}

/** Of FFmpeg's long list what an output can use. */
const PROTOCOLS = { udp: 'UDP', srt: 'SRT', rtmp: 'RTMP', rtmps: 'RTMPS' }

function toProtocols(protocols: readonly string[]): string {
  const known = Object.entries(PROTOCOLS).flatMap(([name, word]) => (protocols.includes(name) ? [word] : []))
  return known.length > 0 ? known.join(', ') : 'none of the protocols that outputs use'
}

/** `5.1.9-0+deb12u1` is a package's name for 5.1.9. */
function toShortVersion(version: string): string {
  return version.split('-')[0] ?? version
}

function count(n: number, one: string, many: string): string {
  return `${formatCount(n)} ${n === 1 ? one : many}`
}

function bytes(n: number): string {
  const { value, unit } = formatBinaryBytes(n)
  return `${value} ${unit}`
}
