import type { OutputResource } from '../../src/outputs/outputs.schema.ts'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type ApiApp, createApiApp } from '../support/api-app.ts'

const KEY = 'hush-stream-key-1234'
let app: ApiApp

beforeAll(async () => {
  app = await createApiApp()
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
})

type Fields = Record<string, string> | [string, string][]

/** A form as a browser sends it; `inPlace` as HTMX does. */
async function send(method: string, path: string, fields: Fields, inPlace: boolean) {
  const headers: Record<string, string> = {
    accept: 'text/html',
    'content-type': 'application/x-www-form-urlencoded',
    ...(inPlace && { 'hx-request': 'true' }),
  }
  const response = await app.fetch(path, { method, headers, body: String(new URLSearchParams(fields)) })
  return { status: response.status, headers: response.headers, html: await response.text() }
}
const plain = (path: string, fields: Fields = {}) => send('POST', path, fields, false)
const html = async (path: string) => {
  const response = await app.fetch(path, { headers: { accept: 'text/html' } })
  return { status: response.status, html: await response.text() }
}

describe('a plain form, without JavaScript', () => {
  test('creates an input and goes to its page', async () => {
    const fields = {
      name: 'Plain camera',
      kind: 'udp',
      udp_port: '',
      bind_address: '',
      allow_from: '10.0.0.1\r\n10.1.0.0/16',
    }
    const answer = await plain('/api/inputs', { ...fields, program: '', loss_ms: '', enabled: 'true' })
    expect(answer.status).toBe(303)
    const id = Number(/^\/inputs\/(\d+)$/.exec(answer.headers.get('location') ?? '')?.[1])
    const input = await app.ok<{ name: string; allow_from: string[]; enabled: boolean; loss_ms: number }>(
      'GET',
      `/api/inputs/${id}`,
    )
    expect(input).toMatchObject({ name: 'Plain camera', enabled: true, loss_ms: 1000 })
    expect(input.allow_from).toEqual(['10.0.0.1', '10.1.0.0/16'])
  })

  test('a box that is not ticked means no', async () => {
    const answer = await plain('/api/inputs', { name: 'Off', enabled: 'false' })
    const id = answer.headers.get('location')?.split('/').at(-1)
    expect(await app.ok('GET', `/api/inputs/${id}`)).toMatchObject({ enabled: false, status: 'stopped' })
  })

  test('refused, it comes back with the words at the field and what was typed', async () => {
    const answer = await plain('/api/inputs', { name: '', kind: 'udp', udp_port: '99999', allow_from: 'nonsense' })
    expect(answer.status).toBe(422)
    expect(answer.html).toContain('id="input-form"')
    for (const name of ['name', 'udp_port', 'allow_from'])
      expect(answer.html).toMatch(new RegExp(`name="${name}"[^>]*aria-invalid="true"`))
    expect(answer.html).toContain('value="99999"')
    expect(answer.html).toContain('>nonsense</textarea>')
    expect(answer.html).toContain('3 fields need a look')
    expect(answer.html).not.toContain('hx-post="/api/inputs"')
  })

  test('a refused input keeps its kind and what was typed, but never a secret', async () => {
    const typed = { kind: 'rtsp', url: 'rtsp://admin:hush-hush@cam.example.org/ch1', password: 'hush-hush' }
    const camera = await app.input({ kind: 'rtsp', url: 'rtsp://cam.example.org/' })
    for (const path of ['/api/inputs', `/api/inputs/${camera.id}`]) {
      const answer = await plain(path, { ...typed, name: '', udp_port: 'of another kind' })
      expect(answer.status).toBe(422)
      expect(answer.html).not.toContain('hush')
      expect(answer.html).toContain('value="rtsp://cam.example.org/ch1"')
      expect(answer.html).toContain('enter that again')
      expect(answer.html).toContain('2 fields need a look')
      expect(answer.html).toMatch(/value="rtsp" checked/)
    }
  })

  test('edits by POST, starts and stops, and comes back to the page', async () => {
    const input = await app.input({ name: 'To edit' })
    const edited = await plain(`/api/inputs/${input.id}`, {
      name: 'Edited',
      kind: 'udp',
      udp_port: String(input.udp_port),
    })
    expect([edited.status, edited.headers.get('location')]).toEqual([303, `/inputs/${input.id}`])
    expect(await app.ok('GET', `/api/inputs/${input.id}`)).toMatchObject({ name: 'Edited', udp_port: input.udp_port })
    for (const act of ['stop', 'start', 'restart']) {
      const answer = await plain(`/api/inputs/${input.id}/${act}`)
      expect([answer.status, answer.headers.get('location')]).toEqual([303, `/inputs/${input.id}`])
    }
  })

  test('creates an output of a preset, its key unseen, and comes back to the input', async () => {
    const input = await app.input()
    const fields: [string, string][] = [
      ['preset', 'twitch'],
      ['name', 'Twitch'],
      ['url', 'rtmp://live.twitch.tv/app'],
      ['stream_key', KEY],
      ['username', ''],
      ['password', ''],
      ['options.video', 'copy'],
      ['options.audio', 'auto'],
      ['options.tls_verify', ''],
      ['auto_reconnect', 'false'],
      ['auto_reconnect', 'true'],
      ['reconnect_delay', '2.5'],
      ['max_reconnect_delay', ''],
      ['max_reconnect_attempts', '10'],
      ['stall_timeout', ''],
      ['enabled', 'false'],
    ]
    const answer = await plain(`/api/inputs/${input.id}/outputs`, fields)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/inputs/${input.id}`])
    const [output] = await app.ok<Record<string, unknown>[]>('GET', `/api/inputs/${input.id}/outputs`)
    expect(output).toMatchObject({
      name: 'Twitch',
      has_stream_key: true,
      has_username: false,
      auto_reconnect: true,
      reconnect_delay: 2.5,
      max_reconnect_attempts: 10,
      stall_timeout: 10,
      enabled: false,
    })
  })

  test('a refused output keeps its kind and what was typed, but never a secret', async () => {
    const input = await app.input()
    const fields = {
      preset: 'srt',
      name: 'Studio',
      url: 'srt://studio.example:9000',
      'options.latency_ms': '5',
      passphrase: KEY,
    }
    const answer = await plain(`/api/inputs/${input.id}/outputs`, fields)
    expect(answer.status).toBe(422)
    expect(answer.html).toMatch(/value="srt" checked/)
    expect(answer.html).toContain('value="srt://studio.example:9000"')
    expect(answer.html).toMatch(/name="options.latency_ms"[^>]*aria-invalid="true"/)
    expect(answer.html).not.toContain(KEY)
    const inAddress = await plain(`/api/inputs/${input.id}/outputs`, { name: '', url: `rtmp://a.example/app/${KEY}` })
    expect(inAddress.status).toBe(422)
    expect(inAddress.html).not.toContain(KEY)
    expect(inAddress.html).toContain('value="rtmp://a.example/app"')
    expect(inAddress.html).toContain('was taken out')
  })

  test('another preset than the one whose fields were shown: its form, and nothing is created', async () => {
    const input = await app.input()
    const path = `/api/inputs/${input.id}/outputs`
    const youtube = 'rtmps://a.rtmps.youtube.com:443/live2'
    const fields = { preset: 'twitch', fields_of: 'youtube', name: 'Mine', url: youtube, stream_key: KEY }
    const answer = await plain(path, fields)
    expect(answer.status).toBe(422)
    expect(answer.html).toMatch(/value="twitch" checked/)
    expect(answer.html).toContain('name="fields_of" value="twitch"')
    expect(answer.html).toContain('value="Mine"')
    expect(answer.html).toContain('value="rtmp://live.twitch.tv/app"')
    expect(answer.html).toContain('These are now the fields of Twitch.')
    expect(answer.html).not.toContain(KEY)
    expect(await app.ok<unknown[]>('GET', path)).toEqual([])
  })

  test('a listener, which has no address: its form says its protocol, empty port takes the next free one', async () => {
    const input = await app.input()
    const path = `/api/inputs/${input.id}/outputs`
    const page = await app.call('GET', `/inputs/${input.id}/outputs/new?preset=srt_listener`)
    expect(page.text).toContain('<input type="hidden" name="protocol" value="srt_listener"/>')
    const fields = { preset: 'srt_listener', fields_of: 'srt_listener', protocol: 'srt_listener', name: 'Hall' }
    const more = { srt_port: '', passphrase: '', 'options.latency_ms': '', 'options.stream_id': '', enabled: 'false' }
    expect((await plain(path, { ...fields, ...more })).status).toBe(303)
    const [made] = await app.ok<OutputResource[]>('GET', path)
    expect(made).toMatchObject({ protocol: 'srt_listener', url: null, has_passphrase: false })
    const edit = { protocol: 'srt_listener', name: 'Hall 2', srt_port: '9123', passphrase: '0123456789' }
    expect((await plain(`${path}/${made?.id}`, edit)).status).toBe(303)
    const [edited] = await app.ok<OutputResource[]>('GET', path)
    expect(edited).toMatchObject({ name: 'Hall 2', srt_port: 9123, has_passphrase: true })
  })

  test('a suggested name is none that is taken', async () => {
    const input = await app.input()
    await app.output(input.id, { name: 'youtube', url: 'udp://192.0.2.14:5000', enabled: false })
    const path = `/api/inputs/${input.id}/outputs`
    const answer = await plain(path, { preset: 'youtube', fields_of: 'twitch', name: 'Twitch', url: '' })
    expect(answer.html).toContain('value="YouTube 2"')
  })

  test('a platform is given its key, by form; at the end of the address is enough', async () => {
    const input = await app.input()
    const path = `/api/inputs/${input.id}/outputs`
    const url = 'rtmps://a.rtmps.youtube.com:443/live2'
    const fields = { preset: 'youtube', fields_of: 'youtube', name: 'Tube', url, stream_key: '', enabled: 'false' }
    const answer = await plain(path, fields)
    expect(answer.status).toBe(422)
    expect(answer.html).toMatch(/name="stream_key"[^>]*aria-invalid="true"/)
    expect(answer.html).toContain('Paste the stream key: YouTube Studio')
    expect(answer.html).toContain(`value="${url}"`)
    expect((await plain(path, { ...fields, url: `${url}/${KEY}` })).status).toBe(303)
    expect(await app.ok('GET', path)).toMatchObject([{ name: 'Tube', has_stream_key: true }])
  })

  test('the address of a web page stays to be seen, and is called what it is', async () => {
    const input = await app.input()
    const fields = { preset: 'rtmp', fields_of: 'rtmp', name: 'Page', url: 'https://www.youtube.com/watch?v=abc' }
    const answer = await plain(`/api/inputs/${input.id}/outputs`, fields)
    expect(answer.status).toBe(422)
    expect(answer.html).toContain('value="https://www.youtube.com/watch"')
    expect(answer.html).toContain('the address of a web page')
  })
})

