import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { InputResource } from '../../src/inputs/inputs.schema.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'

const KEY = /^[0-9a-hjkmnp-tv-z]{26}$/
const PASSPHRASE = 'correct horse battery'
const source = (app: ApiApp, index = 0) => app.media.wanted()[index]?.source

test('every line of docs/inputs.md is taken', async () => {
  const text = await Bun.file(join(import.meta.dir, '../../docs/inputs.md')).text()
  const bodies = [...text.matchAll(/^api \$WEIR\/api\/inputs -d '(.+)'$/gm)].map(([, body]) => JSON.parse(body ?? ''))
  expect(bodies.length).toBeGreaterThanOrEqual(7)
  await using app = await createApiApp()
  for (const body of bodies)
    expect([body.name, (await app.call('POST', '/api/inputs', body)).status]).toEqual([body.name, 201])
  expect((await app.call('POST', '/api/inputs/1/publish-key')).status).toBe(202)
})

describe('publishers', () => {
  test('rtmp: a key is made, and where to send is told', async () => {
    await using app = await createApiApp({ publicUrl: 'https://live.example.org' })
    const input = await app.input({ kind: 'rtmp' })
    const key = input.publish_key ?? ''
    expect(key).toMatch(KEY)
    expect(input).toMatchObject({
      kind: 'rtmp',
      udp_port: null,
      srt_port: null,
      on_second_publisher: 'refuse',
      publish_server: 'rtmp://live.example.org:1935/live',
      publish_server_tls: null,
      publish_url: `rtmp://live.example.org:1935/live/${key}`,
    })
    expect(input.publish_example).toContain(` -f flv "rtmp://live.example.org:1935/live/${key}"`)
    expect(source(app)).toEqual({ kind: 'rtmp', app: 'live', streamKey: key, onSecondPublisher: 'refuse' })
    expect((await app.input({ kind: 'rtmp' })).publish_key).not.toBe(key)
    expect((await app.ok<InputResource>('GET', '/api/inputs/1')).publish_key).toBe(key)
  })

  test('rtmp over TLS where there is a certificate; none at all where RTMP_PORT is 0', async () => {
    await using tls = await createApiApp({ door: { port: 1935, tlsPort: 1936 } })
    expect((await tls.input({ kind: 'rtmp' })).publish_server_tls).toBe('rtmps://weir.example:1936/live')
    await using none = await createApiApp({ door: { port: 0, tlsPort: null } })
    const problem = await none.problem('POST', '/api/inputs', { name: 'x', kind: 'rtmp' })
    expect([problem.status, problem.errors?.[0]?.path]).toEqual([422, 'kind'])
  })

  test('srt_listener: a port of its range, a key as stream id, a passphrase that never comes back', async () => {
    await using app = await createApiApp({ srt: { start: 8900, end: 8901 } })
    const input = await app.input({ kind: 'srt_listener', passphrase: PASSPHRASE, allow_from: ['10.0.0.0/8'] })
    const key = input.publish_key ?? ''
    expect(key).toMatch(KEY)
    expect(input).toMatchObject({
      srt_port: 8900,
      latency_ms: 200,
      has_passphrase: true,
      publish_server: 'srt://weir.example:8900',
      publish_url: `srt://weir.example:8900?streamid=${key}&latency=200000`,
    })
    expect(JSON.stringify(input)).not.toContain(PASSPHRASE)
    expect(source(app)).toEqual({
      kind: 'srt_listener',
      port: 8900,
      bindAddress: '0.0.0.0',
      allowFrom: ['10.0.0.0/8'],
      latencyMs: 200,
      passphrase: PASSPHRASE,
      streamId: key,
      onSecondPublisher: 'refuse',
    })
    const edited = await app.ok<InputResource>('PATCH', '/api/inputs/1', { latency_ms: 500, passphrase: null })
    expect(edited).toMatchObject({ latency_ms: 500, has_passphrase: false, publish_key: key })
    expect(edited.publish_url).toEndWith('&latency=500000')
    expect((await app.input({ kind: 'srt_listener' })).srt_port).toBe(8901)
    const full = await app.problem('POST', '/api/inputs', { name: 'x', kind: 'srt_listener' })
    expect([full.status, full.code]).toEqual([409, 'input.no_port'])
  })

  test('a new key: 202, the old one is gone, the worker hears of it, the history says who', async () => {
    await using app = await createApiApp()
    const { publish_key: old } = await app.input({ kind: 'rtmp' })
    const answer = await app.call('POST', '/api/inputs/1/publish-key')
    const { publish_key: key } = answer.json as InputResource
    expect(answer.status).toBe(202)
    expect(key).toMatch(KEY)
    expect(key).not.toBe(old)
    expect(source(app)).toMatchObject({ streamKey: key })
    const events = await app.call('GET', '/api/inputs/1/events?type=input.key_renewed')
    expect((events.json as { items: unknown[] }).items).toMatchObject([{ type: 'input.key_renewed' }])
    expect(events.text).not.toContain(key ?? '')
    await app.input({ kind: 'udp' })
    const refused = await app.problem('POST', '/api/inputs/2/publish-key')
    expect([refused.status, refused.code]).toEqual([409, 'input.no_publish_key'])
    expect((await app.call('POST', '/api/inputs/9/publish-key')).status).toBe(404)
  })

  test('another kind: the key stays between kinds that have one, and goes with it else', async () => {
    await using app = await createApiApp()
    const { publish_key: key } = await app.input({ kind: 'rtmp' })
    const path = '/api/inputs/1'
    expect(await app.ok('PATCH', path, { kind: 'srt_listener' })).toMatchObject({ publish_key: key, srt_port: 8900 })
    expect(await app.ok('PATCH', path, { kind: 'udp' })).toMatchObject({ publish_key: null, srt_port: null })
    const back = await app.ok<InputResource>('PATCH', path, { kind: 'rtmp' })
    expect(back).toMatchObject({ udp_port: null, publish_key: expect.stringMatching(KEY) })
    expect(back.publish_key).not.toBe(key)
    const { rows } = await app.db.client.execute('select count(*) as n from listeners')
    expect(rows[0]?.['n']).toBe(0)
  })

  test('with another SECRET_KEY it is in error until there is a new key', async () => {
    let databaseFile: string
    {
      await using app = await createApiApp()
      databaseFile = app.databaseFile
      await app.input({ kind: 'rtmp' })
      await app.output(1, { url: 'udp://10.1.1.1:5000' })
    }
    await using app = await createApiApp({ databaseFile, secretByte: 2 })
    const broken = await app.ok<InputResource>('GET', '/api/inputs/1')
    expect(broken).toMatchObject({ status: 'error', publish_key: null, publish_url: null })
    expect(broken.last_error).toContain('SECRET_KEY')
    expect(await app.ok('GET', '/api/inputs/1/outputs/1')).toMatchObject({ status: 'waiting' })
    expect(app.media.wanted()).toEqual([])
    expect(await app.ok('POST', '/api/inputs/1/publish-key')).toMatchObject({
      status: 'inactive',
      last_error: null,
      publish_key: expect.stringMatching(KEY),
    })
    expect(app.media.wanted()).toMatchObject([{ id: 1, outputs: [{ id: 1 }] }])
  })
})

