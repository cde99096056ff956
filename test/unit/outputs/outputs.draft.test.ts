import { describe, expect, test } from 'bun:test'
import type { OutputRow } from '../../../src/db/tables/outputs.ts'
import { isAppError } from '../../../src/errors.ts'
import { ANY_PORT, toOutputDraft } from '../../../src/outputs/outputs.draft.ts'
import { type OutputPatch, outputPatch } from '../../../src/outputs/outputs.schema.ts'

const defaults = { reconnectDelaySeconds: 5, maxReconnectAttempts: 3 }
const create = (body: OutputPatch) => toOutputDraft(outputPatch.parse({ name: 'O', ...body }), null, defaults)

/** A row as the service would store the draft; what is sealed is only told from what is not. */
function store(body: OutputPatch): OutputRow {
  const { secrets, ...columns } = create(body)
  const sealed = (value: string | null | undefined) => (value ? 'sealed' : null)
  return {
    ...columns,
    id: 7,
    inputId: 1,
    generation: 0,
    createdAt: 0,
    updatedAt: 0,
    streamKeySealed: sealed(secrets.stream_key),
    usernameSealed: sealed(secrets.username),
    passwordSealed: sealed(secrets.password),
    passphraseSealed: sealed(secrets.passphrase),
    streamIdSealed: sealed(secrets.stream_id),
  }
}
const edit = (stored: OutputRow, body: OutputPatch) => toOutputDraft(outputPatch.parse(body), stored, defaults)

function faults(run: () => unknown): string[] {
  try {
    run()
  } catch (error) {
    if (!isAppError(error)) throw error
    return (error.errors ?? []).map((each) => each.path)
  }
  return []
}

describe('create', () => {
  test('the defaults are those of the server', () => {
    expect(create({ url: 'udp://10.0.0.1:5' })).toEqual({
      protocol: 'udp',
      tls: false,
      host: '10.0.0.1',
      port: 5,
      app: '',
      engine: 'ffmpeg',
      name: 'O',
      nameKey: 'o',
      options: {},
      secrets: {},
      enabled: true,
      autoReconnect: true,
      reconnectDelaySeconds: 5,
      maxReconnectDelaySeconds: 60,
      maxReconnectAttempts: 3,
      stallTimeoutSeconds: 10,
    })
  })

  test('what the body says goes before what the address carries', () => {
    const { secrets, options } = create({
      url: 'srt://h:1?passphrase=from-the-url&streamid=url&latency=300&pkt_size=188',
      passphrase: 'from-the-body',
      options: { stream_id: 'body', latency_ms: 400 },
    })
    expect(secrets).toEqual({ passphrase: 'from-the-body', stream_id: 'body' })
    expect(options).toEqual({ latency_ms: 400, pkt_size: 188 })
  })

  test('every fault comes at once', () => {
    const bad = {
      url: 'udp://10.0.0.1:5',
      protocol: 'rtmp' as const,
      stream_key: 'x',
      reconnect_delay: 9,
      max_reconnect_delay: 3,
      options: { ttl: 4, tls_verify: true, audio: 'none' as const, video: 'none' as const },
    }
    expect(faults(() => create(bad)).sort()).toEqual([
      'max_reconnect_delay',
      'options.audio',
      'options.tls_verify',
      'options.ttl',
      'protocol',
      'stream_key',
    ])
  })
})

