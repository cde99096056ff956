import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { OutputResource } from '../../src/outputs/outputs.schema.ts'
import { createApiApp } from '../support/api-app.ts'

const RTMP = { url: 'rtmp://live.example/app/SeCrEt-kEy' }

describe('create', () => {
  test('an RTMP address is taken apart; the worker gets the parts', async () => {
    await using app = await createApiApp()
    const input = await app.input()
    const answer = await app.call('POST', `/api/inputs/${input.id}/outputs`, { name: 'You', ...RTMP })
    const output = answer.json as OutputResource
    const path = `/api/inputs/${input.id}/outputs/${output.id}`
    expect([answer.status, answer.headers.get('location')]).toEqual([201, path])
    expect(output).toMatchObject({
      input_id: input.id,
      name: 'You',
      protocol: 'rtmp',
      url: 'rtmp://live.example/app',
      engine: 'ffmpeg',
      has_stream_key: true,
      has_username: false,
      has_password: false,
      has_passphrase: false,
      options: {
        latency_ms: null,
        stream_id: null,
        ttl: null,
        pkt_size: null,
        tls_verify: null,
        video: 'copy',
        audio: 'auto',
      },
      enabled: true,
      auto_reconnect: true,
      reconnect_delay: 5,
      max_reconnect_delay: 60,
      max_reconnect_attempts: 0,
      stall_timeout: 10,
      status: 'waiting',
      attempt: 0,
      last_exit: null,
      stats: { bitrate_kbps: null, bytes_total: 0, skips: 0 },
    })
    expect(app.media.outputSpec(output.id)).toMatchObject({
      inputId: input.id,
      enabled: true,
      generation: 0,
      target: {
        protocol: 'rtmp',
        tls: false,
        tlsVerify: true,
        host: 'live.example',
        port: 1935,
        app: 'app',
        streamKey: 'SeCrEt-kEy',
      },
      reconnect: { auto: true, delayMs: 5000, maxDelayMs: 60_000, maxAttempts: 0 },
      stallTimeoutMs: 10_000,
    })
    expect(await app.ok<unknown>('GET', path)).toEqual(output)
    expect(await app.ok<unknown>('GET', `/api/inputs/${input.id}/outputs`)).toEqual([output])
    expect(await app.ok('GET', `/api/inputs/${input.id}`)).toMatchObject({ outputs_total: 1, outputs_running: 0 })
  })

  test('every protocol with everything it has', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const rtmps = await app.output(id, {
      url: 'rtmps://me:pw%40rd@live.example/app/inst',
      stream_key: 'k?s=1',
      options: { tls_verify: false, audio: 'copy', video: 'none' },
    })
    expect(rtmps).toMatchObject({
      protocol: 'rtmp',
      url: 'rtmps://live.example/app/inst',
      has_username: true,
      has_password: true,
    })
    expect(app.media.outputSpec(rtmps.id)).toMatchObject({
      audio: 'copy',
      video: 'none',
      target: {
        tls: true,
        tlsVerify: false,
        port: 443,
        app: 'app/inst',
        streamKey: 'k?s=1',
        username: 'me',
        password: 'pw@rd',
      },
    })
    const srt = await app.output(id, {
      url: 'srt://srt.example:9000?streamid=#!::r=live/a,m=publish&passphrase=0123456789&latency=400',
      options: { pkt_size: 1128 },
    })
    expect(srt).toMatchObject({
      protocol: 'srt_caller',
      url: 'srt://srt.example:9000',
      has_passphrase: true,
      options: { latency_ms: 400, stream_id: '#!::r=live/a,m=publish', pkt_size: 1128 },
    })
    expect(app.media.outputSpec(srt.id).target).toEqual({
      protocol: 'srt_caller',
      host: 'srt.example',
      port: 9000,
      latencyMs: 400,
      pktSize: 1128,
      passphrase: '0123456789',
      streamId: '#!::r=live/a,m=publish',
    })
    const group = await app.output(id, { url: 'udp://239.1.1.1:5000?ttl=4', options: { interface: '127.0.0.1' } })
    expect(group.options).toMatchObject({ ttl: 4, interface: '127.0.0.1', pkt_size: 1316 })
    expect(app.media.outputSpec(group.id).target).toEqual({
      protocol: 'udp',
      host: '239.1.1.1',
      port: 5000,
      ttl: 4,
      interfaceAddress: '127.0.0.1',
      pktSize: 1316,
    })
    expect((await app.output(id, { url: 'udp://239.1.1.2:5000' })).options.ttl).toBe(1)
    expect((await app.output(id, { url: 'udp://10.1.1.2:5000', enabled: false })).status).toBe('stopped')
    expect((await app.output(id, { url: 'udp://10.1.1.3:5000', reconnect_delay: 0.1 })).reconnect_delay).toBe(0.1)
    expect((await app.output(id, { url: 'udp://10.1.1.4:5000', reconnect_delay: 100 })).max_reconnect_delay).toBe(100)
  })

  test.each([
    [{}, 'url', ''],
    [{ url: null }, 'url', ''],
    [{ url: 'rtsp://h' }, 'url', 'path'],
    [{ url: 'rtsp://169.254.169.254/x' }, 'url', 'link-local'],
    [{ url: 'ftp://h/x' }, 'url', 'rtsp://'],
    [{ url: 'udp://h:1?foo=1' }, 'url', 'foo is unknown'],
    [{ url: 'udp://239.0.0.1:1?ttl=999' }, 'url', 'ttl'],
    [{ url: 'srt://h:1?latency=200000' }, 'url', 'microseconds'],
    [{ ...RTMP, protocol: 'rtsp' }, 'protocol', 'one of rtmp'],
    [{ ...RTMP, protocol: 'file' }, 'protocol', 'udp, srt_caller, srt_listener, rtmp, rtsp'],
    [{ ...RTMP, protocol: 'srt_listener' }, 'url', 'no address'],
    [{ protocol: 'srt_caller' }, 'url', 'missing'],
    [{ protocol: 'srt_listener', srt_port: 70_000 }, 'srt_port', '65535'],
    [{ protocol: 'srt_listener', stream_key: 'x' }, 'stream_key', 'protocol srt_listener'],
    [{ protocol: 'srt_listener', passphrase: 'short' }, 'passphrase', '10 to 79'],
    [{ protocol: 'srt_listener', options: { pkt_size: 1457 } }, 'options.pkt_size', '1456'],
    [{ url: 'rtsp://h/x', stream_key: 'x' }, 'stream_key', 'protocol rtsp'],
    [{ url: 'rtsp://h/x', options: { pkt_size: 1316 } }, 'options.pkt_size', 'udp'],
    [{ url: 'rtsp://h/x', options: { rtsp_transport: 'http' } }, 'options.rtsp_transport', 'tcp, udp'],
    [{ url: 'rtsps://h/x', options: { rtsp_transport: 'udp' } }, 'options.rtsp_transport', 'tcp alone'],
    [{ url: 'rtsp://h/x', options: { tls_verify: false } }, 'options.tls_verify', 'rtsps'],
    [{ url: 'udp://10.0.0.1:1', engine: 'direct', options: { video: '720p' } }, 'engine', 'as they come'],
    [{ url: 'udp://10.0.0.1:1', engine: 'direct', options: { audio: 'aac' } }, 'engine', 'as they come'],
    [{ url: 'udp://10.0.0.1:1', options: { transparent: true } }, 'options.transparent', 'direct'],
    [{ ...RTMP, protocol: 'udp' }, 'protocol', 'one of rtmp'],
    [{ ...RTMP, engine: 'direct' }, 'engine', 'udp alone'],
    [{ ...RTMP, engine: 'gstreamer' }, 'engine', 'ffmpeg, direct'],
    [{ ...RTMP, srt_port: 9000 }, 'srt_port', 'srt_listener alone'],
    [{ ...RTMP, options: { video: '1080p' } }, 'options.video', 'copy, 720p, 480p, none'],
    [{ ...RTMP, options: { audio: 'opus' } }, 'options.audio', 'auto, copy, aac, none'],
    [{ ...RTMP, options: { audio: 'none', video: 'none' } }, 'options.audio', 'nothing would be sent'],
    [{ ...RTMP, options: { transparent: true } }, 'options.transparent', 'direct'],
    [{ ...RTMP, options: { rtsp_transport: 'tcp' } }, 'options.rtsp_transport', 'rtsp alone'],
    [{ ...RTMP, options: { latency_ms: 200 } }, 'options.latency_ms', 'SRT'],
    [{ ...RTMP, options: { pkt_size: 1316 } }, 'options.pkt_size', 'udp'],
    [{ ...RTMP, options: { tls_verify: true } }, 'options.tls_verify', 'rtmps'],
    [{ ...RTMP, options: { nope: 1 } }, 'options.nope', 'Unknown'],
    [{ ...RTMP, options: [] }, 'options', ''],
    [{ ...RTMP, passphrase: '0123456789' }, 'passphrase', 'protocol rtmp'],
    [{ ...RTMP, options: { stream_id: 'x' } }, 'options.stream_id', 'protocol rtmp'],
    [{ ...RTMP, password: 'x' }, 'username', 'without a user name'],
    [{ ...RTMP, stream_key: '' }, 'stream_key', ''],
    [{ ...RTMP, has_stream_key: true }, 'has_stream_key', 'Unknown'],
    [{ ...RTMP, reconnect_delay: 0.05 }, 'reconnect_delay', ''],
    [{ ...RTMP, reconnect_delay: 10, max_reconnect_delay: 5 }, 'max_reconnect_delay', 'At least'],
    [{ ...RTMP, max_reconnect_attempts: -1 }, 'max_reconnect_attempts', ''],
    [{ ...RTMP, stall_timeout: '10' }, 'stall_timeout', ''],
    [{ ...RTMP, enabled: 1 }, 'enabled', ''],
    [{ url: 'udp://10.0.0.1:1', stream_key: 'x' }, 'stream_key', 'protocol udp'],
    [{ url: 'udp://10.0.0.1:1', options: { ttl: 4 } }, 'options.ttl', 'groups'],
    [{ url: 'udp://239.0.0.1:1', options: { interface: 'eth0' } }, 'options.interface', ''],
    [{ url: 'udp://239.0.0.1:1', options: { interface: '::1' } }, 'options.interface', 'family'],
    [{ url: 'srt://h:1', passphrase: 'short' }, 'passphrase', '10 to 79'],
    [{ url: 'srt://h:1?passphrase=short' }, 'passphrase', '10 to 79'],
    [{ url: 'srt://h:1', passphrase: 'x'.repeat(80) }, 'passphrase', '10 to 79'],
    [{ url: 'srt://h:1', options: { latency_ms: 19 } }, 'options.latency_ms', '20 to 8000'],
    [{ url: 'srt://h:1', options: { pkt_size: 1457 } }, 'options.pkt_size', '1456'],
  ])('%j is 422 at its field', async (body, path, says) => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const problem = await app.problem('POST', `/api/inputs/${id}/outputs`, { name: 'Out', ...body })
    expect([problem.status, problem.code]).toEqual([422, 'invalid'])
    expect(problem.errors?.[0]?.path).toBe(path)
    expect(`${problem.detail} ${problem.errors?.[0]?.message}`).toContain(says)
    expect(await app.ok<unknown>('GET', `/api/inputs/${id}/outputs`)).toEqual([])
  })

  test('names are unique within the input; the number of outputs has a limit that parallel calls keep', async () => {
    await using app = await createApiApp({ maxPerInput: 3 })
    const [a, b] = [await app.input(), await app.input()]
    await app.output(a.id, { name: 'Out', url: 'udp://10.0.0.1:1' })
    await app.output(b.id, { name: 'Out', url: 'udp://10.0.0.1:2' })
    const same = await app.problem('POST', `/api/inputs/${a.id}/outputs`, { name: 'OUT', url: 'udp://10.0.0.1:3' })
    expect([same.status, same.code]).toEqual([409, 'output.name_taken'])
    const many = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        app.call('POST', `/api/inputs/${a.id}/outputs`, { name: `o${i}`, url: `udp://10.0.0.2:${i + 1}` }),
      ),
    )
    expect(many.map((answer) => answer.status).sort()).toEqual([201, 201, 409, 409, 409, 409])
    const problem = await app.problem('POST', `/api/inputs/${a.id}/outputs`, { name: 'x', url: 'udp://10.0.0.3:1' })
    expect(problem.code).toBe('output.limit')
  })
})

