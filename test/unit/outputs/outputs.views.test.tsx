/** @jsxImportSource hono/jsx */
import { toTimingDefaults } from '../../../src/outputs/outputs.draft.ts'
import { describe, expect, test } from 'bun:test'
import { UNREADABLE } from '../../../src/live/actual.ts'
import { OutputCheck, OutputCheckSheet } from '../../../src/outputs/outputs.check.views.tsx'
import { CHECK_EXAMPLE } from '../../../src/outputs/outputs.examples.ts'
import { OutputDelete, OutputForm } from '../../../src/outputs/outputs.form.views.tsx'
import { OutputLine } from '../../../src/outputs/outputs.line.views.tsx'
import { OutputLog } from '../../../src/outputs/outputs.log.views.tsx'
import type { OutputResource } from '../../../src/outputs/outputs.schema.ts'
import { OutputItem, OutputsBox, OutputsSummary } from '../../../src/outputs/outputs.views.tsx'
import { type ExitClass, remedyOf } from '../../../src/outputs/outputs.words.ts'
import { PRESETS, presetOf } from '../../../src/outputs/presets.ts'
import { sampleOutput } from '../../support/samples.ts'

const AT = '2026-11-15T10:31:07.000Z'
const HOSTILE = `<script>alert("x")</script> & 'y'`
const input = { id: 3, name: 'Main stage' }
const stats: OutputResource['stats'] = {
  bitrate_kbps: 6130,
  fps: 50,
  bytes_total: 1e9,
  uptime_seconds: 60,
  speed: 1,
  drop_frames: 0,
  skips: 0,
  cpu_percent: 0.4,
  memory_bytes: 12.9 * 1024 * 1024,
}
const exitOf = (of: ExitClass): NonNullable<OutputResource['last_exit']> => ({
  class: of,
  code: 224,
  signal: null,
  forced: false,
  at: AT,
  ran_seconds: 134,
  next: 'retry',
  lines: [],
})
const line = (output: OutputResource, history: (number | null)[] = [1, 2]) =>
  String(<OutputLine output={output} history={history} />)

/** Words as a person reads them: without tags, spaces folded. */
const words = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

