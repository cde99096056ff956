/** @jsxImportSource hono/jsx */
import { describe, expect, test } from 'bun:test'
import { toBody, toTyped } from '../../../src/http/form.ts'
import { toInputForm } from '../../../src/inputs/inputs.form.ts'
import { InputDelete, InputForm } from '../../../src/inputs/inputs.form.views.tsx'
import { InputEventItems, InputEvents, InputHistory, InputLog } from '../../../src/inputs/inputs.history.views.tsx'
import { InputHead, InputRate, InputStats, InputWarnings } from '../../../src/inputs/inputs.page.views.tsx'
import { InputProbe } from '../../../src/inputs/inputs.probe.views.tsx'
import type { EventResource } from '../../../src/inputs/inputs.history.schema.ts'
import type { InputResource } from '../../../src/inputs/inputs.schema.ts'
import { InputSend } from '../../../src/inputs/inputs.send.views.tsx'
import { InputStill } from '../../../src/inputs/inputs.still.views.tsx'
import { InputCard } from '../../../src/inputs/inputs.views.tsx'
import { sendWords, sourceWords } from '../../../src/inputs/inputs.words.ts'
import { SAMPLE_KEY, sampleInput } from '../../support/samples.ts'

const AT = '2026-11-15T10:31:07.000Z'
const HOSTILE = `<script>alert("x")</script> & 'y'`
const stats: InputResource['stats'] = {
  bitrate_kbps: 6120,
  bytes_total: 6_100_000_000,
  continuity_errors: 0,
  continuity_errors_hour: 0,
  last_packet_at: AT,
  video: { codec: 'h264', profile: 'High', width: 1920, height: 1080, fps: 50 },
  audio: { codec: 'aac', sample_rate: 48_000, channels: 2 },
  switches: 0,
  filled_seconds: 0,
  link: null,
}
const live = sampleInput({ status: 'active', source: '192.0.2.17:5000', since: AT, stats })
const card = (input: InputResource, stillAtMs: number | null = null) =>
  String(
    <InputCard
      input={input}
      outputs={[{ name: 'YouTube', status: 'running' }]}
      history={[1, 2, 3]}
      stillAtMs={stillAtMs}
    />,
  )

/** Words as a person reads them: without tags, spaces folded. */
const words = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

describe('InputCard', () => {
  test('of a live feed: ids, where it comes in, what it carries, its rate and its gates', () => {
    const html = card(live, 1_763_202_667_000)
    expect(html).toContain(
      '<article class="card feed" id="input-3" data-state="active" aria-labelledby="input-3-name">',
    )
    expect(html).toContain('<h3 class="feed-name" id="input-3-name"><a href="/inputs/3">Main stage</a></h3>')
    expect(html).toContain('src="/api/inputs/3/live.jpg?width=640&amp;at=1763202667000"')
    expect(words(html)).toContain('UDP port 5000 · 1080 · 50 fps · H.264, AAC')
    expect(words(html)).toContain('6.12 Mbit/s')
    expect(words(html)).toContain('1 of 1 output running')
    expect(html).not.toContain('still-word')
  })

  test('a live feed of which there is no picture yet does not ask for one, and tells no age', () => {
    const html = card(live)
    expect(html).not.toContain('live.jpg')
    expect(html).not.toContain('still-age')
  })

  test.each<[InputResource['status'], string]>([
    ['inactive', 'Nothing arrives. Send your feed to UDP port 5000.'],
    ['stopped', 'Switched off'],
    ['starting', 'Starting'],
    ['error', 'It does not run.'],
  ])('%s without a picture says so in words', (status, expected) => {
    const html = card(sampleInput({ status }))
    expect(words(html)).toContain(expected)
    expect(html).not.toContain('<img')
  })

  test('a lost feed shows its last picture greyed, with its age and words over it', () => {
    const html = card(sampleInput({ status: 'inactive', status_reason: 'Waiting for a feed.' }), 1_763_202_667_000)
    expect(html).toContain('class="still is-stale"')
    expect(html).toContain('still-age')
    expect(words(html)).toContain('Waiting for a feed.')
  })

  test('after a goodbye of the publisher nothing is missing', () => {
    const input = sampleInput({ kind: 'rtmp', status: 'inactive', on_air_reason: 'ended' })
    expect(words(card(input, 1))).toContain('The show has ended.')
  })

  test('no figure is no nought', () => {
    const html = card(sampleInput({ status: 'active' }))
    expect(html).toContain('no figure')
    expect(words(html)).not.toContain(' 0 ')
  })

  test('counts down to the next try', () => {
    const html = card(sampleInput({ status: 'reconnecting', next_retry_at: AT, reconnect_count: 7 }))
    expect(html).toContain(`datetime="${AT}"`)
    expect(words(html)).toMatch(/Next try (in .*|now) *, 7 tries so far/)
  })
})

