import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { CheckResource } from '../../src/outputs/outputs.check.ts'
import type { OutputResource } from '../../src/outputs/outputs.schema.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'

const LINK = {
  rttMs: 21.44,
  latencyMs: 200,
  bandwidthKbps: 90_000,
  packetsLost: 4,
  packetsRetransmitted: 3,
  packetsDropped: 1,
  lossPercent: 0.123,
}

async function listener(app: ApiApp, body: Record<string, unknown> = {}) {
  const { id } = await app.input({ kind: 'test' })
  const output = await app.output(id, { protocol: 'srt_listener', ...body })
  return { input: id, output, path: `/api/inputs/${id}/outputs/${output.id}` }
}

describe('RTSP', () => {
  test('the address is taken apart, and the worker gets the parts', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const output = await app.output(id, {
      url: 'rtsps://me:pw%40rd@media.example/live/stage',
      options: { tls_verify: false },
    })
    expect(output).toMatchObject({
      protocol: 'rtsp',
      url: 'rtsps://media.example/live/stage',
      has_username: true,
      has_password: true,
      srt_port: null,
      listen_url: null,
      callers: null,
      options: { rtsp_transport: 'tcp', tls_verify: false, pkt_size: null, latency_ms: null, transparent: null },
    })
    expect(app.media.outputSpec(output.id).target).toEqual({
      protocol: 'rtsp',
      tls: true,
      tlsVerify: false,
      host: 'media.example',
      port: 322,
      path: 'live/stage',
      transport: 'tcp',
      username: 'me',
      password: 'pw@rd',
    })
    const path = `/api/inputs/${id}/outputs/${output.id}`
    const body = { url: 'rtsp://media.example:8554/live/stage', options: { rtsp_transport: 'udp', tls_verify: null } }
    const edited = await app.ok<OutputResource>('PATCH', path, body)
    expect(edited).toMatchObject({ url: 'rtsp://media.example:8554/live/stage', has_password: true })
    expect(app.media.outputSpec(output.id).target).toMatchObject({ tls: false, port: 8554, transport: 'udp' })
  })

  test('user and password are nowhere but in what the worker gets', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const secrets = ['sEcReT-user-1', 'sEcReT-pass-2']
    const [user, password] = secrets
    const url = `rtsp://${user}:${password}@media.example/live`
    const made = await app.call('POST', `/api/inputs/${id}/outputs`, { name: 'a', url })
    const one = (made.json as OutputResource).id
    const path = `/api/inputs/${id}/outputs/${one}`
    const answers = [
      made,
      await app.call('GET', path),
      await app.call('PATCH', path, { username: user, password }),
      await app.call('POST', `${path}/duplicate`),
      await app.call('POST', `${path}/check`),
      await app.call('POST', `/api/inputs/${id}/outputs/check`, { name: 'c', url }),
      await app.call('POST', `/api/inputs/${id}/outputs`, { name: 'c', url }),
      await app.call('POST', `/api/inputs/${id}/outputs`, { name: 'c', url: `rtsp://${user}:${password}@h:0/x` }),
      await app.call('POST', `/api/inputs/${id}/outputs`, { name: 'c', url: `rtsp://u:1/${password}@h/x` }),
      await app.call('GET', `/api/inputs/${id}/events`),
    ]
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 201, 200, 200, 409, 422, 422, 200])
    await app.db.client.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    const places = [
      ...answers.map(({ text }) => text),
      app.logLines.join('\n'),
      readFileSync(app.databaseFile, 'latin1'),
    ]
    for (const secret of secrets) for (const place of places) expect(place.includes(secret)).toBe(false)
    expect(app.media.outputSpec(one).target).toMatchObject({ username: user, password })
  })
})

