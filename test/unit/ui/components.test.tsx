/** @jsxImportSource hono/jsx */
import { describe, expect, test } from 'bun:test'
import { Act } from '../../../src/ui/act.tsx'
import { Button } from '../../../src/ui/button.tsx'
import { Segmented, Tiles } from '../../../src/ui/choices.tsx'
import { Copy } from '../../../src/ui/copy.tsx'
import { Confirm } from '../../../src/ui/dialog.tsx'
import { Check, Field, FormSummary, fieldId } from '../../../src/ui/field.tsx'
import { Bytes, NoFigure, Rate } from '../../../src/ui/figures.tsx'
import { Gates } from '../../../src/ui/gates.tsx'
import { Gauge } from '../../../src/ui/gauge.tsx'
import { Icon, type IconName, Sprite } from '../../../src/ui/icon.tsx'
import { ICONS } from '../../../src/ui/icon-shapes.tsx'
import { BarePage, Layout } from '../../../src/ui/layout.tsx'
import { LogList } from '../../../src/ui/log.tsx'
import { Attention, Problem } from '../../../src/ui/messages.tsx'
import { StateBadge } from '../../../src/ui/state.tsx'
import { INPUT_STATES, type InputState, OUTPUT_STATES, type OutputState } from '../../../src/ui/states.ts'
import { Countdown, RelativeTime } from '../../../src/ui/time.tsx'

const files = { cssUrl: '/static/a.css', jsUrl: '/static/a.js', iconUrl: '/static/a.svg' }
const AT = '2026-11-15T10:31:07.000Z'
const NOW_MS = Date.parse(AT) + 24_000

describe('states', () => {
  test('every one has a word and an icon of the sprite', () => {
    const sprite = String(<Sprite />)
    for (const [state, { word, icon }] of Object.entries({ ...INPUT_STATES, ...OUTPUT_STATES })) {
      expect(word).not.toBe('')
      expect(sprite).toContain(`id="i-${icon}"`)
      expect(state).not.toBe('')
    }
  })
  test.each([
    ['active', 'Live'],
    ['inactive', 'No feed'],
    ['reconnecting', 'Cannot connect'],
    ['stopped', 'Off'],
  ] as [InputState, string][])('an input that is %s reads %s', (state, word) => {
    const html = String(<StateBadge of="input" state={state} />)
    expect(html).toContain(`data-state="${state}"`)
    expect(html).toContain(word)
  })
  test('an output says more where there is more to say', () => {
    const html = String(<StateBadge of="output" state="waiting" word="Waits for a caller" pill id="output-7-state" />)
    expect(html).toContain('class="state state-pill"')
    expect(html).toContain('Waits for a caller')
  })
  test('gates tell each output to listeners, escaped', () => {
    const states = Object.keys(OUTPUT_STATES) as OutputState[]
    const html = String(<Gates items={states.map((state) => ({ name: '<b>', state }))} />)
    expect(html.match(/<li /g)).toHaveLength(7)
    expect(html).toContain('<span class="sr-only">&lt;b&gt;: failed</span>')
  })
})

describe('figures', () => {
  test('no figure is a dash, for listeners in words, never a nought', () => {
    const none = String(<NoFigure />)
    expect(none).toContain('no figure')
    expect(none).not.toContain('0')
    for (const html of [<Rate kbps={null} />, <Bytes value={null} />]) expect(String(html)).toBe(none)
  })
  test('a nought that was measured is one', () => {
    expect(String(<Rate kbps={0} />)).toContain('>0<')
  })
  test('a gauge without a figure has no meter', () => {
    expect(String(<Gauge name="cpu" label="CPU" percent={null} />)).not.toContain('<meter')
    expect(String(<Gauge name="cpu" label="CPU" percent={86.4} />)).toContain(
      'value="86" aria-label="CPU">86 %</meter>',
    )
  })
  test('times carry the exact moment for the browser and for whoever hovers', () => {
    expect(String(<RelativeTime at={AT} nowMs={NOW_MS} ago />)).toBe(
      `<time datetime="${AT}" data-relative="ago" title="Sun, 15 Nov 2026, 10:31:07 UTC">24 s ago</time>`,
    )
    expect(String(<Countdown until={AT} nowMs={NOW_MS - 42_000} />)).toContain('data-relative="until"')
    expect(String(<Countdown until={AT} nowMs={NOW_MS - 42_000} />)).toContain('>in 18 s<')
  })
})