describe('feeds that Weir fetches', () => {
  test('srt_caller: secrets leave the address and never come back', async () => {
    await using app = await createApiApp()
    const url = `srt://Studio.example.org:9000?latency=400&passphrase=${encodeURIComponent(PASSPHRASE)}&streamid=s3cret`
    const answer = await app.call('POST', '/api/inputs', { name: 'x', kind: 'srt_caller', url })
    expect(answer.json as InputResource).toMatchObject({
      url: 'srt://studio.example.org:9000',
      latency_ms: 400,
      has_passphrase: true,
      has_stream_id: true,
      publish_url: null,
      publish_key: null,
    })
    expect(answer.text).not.toMatch(/correct|s3cret/)
    expect(source(app)).toEqual({
      kind: 'srt_caller',
      host: 'studio.example.org',
      port: 9000,
      latencyMs: 400,
      passphrase: PASSPHRASE,
      streamId: 's3cret',
    })
  })

  test('rtsp: user and password apart; an address that comes back keeps them', async () => {
    await using app = await createApiApp()
    const answer = await app.call('POST', '/api/inputs', {
      name: 'x',
      kind: 'rtsp',
      url: 'rtsp://admin:s3cret@cam.example.org/ch1?sub=0',
    })
    expect(answer.text).not.toContain('s3cret')
    const wanted = {
      kind: 'rtsp',
      tls: false,
      host: 'cam.example.org',
      port: 554,
      path: 'ch1?sub=0',
      transport: 'tcp',
      username: 'admin',
      password: 's3cret',
    }
    expect(source(app)).toEqual(wanted as never)
    const { url } = answer.json as InputResource
    expect(url).toBe('rtsp://cam.example.org/ch1?sub=0')
    const edited = await app.ok('PATCH', '/api/inputs/1', { url, rtsp_transport: 'udp' })
    expect(edited).toMatchObject({ has_username: true, has_password: true, rtsp_transport: 'udp' })
    expect(source(app)).toEqual({ ...wanted, transport: 'udp' } as never)
    expect(await app.ok('PATCH', '/api/inputs/1', { username: null, password: null })).toMatchObject({
      has_username: false,
      has_password: false,
    })
  })

  test('hls', async () => {
    await using app = await createApiApp()
    const input = await app.input({
      kind: 'hls',
      url: 'https://cdn.example.org/i.m3u8?t=1',
      username: 'u',
      password: 'p',
    })
    expect(input).toMatchObject({ url: 'https://cdn.example.org/i.m3u8?t=1', has_password: true })
    expect(source(app)).toMatchObject({ url: 'https://cdn.example.org/i.m3u8?t=1', username: 'u', password: 'p' })
  })

  test.each([
    [{ kind: 'rtsp', url: 'rtsp://169.254.169.254/' }, 'url', 'invalid'],
    [{ kind: 'hls', url: 'http://metadata.google.internal/x' }, 'url', 'invalid'],
    [{ kind: 'hls', url: 'file:///etc/passwd' }, 'url', 'invalid'],
    [{ kind: 'hls', url: 'http://127.0.0.1:8080/x.m3u8' }, 'url', 'input.loop'],
    [{ kind: 'rtsp', url: 'rtsp://localhost:1935/x' }, 'url', 'input.loop'],
    [{ kind: 'srt_caller', url: 'srt://127.0.0.1:8900' }, 'url', 'input.loop'],
    [{ kind: 'srt_caller', url: 'srt://0.0.0.0:5000' }, 'url', 'input.loop'],
    [{ kind: 'srt_caller', url: 'srt://h:9000?pkt_size=1' }, 'url', 'invalid'],
    [{ kind: 'srt_caller' }, 'url', 'invalid'],
    [{ kind: 'srt_listener', latency_ms: 19 }, 'latency_ms', 'invalid'],
    [{ kind: 'srt_listener', latency_ms: 8001 }, 'latency_ms', 'invalid'],
    [{ kind: 'srt_listener', passphrase: 'short' }, 'passphrase', 'invalid'],
    [{ kind: 'srt_listener', on_second_publisher: 'both' }, 'on_second_publisher', 'invalid'],
    [{ kind: 'rtsp', url: 'rtsp://h/', rtsp_transport: 'http' }, 'rtsp_transport', 'invalid'],
    [{ kind: 'rtsp', url: 'rtsp://h/', username: 'a\nb' }, 'username', 'invalid'],
    [{ kind: 'rtsp', url: 'rtsp://h/', username: 'x'.repeat(513) }, 'username', 'invalid'],
    [{ kind: 'rtmp', publish_key: 'mine' }, 'publish_key', 'invalid'],
    [{ multicast_group: '10.0.0.1', udp_port: 5000 }, 'multicast_group', 'invalid'],
    [{ multicast_group: '239.0.0.1' }, 'udp_port', 'invalid'],
    [{ interface: 'eth0' }, 'interface', 'invalid'],
  ])('%j is 422 at %s: %s', async (body, path, code) => {
    await using app = await createApiApp()
    await app.input({ kind: 'udp' })
    await app.input({ kind: 'srt_listener' })
    const problem = await app.problem('POST', '/api/inputs', { name: 'x', ...body })
    expect([problem.status, problem.code, problem.errors?.[0]?.path]).toEqual([422, code, path])
    expect(await app.ok<InputResource[]>('GET', '/api/inputs')).toHaveLength(2)
  })
})