describe('loops', () => {
  const own = Object.values(networkInterfaces()).flatMap((list) => list?.map((each) => each.address) ?? [])
  const v4 = own.find((address) => address.includes('.') && !address.startsWith('127.'))

  test.each([
    '127.0.0.1',
    '127.8.8.8',
    'localhost',
    'LOCALHOST',
    'x.localhost',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    'weir.example.org',
    ...(v4 ? [v4] : []),
  ])('udp and srt to an input at %s', async (host) => {
    await using app = await createApiApp({ publicUrl: 'https://weir.example.org' })
    const { id } = await app.input({ udp_port: 6000 })
    for (const url of [`udp://${host}:6000`, `srt://${host}:6000`]) {
      const problem = await app.problem('POST', `/api/inputs/${id}/outputs`, { name: 'loop', url })
      expect([problem.status, problem.code, problem.errors?.[0]?.path]).toEqual([422, 'output.loop', 'url'])
    }
    expect((await app.output(id, { url: `udp://${host}:6001` })).status).toBe('waiting')
  })

  test('an input on one address hears that address alone; its own web port is refused to RTMP', async () => {
    await using app = await createApiApp()
    const { id } = await app.input({ udp_port: 6000, bind_address: '127.0.0.2' })
    expect((await app.output(id, { url: 'udp://127.0.0.1:6000' })).enabled).toBe(true)
    expect(
      (await app.problem('POST', `/api/inputs/${id}/outputs`, { name: 'x', url: 'udp://127.0.0.2:6000' })).code,
    ).toBe('output.loop')
    expect(
      (await app.problem('POST', `/api/inputs/${id}/outputs`, { name: 'x', url: 'rtmp://127.0.0.1:8080/a/b' })).code,
    ).toBe('output.loop')
    const door = await app.problem('POST', `/api/inputs/${id}/outputs`, { name: 'x', url: 'rtmp://127.0.0.1:1935/a/b' })
    expect([door.code, door.detail]).toEqual(['output.loop', expect.stringContaining('takes RTMP publishers there')])
    const rtsp = { name: 'x', url: 'rtsp://127.0.0.1:8080/x' }
    expect((await app.problem('POST', `/api/inputs/${id}/outputs`, rtsp)).code).toBe('output.loop')
    expect((await app.output(id, { url: 'rtmp://127.0.0.1:1937/a/b' })).protocol).toBe('rtmp')
  })

  test('nor may an input take a port that an output sends to, by hand or from the range', async () => {
    await using app = await createApiApp()
    const { id } = await app.input({ kind: 'test' })
    await app.output(id, { url: 'udp://127.0.0.1:5000' })
    const problem = await app.problem('POST', '/api/inputs', { name: 'x', udp_port: 5000 })
    expect([problem.code, problem.errors?.[0]?.path]).toEqual(['output.loop', 'udp_port'])
    expect((await app.input()).udp_port).toBe(5001)
  })

  test('an edit that turns an output to an input is refused', async () => {
    await using app = await createApiApp()
    const { id } = await app.input({ udp_port: 6000 })
    const output = await app.output(id, { url: 'udp://127.0.0.1:6001' })
    const path = `/api/inputs/${id}/outputs/${output.id}`
    expect((await app.problem('PATCH', path, { url: 'udp://127.0.0.1:6000' })).code).toBe('output.loop')
    expect((await app.ok<OutputResource>('GET', path)).url).toBe('udp://127.0.0.1:6001')
  })
})