describe('fields', () => {
  test('label, message and hint belong to the control', () => {
    const html = String(
      <Field name="options.ttl" type="number" label="TTL" hint="1 to 255." error="Too large." value={999} />,
    )
    const id = fieldId('options.ttl')
    expect(id).toBe('f-options-ttl')
    expect(html).toContain(`<label for="${id}">`)
    expect(html).toContain('name="options.ttl"')
    expect(html).toContain(`aria-invalid="true" aria-describedby="${id}-error ${id}-hint"`)
    expect(html).toContain(`<p class="hint" id="${id}-hint">`)
  })
  test('a secret never comes back', () => {
    const html = String(<Field name="password" type="password" label="Password" isSet />)
    expect(html).toContain('placeholder="set, leave empty to keep"')
    expect(html).not.toContain('value=')
  })
  test('what was typed is escaped', () => {
    expect(String(<Field name="name" label="Name" value={'"><script>'} />)).toContain(
      'value="&quot;&gt;&lt;script&gt;"',
    )
    expect(String(<Field name="t" type="textarea" label="T" value="</textarea><b>" />)).toContain('&lt;/textarea&gt;')
  })
  test('a choice shows what is chosen', () => {
    const options = ['a', 'b'].map((value) => ({ value, label: value.toUpperCase() }))
    const html = String(<Field name="c" type="select" label="C" value="b" options={options} />)
    expect(html).toContain('<option value="b" selected="">B</option>')
    expect(html).toContain('<option value="a">A</option>')
  })
  test('a box that is not ticked says so', () => {
    const html = String(<Check name="enabled" label="Start at once" />)
    expect(html).toMatch(/<input type="hidden" name="enabled" value="false"\/?>/)
    expect(html.indexOf('hidden')).toBeLessThan(html.indexOf('checkbox'))
  })
  test('the summary leads to each field', () => {
    const errors = [
      { path: 'options.ttl', message: 'Too large.' },
      { path: 'other', message: 'Unknown field.' },
    ]
    const html = String(<FormSummary errors={errors} labels={{ 'options.ttl': 'TTL' }} />)
    expect(html).toContain('2 fields need a look')
    expect(html).toContain('<a href="#f-options-ttl">TTL</a>: Too large.')
    expect(html).toContain('<li>Unknown field.</li>')
    expect(String(<FormSummary errors={[]} labels={{}} />)).toBe('')
  })
  test('choices mark the chosen one', () => {
    const choices = [
      { value: 'udp', label: 'UDP' },
      { value: 'test', label: 'Test' },
    ]
    expect(String(<Segmented name="kind" legend="Kind" value="test" choices={choices} />)).toContain(
      'value="test" checked=""',
    )
    const tiles = [{ value: 'yt', mark: 'YT', label: 'YouTube', note: 'key' }]
    const html = String(
      <Tiles
        name="p"
        legend="P"
        value="yt"
        tiles={tiles}
        attributes={(tile) => ({ 'hx-get': `/new?p=${tile.value}` })}
      />,
    )
    expect(html).toContain('hx-get="/new?p=yt"')
  })
})