describe('ports of all kinds come from one place', () => {
  test('groups live side by side on one port; a group and no group do not', async () => {
    await using app = await createApiApp()
    const on = (multicast_group?: string) => ({ udp_port: 6000, ...(multicast_group && { multicast_group }) })
    const first = await app.input(on('239.1.1.1'))
    expect(first.publish_url).toBe('udp://239.1.1.1:6000')
    await app.input(on('239.1.1.2'))
    for (const body of [on('239.1.1.1'), on()]) {
      const problem = await app.problem('POST', '/api/inputs', { name: 'x', ...body })
      expect([problem.status, problem.code, problem.errors?.[0]?.path]).toEqual([409, 'input.port_taken', 'udp_port'])
    }
    expect(source(app, 1)).toMatchObject({ port: 6000, multicastGroup: '239.1.1.2', interfaceAddress: null })
    const moved = { multicast_group: '239.1.1.3', interface: '127.0.0.1' }
    expect(await app.ok('PATCH', `/api/inputs/${first.id}`, moved)).toMatchObject(moved)
    await app.input(on('239.1.1.1'))
  })

  test('SRT and UDP share the ports of UDP', async () => {
    await using app = await createApiApp({ udp: { start: 8900, end: 8902 } })
    expect((await app.input({ kind: 'srt_listener' })).srt_port).toBe(8900)
    expect((await app.input()).udp_port).toBe(8901)
    const problem = await app.problem('POST', '/api/inputs', { name: 'x', kind: 'srt_listener', srt_port: 8901 })
    expect([problem.code, problem.errors?.[0]?.path]).toEqual(['input.port_taken', 'srt_port'])
  })

  test('a port that an input calls on this machine is nobody else’s', async () => {
    await using app = await createApiApp()
    await app.input({ kind: 'srt_caller', url: 'srt://127.0.0.1:8900' })
    expect((await app.input({ kind: 'srt_listener' })).srt_port).toBe(8901)
    const problem = await app.problem('POST', '/api/inputs', { name: 'x', kind: 'srt_listener', srt_port: 8900 })
    expect([problem.status, problem.code, problem.errors?.[0]?.path]).toEqual([422, 'output.loop', 'srt_port'])
  })

  test('an output to a group that an input hears, and an input in a group that an output sends to', async () => {
    await using app = await createApiApp()
    await app.input({ udp_port: 6000, multicast_group: '239.1.1.1' })
    const path = '/api/inputs/1/outputs'
    expect((await app.problem('POST', path, { name: 'x', url: 'udp://239.1.1.1:6000' })).code).toBe('output.loop')
    await app.output(1, { url: 'udp://239.1.1.2:6000' })
    const problem = await app.problem('POST', '/api/inputs', {
      name: 'x',
      udp_port: 6000,
      multicast_group: '239.1.1.2',
    })
    expect([problem.status, problem.code]).toEqual([422, 'output.loop'])
  })
})

