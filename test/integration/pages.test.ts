import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

let weir: Weir
beforeAll(async () => {
  weir = await startWeir()
})
afterAll(() => weir[Symbol.asyncDispose]())

const HTML = 'text/html,application/xhtml+xml,*/*;q=0.8'

async function open(path: string, headers: Record<string, string> = { authorization: `Bearer ${TEST_KEY}` }) {
  const answer = await fetch(weir.url + path, { headers: { accept: HTML, ...headers }, redirect: 'manual' })
  return { status: answer.status, headers: answer.headers, html: await answer.text() }
}

const ids = (html: string) => new Set([...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]))

describe('pages', () => {
  test('strangers are sent to sign in, and told where they wanted to go', async () => {
    const { status, headers } = await open('/inputs/7?x=1', {})
    expect(status).toBe(303)
    expect(headers.get('location')).toBe('/login?next=%2Finputs%2F7%3Fx%3D1')
    expect((await open('/', {})).headers.get('location')).toBe('/login')
  })

  test('an empty server leads to a first input in one press', async () => {
    const { status, headers, html } = await open('/')
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(html).toContain('Nothing flows yet')
    expect(html).toContain('<form method="post" action="/api/inputs">')
    expect(html).toContain('value="test"')
    expect(html).toContain('hx-sse:connect="/events?page=dashboard"')
    const answer = await fetch(`${weir.url}/api/inputs`, {
      method: 'POST',
      redirect: 'manual',
      headers: { authorization: `Bearer ${TEST_KEY}`, accept: HTML },
      body: new URLSearchParams({ name: 'Main feed', kind: 'udp' }),
    })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/inputs/1')
  })

  test('the dashboard holds the wall, the machine and the last events', async () => {
    const { html } = await open('/')
    const found = ids(html)
    const parts = ['live', 'summary', 'attention', 'inputs', 'input-1', 'host', 'gauge-cpu', 'events', 'link', 'toasts']
    for (const id of parts) expect(found).toContain(id)
    expect(html).toContain('href="/inputs/new"')
    expect(html.match(/<h1/g)).toHaveLength(1)
  })

  test("an input's page holds every part that its stream replaces", async () => {
    const output = await weir.createOutput(1, { name: 'Rack <b>', url: 'udp://127.0.0.1:29997' })
    const { html } = await open('/inputs/1')
    const found = ids(html)
    for (const part of [
      'head',
      'state',
      'warnings',
      'still',
      'stats',
      'rate',
      'send',
      'outputs',
      'outputs-box',
      'events',
    ])
      expect(found).toContain(`input-1-${part}`)
    for (const part of ['', '-rate', '-figures', '-drawer']) expect(found).toContain(`output-${output.id}${part}`)
    expect(html).toContain('Rack &lt;b&gt;')
    expect(html).toContain('udp://127.0.0.1:')
    expect(html).toContain('aria-current="page"')
    expect(html.match(/<h1/g)).toHaveLength(1)
  })

  test('no page has two elements of one id, inline script or style', async () => {
    for (const path of ['/', '/inputs/1', '/inputs/new', '/inputs/1/edit', '/inputs/1/outputs/new', '/system']) {
      const { status, html } = await open(path)
      expect(status).toBe(200)
      const all = [...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1])
      expect(all.filter((id, i) => all.indexOf(id) !== i)).toEqual([])
      expect(html).not.toMatch(/<style|<script(?![^>]* src=)| style="| on[a-z]+="|hx-on|javascript:/)
    }
  })

  test('a form stands alone on its page, and in a sheet where the script asks', async () => {
    const page = await open('/inputs/1/outputs/new?preset=youtube')
    expect(page.html).toContain('class="card card-pad"')
    expect(page.html).toContain('action="/api/inputs/1/outputs"')
    expect(page.html).toContain('hx-sse:connect="/events?page=frame"')
    const sheet = await open('/inputs/1/outputs/new', { authorization: `Bearer ${TEST_KEY}`, 'hx-request': 'true' })
    expect(sheet.html).toStartWith('<dialog')
    expect(sheet.html).not.toContain('<html')
    expect((await open('/inputs/1/outputs/1/edit')).html).toContain('action="/api/inputs/1/outputs/1"')
  })

  test('the theme that the browser keeps is in the first byte', async () => {
    const { html } = await open('/', { authorization: `Bearer ${TEST_KEY}`, cookie: 'theme=dark' })
    expect(html).toContain('<html lang="en" data-theme="dark">')
    const other = await open('/', { authorization: `Bearer ${TEST_KEY}`, cookie: 'theme="><script>' })
    expect(other.html).toContain('<html lang="en">')
  })

  test('what is not there is a page too', async () => {
    for (const path of ['/inputs/999', '/inputs/x', '/inputs/1/outputs/999/edit', '/inputs/1e0', '/nowhere']) {
      const { status, html } = await open(path)
      expect(status).toBe(404)
      expect(html).toContain('<html')
    }
    expect((await open('/system?level=nonsense')).status).toBe(422)
  })

  test('twenty inputs weigh less than 60 kB', async () => {
    for (let n = 2; n <= 20; n++) {
      await weir.createInput({ name: `Camera ${n}`, kind: 'udp' })
      await weir.createOutput(n, { name: 'Rack', url: `udp://127.0.0.1:${29_000 + n}` })
    }
    const { html } = await open('/')
    expect(Bun.gzipSync(html).byteLength).toBeLessThan(60_000)
    expect(html.match(/class="card feed"/g)).toHaveLength(20)
  })
})