describe('duplicates', () => {
  test.each([
    ['udp://10.0.0.1:5000', 'udp://10.0.0.1:5000', false],
    ['udp://10.0.0.1:5000', 'udp://10.0.0.1:5001', true],
    ['udp://localhost:6100', 'udp://127.0.0.1:6100', false],
    ['udp://[::1]:6100', 'udp://LOCALHOST.:6100', false],
    ['udp://127.0.0.1:6100', 'udp://[::ffff:127.0.0.1]:6100', false],
    ['udp://127.0.0.1:6100', 'udp://0.0.0.0:6100', false],
    ['udp://127.0.0.1:6100', 'udp://127.0.0.2:6100', true],
    ['rtmp://localhost:1937/app/key', 'rtmp://127.0.0.1:1938/app/key', true],
    ['rtmp://localhost:1938/app/key', 'rtmp://[::1]:1938/app/key', false],
    ['rtmps://h.example/app/key', 'rtmps://H.example.:443/app/key', false],
    ['rtmp://H.example/app/key', 'rtmp://h.example:1935/app/key', false],
    ['rtmp://h.example/app/key', 'rtmp://h.example/app/key2', true],
    ['rtmp://h.example/app/key', 'rtmp://h.example/app2/key', true],
    ['srt://h.example:9000', 'srt://h.example:9000', true],
    ['rtsp://h.example/live', 'rtsp://H.example.:554/live/', false],
    ['rtsp://h.example/live', 'rtsp://me:pw@h.example/live', false],
    ['rtsp://h.example/live', 'rtsp://h.example/live2', true],
    ['rtsp://h.example:8554/live', 'rtsp://h.example/live', true],
  ])('%s and %s: %p', async (first, second, works) => {
    await using app = await createApiApp()
    const [a, b] = [await app.input(), await app.input()]
    await app.output(a.id, { url: first })
    const answer = await app.call('POST', `/api/inputs/${b.id}/outputs`, { name: 'second', url: second })
    expect(answer.status).toBe(works ? 201 : 409)
    if (!works) expect((answer.json as { code: string }).code).toBe('output.duplicate')
  })

  test('only enabled ones count: at create, start, edit and start of all', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const first = await app.output(id, { name: 'first', url: 'udp://10.0.0.1:5000' })
    const copy = await app.ok<OutputResource>('POST', `/api/inputs/${id}/outputs/${first.id}/duplicate`)
    const path = `/api/inputs/${id}/outputs/${copy.id}`
    expect((await app.problem('POST', `${path}/start`)).code).toBe('output.duplicate')
    expect((await app.problem('PATCH', path, { enabled: true })).code).toBe('output.duplicate')
    const all = await app.ok<OutputResource[]>('POST', `/api/inputs/${id}/outputs/start`)
    expect(all.map((output) => output.enabled)).toEqual([true, false])
    const events = await app.ok<{ items: { type: string; output_id: number }[] }>(
      'GET',
      `/api/inputs/${id}/events?type=output.not_started`,
    )
    expect(events.items).toMatchObject([{ output_id: copy.id }])
    await app.ok('POST', `/api/inputs/${id}/outputs/${first.id}/stop`)
    expect(await app.ok('POST', `${path}/start`)).toMatchObject({ enabled: true, status: 'waiting' })
    expect((await app.problem('POST', `/api/inputs/${id}/outputs/${first.id}/start`)).code).toBe('output.duplicate')
  })
})