test('the figures of an SRT link are told as they are measured', async () => {
  await using app = await createApiApp()
  const { id } = await app.input({ kind: 'srt_listener' })
  app.media.input(id, { status: 'active', source: '192.0.2.7:40000' })
  const link = {
    rttMs: 23.456,
    latencyMs: 200,
    bandwidthKbps: 98_765.4,
    packetsLost: 7,
    packetsRetransmitted: 6,
    packetsDropped: 1,
    lossPercent: 0.1234,
  }
  app.media.emit({
    name: 'figures',
    at: Date.now(),
    data: {
      at: Date.now(),
      loopLagMs: 1,
      inputs: [
        {
          id,
          bitrateKbps: 5000,
          bytesTotal: 1,
          continuityErrors: 0,
          continuityErrorsHour: 0,
          lastPacketAt: Date.now(),
          keyframeSeconds: null,
          link,
          switches: 0,
          filledSeconds: 0,
        },
      ],
      outputs: [],
    },
  })
  expect((await app.ok<InputResource>('GET', `/api/inputs/${id}`)).stats.link).toEqual({
    rtt_ms: 23.5,
    latency_ms: 200,
    bandwidth_kbps: 98_765,
    packets_lost: 7,
    packets_retransmitted: 6,
    packets_dropped: 1,
    loss_percent: 0.12,
  })
})
