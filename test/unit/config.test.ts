import { describe, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { loadConfig, toEnvExample, toMarkdown } from '../../src/config.ts'

function loaded(env: Record<string, string>) {
  const result = loadConfig(env)
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  return result.config
}

function faultNames(env: Record<string, string>): string[] {
  const result = loadConfig(env)
  return result.ok ? [] : result.faults.map((fault) => fault.name)
}

describe('loadConfig', () => {
  test('runs with an empty environment', () => {
    const config = loaded({})
    expect(config.web).toEqual({
      port: 8080,
      host: '0.0.0.0',
      publicUrl: null,
      trustedProxies: [],
      production: false,
      apiKey: null,
    })
    expect(config.data.databaseUrl).toBe(`file:${resolve('data/weir.db')}`)
    expect(config.ports).toEqual({ udp: { start: 5000, end: 5100 }, srt: { start: 8900, end: 8990 } })
    expect(config.media.rtmp).toEqual({ host: '0.0.0.0', port: 1935, tls: null })
    expect(config.outputs).toEqual({ maxPerInput: 20, reconnectDelaySeconds: 5, maxReconnectAttempts: 0 })
    expect(config.media.ringMaxBytes).toBe(32 * 1024 * 1024)
    expect(config.media.maxWorkers).toBeWithin(1, 5)
  })

  test('an empty or blank variable counts as not set', () => {
    expect(loaded({ PORT: '', HOST: '  ' }).web).toMatchObject({ port: 8080, host: '0.0.0.0' })
  })

  test('values are parsed and paths made absolute', () => {
    const config = loaded({
      PORT: '9000',
      PUBLIC_URL: 'https://weir.example.org/',
      TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,fd00::/8',
      DATA_DIR: 'x',
      DEFAULT_RECONNECT_DELAY: '0.5',
      FAULTS: '1',
      MEDIA_WORKERS: '3',
    })
    expect(config.web.port).toBe(9000)
    expect(config.web.publicUrl).toBe('https://weir.example.org')
    expect(config.web.trustedProxies).toEqual(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])
    expect(config.data.dir).toBe(resolve('x'))
    expect(config.outputs.reconnectDelaySeconds).toBe(0.5)
    expect(config.media).toMatchObject({ faults: true, maxWorkers: 3 })
  })

  test('all faults come at once, by name', () => {
    expect(
      faultNames({
        PORT: 'x',
        LOG_LEVEL: 'loud',
        TRUSTED_PROXIES: 'nobody',
        SECRET_KEY: 'short',
        FFMPEG_PATH: 'ffmpeg',
      }),
    ).toEqual(['PORT', 'TRUSTED_PROXIES', 'SECRET_KEY', 'LOG_LEVEL'])
  })

  test.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['PUBLIC_URL', 'weir.example.org'],
    ['PUBLIC_URL', 'ftp://weir.example.org'],
    ['PUBLIC_URL', 'https://example.org/weir'],
    ['PUBLIC_URL', 'https://example.org/?weir'],
    ['PUBLIC_URL', 'https://me@example.org'],
    ['DATABASE_URL', '/var/lib/weir.db'],
    ['API_KEY', 'two words, long enough'],
    ['API_KEY', 'fifteen-letters'],
    ['API_KEY', 'a b'],
    ['MEDIA_WORKERS', '0'],
    ['RING_MAX_MB', '1'],
    ['DEFAULT_RECONNECT_DELAY', '0'],
    ['FAULTS', 'yes'],
    ['ENVIRONMENT', 'staging'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ])('%s=%s is refused', (name, value) => {
    expect(faultNames({ [name]: value })).toEqual([name])
  })

  test('a range must not end before it starts', () => {
    expect(faultNames({ UDP_PORT_RANGE_START: '6000', UDP_PORT_RANGE_END: '5999' })).toEqual(['UDP_PORT_RANGE_END'])
    expect(faultNames({ SRT_PORT_RANGE_START: '8995' })).toEqual(['SRT_PORT_RANGE_END'])
  })

  test('faults are refused in production', () => {
    expect(faultNames({ FAULTS: '1', ENVIRONMENT: 'production' })).toEqual(['FAULTS'])
  })

  test('settings say where a value comes from and never show a secret', () => {
    const { settings } = loaded({ API_KEY: 'k-1234567890abcdef', DATABASE_URL: 'libsql://h?authToken=t', PORT: '1' })
    const by = Object.fromEntries(settings.map((setting) => [setting.name, setting]))
    expect(by['PORT']).toEqual({ name: 'PORT', value: '1', source: 'env' })
    expect(by['HOST']).toEqual({ name: 'HOST', value: '0.0.0.0', source: 'default' })
    expect(by['API_KEY']).toEqual({ name: 'API_KEY', value: '***', source: 'env' })
    expect(JSON.stringify(settings)).not.toMatch(/k-1234567890|authToken/)
  })

  test('a fault never repeats a secret', () => {
    const result = loadConfig({ SECRET_KEY: 'hunter2', API_KEY: 'my key' })
    expect(JSON.stringify(result)).not.toMatch(/hunter2|my key/)
  })
})

describe('documents', () => {
  test('.env.example is what the schema prints', async () => {
    expect(await Bun.file('.env.example').text()).toBe(toEnvExample())
  })

  test("the README's table is what the schema prints", async () => {
    const readme = await Bun.file('README.md').text()
    const table = /<!-- config -->\n([\s\S]*?)\n<!-- \/config -->/.exec(readme)?.[1]
    expect(table?.trim()).toBe(toMarkdown())
  })

  test('each default of .env.example is one that loads', () => {
    const env = Object.fromEntries(
      [...toEnvExample().matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name ?? '', value ?? '']),
    )
    expect(Object.keys(env)).toContain('RTMP_PORT')
    expect(loaded(env).settings.every((setting) => setting.source === (env[setting.name] ? 'env' : 'default'))).toBe(
      true,
    )
  })
})

describe('RTMP publishers', () => {
  test('a certificate with its key opens the encrypted port beside the plain one', () => {
    const files = { RTMPS_CERT_FILE: 'cert.pem', RTMPS_KEY_FILE: '/etc/key.pem' }
    const tls = { port: 1936, certFile: resolve('cert.pem'), keyFile: '/etc/key.pem' }
    expect(loaded(files).media.rtmp).toEqual({ host: '0.0.0.0', port: 1935, tls })
    expect(loaded({ ...files, RTMP_PORT: '0', RTMP_HOST: '::1' }).media.rtmp).toEqual({
      host: '::1',
      port: 0,
      tls: null,
    })
    expect(loaded({ ...files, RTMPS_PORT: '0' }).media.rtmp.tls).toBeNull()
  })

  test.each([
    [{ RTMPS_CERT_FILE: 'a' }, ['RTMPS_KEY_FILE']],
    [{ RTMPS_KEY_FILE: 'a' }, ['RTMPS_CERT_FILE']],
    [{ RTMP_PORT: '8080' }, ['RTMP_PORT']],
    [{ RTMPS_PORT: '1935', RTMPS_CERT_FILE: 'a', RTMPS_KEY_FILE: 'b' }, ['RTMPS_PORT']],
    [{ PORT: '1936' }, []],
    [{ RTMPS_PORT: '0', RTMP_PORT: '0', PORT: '0', RTMPS_CERT_FILE: 'a', RTMPS_KEY_FILE: 'b' }, []],
    [{ PORT: '0', RTMP_PORT: '0' }, []],
  ])('%j: faults %j', (env: Record<string, string>, names) => {
    expect(faultNames(env)).toEqual(names)
  })
})