describe('the same in place, by HTMX', () => {
  test('a new input leads to its page, which says where to send', async () => {
    const answer = await send('POST', '/api/inputs', { name: 'In place' }, true)
    expect(answer.status).toBe(201)
    expect(answer.headers.get('hx-redirect')).toMatch(/^\/inputs\/\d+$/)
  })

  test('a new output answers its item, which no page puts anywhere by itself, and a toast', async () => {
    const input = await app.input()
    const fields = { preset: 'udp', name: 'Grün', url: 'udp://192.0.2.9:5000', enabled: 'true' }
    const answer = await send('POST', `/api/inputs/${input.id}/outputs`, fields, true)
    expect(answer.status).toBe(201)
    expect(answer.html).toStartWith('<li class="output" id="output-')
    expect(JSON.parse(answer.headers.get('hx-trigger') ?? '')).toMatchObject({ toast: { text: 'Grün was added' } })
  })

  test('a conflict stands at its field, in a form that is sent in place again', async () => {
    const input = await app.input({ name: 'Taken name' })
    const answer = await send('PATCH', `/api/inputs/${(await app.input()).id}`, { name: 'taken NAME' }, true)
    expect(answer.status).toBe(409)
    expect(answer.html).toMatch(/name="name"[^>]*aria-invalid="true"/)
    expect(answer.html).toContain('value="taken NAME"')
    expect(answer.html).toContain('hx-patch=')
    expect(input.name).toBe('Taken name')
  })

  test('an edited output answers its line; an empty key is kept, a ticked box removes it', async () => {
    const input = await app.input()
    const output = await app.output(input.id, { url: 'rtmp://media.example/app', stream_key: KEY, enabled: false })
    const path = `/api/inputs/${input.id}/outputs/${output.id}`
    const kept = await send('PATCH', path, { name: 'Kept', url: output.url ?? '', stream_key: '' }, true)
    expect(kept.status).toBe(200)
    expect(kept.html).toContain(`id="output-${output.id}"`)
    expect(kept.html).toContain('rtmp://media.example/app/••••')
    expect(await app.ok('GET', path)).toMatchObject({ name: 'Kept', has_stream_key: true })
    await send('PATCH', path, { stream_key: '', remove: 'stream_key' }, true)
    expect(await app.ok('GET', path)).toMatchObject({ has_stream_key: false })
  })

  test.each(['start', 'restart', 'stop'])('%s of an output answers its line as it now stands', async (act) => {
    const input = await app.input()
    const output = await app.output(input.id, { url: `udp://192.0.2.10:${5000 + input.id}`, enabled: act !== 'start' })
    const answer = await send('POST', `/api/inputs/${input.id}/outputs/${output.id}/${act}`, {}, true)
    expect(answer.status).toBe(202)
    expect(answer.html).toStartWith(`<div class="output-line" id="output-${output.id}"`)
  })

  test('a copy is a new item, stopped', async () => {
    const input = await app.input()
    const output = await app.output(input.id, { name: 'One', url: 'udp://192.0.2.11:5000' })
    const answer = await send('POST', `/api/inputs/${input.id}/outputs/${output.id}/duplicate`, {}, true)
    expect(answer.status).toBe(201)
    expect(answer.html).toContain('One copy')
    expect(answer.html).toContain('data-state="stopped"')
  })

  test('what is deleted leaves nothing in its place; a deleted input leads away', async () => {
    const input = await app.input()
    const output = await app.output(input.id, { url: 'udp://192.0.2.12:5000' })
    const gone = await send('DELETE', `/api/inputs/${input.id}/outputs/${output.id}`, {}, true)
    expect([gone.status, gone.html]).toEqual([200, ''])
    expect(JSON.parse(gone.headers.get('hx-trigger') ?? '')).toMatchObject({
      toast: { text: `${output.name} was deleted` },
    })
    const away = await send('DELETE', `/api/inputs/${input.id}`, {}, true)
    expect(away.headers.get('hx-redirect')).toBe('/')
    expect((await app.call('GET', `/api/inputs/${input.id}`)).status).toBe(404)
  })
})