describe('a listener', () => {
  test('is given the first free port, or the one it asks for, and is reached by the public name', async () => {
    await using app = await createApiApp({ publicUrl: 'https://weir.example.org' })
    const { output, input } = await listener(app)
    expect(output).toMatchObject({
      protocol: 'srt_listener',
      url: null,
      srt_port: 8900,
      listen_url: 'srt://weir.example.org:8900?mode=caller',
      callers: [],
      options: { latency_ms: 200, pkt_size: 1316 },
    })
    const wanted = await app.output(input, {
      protocol: 'srt_listener',
      srt_port: 12_345,
      passphrase: '0123456789',
      options: { stream_id: 'main', latency_ms: 400 },
    })
    expect(wanted.listen_url).toBe('srt://weir.example.org:12345?mode=caller')
    expect(app.media.outputSpec(wanted.id).target).toEqual({
      protocol: 'srt_listener',
      port: 12_345,
      latencyMs: 400,
      pktSize: 1316,
      passphrase: '0123456789',
      streamId: 'main',
    })
    expect((await app.output(input, { protocol: 'srt_listener' })).srt_port).toBe(8901)
  })

  test('without a public name is reached by the name that was asked for', async () => {
    await using app = await createApiApp()
    const { output, path } = await listener(app)
    expect(output.listen_url).toBe('srt://weir.example:8900?mode=caller')
    const events = await app.fetch('/api/events?topics=inputs')
    const reader = events.body?.getReader()
    let text = ''
    while (!text.includes('listen_url')) text += new TextDecoder().decode((await reader?.read())?.value)
    await reader?.cancel()
    expect(text).toContain('srt://weir.example:8900?mode=caller')
    expect((await app.ok<OutputResource>('GET', path)).listen_url).toBe(output.listen_url)
  })

  test('owns its port: no other output or input takes it, on or off, until it is gone', async () => {
    await using app = await createApiApp()
    const { output, input, path } = await listener(app, { srt_port: 9000, enabled: false })
    const second = { name: 'second', protocol: 'srt_listener', srt_port: 9000 }
    const taken = await app.problem('POST', `/api/inputs/${input}/outputs`, second)
    expect([taken.status, taken.code, taken.errors?.[0]?.path]).toEqual([409, 'output.port_taken', 'srt_port'])
    expect((await app.problem('POST', '/api/inputs', { name: 'udp', udp_port: 9000 })).status).toBe(409)
    const back = { name: 'back', url: 'srt://127.0.0.1:9000' }
    expect((await app.problem('POST', `/api/inputs/${input}/outputs`, back)).code).toBe('output.loop')
    const moved = await app.ok<OutputResource>('PATCH', path, { srt_port: 9001 })
    expect([moved.srt_port, moved.id]).toEqual([9001, output.id])
    await app.output(input, second)
    await app.ok('DELETE', path)
    expect((await app.output(input, { protocol: 'srt_listener', srt_port: 9001 })).srt_port).toBe(9001)
  })

  test('becomes a caller and a caller becomes a listener by an edit; the port goes and comes with it', async () => {
    await using app = await createApiApp()
    const { path, input } = await listener(app, { srt_port: 9000 })
    expect((await app.problem('PATCH', path, { protocol: 'srt_caller' })).errors?.[0]?.path).toBe('url')
    const caller = await app.ok<OutputResource>('PATCH', path, { url: 'srt://srt.example:9000' })
    expect(caller).toMatchObject({ protocol: 'srt_caller', srt_port: null, listen_url: null, callers: null })
    await app.output(input, { protocol: 'srt_listener', srt_port: 9000 })
    const again = await app.problem('PATCH', path, { protocol: 'srt_listener', srt_port: 9000 })
    expect(again.code).toBe('output.port_taken')
    const listening = await app.ok<OutputResource>('PATCH', path, { protocol: 'srt_listener' })
    expect(listening).toMatchObject({ protocol: 'srt_listener', url: null, srt_port: 8900 })
    expect((await app.ok<OutputResource>('PATCH', path, { url: null, name: 'Same' })).srt_port).toBe(8900)
  })

  test('a copy has a port of its own; without any left it is a conflict', async () => {
    await using app = await createApiApp({ srt: { start: 9500, end: 9501 } })
    const { path, input } = await listener(app, { passphrase: '0123456789' })
    const copy = await app.ok<OutputResource>('POST', `${path}/duplicate`)
    expect(copy).toMatchObject({ srt_port: 9501, enabled: false, has_passphrase: true })
    const none = await app.problem('POST', `/api/inputs/${input}/outputs`, { name: 'x', protocol: 'srt_listener' })
    expect([none.status, none.code]).toEqual([409, 'output.no_port'])
  })

  test('its callers with their figures; one is disconnected', async () => {
    await using app = await createApiApp()
    const { input, output, path } = await listener(app)
    const at = 1_700_000_000_000
    const callers = [
      { id: 1, address: '203.0.113.9:40000', streamId: 'hall', since: at },
      { id: 2, address: '203.0.113.9:40001', streamId: '', since: at + 1 },
    ]
    app.media.output(output.id, { status: 'running', processId: 42, callers })
    const figures = {
      id: output.id,
      inputId: input,
      bitrateKbps: 5000,
      fps: null,
      bytesTotal: 9,
      uptimeSeconds: 1,
      speed: null,
      dropFrames: null,
      skips: 0,
      cpuPercent: null,
      memoryBytes: null,
      callers: [{ id: 1, bitrateKbps: 2500.06, link: LINK }],
    }
    const now = Date.now()
    app.media.emit({ name: 'figures', at: now, data: { at: now, loopLagMs: 1, inputs: [], outputs: [figures] } })
    const shown = await app.ok<OutputResource>('GET', path)
    expect(shown.callers).toEqual([
      {
        id: 1,
        address: '203.0.113.9:40000',
        stream_id: 'hall',
        connected_at: '2023-11-14T22:13:20.000Z',
        bitrate_kbps: 2500.1,
        rtt_ms: 21.4,
        loss_percent: 0.12,
        packets_retransmitted: 3,
        packets_dropped: 1,
      },
      expect.objectContaining({ id: 2, bitrate_kbps: null, rtt_ms: null, packets_dropped: null }),
    ])
    // Without a caller it waits, but its child runs and costs what it costs.
    app.media.output(output.id, { status: 'waiting' })
    app.media.emit({
      name: 'figures',
      at: now,
      data: { at: now, loopLagMs: 1, inputs: [], outputs: [{ ...figures, cpuPercent: 0.3 }] },
    })
    expect((await app.ok<OutputResource>('GET', path)).stats.cpu_percent).toBe(0.3)
    app.media.output(output.id, { status: 'running' })
    expect((await app.problem('DELETE', `${path}/callers/3`)).code).toBe('output.caller_not_found')
    expect(app.media.kicks).toEqual([])
    expect((await app.call('DELETE', `${path}/callers/1`)).status).toBe(204)
    expect(app.media.kicks).toEqual([{ outputId: output.id, callerId: 1 }])
    expect((await app.ok<OutputResource>('GET', path)).callers?.map(({ id }) => id)).toEqual([2])
    const events = await app.ok<{ items: { type: string; message: string }[] }>('GET', `/api/inputs/${input}/events`)
    expect(events.items.find(({ type }) => type === 'output.caller_ended')?.message).toContain('203.0.113.9:40000')
  })
})