describe('edit', () => {
  const rtmp = store({ url: 'rtmps://u:p@h/app/inst/key', options: { tls_verify: false, audio: 'copy' } })
  const srt = store({ url: 'srt://h:1?passphrase=0123456789&streamid=s', options: { latency_ms: 400 } })
  const group = store({ url: 'udp://239.0.0.1:5?ttl=4&localaddr=10.0.0.1' })

  test('nothing said, nothing changed', () => {
    for (const row of [rtmp, srt, group]) {
      const { secrets, ...columns } = edit(row, {})
      expect(row).toMatchObject(columns)
      expect(Object.values(secrets).filter((value) => value !== null)).toEqual([])
    }
  })

  test.each([
    ['no address', {}, {}],
    ['the address as it was shown', { url: 'rtmps://h/app/inst' }, {}],
    ['an address with a key', { url: 'rtmps://h/app/inst/new' }, { stream_key: 'new' }],
    ['a key apart', { url: 'rtmps://h/a/b/c', stream_key: 'k' }, { stream_key: 'k' }],
    ['null', { stream_key: null }, { stream_key: null }],
    ['another login', { url: 'rtmps://x:y@h/app/inst' }, { username: 'x', password: 'y' }],
  ] as const)('secrets after %s', (_, body, changes) => {
    const { secrets } = edit(rtmp, body as OutputPatch)
    const { passphrase, stream_id, ...own } = secrets
    expect([own, passphrase, stream_id]).toEqual([changes, null, null])
  })

  test('another protocol: what no longer fits is cleared, what fits stays', () => {
    const draft = edit(rtmp, { url: 'srt://h:1' })
    expect(draft.options).toEqual({ audio: 'copy' })
    expect(draft.secrets).toEqual({ stream_key: null, username: null, password: null })
    expect(edit(rtmp, { url: 'rtmp://h/app/inst' }).options).toEqual({ audio: 'copy' })
    expect(edit(group, { url: 'udp://10.0.0.1:5' }).options).toEqual({})
    expect(faults(() => edit(group, { url: 'udp://10.0.0.1:5', options: { ttl: 2 } }))).toEqual(['options.ttl'])
  })

  test('options merge; null in them clears one, null for them clears all but what the address says', () => {
    expect(edit(srt, { options: { pkt_size: 188 } }).options).toEqual({ latency_ms: 400, pkt_size: 188 })
    expect(edit(srt, { options: { latency_ms: null } }).options).toEqual({})
    expect(edit(srt, { options: null })).toMatchObject({ options: {}, secrets: { stream_id: null } })
    const fresh = edit(srt, { options: null, url: 'srt://h:1?latency=100&streamid=new' })
    expect(fresh).toMatchObject({ options: { latency_ms: 100 }, secrets: { stream_id: 'new' } })
  })

  test('rules hold for the result, not for the body alone', () => {
    expect(faults(() => edit(rtmp, { username: null }))).toEqual(['username'])
    expect(faults(() => edit(rtmp, { username: null, password: null }))).toEqual([])
    expect(faults(() => edit(rtmp, { reconnect_delay: 61 }))).toEqual(['max_reconnect_delay'])
    expect(faults(() => edit(rtmp, { reconnect_delay: 61, max_reconnect_delay: null }))).toEqual([])
    expect(
      faults(() =>
        edit(store({ url: 'udp://10.0.0.1:5', options: { audio: 'none' } }), { options: { video: 'none' } }),
      ),
    ).toEqual(['options.audio'])
  })
})

describe('a listener', () => {
  const stored = store({ protocol: 'srt_listener', srt_port: 9000, options: { latency_ms: 400, stream_id: 's' } })
  test('has no address, and any port where none is wanted', () => {
    const place = { protocol: 'srt_listener', tls: false, host: '', app: '' }
    expect(create({ protocol: 'srt_listener' })).toMatchObject({ ...place, port: ANY_PORT })
    expect(create({ protocol: 'srt_listener', srt_port: 9000, url: null })).toMatchObject({ ...place, port: 9000 })
    expect(edit(stored, {})).toMatchObject({ ...place, port: 9000 })
    expect(edit(stored, { srt_port: null })).toMatchObject({ ...place, port: ANY_PORT })
  })
  test('keeps its secrets and options on the way to a caller', () => {
    const draft = edit(stored, { url: 'srt://h:1' })
    expect(draft).toMatchObject({ protocol: 'srt_caller', options: { latency_ms: 400 }, secrets: {} })
  })
  test.each([
    ['an address', { protocol: 'srt_listener', url: 'srt://h:1' }, 'url'],
    ['no address on the way back', { protocol: 'srt_caller' }, 'url'],
    ['null as the address of another kind', { protocol: 'udp', url: null }, 'url'],
  ] as const)('refuses %s', (_, body, path) => {
    expect(faults(() => edit(stored, body as OutputPatch))).toEqual([path])
  })
})

describe('the engine', () => {
  const direct = store({ url: 'udp://10.0.0.1:5', engine: 'direct', options: { transparent: true } })
  test('stays, and falls away with another protocol; so does what it alone has', () => {
    expect(edit(direct, { name: 'N' })).toMatchObject({ engine: 'direct', options: { transparent: true } })
    expect(edit(direct, { url: 'udp://10.0.0.2:5' }).engine).toBe('direct')
    expect(edit(direct, { url: 'srt://h:1' })).toMatchObject({ engine: 'ffmpeg', options: {} })
    expect(edit(direct, { engine: null })).toMatchObject({ engine: 'ffmpeg', options: {} })
  })
  test.each([
    [{ options: { video: '720p' } }, ['engine']],
    [{ options: { video: 'none' } }, ['engine']],
    [{ options: { audio: 'aac' } }, ['engine']],
    [{ options: { audio: 'copy' } }, []],
    [{ url: 'srt://h:1', engine: 'direct' }, ['engine']],
    [{ engine: 'ffmpeg', options: { transparent: true } }, ['options.transparent']],
  ] as const)('with %j: %j', (body, paths) => {
    expect(faults(() => edit(direct, body as unknown as OutputPatch))).toEqual([...paths])
  })
})
