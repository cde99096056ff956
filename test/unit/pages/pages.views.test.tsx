/** @jsxImportSource hono/jsx */
import { describe, expect, test } from 'bun:test'
import { Dashboard, type DashboardProps, Summary } from '../../../src/pages/dashboard.views.tsx'
import { NothingYet } from '../../../src/pages/empty.views.tsx'
import { HostGauges } from '../../../src/pages/host.views.tsx'
import { InputGone, InputPage } from '../../../src/pages/input-page.views.tsx'
import { aStatus, anInput, anOutput } from '../../support/page-fixtures.ts'

const status = aStatus()

function dashboard(change: Partial<DashboardProps> = {}): DashboardProps {
  return {
    inputs: [anInput()],
    outputs: [anOutput()],
    events: [],
    status,
    historyOf: () => [],
    stillAtOf: () => null,
    ...change,
  }
}

const ids = (html: string) => [...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1])
const text = (html: string) =>
  html
    .replace(/<[^>]+>/g, '')
    .replace(/\s+/g, ' ')
    .trim()

describe('dashboard', () => {
  test('has a card for each input, with the outputs of that input alone', () => {
    const props = dashboard({
      inputs: [anInput({ id: 1, name: 'Church' }), anInput({ id: 2, name: 'Pitch' })],
      outputs: [anOutput({ id: 5, input_id: 2, name: 'Club site' })],
    })
    const html = String(<Dashboard {...props} />)
    const [church = '', pitch = ''] = html.split('<article').slice(1)
    expect(church).toContain('id="input-1"')
    expect(church).not.toContain('Club site')
    expect(pitch).toContain('Club site')
    expect(ids(html)).toContain('summary')
  })

  test('what is well asks for nothing, yet keeps the place of what may come', () => {
    const html = String(<Dashboard {...dashboard()} />)
    expect(html).toContain('<section id="attention" hidden="">')
  })

  test('what failed stands on top with its act', () => {
    const outputs = [anOutput({ name: 'Kick <x>', status: 'error', status_reason: 'It was refused.' })]
    const html = String(<Dashboard {...dashboard({ outputs })} />)
    const attention = html.slice(html.indexOf('id="attention"'), html.indexOf('id="inputs"'))
    expect(attention).toContain('Main stage, Kick &lt;x&gt;')
    expect(attention).toContain('It was refused.')
    expect(attention).toContain('hx-get="/inputs/3/outputs/7/edit"')
  })

  test('events name their place, and what is gone is called so', () => {
    const at = Date.parse('2026-11-15T10:31:07.000Z')
    const event = { id: 1, inputId: 3, outputId: 7, at, type: 'output.running', actor: 'weir', data: null }
    const events = [
      { ...event, message: 'It is sending.' },
      { ...event, id: 2, outputId: 99, message: 'The output Old was deleted.' },
    ].map((each) => ({ ...each, times: 1, firstAt: at }))
    const html = String(<Dashboard {...dashboard({ events })} />)
    expect(html).toContain('Main stage, YouTube')
    expect(html).toContain('Main stage, a deleted output')
    expect(html).toContain('datetime="2026-11-15T10:31:07.000Z"')
  })

  test('what failed again and again says how often and since when', () => {
    const [at, firstAt] = [Date.parse('2026-11-15T10:31:07.000Z'), Date.parse('2026-11-15T10:19:00.000Z')]
    const event = { id: 1, inputId: 3, outputId: 7, at, type: 'output.reconnecting', actor: 'weir', data: null }
    const events = [{ ...event, message: 'It was refused.', times: 14, firstAt }]
    const html = String(<Dashboard {...dashboard({ events })} />)
    expect(text(html)).toContain('It was refused. 14 times, first ')
    expect(html).toContain('datetime="2026-11-15T10:19:00.000Z"')
  })

  test('a rate that nobody measures is not told', () => {
    const busy = String(<Summary inputs={[anInput()]} outputs={[anOutput()]} />)
    expect(text(busy)).toBe('1 of 1 input live · 1 of 1 output running · 6.12 Mbit/s in, 6.13 Mbit/s out')
    const { stats } = anInput()
    const silent = anInput({ status: 'inactive', stats: { ...stats, bitrate_kbps: null } })
    expect(text(String(<Summary inputs={[silent, silent]} outputs={[]} />))).toBe(
      '0 of 2 inputs live · 0 of 0 outputs running',
    )
  })
})

describe('other pages', () => {
  test('the machine: what is not known yet is no nought', () => {
    const html = String(<HostGauges status={status} />)
    const [, cpu = ''] = html.split('id="gauge-cpu"')
    expect(cpu.slice(0, cpu.indexOf('gauge-note'))).toContain('no figure')
    expect(html).toContain('of 2.0 GiB')
    expect(html).toContain('5.0 GiB left of 40.0 GiB')
  })

  test('an input: its parts in order, one h1', () => {
    const html = String(
      <InputPage
        input={anInput()}
        outputs={[anOutput()]}
        rates={[]}
        outputRates={{}}
        events={{ page: { items: [], next_cursor: null } }}
        stillAtMs={null}
      />,
    )
    const order = ['head', 'warnings', 'still', 'stats', 'rate', 'send', 'outputs-box', 'events'].map((part) =>
      html.indexOf(`id="input-3-${part}"`),
    )
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(order).not.toContain(-1)
    expect(html.match(/<h1/g)).toHaveLength(1)
  })

  test('a first page whose acts need no script; an address in a line is escaped', () => {
    const html = String(<NothingYet url={'http://weir.example/"<b>'} />)
    expect(html.match(/<form method="post" action="\/api\/inputs">/g)).toHaveLength(2)
    expect(html).not.toContain('<b>')
  })

  test('a page whose input is gone leads on', () => {
    expect(String(<InputGone />)).toContain('href="/"')
  })
})