describe('OutputLine', () => {
  test('of one that runs: its figures with units, its address without its key, its acts', () => {
    const html = line(sampleOutput({ status: 'running', stats, since: AT }))
    expect(html).toContain('<div class="output-line" id="output-7" data-state="running">')
    expect(words(html)).toContain('rtmp://live.twitch.tv/app/••••')
    expect(words(html)).toMatch(/6\.13 Mbit\/s .*fps 50\.0 .*speed 1\.00 × .*retries 0 .*CPU 0\.4 % .*memory 12\.9 MiB/)
    expect(html).toContain('class="spark"')
    expect(html).toContain('aria-controls="output-7-drawer"')
    expect(html).toContain('hx-get="/api/inputs/3/outputs/7/logs"')
    expect(html).toContain('action="/api/inputs/3/outputs/7/restart"')
    expect(html).toContain('action="/api/inputs/3/outputs/7/stop"')
    expect(html).toContain('action="/api/inputs/3/outputs/7/duplicate"')
    expect(html).toContain('href="/inputs/3/outputs/7/edit"')
    expect(html).toContain('data-open="output-7-delete"')
    expect(html).not.toContain('output-note')
  })

  test('of a stopped one: start alone, and dashes for figures', () => {
    const html = line(sampleOutput({ status: 'stopped', enabled: false }), [null, null])
    expect(html).toContain('action="/api/inputs/3/outputs/7/start"')
    expect(html).not.toContain('/stop"')
    expect(html).not.toContain('/restart"')
    expect(html.match(/no figure/g)).toHaveLength(5)
    expect(html).not.toContain('class="spark"')
  })

  test('of one that reconnects: why, when it is tried again and how often that was, Try now', () => {
    const output = sampleOutput({
      status: 'reconnecting',
      status_reason: 'The server refused the connection.',
      next_retry_at: AT,
      attempt: 4,
      reconnect_count: 4,
      last_exit: exitOf('refused'),
    })
    const text = words(line(output))
    expect(text).toMatch(/The server refused the connection\. Next try (in .*|now) *\./)
    expect(text).toContain('Edit address')
    expect(text).toContain('Try now')
    expect(line(output)).toContain('href="/inputs/3/outputs/7/edit#f-url"')
    expect(words(line({ ...output, max_reconnect_attempts: 10 }))).toContain(', 7 tries left.')
  })

  test('of one that failed: why, what mends it, and Try again alone', () => {
    const html = line(
      sampleOutput({
        status: 'error',
        status_reason: 'Wrong key. Given up after 10 tries.',
        last_exit: exitOf('rejected'),
      }),
    )
    expect(words(html)).toContain('Wrong key. Given up after 10 tries. Change key')
    expect(html).not.toContain('/restart"')
    expect(words(html)).toContain('Try again')
    expect(html).toContain('action="/api/inputs/3/outputs/7/start"')
  })

  test('a warning of one that runs, and what a waiting one waits for', () => {
    const warning = { code: 'output.behind', message: 'The destination is slow.', since: AT }
    expect(words(line(sampleOutput({ status: 'running', warnings: [warning] })))).toContain('The destination is slow.')
    const waits = sampleOutput({ status: 'waiting', status_reason: 'Its input is stopped.' })
    expect(words(line(waits))).toContain('Its input is stopped.')
  })

  test.each<[ExitClass, OutputResource['protocol'], string | null]>([
    ['rejected', 'rtmp', 'Change key, #f-stream_key'],
    ['rejected', 'srt_caller', 'Change passphrase, #f-passphrase'],
    ['rejected', 'rtsp', 'Change login, #f-username'],
    ['dns', 'rtmp', 'Edit address, #f-url'],
    ['unreachable', 'srt_caller', 'Edit address, #f-url'],
    ['refused', 'srt_listener', 'Change port, #f-srt_port'],
    ['tls', 'rtmp', 'Edit address, #f-url'],
    ['codec', 'rtmp', 'Edit output, #f-options-audio'],
    ['hung', 'rtmp', null],
    ['peer_closed', 'rtmp', null],
  ])('what mends %s of %s: %s', (of, protocol, expected) => {
    const remedy = remedyOf(sampleOutput({ status: 'reconnecting', protocol, last_exit: exitOf(of) }))
    expect(remedy && `${remedy.words}, ${remedy.href.replace('/inputs/3/outputs/7/edit', '')}`).toBe(expected)
  })

  test('one that never ran: its secrets are typed anew, or it is edited to fit the feed', () => {
    const failed = (status_reason: string) => remedyOf(sampleOutput({ status: 'error', status_reason }))?.words
    expect(failed(UNREADABLE)).toBe('Change key')
    expect(failed('RTMP takes H.264 only.')).toBe('Edit output')
    expect(remedyOf(sampleOutput({ status: 'waiting' }))).toBeNull()
  })

  test('an encoder that is too slow: its warning leads to the picture', () => {
    const warning = { code: 'output.slow_encoder', message: 'This server is too slow for 720p.', since: AT }
    const html = line(sampleOutput({ status: 'running', warnings: [warning] }))
    expect(words(html)).toContain('This server is too slow for 720p.')
    expect(html).toContain('href="/inputs/3/outputs/7/edit#f-options-video"')
  })

  test('what is done to the feed stands behind the address', () => {
    const options = { ...sampleOutput().options, video: '720p', audio: 'aac' } as const
    expect(words(line(sampleOutput({ options })))).toContain('/•••• · 720p, AAC')
    const direct = sampleOutput({ protocol: 'udp', url: 'udp://h:1', engine: 'direct', has_stream_key: false })
    expect(words(line(direct))).toContain('udp://h:1 · direct')
    expect(words(line(sampleOutput()))).not.toContain('·')
  })
})

