/** @jsxImportSource hono/jsx */
import { describe, expect, test } from 'bun:test'
import { SystemLog } from '../../../src/system/system.log.views.tsx'
import { SystemSections } from '../../../src/system/system.page.views.tsx'
import type { HealthView, LogsView, StatusView } from '../../../src/system/system.schema.ts'
import { SettingsTable } from '../../../src/system/system.settings.views.tsx'
import { HealthBadge, HealthTable, Versions, Workers } from '../../../src/system/system.views.tsx'

const GIB = 1024 ** 3
const OK = { status: 'ok', message: null } as const
const OFF = { status: 'off', message: null } as const

const health = (
  o: Partial<NonNullable<HealthView['checks']>> = {},
  status: HealthView['status'] = 'ok',
): HealthView => ({
  status,
  checks: { database: OK, media_worker: OK, image_worker: OFF, ffmpeg: OK, mediamtx: OFF, disk: OK, ...o },
})

const status = (o: Partial<StatusView> = {}): StatusView => ({
  version: '1.2.3',
  uptime_seconds: 3 * 86_400,
  versions: { bun: '1.4.5', ffmpeg: { version: '5.1.9-0+deb12u1', protocols: ['file', 'rtmps', 'srt', 'udp'] } },
  host: {
    cpu_count: 2,
    cpu_percent: 10,
    load: [0.5, 0, 0],
    memory_total_bytes: 4 * GIB,
    memory_available_bytes: GIB,
    disk_total_bytes: 40 * GIB,
    disk_free_bytes: 10 * GIB,
  },
  process: { cpu_percent: null, memory_bytes: 90e6, memory_anonymous_bytes: 30e6 },
  event_loop_lag_ms: 2.6,
  event_streams: 1,
  inputs: { active: 1 },
  outputs: { running: 3, error: 1 },
  workers: [
    { kind: 'media', index: 1, state: 'ready', inputs: [1, 2], restarts: 1, loop_lag_ms: 4.4 },
    { kind: 'media', index: 2, state: 'failed', inputs: [], restarts: 5, loop_lag_ms: null },
  ],
  ...o,
})

/** What a reader sees: the text without its tags, spaces as one. */
const textOf = (html: unknown) =>
  String(html)
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

describe('health', () => {
  test('each part in words; what this version does not have is not told of', () => {
    const text = textOf(<HealthTable health={health()} status={status()} />)
    expect(text).toContain('Database Good Answers')
    expect(text).toContain('Media workers Good 1 worker runs, 3 outputs 6 restarts')
    expect(text).toContain('FFmpeg Good Sends by UDP, SRT, RTMPS 5.1.9')
    expect(text).toContain('Disk Good 10.0 GiB left of 40.0 GiB 75 %')
    expect(text).toContain('3 ms')
    expect(text).not.toMatch(/picture|image|MediaMTX/i)
  })

  test('a warning says why', () => {
    const checks = { disk: { status: 'degraded', message: 'The disk is nearly full.' } } as const
    const html = String(<HealthTable health={health(checks)} status={status()} />)
    expect(textOf(html)).toContain('Disk Warning The disk is nearly full.')
    expect(html).toContain('data-state="reconnecting"')
  })

  test('FFmpeg that did not answer yet has no figure', () => {
    const shown = status({ versions: { bun: '1.4.5', ffmpeg: null } })
    expect(textOf(<HealthTable health={health()} status={shown} />)).toContain('FFmpeg Good Is there Disk')
    expect(textOf(<Versions status={shown} />)).toBe('Weir 1.2.3 Bun 1.4.5 FFmpeg No answer')
  })

  test('the badge counts warnings', () => {
    const warning = { status: 'degraded', message: 'x' } as const
    const badge = (shown: HealthView, now = status()) => textOf(<HealthBadge health={shown} status={now} />)
    expect(badge(health())).toBe('All is well')
    expect(badge(health({ disk: warning }, 'degraded'))).toBe('Works, one warning')
    expect(badge(health({ disk: warning, ffmpeg: warning }, 'degraded'))).toBe('Works, 2 warnings')
    expect(badge(health({}, 'error'))).toBe('Does not work')
  })

  test('a slow main thread is a warning in the table and on the badge', () => {
    const slow = status({ event_loop_lag_ms: 350 })
    expect(textOf(<HealthTable health={health()} status={slow} />)).toContain('Main thread Warning')
    expect(textOf(<HealthBadge health={health()} status={slow} />)).toBe('Works, one warning')
  })
})