describe('acts', () => {
  test('an icon says its word to listeners', () => {
    const html = String(<Button label="Stop Twitch" icon="stop" iconOnly hx-get="/x" />)
    expect(html).toContain('title="Stop Twitch"')
    expect(html).toContain('<span class="sr-only">Stop Twitch</span>')
    expect(html).toContain('hx-get="/x"')
  })
  test('one act works with and without JavaScript', () => {
    const html = String(<Act label="Start" action="/api/inputs/3/start" icon="play" />)
    expect(html).toContain('method="post" action="/api/inputs/3/start" hx-post="/api/inputs/3/start"')
    expect(html).toContain('type="submit"')
  })
  test('before a deletion the safe button holds the focus', () => {
    const html = String(<Confirm id="x" title="Delete “A”?" act="Delete" form={{ 'hx-delete': '/api/a' }} />)
    expect(html).toMatch(/<button[^>]*autofocus[^>]*>Keep it<\/button>/)
    expect(html).toContain('hx-delete="/api/a"')
  })
  test('a copied line keeps an option and its value together', () => {
    const html = String(<Copy text='ffmpeg -re -i in.mp4 "a b"' />)
    expect(html).toContain('<span class="nowrap">-i in.mp4</span>')
    const text = html.replace(/<button.*$/, '').replace(/<[^>]+>/g, '')
    expect(text).toBe('ffmpeg -re -i in.mp4 &quot;a b&quot;')
  })
})

describe('messages', () => {
  test('a bad one is read out at once, and gives the id to quote', () => {
    const html = String(<Problem title="No" requestId="r-1" />)
    expect(html).toContain('role="alert"')
    expect(html).toContain('request r-1')
    expect(String(<Problem title="So so" tone="warn" />)).not.toContain('alert')
  })
  test('with nothing to say the place of what needs somebody is kept, unseen', () => {
    expect(String(<Attention title="" items={[]} />)).toContain('id="attention" hidden')
  })
  test('a log tells its levels by colour and by word', () => {
    const lines = [
      { at: AT, level: 'error', text: '<i>' },
      { at: AT, level: 'info', text: 'ok' },
    ] as const
    const html = String(<LogList id="output-7-log" label="Log" lines={lines} refreshUrl="/logs" />)
    expect(html).toContain('<li data-tone="bad">')
    expect(html).toContain('<span class="level">error</span><span>&lt;i&gt;</span>')
    expect(html).toContain('<li><time')
    expect(html).toContain('hx-select="#output-7-log"')
  })
})

describe('the layout', () => {
  const input = { id: 3, name: '<Main>', state: 'active', running: 3, total: 7 } as const
  const html = String(
    <Layout
      {...files}
      title="Live"
      theme="dark"
      nav={{ place: 'live', inputs: [input], inputId: 3 }}
      eventsUrl="/events?page=dashboard"
      me={null}
      rights={['see', 'operate']}
    >
      <p>content</p>
    </Layout>,
  )
  test('has one stream, one place for messages and the way past the navigation', () => {
    expect(html.match(/hx-sse:connect/g)).toHaveLength(1)
    expect(html).toContain('hx-sse:connect="/events?page=dashboard" hx-swap="none"')
    expect(html).toContain('<a class="skip" href="#main">')
    expect(html).toContain('id="toasts" role="status" aria-live="polite"')
  })
  test('names the place, the inputs and how many of their outputs run', () => {
    expect(html).toContain('href="/" aria-current="page"')
    expect(html).toContain('id="nav-input-3" href="/inputs/3" data-state="active" aria-current="page"')
    expect(html).toContain('&lt;Main&gt;')
    expect(html).toContain('3/7')
    expect(html).not.toContain('Streams')
  })
  test('is right at the first paint', () => {
    expect(html).toStartWith('<html lang="en" data-theme="dark">')
    expect(String(<BarePage {...files} title="Weir" theme="system" />)).toStartWith('<html lang="en"><head>')
  })
  test('obeys the policy: no inline style or script, no other host', () => {
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|data:|https?:\/\//)
  })
  test('draws every icon that can be named, once', () => {
    for (const name of Object.keys(ICONS) as IconName[]) {
      expect(html.split(`id="i-${name}"`)).toHaveLength(2)
      expect(String(<Icon name={name} />)).toContain(`href="#i-${name}"`)
    }
  })
})