describe('the page', () => {
  test('head: restart and stop where it is wanted, start where it is not, each as a plain form too', () => {
    const on = String(<InputHead input={live} />)
    expect(on).toContain('<div id="input-3-head">')
    expect(on).toContain('id="input-3-state"')
    expect(on).toContain('method="post" action="/api/inputs/3/restart" hx-post="/api/inputs/3/restart"')
    expect(on).toContain('action="/api/inputs/3/stop"')
    expect(on).not.toContain('/start"')
    expect(on).toContain('href="/inputs/3/edit" hx-get="/inputs/3/edit"')
    const off = String(<InputHead input={sampleInput({ enabled: false, status: 'stopped' })} />)
    expect(off).toContain('action="/api/inputs/3/start"')
    expect(off).not.toContain('/stop"')
  })

  test('facts', () => {
    const html = String(<InputStats input={{ ...live, receive_buffer_bytes: 4 * 1024 * 1024, reconnect_count: 2 }} />)
    expect(html).toContain('id="input-3-stats"')
    const text = words(html)
    expect(text).toContain('H.264 High, 1920 × 1080, 50 fps')
    expect(text).toContain('AAC, 48 kHz, stereo')
    expect(text).toContain('192.0.2.17, port 5000')
    expect(text).toContain('0 lost packets last hour')
    expect(text).toContain('6.1 GB')
    expect(text).toContain('4.0 MiB')
    expect(text).toContain('Restarts 2')
  })

  test('facts of a silent input are dashes', () => {
    const html = String(<InputStats input={sampleInput()} />)
    expect(html.match(/no figure/g)).toHaveLength(5)
  })

  test('an IPv6 sender loses its brackets', () => {
    expect(words(String(<InputStats input={{ ...live, source: '[2001:db8::1]:5000' }} />))).toContain(
      '2001:db8::1, port 5000',
    )
  })

  test('the still and the rate have ids of their own, and the rate has words', () => {
    expect(String(<InputStill input={live} stillAtMs={null} />)).toContain('id="input-3-still"')
    const rate = String(<InputRate input={live} history={[null, 5900, 6310]} />)
    expect(rate).toContain('id="input-3-rate" data-state="active"')
    expect(rate).toContain('aria-label="From 5.90 Mbit/s to 6.31 Mbit/s, on average 6.11 Mbit/s"')
    expect(String(<InputRate input={live} history={[null]} />)).toContain('No feed in the last 10 minutes')
  })

  test('warnings stand in one place, which is there without any', () => {
    expect(String(<InputWarnings input={live} />)).toBe('<div class="stack-2 notices" id="input-3-warnings"></div>')
    const warning = { code: 'input.no_audio', message: 'No sound for 10 s.', since: AT }
    expect(words(String(<InputWarnings input={{ ...live, warnings: [warning] }} />))).toContain('No sound for 10 s.')
    const failed = String(
      <InputWarnings input={sampleInput({ status: 'error', status_reason: 'The port is taken.' })} />,
    )
    expect(words(failed)).toContain('The port is taken. Weir has stopped trying. Try now')
  })

  test('where to send over RTMP: two fields for OBS, the key closed, a question before there is a new one', () => {
    const html = String(<InputSend input={sampleInput({ kind: 'rtmp' })} />)
    expect(html).toContain('<code>rtmp://stream.example.org:1935/live</code>')
    expect(html).toContain(`Stream key</span></summary><code>${SAMPLE_KEY}</code></details>`)
    expect(html).toContain('hx-post="/api/inputs/3/publish-key"')
    expect(words(html)).toContain('Whoever sends with the old one is cut off at once')
    const tls = sampleInput({ kind: 'rtmp', publish_server_tls: 'rtmps://stream.example.org:1936/live' })
    expect(String(<InputSend input={tls} />)).toContain('<code>rtmps://stream.example.org:1936/live</code>')
  })

  test('where to send over SRT: an address for OBS, fields for encoders, the passphrase is not shown', () => {
    const html = String(<InputSend input={sampleInput({ kind: 'srt_listener', has_passphrase: true })} />)
    expect(html).toContain(`srt://stream.example.org:8900?streamid=${SAMPLE_KEY}&amp;latency=200000`)
    expect(html).toContain('<code>srt://stream.example.org:8900</code>')
    expect(words(html)).toContain('200 ms')
    expect(words(html)).toContain('add &amp;passphrase= and the passphrase')
  })

  test('a key that cannot be read, and one that is not for these eyes', () => {
    const lost = sampleInput({ kind: 'rtmp', publish_key: null, publish_url: null, publish_example: null })
    expect(words(String(<InputSend input={lost} />))).toContain('It cannot be read. Make a new one.')
    for (const kind of ['rtmp', 'srt_listener', 'udp'] as const) {
      const hidden = sampleInput({ kind, publish_key: null, publish_server: null, publish_url: null })
      expect(words(String(<InputSend input={hidden} />))).toContain('Operators and administrators see here')
    }
  })

  test('where Weir fetches: the address, and that secrets are there', () => {
    const camera = sampleInput({ kind: 'rtsp', has_username: true, has_password: true })
    const text = words(String(<InputSend input={camera} />))
    expect(text).toContain('Where Weir fetches the feed RTSP Address rtsp://camera.example.org/stream1')
    expect(text).toContain('Transport TCP Stored user name, password')
    expect(words(String(<InputSend input={sampleInput({ kind: 'hls' })} />))).toContain('Stored no secrets')
  })

  test('the link of an SRT publisher', () => {
    const link = {
      rtt_ms: 23.5,
      latency_ms: 200,
      bandwidth_kbps: 9000,
      packets_lost: 7,
      packets_retransmitted: 6,
      packets_dropped: 1,
      loss_percent: 0.12,
    }
    const html = String(<InputStats input={{ ...live, kind: 'srt_listener', stats: { ...stats, link } }} />)
    expect(words(html)).toContain('Round trip 23.5 ms, latency 200 ms')
    expect(words(html)).toContain('0.12 % lost 6 sent again, 1 too late')
  })

  test.each<[InputResource['kind'], string, string]>([
    ['udp', 'UDP port 5000', 'Send your feed to UDP port 5000'],
    ['rtmp', 'RTMP', 'Start your encoder'],
    ['srt_listener', 'SRT port 8900', 'Start your encoder'],
    ['srt_caller', 'SRT from studio.example.org:9000', 'Weir connects by itself'],
    ['rtsp', 'RTSP from camera.example.org', 'Weir connects by itself'],
    ['hls', 'HLS from cdn.example.org', 'Weir connects by itself'],
    ['test', 'Made here', 'It starts by itself'],
  ])('an input of kind %s in words', (kind, from, todo) => {
    const input = sampleInput({ kind })
    expect([sourceWords(input), sendWords(input)]).toEqual([from, todo])
    expect(words(String(<InputCard input={input} outputs={[]} history={[]} stillAtMs={null} />))).toContain(from)
  })

  test('where to send: address, OBS, FFmpeg; a test pattern needs none', () => {
    const html = String(<InputSend input={live} />)
    expect(html).toContain('udp://stream.example.org:5000')
    expect(html).toContain('udp://stream.example.org:5000?pkt_size=1316')
    expect(words(html)).toContain('mpegts')
    const test = String(<InputSend input={sampleInput({ kind: 'test', publish_url: null, publish_example: null })} />)
    expect(test).not.toContain('udp://')
    expect(words(test)).toContain('Nothing has to be sent.')
  })
})

