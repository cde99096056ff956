import { describe, expect, test } from 'bun:test'
import type { InputResource } from '../../src/inputs/inputs.schema.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'

describe('create', () => {
  test('answers 201, where it lives, and where and how to send', async () => {
    await using app = await createApiApp()
    const answer = await app.call('POST', '/api/inputs', { name: ' Main Camera ' })
    const input = answer.json as InputResource
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/api/inputs/${input.id}`])
    expect(input).toMatchObject({
      name: 'Main Camera',
      kind: 'udp',
      udp_port: 5000,
      path: 'main-camera',
      mediamtx_path: 'main-camera',
      on_loss: 'freeze',
      return: 'auto',
      return_after_ms: 1000,
      max_fill_minutes: 5,
      slate_url: null,
      loss_ms: 1000,
      enabled: true,
      status: 'inactive',
      publish_url: 'udp://weir.example:5000',
      publish_key: null,
      outputs_total: 0,
      outputs_running: 0,
      on_air: 'none',
      warnings: [],
      stats: { bitrate_kbps: null, bytes_total: 0, video: null, audio: null },
    })
    expect(input.publish_example).toContain('"udp://weir.example:5000?pkt_size=1316"')
    expect(input.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(await app.ok<InputResource[]>('GET', '/api/inputs')).toEqual([input])
    expect(await app.ok<InputResource>('GET', answer.headers.get('location') ?? '')).toEqual(input)
    expect(app.media.wanted()).toMatchObject([{ id: input.id, enabled: true, source: { kind: 'udp', port: 5000 } }])
  })

  test('kind test has no port; enabled false starts nothing', async () => {
    await using app = await createApiApp()
    expect(await app.input({ kind: 'test' })).toMatchObject({ udp_port: null, publish_url: null, status: 'starting' })
    expect(await app.input({ enabled: false })).toMatchObject({ enabled: false, status: 'stopped' })
  })

  test('PUBLIC_URL decides the host to send to; an input on loopback is reached there alone', async () => {
    await using app = await createApiApp({ publicUrl: 'https://live.example.org' })
    expect((await app.input()).publish_url).toBe('udp://live.example.org:5000')
    expect((await app.input({ bind_address: '127.0.0.1' })).publish_url).toBe('udp://127.0.0.1:5001')
    expect((await app.input({ bind_address: '::1' })).publish_url).toBe('udp://[::1]:5001')
  })

  test.each([
    [{ kind: 'webrtc' }, 'kind', 'udp, srt_listener, srt_caller, rtmp, rtsp, hls, test'],
    [{ on_loss: 'loop' }, 'on_loss', 'freeze, slate, backup, hold'],
    [{ on_loss: 'backup' }, 'backup_input_id', 'Choose the input'],
    [{ backup_input_id: 99 }, 'backup_input_id', 'no such input'],
    [{ backup_input_id: '1' }, 'backup_input_id', 'id of another'],
    [{ slate_image_id: 'a' }, 'slate_image_id', 'not have it yet'],
    [{ return: 'later' }, 'return', 'auto, manual'],
    [{ return_after_ms: -1 }, 'return_after_ms', ''],
    [{ max_fill_minutes: 10_081 }, 'max_fill_minutes', ''],
    [{ status: 'active' }, 'status', 'Unknown'],
    [{ nmae: 'x' }, 'nmae', 'Unknown'],
    [{ udp_port: 0 }, 'udp_port', ''],
    [{ udp_port: 65536 }, 'udp_port', ''],
    [{ udp_port: 5000.5 }, 'udp_port', ''],
    [{ udp_port: '5000' }, 'udp_port', ''],
    [{ loss_ms: 299 }, 'loss_ms', ''],
    [{ loss_ms: 10_001 }, 'loss_ms', ''],
    [{ bind_address: 'localhost' }, 'bind_address', ''],
    [{ bind_address: '239.0.0.1' }, 'bind_address', 'group'],
    [{ allow_from: ['10.0.0.0/33'] }, 'allow_from.0', ''],
    [{ allow_from: '10.0.0.1' }, 'allow_from', ''],
    [{ path: 'Not A Slug' }, 'path', ''],
    [{ path: '../etc' }, 'path', ''],
    [{ program: 0 }, 'program', ''],
    [{ enabled: 'yes' }, 'enabled', ''],
    [{ name: '' }, 'name', ''],
    [{ name: '   ' }, 'name', ''],
    [{ name: 'x'.repeat(256) }, 'name', ''],
    [{ name: 'two\nlines' }, 'name', ''],
    [{ name: 'half \ud800' }, 'name', ''],
    [{ name: null }, 'name', ''],
    [{ kind: 'test', udp_port: 5000 }, 'udp_port', 'kind test'],
    [{ kind: 'test', allow_from: ['10.0.0.1'] }, 'allow_from', 'kind test'],
  ])('%j is 422 at its field', async (body, path, says) => {
    await using app = await createApiApp()
    const problem = await app.problem('POST', '/api/inputs', { name: 'Camera', ...body })
    expect([problem.status, problem.code]).toEqual([422, 'invalid'])
    expect(problem.errors?.[0]?.path).toBe(path)
    expect(problem.errors?.[0]?.message).toContain(says)
    expect(await app.ok<InputResource[]>('GET', '/api/inputs')).toEqual([])
  })

  test('names are unique without regard to case, in any script; paths find a free one', async () => {
    await using app = await createApiApp()
    await app.input({ name: 'Große Bühne' })
    for (const name of ['große bühne', 'GROSSE BÜHNE', 'Große Bu\u0308hne ']) {
      const problem = await app.problem('POST', '/api/inputs', { name })
      expect([name, problem.status, problem.code]).toEqual([name, 409, 'input.name_taken'])
    }
    expect((await app.input({ name: 'Grosse Buhne!' })).path).toBe('grosse-buhne')
    expect((await app.input({ name: 'grosse (buhne)' })).path).toBe('grosse-buhne-2')
    expect((await app.input({ name: '舞台' })).path).toBe('input')
    expect((await app.problem('POST', '/api/inputs', { name: 'x', path: 'input' })).code).toBe('input.path_taken')
  })
})

describe('ports', () => {
  test('given, allocated, kept by the stopped, freed by a delete, and never given twice at once', async () => {
    await using app = await createApiApp({ udp: { start: 5000, end: 5003 } })
    const given = await app.input({ udp_port: 5001 })
    const made = await Promise.all([app.input(), app.input({ enabled: false }), app.input()])
    expect(made.map((input) => input.udp_port).sort()).toEqual([5000, 5002, 5003])
    expect((await app.problem('POST', '/api/inputs', { name: 'full' })).code).toBe('input.no_port')
    await app.ok('DELETE', `/api/inputs/${given.id}`)
    expect((await app.input()).udp_port).toBe(5001)
  })

  test.each([
    [{ udp_port: 6000, bind_address: '127.0.0.1' }, { udp_port: 6000, bind_address: '127.0.0.1' }, false],
    [{ udp_port: 6000, bind_address: '127.0.0.1' }, { udp_port: 6000, bind_address: '127.0.0.2' }, true],
    [{ udp_port: 6000 }, { udp_port: 6000, bind_address: '127.0.0.1' }, false],
    [{ udp_port: 6000, bind_address: '127.0.0.1' }, { udp_port: 6000, bind_address: '0.0.0.0' }, false],
    [{ udp_port: 6000, enabled: false }, { udp_port: 6000 }, false],
    [{ udp_port: 6000 }, { udp_port: 6001 }, true],
    [{ udp_port: 6000 }, { udp_port: 8080 }, false],
    [{ udp_port: 6000 }, { udp_port: 1935 }, false],
  ])('%j beside %j: %p', async (first, second, works) => {
    await using app = await createApiApp()
    await app.input(first)
    const answer = await app.call('POST', '/api/inputs', { name: 'second', ...second })
    expect(answer.status).toBe(works ? 201 : 409)
    if (!works) expect((answer.json as { code: string }).code).toBe('input.port_taken')
  })

  test('an edit moves the port; a failed one changes nothing; null takes a free one', async () => {
    await using app = await createApiApp()
    const a = await app.input({ udp_port: 6000 })
    const b = await app.input({ udp_port: 6001 })
    expect((await app.problem('PATCH', `/api/inputs/${b.id}`, { udp_port: 6000 })).code).toBe('input.port_taken')
    expect((await app.ok<InputResource>('GET', `/api/inputs/${b.id}`)).udp_port).toBe(6001)
    expect(await app.ok('PATCH', `/api/inputs/${a.id}`, { udp_port: 6002 })).toMatchObject({ udp_port: 6002 })
    expect(await app.ok('PATCH', `/api/inputs/${b.id}`, { udp_port: 6000 })).toMatchObject({ udp_port: 6000 })
    expect(await app.ok('PATCH', `/api/inputs/${b.id}`, { udp_port: null })).toMatchObject({ udp_port: 5000 })
    expect(await app.ok('PATCH', `/api/inputs/${b.id}`, { kind: 'test' })).toMatchObject({ udp_port: null })
    expect((await app.input({ udp_port: 5000 })).udp_port).toBe(5000)
  })
})

test('what an input owns stays its own when the settings make it a loop later', async () => {
  let databaseFile: string
  {
    await using app = await createApiApp()
    databaseFile = app.databaseFile
    await app.input({ udp_port: 6000 })
    await app.output(1, { url: 'udp://live.example.org:6000' })
  }
  await using app = await createApiApp({ databaseFile, publicUrl: 'https://live.example.org' })
  expect(await app.ok('PATCH', '/api/inputs/1', { name: 'Renamed' })).toMatchObject({ name: 'Renamed', udp_port: 6000 })
  expect(await app.ok('PATCH', '/api/inputs/1/outputs/1', { name: 'Renamed' })).toMatchObject({ name: 'Renamed' })
  expect((await app.problem('POST', '/api/inputs', { name: 'x', udp_port: 6000 })).code).toBe('input.port_taken')
})

describe('edit', () => {
  test('left out stays, null takes the default, the rules hold for the result', async () => {
    await using app = await createApiApp()
    const input = await app.input({ name: 'A', loss_ms: 2000, allow_from: ['10.0.0.0/8'], program: 3 })
    const path = `/api/inputs/${input.id}`
    expect(await app.ok('PATCH', path, { name: 'B', program: null })).toEqual({
      ...input,
      name: 'B',
      program: null,
      updated_at: expect.any(String),
    })
    expect(await app.ok('PATCH', path, { loss_ms: null, allow_from: null })).toMatchObject({
      loss_ms: 1000,
      allow_from: [],
    })
    expect(await app.ok('PATCH', path, { enabled: false })).toMatchObject({ enabled: false, status: 'stopped' })
    for (const field of ['name', 'enabled'])
      expect((await app.problem('PATCH', path, { [field]: null })).errors?.[0]?.path).toBe(field)
    expect((await app.problem('PATCH', path, { kind: 'test', udp_port: 5000 })).errors?.[0]?.path).toBe('udp_port')
    expect((await app.problem('PATCH', path, { stats: {} })).errors?.[0]).toEqual({
      path: 'stats',
      message: 'Unknown field.',
    })
    await app.input({ name: 'C' })
    expect((await app.problem('PATCH', path, { name: 'c' })).code).toBe('input.name_taken')
    expect(await app.ok('PATCH', path, { name: 'b' })).toMatchObject({ name: 'b' })
  })

  test('an edit that changes nothing leaves the row alone', async () => {
    await using app = await createApiApp()
    const input = await app.input()
    expect(await app.ok('PATCH', `/api/inputs/${input.id}`, { name: input.name })).toEqual({ ...input })
    expect(await app.ok('PATCH', `/api/inputs/${input.id}`, {})).toEqual({ ...input })
  })
})

describe('actions', () => {
  test('start and stop are idempotent, restart raises the counter, start in error too', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const generation = () => app.media.wanted()[0]?.generation
    const act = async (what: string) => {
      const answer = await app.call('POST', `/api/inputs/${id}/${what}`)
      expect(answer.status).toBe(202)
      return answer.json as InputResource
    }
    expect(await act('stop')).toMatchObject({ enabled: false, status: 'stopped' })
    expect(await act('stop')).toMatchObject({ enabled: false, status: 'stopped' })
    expect(await act('start')).toMatchObject({ enabled: true, status: 'inactive' })
    expect(await act('start')).toMatchObject({ enabled: true })
    expect(generation()).toBe(0)
    await act('restart')
    expect(generation()).toBe(1)
    app.media.input(id, { status: 'error', statusReason: 'The port is in use.', lastError: 'input.port_taken' })
    expect(await app.ok('GET', `/api/inputs/${id}`)).toMatchObject({ status: 'error', last_error: 'input.port_taken' })
    expect(await act('start')).toMatchObject({ status: 'inactive' })
    expect(generation()).toBe(2)
  })

  test('a worker that does not answer holds a request up for a second, not for ever, and gets the change later', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    app.media.hold()
    const began = performance.now()
    expect(await app.ok('POST', `/api/inputs/${id}/stop`)).toMatchObject({ enabled: false, status: 'inactive' })
    expect(performance.now() - began).toBeGreaterThan(900)
    expect(performance.now() - began).toBeLessThan(3000)
    app.media.release()
    expect(await app.ok('GET', `/api/inputs/${id}`)).toMatchObject({ status: 'stopped' })
  })

  test('a delete takes outputs, ports and history along and answers when all is gone', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const output = await app.output(id, { url: 'udp://10.1.1.1:5000' })
    const answer = await app.call('DELETE', `/api/inputs/${id}`)
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(app.media.wanted()).toEqual([])
    for (const path of [`/api/inputs/${id}`, `/api/inputs/${id}/outputs/${output.id}`, `/api/inputs/${id}/events`])
      expect((await app.problem('GET', path)).code).toBe('input.not_found')
    for (const table of ['inputs', 'outputs', 'listeners', 'events']) {
      const { rows } = await app.db.client.execute(`select count(*) as n from ${table}`)
      expect([table, rows[0]?.['n']]).toEqual([table, 0])
    }
    expect((await app.input()).id).toBeGreaterThan(id)
  })
})

describe('what a worker reports', () => {
  test('state, feed and figures are what GET shows; its death is told in words', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const get = () => app.ok<InputResource>('GET', `/api/inputs/${id}`)
    app.media.input(id, {
      status: 'active',
      source: '10.0.0.9:1234',
      onAir: 'main',
      warnings: [{ code: 'input.continuity', message: 'Packets are lost.', since: 1_700_000_000_000 }],
      video: { codec: 'h264', profile: 'High', width: 1280, height: 720, fps: 25 },
      audio: { codec: 'aac', sampleRate: 48_000, channels: 2, objectType: 2 },
    })
    const figures = {
      id,
      bitrateKbps: 2500.123,
      bytesTotal: 5000,
      continuityErrors: 3,
      continuityErrorsHour: 2,
      lastPacketAt: Date.now(),
      keyframeSeconds: null,
      link: null,
      switches: 0,
      filledSeconds: 0,
    }
    app.media.emit({
      name: 'figures',
      at: Date.now(),
      data: { at: Date.now(), loopLagMs: 1, inputs: [figures], outputs: [] },
    })
    expect(await get()).toMatchObject({
      status: 'active',
      source: '10.0.0.9:1234',
      on_air: 'main',
      warnings: [{ code: 'input.continuity', since: '2023-11-14T22:13:20.000Z' }],
      stats: {
        bitrate_kbps: 2500.1,
        bytes_total: 5000,
        continuity_errors: 3,
        video: { codec: 'h264', width: 1280 },
        audio: { codec: 'aac', sample_rate: 48_000, channels: 2 },
      },
    })
    const history = await app.ok<{ bitrate_kbps: (number | null)[] }>('GET', `/api/inputs/${id}/history?minutes=1`)
    expect(history).toMatchObject({ step_seconds: 1, outputs: {} })
    expect([history.bitrate_kbps.length, history.bitrate_kbps.filter((value) => value !== null)]).toEqual([
      60,
      [2500.1],
    ])

    app.media.crash(false)
    expect(await get()).toMatchObject({
      status: 'starting',
      source: null,
      status_reason: expect.stringContaining('media worker'),
    })
    expect((await app.problem('GET', `/api/inputs/${id}/probe`)).status).toBe(503)
    app.media.revive()
    expect(await get()).toMatchObject({ status: 'inactive', status_reason: null })
    expect(await app.ok<unknown>('GET', `/api/inputs/${id}/probe`)).toEqual({ bitrate_kbps: 2500, programs: [] })
    app.media.crash(true)
    expect(await get()).toMatchObject({ status: 'error', status_reason: expect.stringContaining('five times') })
  })
})

describe('history', () => {
  const types = (page: { items: { type: string }[] }) => page.items.map((item) => item.type)

  test('who did what, newest first, filtered and by pages', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const list = (query = '') =>
      app.ok<{ items: { type: string; actor: string }[]; next_cursor: string | null; total?: number }>(
        'GET',
        `/api/inputs/${id}/events${query}`,
      )
    await app.ok('PATCH', `/api/inputs/${id}`, { name: 'New', loss_ms: 500 })
    await app.ok('POST', `/api/inputs/${id}/stop`)
    await app.ok('POST', `/api/inputs/${id}/start`)
    app.media.input(id, { status: 'active', source: '10.0.0.9:1' })
    app.media.input(id, { status: 'inactive' })
    const all = await list()
    expect(types(all)).toEqual([
      'input.inactive',
      'input.active',
      'input.started',
      'input.stopped',
      'input.edited',
      'input.created',
    ])
    expect(all.items.map((item) => item.actor)).toEqual(['weir', 'weir', 'API key', 'API key', 'API key', 'API key'])
    expect(all.items[4]).toMatchObject({ data: { fields: ['name', 'loss_ms'] }, output_id: null })
    expect(all.next_cursor).toBeNull()
    const first = await list('?limit=4')
    const second = await list(`?limit=4&cursor=${first.next_cursor}`)
    expect([...types(first), ...types(second)]).toEqual(types(all))
    expect(second.next_cursor).toBeNull()
    expect([all, first, second].map((page) => page.total)).toEqual([undefined, undefined, undefined])
    for (const query of ['?total=true', '?total=true&limit=1', `?total=true&limit=1&cursor=${first.next_cursor}`])
      expect((await list(query)).total).toBe(all.items.length)
    expect((await list('?total=true&type=input.edited')).total).toBe(1)
    expect((await list('?total=false')).total).toBeUndefined()
    expect(types(await list('?type=input.edited'))).toEqual(['input.edited'])
    expect(types(await list('?from=2999-01-01T00:00:00Z'))).toEqual([])
    expect((await list('?from=2001-01-01T00:00:00%2B01:00')).items).toHaveLength(6)
    expect(types(await list('?show=faults'))).toEqual(['input.inactive'])
    expect(types(await list('?show=people'))).toEqual([
      'input.started',
      'input.stopped',
      'input.edited',
      'input.created',
    ])
    expect(await list('?show=people&total=true&limit=3')).toMatchObject({ total: 4, earlier: 1 })
  })

  test('a loss that something stood in for is a fault, what came back is none', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    for (const change of [
      { from: 'main', to: 'freeze', reason: 'lost' },
      { from: 'freeze', to: 'main', reason: 'returned' },
    ] as const)
      app.media.emit({ name: 'input.switched', at: Date.now(), data: { id, gapMs: 0, ...change } })
    const { items } = await app.ok<{ items: { message: string }[] }>('GET', `/api/inputs/${id}/events?show=faults`)
    expect(items.map(({ message }) => message)).toEqual([
      'The feed was lost. Its last picture stands still on air, without sound.',
    ])
  })

  test('what was stopped is so since then, also after a change and a restart of the server', async () => {
    let paths: string[]
    let databaseFile: string
    let stoppedBy: number
    {
      await using app = await createApiApp()
      const { id } = await app.input()
      const made = await app.output(id, { url: 'udp://127.0.0.1:9', enabled: false })
      const hall = await app.output(id, { url: 'udp://127.0.0.1:10' })
      paths = [`/api/inputs/${id}`, ...[made, hall].map((output) => `/api/inputs/${id}/outputs/${output.id}`)]
      for (const path of paths) await app.ok('POST', `${path}/stop`)
      stoppedBy = Date.now()
      for (const path of paths) await app.ok('PATCH', path, { name: `Renamed ${path}` })
      databaseFile = app.databaseFile
    }
    await using again = await createApiApp({ databaseFile })
    for (const path of paths) {
      const { status, since } = await again.ok<{ status: string; since: string }>('GET', path)
      expect([status, Date.parse(since) <= stoppedBy]).toEqual(['stopped', true])
    }
  })

  test('a PATCH that switches it off and on says so in its history', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    for (const enabled of [false, true]) await app.ok('PATCH', `/api/inputs/${id}`, { enabled })
    const { items } = await app.ok<{ items: { type: string }[] }>('GET', `/api/inputs/${id}/events?show=people`)
    expect(types({ items })).toEqual([
      'input.started',
      'input.edited',
      'input.stopped',
      'input.edited',
      'input.created',
    ])
  })

  test.each([
    '?limit=0',
    '?limit=201',
    '?limit=x',
    '?cursor=x',
    '?cursor=',
    '?from=yesterday',
    '?type=A!',
    '?show=all',
    '?nope=1',
    '?limit=1&limit=2',
  ])('%s is 422', async (query) => {
    await using app = await createApiApp()
    const { id } = await app.input()
    expect((await app.problem('GET', `/api/inputs/${id}/events${query}`)).status).toBe(422)
  })

  test('the last 5,000 are kept', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    for (let i = 0; i < 5_100; i++) {
      app.live.record({ inputId: id, actor: 'weir', type: 'input.active', message: `${i}` })
      if (i % 1000 === 0) await app.live.events(id, { limit: 1 })
    }
    await app.live.events(id, { limit: 1 })
    const { rows } = await app.db.client.execute('select count(*) as n, min(message) as first from events')
    expect(rows[0]?.['n']).toBe(5_000)
    const newest = await app.live.events(id, { limit: 1 })
    expect(newest.items[0]?.message).toBe('5099')
  })
})

test('what was made is there after a start, before anyone asks', async () => {
  let databaseFile: string
  const make = async (app: ApiApp) => {
    const { id } = await app.input({ name: 'Kept' })
    await app.output(id, { url: 'rtmp://h.example/live/SeCrEt-kEy' })
    return app.databaseFile
  }
  {
    await using app = await createApiApp()
    databaseFile = await make(app)
  }
  {
    await using again = await createApiApp({ databaseFile })
    expect(again.media.wanted()).toMatchObject([
      {
        name: 'Kept',
        enabled: true,
        outputs: [{ target: { host: 'h.example', app: 'live', streamKey: 'SeCrEt-kEy' } }],
      },
    ])
  }
  await using other = await createApiApp({ databaseFile, secretByte: 2 })
  expect(other.media.wanted()).toMatchObject([{ outputs: [] }])
  const [output] = await other.ok<{ status: string; status_reason: string }[]>('GET', '/api/inputs/1/outputs')
  expect(output).toMatchObject({
    status: 'error',
    has_stream_key: true,
    status_reason: expect.stringContaining('SECRET_KEY'),
  } as never)
  expect(await other.ok('PATCH', '/api/inputs/1/outputs/1', { stream_key: 'new' })).toMatchObject({ status: 'waiting' })
  expect(other.media.outputSpec(1).target).toMatchObject({ streamKey: 'new' })
})