test('workers: state, load and lag; no figure is no nought', () => {
  const html = String(<Workers status={status()} />)
  expect(html).toContain('id="workers"')
  expect(html).toContain('id="worker-media-1"')
  expect(textOf(html)).toContain('Media 1 Running 2 inputs · 1 restart · late by 4 ms at most')
  expect(textOf(html)).toContain('Media 2 Failed 0 inputs · 5 restarts Weir')
  expect(textOf(html)).toContain('no figure')
})

test('settings: those that were set first, secrets masked, text escaped', () => {
  const html = String(
    <SettingsTable
      settings={[
        { name: 'PORT', value: '8080', source: 'default' },
        { name: 'PUBLIC_URL', value: null, source: 'default' },
        { name: 'API_KEY', value: '***', source: 'file' },
        { name: 'FFMPEG_PATH', value: '<script>', source: 'env' },
      ]}
    />,
  )
  expect(textOf(html)).toBe(
    'Setting Value From API_KEY set, not shown data directory FFMPEG_PATH &lt;script&gt; environment 2 settings with their defaults Setting Value From PORT 8080 default PUBLIC_URL not set default',
  )
})

describe('log', () => {
  const page: LogsView = {
    items: [
      { at: '2026-11-15T10:31:04.000Z', level: 'warn', text: 'newest', fields: { output: 7, why: 'no <b>feed</b>' } },
      { at: '2026-11-15T10:31:00.000Z', level: 'info', text: 'oldest', fields: {} },
    ],
    next_cursor: '41',
  }

  test('newest last, fields behind the words, escaped', () => {
    const html = String(<SystemLog page={page} query={{}} />)
    const text = textOf(html)
    expect(text.indexOf('oldest')).toBeLessThan(
      text.indexOf('newest output=7 why=&quot;no &lt;b&gt;feed&lt;/b&gt;&quot;'),
    )
    expect(html).toContain('data-tone="warn"')
  })

  test('older and newest keep the chosen level', () => {
    const first = String(<SystemLog page={page} query={{ level: 'warn' }} />)
    expect(first).toContain('href="/system?level=warn&amp;cursor=41"')
    expect(first).toContain('hx-get="/api/system/logs?level=warn&amp;cursor=41"')
    expect(textOf(first)).not.toContain('Newest ')
    expect(first).toContain('hx-trigger="every 2s"')
    const last = String(<SystemLog page={{ ...page, next_cursor: null }} query={{ cursor: '41' }} />)
    expect(last).toContain('<a class="btn btn-small" href="/system" hx-get="/api/system/logs"')
    expect(textOf(last)).not.toContain('Older')
    expect(last).not.toContain('every 2s')
  })

  test('nothing logged says so', () => {
    expect(textOf(<SystemLog page={{ items: [], next_cursor: null }} query={{}} />)).toContain('Nothing logged')
  })
})

test('the whole page has each part once', () => {
  const log = { page: { items: [], next_cursor: null }, query: {} }
  const html = String(
    <SystemSections
      health={health()}
      status={status()}
      settings={[]}
      log={log}
      host={<p>gauges</p>}
      caches={<p>caches</p>}
    />,
  )
  for (const id of ['health', 'health-word', 'workers', 'versions', 'settings', 'system-log', 'system-log-box'])
    expect(html.split(`id="${id}"`)).toHaveLength(2)
  expect(html).toContain('<p>gauges</p>')
  expect(html).toContain('<p>caches</p>')
  expect(html.match(/<h1/g)).toHaveLength(1)
})