describe('history and log', () => {
  const event: EventResource = {
    id: 9,
    at: AT,
    type: 'output.error',
    actor: 'weir',
    output_id: 7,
    message: 'Name not known.',
    data: null,
  }
  const names = new Map([[7, 'Club website']])

  test('a line says about whom, when and what', () => {
    const html = String(<InputEvents inputId={3} page={{ items: [event], next_cursor: null }} outputNames={names} />)
    expect(html).toContain('<ol class="events card-pad" id="input-3-events" aria-live="polite">')
    expect(html).toContain('<li id="event-9" data-state="error" data-kinds="faults">')
    expect(words(html)).toContain('Club website')
    expect(words(html)).toContain('Name not known.')
  })

  test('what is on air has a drawing of its own', () => {
    const kinds = ['input.switched', 'input.changed', 'input.active'].map((type) => ({ ...event, type }))
    const drawn = kinds.map(
      (one) =>
        String(<InputEvents inputId={3} page={{ items: [one], next_cursor: null }} outputNames={names} />).match(
          /<svg.*?<\/svg>/s,
        )?.[0],
    )
    expect(new Set(drawn).size).toBe(3)
  })

  test('a deleted output, a person, and the way to earlier lines', () => {
    const items = [{ ...event, output_id: 8, actor: 'api key' }]
    const page = { items, next_cursor: 'a&b', total: 12, earlier: 11 }
    const html = String(<InputEventItems inputId={3} page={page} outputNames={names} show="faults" />)
    expect(html).not.toContain('<ol')
    expect(words(html)).toContain('A deleted output, by api key')
    expect(html).toContain('hx-get="/api/inputs/3/events?show=faults&amp;cursor=a%26b"')
    expect(words(html)).toContain('1 of 12')
  })

  test('each line says for the script of the page whether it is a fault and whether people did it', () => {
    const kinds = (more: Partial<EventResource>) => {
      const page = { items: [{ ...event, ...more }], next_cursor: null }
      return String(<InputEventItems inputId={3} page={page} outputNames={names} />).match(/data-kinds="(.*?)"/)?.[1]
    }
    expect(kinds({})).toBe('faults')
    expect(kinds({ type: 'output.started', actor: 'Ruth' })).toBe('people')
    expect(kinds({ type: 'output.running' })).toBe('')
    expect(kinds({ type: 'input.switched', data: { reason: 'lost' } })).toBe('faults')
    expect(kinds({ type: 'input.switched', data: { reason: 'returned' } })).toBe('')
  })

  test('only a part of the history stays as it is when the page is sent anew, and asks for itself', () => {
    const page = { items: [event], next_cursor: null }
    const all = String(<InputHistory inputId={3} page={page} outputNames={names} />)
    expect(all).toContain('<div id="input-3-history">')
    const faults = String(<InputHistory inputId={3} page={page} outputNames={names} show="faults" />)
    expect(faults).toMatch(/<div id="input-3-history" data-show="faults" hx-morph-skip="" hx-get="[^"]*show=faults"/)
    expect(faults).toMatch(/<input type="radio" name="show" value="faults" checked=""/)
  })

  test('nothing yet', () => {
    const page = { items: [], next_cursor: null }
    const shown = (show?: 'people') =>
      words(String(<InputEvents {...{ inputId: 3, page, outputNames: names, show }} />))
    expect(shown()).toContain('Nothing has happened yet')
    expect(shown('people')).toContain('Nobody has done anything')
  })

  test('log lines', () => {
    const html = String(<InputLog input={live} lines={[{ at: AT, level: 'error', text: HOSTILE }]} />)
    expect(html).toContain('id="input-3-log"')
    expect(html).not.toContain('<script>')
  })

  test('what the feed carries, program by program', () => {
    const track = {
      pid: 256,
      type: 'video' as const,
      codec: 'h264',
      profile: null,
      width: 1280,
      height: 720,
      fps: 25,
      sample_rate: null,
      channels: null,
      language: null,
    }
    const probe = {
      bitrate_kbps: 2500,
      programs: [{ number: 1, pmt_pid: 4096, pcr_pid: 256, chosen: true, tracks: [track] }],
    }
    const text = words(String(<InputProbe inputId={3} probe={probe} />))
    expect(text).toContain('1 taken video, PID 256 H.264, 1280 × 720, 25 fps')
    expect(words(String(<InputProbe inputId={3} probe={{ bitrate_kbps: null, programs: [] }} />))).toContain(
      'Nothing arrives now.',
    )
  })
})