describe('engine, picture and sound', () => {
  test('are what the worker gets; rules hold for what an edit leads to', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const url = 'udp://10.0.0.1:5000'
    const output = await app.output(id, { url, engine: 'direct', options: { transparent: true } })
    expect(output).toMatchObject({ engine: 'direct', options: { transparent: true, video: 'copy', audio: 'auto' } })
    expect(app.media.outputSpec(output.id)).toMatchObject({ engine: 'direct', transparent: true })
    const path = `/api/inputs/${id}/outputs/${output.id}`
    expect((await app.problem('PATCH', path, { options: { video: '480p' } })).errors?.[0]?.path).toBe('engine')
    const made = await app.ok<OutputResource>('PATCH', path, {
      engine: 'ffmpeg',
      options: { video: '480p', audio: 'aac' },
    })
    expect(made).toMatchObject({ engine: 'ffmpeg', options: { transparent: null, video: '480p', audio: 'aac' } })
    expect(app.media.outputSpec(output.id)).toMatchObject({
      engine: 'ffmpeg',
      transparent: false,
      video: '480p',
      audio: 'aac',
    })
    const back = { engine: 'direct', options: { video: null, audio: null } }
    expect((await app.ok<OutputResource>('PATCH', path, back)).engine).toBe('direct')
    // Another kind of destination knows no direct sending; nobody has to say so.
    expect((await app.ok<OutputResource>('PATCH', path, { url: 'rtmp://h/app' })).engine).toBe('ffmpeg')
  })
})

/** One second of a feed, as its worker reports it. */
function measured(app: ApiApp, { id, at, bitrateKbps }: { id: number; at: number; bitrateKbps: number }): void {
  const input = {
    ...{ id, bitrateKbps, bytesTotal: 1, continuityErrors: 0, continuityErrorsHour: 0, lastPacketAt: at },
    ...{ keyframeSeconds: 2, link: null, switches: 0, filledSeconds: 0 },
  }
  app.media.emit({ name: 'figures', at, data: { at, loopLagMs: 1, inputs: [input], outputs: [] } })
}