describe('edit', () => {
  test('nested options merge, null clears, a secret left out stays', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const output = await app.output(id, {
      url: 'srt://h:9000?streamid=abc&passphrase=0123456789',
      options: { latency_ms: 400 },
    })
    const path = `/api/inputs/${id}/outputs/${output.id}`
    const target = () => app.media.outputSpec(output.id).target
    for (const field of ['name', 'url', 'enabled'])
      expect((await app.problem('PATCH', path, { [field]: null })).errors?.[0]?.path).toBe(field)
    expect((await app.ok<OutputResource>('PATCH', path, { options: { pkt_size: 1128 } })).options).toMatchObject({
      latency_ms: 400,
      pkt_size: 1128,
      stream_id: 'abc',
    })
    expect(target()).toMatchObject({ passphrase: '0123456789', streamId: 'abc', latencyMs: 400, pktSize: 1128 })
    expect((await app.ok<OutputResource>('PATCH', path, { options: { latency_ms: null } })).options.latency_ms).toBe(
      200,
    )
    expect((await app.ok<OutputResource>('PATCH', path, { options: { stream_id: null } })).options.stream_id).toBeNull()
    expect((await app.ok<OutputResource>('PATCH', path, { passphrase: null })).has_passphrase).toBe(false)
    expect(target()).toMatchObject({ passphrase: null, streamId: null })
    expect(
      (await app.ok<OutputResource>('PATCH', path, { options: { stream_id: 'x' }, passphrase: '9876543210' }))
        .has_passphrase,
    ).toBe(true)
    expect((await app.ok<OutputResource>('PATCH', path, { options: null })).options).toMatchObject({
      stream_id: null,
      pkt_size: 1316,
    })
    expect(target()).toMatchObject({ passphrase: '9876543210' })
    expect(await app.ok('PATCH', path, { name: 'Renamed', reconnect_delay: 2 })).toMatchObject({
      name: 'Renamed',
      reconnect_delay: 2,
    })
    expect(await app.ok('PATCH', path, { reconnect_delay: null })).toMatchObject({ reconnect_delay: 5 })
    expect((await app.problem('PATCH', path, { reconnect_delay: 61 })).errors?.[0]?.path).toBe('max_reconnect_delay')
  })

  test('an address that comes back as it was shown keeps the key; a new one brings its own', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const output = await app.output(id, { url: 'rtmp://u:p@h/app/inst/one' })
    const path = `/api/inputs/${id}/outputs/${output.id}`
    const target = () => app.media.outputSpec(output.id).target
    expect(target()).toMatchObject({ app: 'app/inst', streamKey: 'one', username: 'u', password: 'p' })
    await app.ok('PATCH', path, { url: output.url })
    expect(target()).toMatchObject({ app: 'app/inst', streamKey: 'one', username: 'u', password: 'p' })
    await app.ok('PATCH', path, { url: 'rtmp://other/app/two' })
    expect(target()).toMatchObject({ host: 'other', app: 'app', streamKey: 'two', username: 'u' })
    await app.ok('PATCH', path, { stream_key: 'three' })
    expect(target()).toMatchObject({ host: 'other', app: 'app', streamKey: 'three' })
    expect((await app.problem('PATCH', path, { username: null })).errors?.[0]?.path).toBe('username')
    await app.ok('PATCH', path, { username: null, password: null, stream_key: null })
    expect(target()).toMatchObject({ streamKey: null, username: null, password: null })
  })

  test('another protocol drops what belonged to the old one, but not what is typed with it', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const output = await app.output(id, { url: 'rtmps://h/app/key', options: { tls_verify: false, audio: 'copy' } })
    const path = `/api/inputs/${id}/outputs/${output.id}`
    expect((await app.problem('PATCH', path, { protocol: 'udp' })).errors?.[0]?.path).toBe('protocol')
    expect((await app.problem('PATCH', path, { url: 'udp://10.0.0.1:5000', stream_key: 'x' })).errors?.[0]?.path).toBe(
      'stream_key',
    )
    expect(
      (await app.problem('PATCH', path, { url: 'srt://h:1', options: { tls_verify: true } })).errors?.[0]?.path,
    ).toBe('options.tls_verify')
    const udp = await app.ok<OutputResource>('PATCH', path, { url: 'udp://10.0.0.1:5000' })
    expect(udp).toMatchObject({
      protocol: 'udp',
      has_stream_key: false,
      options: { tls_verify: null, audio: 'copy', pkt_size: 1316 },
    })
    const { rows } = await app.db.client.execute('select stream_key_sealed as s from outputs')
    expect(rows[0]?.['s']).toBeNull()
    expect((await app.ok<OutputResource>('PATCH', path, { url: 'rtmps://h/app/key' })).options.tls_verify).toBe(true)
  })
})