describe('forms', () => {
  test('a new input: named as the API names them, plain on its own page', () => {
    const html = String(<InputForm input={null} />)
    expect(html).toContain('<form id="input-form" class="form-page" method="post" action="/api/inputs" novalidate="">')
    for (const name of ['name', 'kind', 'udp_port', 'bind_address', 'allow_from', 'program', 'loss_ms', 'enabled'])
      expect(html).toContain(`name="${name}"`)
    expect(html).toContain('<h1>Add input</h1>')
    expect(html).toMatch(/value="rtmp" checked/)
    expect(String(<InputForm input={null} kind="hls" />)).toMatch(/value="hls" checked/)
  })

  test('stored secrets are told, never shown, and can be removed', () => {
    const camera = sampleInput({ kind: 'rtsp', has_username: true, has_password: true })
    const html = String(<InputForm input={camera} />)
    expect(html).toContain('value="rtsp://camera.example.org/stream1"')
    expect(html.match(/placeholder="set, leave empty to keep"/g)).toHaveLength(2)
    expect(html).toContain('name="remove" value="password"')
    expect(html).not.toContain('name="remove" value="passphrase"')
    expect(html).toMatch(/value="rtsp" checked/)
  })

  test('of what was sent, the fields of the chosen kind count', () => {
    const sent = { kind: 'rtmp', name: 'A', udp_port: 'x', url: 'rtsp://h', passphrase: 'p', loss_ms: '500' }
    expect(toBody(sent, toInputForm(sent))).toEqual({ kind: 'rtmp', name: 'A', loss_ms: 500 })
    expect(toTyped(sent, toInputForm(sent))).toEqual({ kind: 'rtmp', name: 'A', loss_ms: '500' })
    const srt = { ...sent, kind: 'srt_caller', latency_ms: '', remove: ['stream_id', 'password'] }
    expect(toBody(srt, toInputForm(srt))).toEqual({
      kind: 'srt_caller',
      name: 'A',
      url: 'rtsp://h',
      passphrase: 'p',
      latency_ms: null,
      stream_id: null,
      loss_ms: 500,
    })
    // Without a kind nothing is known to be wrong: the API says what does not fit.
    expect(toBody({ udp_port: '5', url: 'x' }, toInputForm({}))).toEqual({ udp_port: 5, url: 'x' })
  })

  test('in a sheet it is sent in place', () => {
    expect(String(<InputForm input={null} inSheet />)).toContain('hx-post="/api/inputs"')
    const edit = String(<InputForm input={live} inSheet />)
    expect(edit).toContain('hx-patch="/api/inputs/3"')
    expect(edit).toContain('value="Main stage"')
    expect(edit).toContain('value="5000"')
    expect(edit).not.toContain('name="enabled"')
  })

  test('a refused form keeps what was typed, says what is wrong at the field, and opens the part it is in', () => {
    const errors = [{ path: 'allow_from.1', message: 'An address or a network such as 10.0.0.0/8.' }]
    const html = String(
      <InputForm input={null} values={{ name: HOSTILE, allow_from: '10.0.0.1\nx', kind: 'test' }} errors={errors} />,
    )
    expect(html).toContain('value="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;"')
    expect(html).toMatch(/name="allow_from"[^>]*aria-invalid="true"/)
    expect(html).toMatch(/<details class="disclose" open/)
    expect(html).toMatch(/value="test" checked/)
  })

  test('before it is deleted: its name, and how many go dark', () => {
    const html = String(<InputDelete input={{ id: 3, name: HOSTILE, outputs_total: 7, outputs_running: 3 }} />)
    expect(html).toContain('id="input-3-delete"')
    expect(html).toContain('hx-delete="/api/inputs/3"')
    expect(words(html)).toContain('3 outputs go dark. Its 7 outputs and its history go with it. This cannot be undone.')
    expect(html).not.toContain('<script>')
  })
})

test('a hostile name is text everywhere', () => {
  const input = { ...live, name: HOSTILE }
  const all = [
    card(input, 1),
    String(<InputHead input={input} />),
    String(<InputStill input={input} stillAtMs={1} />),
    String(<InputForm input={input} />),
  ]
  for (const html of all) {
    expect(html).not.toContain('<script>')
    expect(html).toContain('&lt;script&gt;')
  }
})