describe('a listener', () => {
  const listen_url = 'srt://stream.example.org:8900?mode=caller'
  const made = sampleOutput({
    protocol: 'srt_listener',
    url: null,
    srt_port: 8900,
    listen_url,
    has_stream_key: false,
    has_passphrase: true,
    callers: [],
    status: 'waiting',
    process_id: 42,
    status_reason: 'Nobody has called yet.',
  })
  const caller = {
    id: 1,
    address: '203.0.113.9:40000',
    stream_id: HOSTILE,
    connected_at: AT,
    bitrate_kbps: 2500,
    rtt_ms: 21.4,
    loss_percent: 0.12,
    packets_retransmitted: 3,
    packets_dropped: 1,
  }
  test('says where receivers call, what they must know, and that it waits for one', () => {
    const html = line(made)
    expect(html).toContain(`<code>${listen_url}</code>`)
    expect(words(html)).toContain('with the passphrase')
    expect(words(html)).toContain('Waits for a caller')
    expect(words(html)).toContain('SRT port 8900')
    expect(html).not.toContain('output-note')
    expect(html).toMatch(/<details[^>]*id="output-7-callers" hidden/)
  })
  test('without a feed that is what it waits for', () => {
    const html = line({ ...made, process_id: null, status_reason: 'It waits for the feed.' })
    expect(words(html)).not.toContain('Waits for a caller')
    expect(words(html)).toContain('It waits for the feed.')
  })
  test('its callers: figures with units, and a question before one is disconnected', () => {
    const html = line({ ...made, status: 'running', callers: [caller, { ...caller, id: 2, rtt_ms: null }] })
    expect(words(html)).toContain('2 callers')
    expect(words(html)).toContain('2.50 Mbit/s 21 ms 0.12 % 3')
    expect(html).toContain('data-open="output-7-caller-1-end"')
    expect(html).toContain('hx-delete="/api/inputs/3/outputs/7/callers/2"')
    expect(html).not.toContain('<script>')
  })
  test('its form has a port and no server, and says which protocol it is', () => {
    const html = String(<OutputForm input={input} output={made} />)
    expect(html).toMatch(/name="srt_port"[^>]*|value="8900"/)
    expect(html).toContain('name="protocol" value="srt_listener"')
    expect(html).not.toContain('name="url"')
  })
})

describe('a check', () => {
  test('its verdict and findings in words, each with its state for listeners', () => {
    const html = String(<OutputCheck id="x" check={CHECK_EXAMPLE} />)
    expect(html).toContain('id="x"')
    expect(words(html)).toContain('It will work, but look at this')
    expect(words(html)).toContain('Keyframes Look at this: A keyframe every 12 s')
    expect(words(html)).toContain('Encryption Not checked: This address is not encrypted.')
  })
  test('is asked for as soon as its sheet is open, and sends nothing by itself', () => {
    const html = String(<OutputCheckSheet output={sampleOutput({ name: HOSTILE })} />)
    expect(html).toContain('hx-post="/api/inputs/3/outputs/7/check"')
    expect(html).toContain('hx-trigger="load"')
    expect(html).not.toContain('<script>')
  })
})

describe('OutputsBox', () => {
  test('summary, list and items have ids of their own', () => {
    const outputs = [sampleOutput({ status: 'running', stats }), sampleOutput({ id: 8, name: 'Kick' })]
    const html = String(<OutputsBox input={input} outputs={outputs} history={{ '7': [1, 2, 3] }} />)
    for (const id of [
      'input-3-outputs',
      'input-3-outputs-list',
      'output-7-item',
      'output-7',
      'output-7-drawer',
      'output-8',
    ])
      expect(html).toContain(`id="${id}"`)
    expect(words(html)).toContain('1 of 2 running · 6.13 Mbit/s out')
    expect(html).toContain('href="/inputs/3/outputs/new"')
    expect(html).toContain('action="/api/inputs/3/outputs/start"')
  })

  test('an empty list is empty, and says what to do', () => {
    const html = String(<OutputsBox input={input} outputs={[]} history={{}} />)
    expect(html).toContain('<ul class="outputs-list" id="input-3-outputs-list"></ul>')
    expect(words(html)).toContain('No outputs yet')
    expect(String(<OutputsSummary inputId={3} outputs={[]} />)).toBe('<span class="note" id="input-3-outputs"></span>')
  })
})