describe('actions', () => {
  test('start, stop, restart, start in error, delete', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const output = await app.output(id, RTMP)
    const path = `/api/inputs/${id}/outputs/${output.id}`
    const act = async (what: string) => {
      const answer = await app.call('POST', `${path}/${what}`)
      expect(answer.status).toBe(202)
      return answer.json as OutputResource
    }
    const generation = () => app.media.outputSpec(output.id).generation
    expect(await act('stop')).toMatchObject({ enabled: false, status: 'stopped' })
    expect(await act('stop')).toMatchObject({ enabled: false, status: 'stopped' })
    expect(await act('start')).toMatchObject({ enabled: true, status: 'waiting' })
    expect(await act('start')).toMatchObject({ enabled: true })
    expect(generation()).toBe(0)
    await act('restart')
    expect(generation()).toBe(1)
    app.media.output(output.id, { status: 'error', statusReason: 'The key was refused.' })
    expect(await act('start')).toMatchObject({ status: 'waiting' })
    expect(generation()).toBe(2)
    expect(await app.ok<unknown>('GET', `${path}/logs`)).toEqual({
      lines: [{ at: '2023-11-14T22:13:20.000Z', level: 'info', text: `output ${output.id} says hello` }],
      exits: [],
    })
    expect((await app.call('DELETE', path)).status).toBe(204)
    expect((await app.problem('GET', path)).code).toBe('output.not_found')
    expect(await app.ok('GET', `/api/inputs/${id}/events?type=output.deleted`)).toMatchObject({
      items: [{ output_id: output.id, actor: 'API key' }],
    })
  })

  test('stopping an input keeps its outputs enabled: they wait', async () => {
    await using app = await createApiApp()
    const { id } = await app.input({ enabled: false })
    const output = await app.output(id, RTMP)
    expect(output).toMatchObject({ enabled: true, status: 'waiting' })
    await app.ok('POST', `/api/inputs/${id}/start`)
    await app.ok('POST', `/api/inputs/${id}/stop`)
    expect(await app.ok('GET', `/api/inputs/${id}/outputs/${output.id}`)).toMatchObject({
      enabled: true,
      status: 'waiting',
    })
  })

  test('all at once', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    for (let i = 1; i < 4; i++) await app.output(id, { url: `udp://10.0.0.${i}:5000` })
    const answer = await app.call('POST', `/api/inputs/${id}/outputs/stop`)
    expect(answer.status).toBe(202)
    expect((answer.json as OutputResource[]).map((output) => output.status)).toEqual(['stopped', 'stopped', 'stopped'])
    const started = await app.ok<OutputResource[]>('POST', `/api/inputs/${id}/outputs/start`)
    expect(started.map((output) => output.status)).toEqual(['waiting', 'waiting', 'waiting'])
    expect((await app.problem('POST', '/api/inputs/99/outputs/start')).code).toBe('input.not_found')
  })

  test('a duplicate is stopped, has the secrets and a name of its own', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const output = await app.output(id, { name: 'You', ...RTMP, options: { audio: 'copy' } })
    const answer = await app.call('POST', `/api/inputs/${id}/outputs/${output.id}/duplicate`)
    const copy = answer.json as OutputResource
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/api/inputs/${id}/outputs/${copy.id}`])
    expect(copy).toMatchObject({
      name: 'You copy',
      enabled: false,
      status: 'stopped',
      url: output.url,
      has_stream_key: true,
      options: { audio: 'copy' },
    })
    expect(app.media.outputSpec(copy.id).target).toMatchObject({ streamKey: 'SeCrEt-kEy' })
    expect(await app.ok('POST', `/api/inputs/${id}/outputs/${output.id}/duplicate`)).toMatchObject({
      name: 'You copy 2',
    })
  })

  test('what belongs to another input is not there', async () => {
    await using app = await createApiApp()
    const [a, b] = [await app.input(), await app.input()]
    const output = await app.output(a.id, RTMP)
    const path = `/api/inputs/${b.id}/outputs/${output.id}`
    for (const [method, url] of [
      ['GET', path],
      ['DELETE', path],
      ['POST', `${path}/start`],
      ['POST', `${path}/duplicate`],
      ['GET', `${path}/logs`],
    ] as const)
      expect((await app.problem(method, url)).code).toBe('output.not_found')
    expect((await app.problem('PATCH', path, { name: 'x' })).code).toBe('output.not_found')
  })
})

test('a running output: state, exit and figures as GET shows them', async () => {
  await using app = await createApiApp()
  const { id } = await app.input()
  const output = await app.output(id, RTMP)
  const at = 1_700_000_000_000
  const exit = {
    class: 'refused' as const,
    code: 1,
    signal: null,
    forced: false,
    at,
    ranSeconds: 0.2,
    next: 'retry' as const,
    lines: ['x'],
  }
  app.media.output(output.id, { status: 'running', processId: 42, startedAt: at, lastExit: exit, reconnectCount: 3 })
  const figures = {
    id: output.id,
    inputId: id,
    bitrateKbps: 2500.06,
    fps: 25.00417,
    bytesTotal: 9,
    uptimeSeconds: 1.26,
    speed: 1.00612,
    dropFrames: 0,
    skips: 1,
    cpuPercent: 0.3149,
    memoryBytes: 12,
    callers: [],
  }
  app.media.emit({
    name: 'figures',
    at: Date.now(),
    data: { at: Date.now(), loopLagMs: 1, inputs: [], outputs: [figures] },
  })
  app.media.emit({ name: 'output.exited', at, data: { id: output.id, inputId: id, exit } })
  expect(await app.ok('GET', `/api/inputs/${id}/outputs/${output.id}`)).toMatchObject({
    status: 'running',
    process_id: 42,
    started_at: '2023-11-14T22:13:20.000Z',
    reconnect_count: 3,
    last_exit: {
      class: 'refused',
      code: 1,
      signal: null,
      forced: false,
      at: '2023-11-14T22:13:20.000Z',
      ran_seconds: 0.2,
      next: 'retry',
      lines: ['x'],
    },
    stats: {
      bitrate_kbps: 2500.1,
      fps: 25,
      bytes_total: 9,
      uptime_seconds: 1.3,
      speed: 1.01,
      drop_frames: 0,
      skips: 1,
      cpu_percent: 0.31,
      memory_bytes: 12,
    },
  })
  expect(await app.ok('GET', `/api/inputs/${id}`)).toMatchObject({ outputs_total: 1, outputs_running: 1 })
  const events = await app.ok<{ items: { type: string; data: unknown }[] }>('GET', `/api/inputs/${id}/events`)
  expect(events.items.slice(0, 2)).toMatchObject([
    { type: 'output.exited', data: { class: 'refused', next: 'retry' } },
    { type: 'output.running' },
  ])
  // People read what follows from the end of a process, not the end.
  const read = await app.fetch(`/api/inputs/${id}/events`, { headers: { accept: 'text/html' } })
  const words = await read.text()
  expect([words.includes('It is sending.'), words.includes('code 1')]).toEqual([true, false])
  // The next child has nothing of the last one; a restart by a person counts from zero.
  const stats = async () => (await app.ok<OutputResource>('GET', `/api/inputs/${id}/outputs/${output.id}`)).stats
  const gone = { bitrate_kbps: null, uptime_seconds: null, cpu_percent: null, memory_bytes: null }
  app.media.output(output.id, { status: 'reconnecting', processId: null, startedAt: null })
  expect(await stats()).toMatchObject({ ...gone, bytes_total: 9, skips: 1 })
  app.media.output(output.id, { status: 'starting', processId: 43, startedAt: at + 1 })
  expect(await stats()).toMatchObject({ ...gone, bytes_total: 9, skips: 1 })
  const { stats: anew } = await app.ok<OutputResource>('POST', `/api/inputs/${id}/outputs/${output.id}/restart`)
  expect(anew).toMatchObject({ ...gone, bytes_total: 0, skips: 0 })
  app.media.crash(false)
  expect(await app.ok('GET', `/api/inputs/${id}/outputs/${output.id}`)).toMatchObject({
    status: 'reconnecting',
    process_id: null,
  })
})

test('secrets are nowhere but in what the worker gets', async () => {
  await using app = await createApiApp()
  const { id } = await app.input()
  const secrets = ['sEcReT-key-1', 'sEcReT-user-2', 'sEcReT-pass-3', 'sEcReT-phrase-4']
  const [key, user, password, passphrase] = secrets
  const rtmp = await app.call('POST', `/api/inputs/${id}/outputs`, {
    name: 'a',
    url: `rtmp://${user}:${password}@h/app/${key}`,
  })
  const srt = await app.call('POST', `/api/inputs/${id}/outputs`, {
    name: 'b',
    url: `srt://h:1?passphrase=${passphrase}`,
  })
  expect([rtmp.status, srt.status]).toEqual([201, 201])
  const one = (rtmp.json as OutputResource).id
  const answers = [
    rtmp,
    srt,
    await app.call('PATCH', `/api/inputs/${id}/outputs/${one}`, { password, stream_key: key }),
    await app.call('POST', `/api/inputs/${id}/outputs/${one}/duplicate`),
    await app.call('POST', `/api/inputs/${id}/outputs/start`),
    // Errors of every stage: malformed, unknown, invalid, loop, duplicate.
    await app.call('POST', `/api/inputs/${id}/outputs`, { name: 'c', url: `rtmp://h:0/app/${key}` }),
    await app.call('POST', `/api/inputs/${id}/outputs`, { name: 'c', url: `srt://h:1?${passphrase}` }),
    await app.call('POST', `/api/inputs/${id}/outputs`, {
      name: 'c',
      url: `udp://10.0.0.1:1`,
      stream_key: key,
      password,
    }),
    await app.call('POST', `/api/inputs/${id}/outputs`, { name: 'c', url: `rtmp://127.0.0.1:8080/app/${key}` }),
    await app.call('POST', `/api/inputs/${id}/outputs`, { name: 'c', url: `rtmp://h/app/${key}` }),
    await app.call('POST', `/api/inputs/${id}/outputs`, {
      name: 'c',
      url: 'rtmp://h/app',
      stream_key: `${key}\n-i /etc/passwd`,
    }),
    await app.call('GET', '/api/inputs'),
    await app.call('GET', `/api/inputs/${id}/outputs`),
    await app.call('GET', `/api/inputs/${id}/events`),
    await app.call('GET', `/api/inputs/${id}/history`),
    await app.call('GET', '/api/system/status'),
  ]
  expect(answers.map((answer) => answer.status)).toEqual([
    201, 201, 200, 201, 202, 422, 422, 422, 422, 409, 422, 200, 200, 200, 200, 200,
  ])
  await app.db.client.execute('PRAGMA wal_checkpoint(TRUNCATE)')
  const places = [
    ...answers.map((answer) => answer.text),
    app.logLines.join('\n'),
    readFileSync(app.databaseFile, 'latin1'),
  ]
  for (const secret of secrets) for (const place of places) expect(place.includes(secret)).toBe(false)
  expect(app.media.outputSpec(one).target).toMatchObject({ streamKey: key, username: user, password })
})