describe('a check', () => {
  const FEED = {
    video: { codec: 'h264', profile: 'High', width: 1920, height: 1080, fps: 50 },
    audio: { codec: 'aac', sampleRate: 48_000, channels: 2, objectType: 2 },
    bitrateKbps: 9000,
    keyframeSeconds: 2,
  }

  test('of an output asks its worker with its secrets, and tells verdict and words', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const output = await app.output(id, { url: 'rtmp://live.twitch.tv/app', stream_key: 'k' })
    app.media.found({
      resolved: { ok: true, words: 'live.twitch.tv is 192.0.2.1.' },
      reached: { ok: true, words: 'It answers at port 1935.', ms: 20.4 },
      feed: FEED,
    })
    const early = await app.ok<CheckResource>('POST', `/api/inputs/${id}/outputs/${output.id}/check`)
    expect(early.checks.find(({ code }) => code === 'bitrate')?.status).toBe('skipped')
    const now = Date.now()
    for (let second = 20; second > 0; second--) measured(app, { id, at: now - second * 1000, bitrateKbps: 9000 })
    const check = await app.ok<CheckResource>('POST', `/api/inputs/${id}/outputs/${output.id}/check`)
    expect(check.verdict).toBe('warning')
    expect(check.checks.map(({ code, status }) => [code, status])).toEqual([
      ['name', 'ok'],
      ['reach', 'ok'],
      ['tls', 'skipped'],
      ['video_codec', 'ok'],
      ['audio_codec', 'ok'],
      ['bitrate', 'warning'],
      ['keyframes', 'ok'],
      ['upload', 'ok'],
    ])
    expect(app.media.preflights.at(-1)).toEqual(app.media.outputSpec(output.id))
  })

  test('of one that is not there yet stores nothing; a refused body is refused as when it is created', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const path = `/api/inputs/${id}/outputs/check`
    app.media.found({ resolved: { ok: false, words: 'No such name: live.example.' } })
    const check = await app.ok<CheckResource>('POST', path, { name: 'x', url: 'rtmp://u:p@live.example/app/key' })
    expect(check.verdict).toBe('problem')
    expect(app.media.preflights.at(-1)?.target).toMatchObject({ streamKey: 'key', username: 'u', password: 'p' })
    expect((await app.problem('POST', path, { name: 'x', url: 'ftp://h' })).status).toBe(422)
    expect((await app.problem('POST', path, { name: 'x', url: 'rtmp://127.0.0.1:8080/a' })).code).toBe('output.loop')
    expect(await app.ok<unknown>('GET', `/api/inputs/${id}/outputs`)).toEqual([])
  })

  test('without a worker is 503, of an output that is not there 404', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const output = await app.output(id, { url: 'udp://10.0.0.1:5000' })
    expect((await app.problem('POST', `/api/inputs/${id}/outputs/99/check`)).code).toBe('output.not_found')
    app.media.crash(false)
    const problem = await app.problem('POST', `/api/inputs/${id}/outputs/${output.id}/check`)
    expect([problem.status, problem.code]).toEqual([503, 'media.unavailable'])
  })
})

describe('where only public peers are wanted', () => {
  test('private addresses and names are refused, for outputs and inputs, at create, at an edit and at a check', async () => {
    await using app = await createApiApp({ denyPrivate: true })
    const { id } = await app.input()
    const path = `/api/inputs/${id}/outputs`
    for (const url of [
      'udp://10.0.0.1:5000',
      'srt://[fd00::1]:9000',
      'rtmp://localhost:1999/a',
      'rtsp://nas.local/x',
      'udp://239.1.1.1:5000',
      'rtmp://nobody.invalid/app',
    ]) {
      const problem = await app.problem('POST', path, { name: 'x', url })
      expect([url, problem.status, problem.errors?.[0]?.path]).toEqual([url, 422, 'url'])
      expect((await app.problem('POST', `${path}/check`, { name: 'x', url })).status).toBe(422)
    }
    const output = await app.output(id, { url: 'udp://9.9.9.9:5000' })
    expect((await app.problem('PATCH', `${path}/${output.id}`, { url: 'udp://10.0.0.1:5000' })).status).toBe(422)
    const pulled = await app.problem('POST', '/api/inputs', {
      name: 'y',
      kind: 'rtsp',
      url: 'rtsp://192.168.1.20/stream1',
    })
    expect([pulled.status, pulled.errors?.[0]?.path]).toEqual([422, 'url'])
    // What calls Weir is no target.
    expect((await app.output(id, { protocol: 'srt_listener' })).srt_port).toBe(8900)
  })
})

test('a stream ID, and who said one, is for the eyes of those who may operate', async () => {
  await using app = await createApiApp()
  const { path, output } = await listener(app, { options: { stream_id: 'hall-secret' } })
  const callers = [{ id: 1, address: '203.0.113.9:40000', streamId: 'hall-secret', since: 0 }]
  app.media.output(output.id, { status: 'running', callers })
  const { key } = await app.ok<{ key: string }>('POST', '/api/keys', { name: 'wall', scopes: ['read'] })
  const answers = [path, `/api/inputs/${output.input_id}/outputs`].map(async (url) => {
    const answer = await app.fetch(url, { headers: { 'x-api-key': key } })
    return [answer.status, await answer.text()] as const
  })
  for (const [status, text] of await Promise.all(answers)) {
    expect(status).toBe(200)
    expect(text).toContain('203.0.113.9:40000')
    expect(text).not.toContain('hall-secret')
  }
  expect((await app.ok<OutputResource>('GET', path)).options.stream_id).toBe('hall-secret')
})