describe('every GET as the fragment of a page', () => {
  test('cards, lines, history, log, rate and probe', async () => {
    const input = await app.input({ name: '<b>Bold</b>' })
    const output = await app.output(input.id, { url: 'udp://192.0.2.13:5000' })
    const path = `/api/inputs/${input.id}`
    const parts: [string, string][] = [
      ['/api/inputs', `<article class="card feed" id="input-${input.id}"`],
      [path, `<article class="card feed" id="input-${input.id}"`],
      [`${path}/outputs`, `<li class="output" id="output-${output.id}-item"`],
      [`${path}/outputs/${output.id}`, `<div class="output-line" id="output-${output.id}"`],
      [`${path}/outputs/${output.id}/logs`, `id="output-${output.id}-log"`],
      [`${path}/logs`, `id="input-${input.id}-log"`],
      [`${path}/events`, `id="input-${input.id}-events"`],
      [`${path}/history`, `id="input-${input.id}-rate"`],
      [`${path}/probe`, `id="input-${input.id}-probe"`],
    ]
    for (const [url, expected] of parts) {
      const answer = await html(url)
      expect(answer.status).toBe(200)
      expect(answer.html).toContain(expected)
      expect(answer.html).not.toContain('<b>Bold')
    }
  })

  test('a further page of the history is lines alone', async () => {
    const input = await app.input()
    for (const name of ['A', 'B', 'C'])
      await app.call('PATCH', `/api/inputs/${input.id}`, { name: `${name} ${input.id}` })
    const first = await html(`/api/inputs/${input.id}/events?limit=2`)
    const next = /hx-get="([^"]*)"/.exec(first.html)?.[1]?.replace('&amp;', '&') ?? ''
    const second = await html(next)
    expect(first.html).toContain('<ol class="events')
    expect(second.html).toStartWith('<li id="event-')
  })
})