test('the log: lines, and past exits in words, newest first', () => {
  const output = sampleOutput()
  const second = { ...exitOf('hung'), signal: 'SIGKILL', code: null, forced: true, next: 'error' as const }
  const logs = {
    lines: [{ at: AT, level: 'warning' as const, text: HOSTILE }],
    exits: [exitOf('peer_closed'), second],
  }
  const html = String(<OutputLog output={output} logs={logs} />)
  expect(html).toContain('id="output-7-log"')
  expect(html).not.toContain('<script>')
  const text = words(html)
  expect(text).toContain('Peer closed the connection 2 min 14 s code 224 tried again')
  expect(text).toContain('No progress 2 min 14 s SIGKILL by Weir Weir stopped trying')
  expect(text.indexOf('No progress')).toBeLessThan(text.indexOf('Peer closed'))
  expect(words(String(<OutputLog output={output} logs={{ lines: [], exits: [] }} />))).not.toContain('Past exits')
})

test('past exits that are alike are one line with their number', () => {
  const refused = exitOf('refused')
  const exits = [refused, refused, refused, exitOf('hung'), refused]
  const text = words(String(<OutputLog output={sampleOutput()} logs={{ lines: [], exits }} />))
  expect(text.match(/Connection refused/g)).toHaveLength(2)
  expect(text.match(/and 2 times before/g)).toHaveLength(1)
  expect(text.indexOf('No progress')).toBeLessThan(text.indexOf('and 2 times before'))
})

describe('OutputForm', () => {
  const create = (preset: string) => String(<OutputForm input={input} output={null} preset={preset} />)

  test.each(PRESETS.map((preset) => [preset.id, preset] as const))('%s shows its own fields alone', (id, preset) => {
    const html = create(id)
    expect(html).toContain('action="/api/inputs/3/outputs"')
    expect(html).toMatch(new RegExp(`value="${id}" checked`))
    const isRtmp = preset.protocol === 'rtmp'
    expect(html.includes('name="stream_key"')).toBe(isRtmp)
    const isListener = preset.protocol === 'srt_listener'
    const isSrt = isListener || preset.protocol === 'srt_caller'
    expect(html.includes('name="passphrase"')).toBe(isSrt)
    expect(html.includes('name="options.latency_ms"')).toBe(isSrt)
    expect(html.includes('name="url"')).toBe(!isListener)
    expect(html.includes('name="srt_port"')).toBe(isListener)
    expect(html.includes('name="protocol" value="srt_listener"')).toBe(isListener)
    // A platform knows its key alone, and has a certificate that anybody can check.
    expect(html.includes('name="password"')).toBe(id === 'rtmp' || id === 'rtsp')
    expect(html.includes('name="options.tls_verify"')).toBe(id === 'rtmp' || id === 'rtsp')
    expect(html.includes('name="options.rtsp_transport"')).toBe(preset.protocol === 'rtsp')
    expect(html.includes('name="options.ttl"')).toBe(preset.protocol === 'udp')
    expect(html.includes('name="engine"')).toBe(preset.protocol === 'udp')
    if (preset.servers[0]) expect(html).toContain(`value="${preset.servers[0]}"`)
    if (preset.keyHint) expect(html).toContain(preset.keyHint)
  })

  test('an empty field shows what applies', () => {
    const defaults = toTimingDefaults({ reconnectDelaySeconds: 7, maxReconnectAttempts: 3 })
    const html = String(<OutputForm input={input} output={null} defaults={defaults} />)
    const shown = (name: string) => new RegExp(`<input[^>]*placeholder="([^"]*)"[^>]*name="${name}"`).exec(html)?.[1]
    const names = ['reconnect_delay', 'max_reconnect_delay', 'max_reconnect_attempts', 'stall_timeout']
    expect(names.map(shown)).toEqual(['7', '60', '3', '10'])
  })

  test('the suggested name is none of those taken', () => {
    const takenNames = ['YouTube', 'youtube 2']
    const html = String(<OutputForm input={input} output={null} preset="youtube" takenNames={takenNames} />)
    expect(html).toContain('value="YouTube 3"')
  })

  test('without JavaScript each kind has a link', () => {
    expect(create('youtube')).toContain('href="/inputs/3/outputs/new?preset=twitch"')
  })

  test('an unknown kind is the first', () => {
    expect(create('nonsense')).toMatch(/value="youtube" checked/)
  })

  test('a stored secret is said to be set, can be removed, and is never shown', () => {
    const html = String(<OutputForm input={input} output={sampleOutput()} inSheet />)
    expect(html).toContain('hx-patch="/api/inputs/3/outputs/7"')
    expect(html).toMatch(/<input[^>]*type="password"[^>]*name="stream_key"|name="stream_key"[^>]*type="password"/)
    expect(html).toContain('set, leave empty to keep')
    expect(html).toContain('name="remove" value="stream_key"')
    expect(html).not.toContain('sealed')
    expect(html).not.toMatch(/name="(username|password)"[^>]* value=/)
    expect(html).not.toContain('name="preset"')
  })

  test('a refused form keeps what was typed and says what is wrong at the field', () => {
    const errors = [{ path: 'options.latency_ms', message: 'Milliseconds, 20 to 8000.' }]
    const values = { preset: 'srt', name: HOSTILE, url: 'srt://a:1', 'options.latency_ms': '9', enabled: 'false' }
    const html = String(<OutputForm input={input} output={null} values={values} errors={errors} />)
    expect(html).toContain('&lt;script&gt;')
    expect(html).not.toContain('<script>')
    expect(html).toMatch(/name="options.latency_ms"[^>]*aria-invalid="true"/)
    expect(html).toContain('href="#f-options-latency_ms"')
    expect(html).not.toMatch(/type="checkbox"[^>]*checked[^>]*name="enabled"/)
  })

  test('before it is deleted: its name', () => {
    const html = String(<OutputDelete output={sampleOutput({ name: HOSTILE, status: 'running' })} />)
    expect(html).toContain('id="output-7-delete"')
    expect(html).toContain('hx-delete="/api/inputs/3/outputs/7"')
    expect(words(html)).toContain('It goes dark now.')
    expect(html).not.toContain('<script>')
  })
})

test.each([
  ['rtmps://a.rtmps.youtube.com/live2', 'youtube'],
  ['rtmp://live.twitch.tv/app', 'twitch'],
  ['rtmp://ingest.global-contribute.live-video.net/app', 'twitch'],
  ['rtmps://fa723fc1b171.global-contribute.live-video.net/app', 'kick'],
  ['rtmps://live-api-s.facebook.com/rtmp', 'facebook'],
  ['rtmp://youtube.com.example/app', 'rtmp'],
])('%s is of %s', (url, id) => {
  expect(presetOf({ protocol: 'rtmp', url }).id).toBe(id as never)
})

test('a hostile name is text everywhere', () => {
  const output = sampleOutput({ name: HOSTILE, url: `rtmp://host/${HOSTILE}` })
  for (const html of [line(output), String(<OutputItem output={output} history={[]} />)]) {
    expect(html).not.toContain('<script>')
    expect(html).toContain('&lt;script&gt;')
  }
})
