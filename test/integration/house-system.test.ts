import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { MIGRATIONS } from '../support/migrations.ts'
import { tempDir } from '../support/temp.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

let weir: Weir
beforeAll(async () => {
  weir = await startWeir({ env: { TRUSTED_PROXIES: '127.0.0.1' } })
})
afterAll(() => weir[Symbol.asyncDispose]())

const bare = (path: string, init: RequestInit = {}) => fetch(weir.url + path, init)

describe('open doors', () => {
  test.each(['/api/health', '/health', '/healthz', '/readyz', '/login', '/api/session'])(
    '%s opens to whoever shows a key of another house, as often as they like',
    async (path) => {
      for (const [name, value] of [
        ['authorization', `Basic ${btoa('proxy:password')}`],
        ['authorization', 'Bearer wrong'],
        ['x-api-key', 'wrong'],
      ] as const)
        for (let i = 0; i < 5; i++) expect((await bare(path, { headers: { [name]: value } })).status).toBe(200)
    },
  )

  test.each(['/api/health', '/health', '/healthz', '/readyz'])('%s needs no key and says one word', async (path) => {
    const answer = await bare(path)
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }])
  })

  test('with the key health says why', async () => {
    const { json } = await weir.ok<{ json: never }>('GET', '/api/health').then((json) => ({ json }))
    expect(json).toMatchObject({
      status: 'ok',
      version: manifest.version,
      checks: { database: { status: 'ok' }, ffmpeg: { status: 'ok' }, mediamtx: { status: 'off' } },
    })
  })

  test('the door and its files', async () => {
    const page = await bare('/login')
    const html = await page.text()
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(html).toStartWith('<!doctype html>')
    expect(html).not.toContain(TEST_KEY)
    const urls = [...html.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((match) => match[1] ?? '')
    expect(urls).toHaveLength(3)
    for (const url of urls) {
      const file = await bare(url)
      expect([file.status, file.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
      expect((await file.bytes()).byteLength).toBeGreaterThan(100)
      const etag = file.headers.get('etag') ?? ''
      expect((await bare(url, { headers: { 'if-none-match': etag } })).status).toBe(304)
      const head = await bare(url, { method: 'HEAD' })
      expect([head.status, await head.text()]).toEqual([200, ''])
    }
  })

  test.each(['/static/app.css', '/static/../package.json', '/static/%2e%2e/.env', '/static/'])(
    '%s is not there',
    async (path) => {
      expect((await bare(path)).status).toBe(404)
    },
  )
})

describe('closed doors', () => {
  test.each(['', 'evil"<x>', 'a b', '[::1', 'h:99999'])(
    'the Host "%s" is malformed, not a fault of ours',
    async (host) => {
      const { hostname, port } = new URL(weir.url)
      const { promise, resolve } = Promise.withResolvers<string>()
      await Bun.connect({
        hostname,
        port: Number(port),
        socket: {
          open: (socket) => void socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
          data: (_, data) => resolve(data.toString().split('\r\n')[0] ?? ''),
          close: () => resolve('closed'),
        },
      })
      expect(await promise).toStartWith('HTTP/1.1 400')
    },
  )

  test('every other route of the API wants the key', async () => {
    const { paths } = await weir.ok<{ paths: Record<string, Record<string, { security?: object[] }>> }>(
      'GET',
      '/api/openapi.json',
    )
    let asked = 0
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { security }] of Object.entries(methods)) {
        if (security) continue
        asked++
        const answer = await bare(path.replace(/\{\w+\}/g, '1'), { method: method.toUpperCase() })
        // Of a stream or a picture a stranger is not even told that there is none.
        const refused = /^\/(?:api\/)?(?:streams|images)\/\{/.test(path) ? 404 : 401
        expect([path, method, answer.status]).toEqual([path, method, refused])
      }
    expect(asked).toBeGreaterThan(20)
  })

  test('wrong keys from one address are limited, other addresses and the right key go on', async () => {
    const guess = (from: string, key: string) =>
      bare('/api/inputs', { headers: { 'x-forwarded-for': from, authorization: `Bearer ${key}` } })
    for (let i = 0; i < 10; i++) expect((await guess('192.0.2.1', `guess-${i}`)).status).toBe(401)
    const limited = await guess('192.0.2.1', 'one-more')
    expect(limited.status).toBe(429)
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await guess('192.0.2.2', 'another')).status).toBe(401)
    expect((await guess('192.0.2.1', TEST_KEY)).status).toBe(200)
  })

  test('a page of another site changes nothing', async () => {
    const answer = await bare('/api/inputs', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${TEST_KEY}`,
        origin: 'https://evil.example',
        'content-type': 'application/json',
      },
      body: '{"name":"x"}',
    })
    expect(answer.status).toBe(403)
  })
})

describe('system', () => {
  test('status', async () => {
    const status = await weir.ok<Record<string, never>>('GET', '/api/system/status')
    expect(status).toMatchObject({
      version: manifest.version,
      host: { cpu_count: expect.any(Number), disk_free_bytes: expect.any(Number), load: expect.any(Array) },
      process: { memory_bytes: expect.any(Number) },
      event_loop_lag_ms: expect.any(Number),
      inputs: {},
      outputs: {},
      workers: expect.any(Array),
    })
  })

  test('MediaMTX is off', async () => {
    expect(await weir.ok<unknown>('GET', '/api/system/mediamtx/status')).toEqual({
      mode: 'off',
      version: null,
      reachable: false,
    })
  })

  test('settings say where they come from and hide secrets', async () => {
    const settings = await weir.ok<{ name: string }[]>('GET', '/api/system/settings')
    const by = (name: string) => settings.find((setting) => setting.name === name)
    expect(by('HOST')).toEqual({ name: 'HOST', value: '127.0.0.1', source: 'env' } as never)
    expect(by('RING_MAX_MB')).toEqual({ name: 'RING_MAX_MB', value: '32', source: 'default' } as never)
    expect(by('API_KEY')).toEqual({ name: 'API_KEY', value: '***', source: 'env' } as never)
    expect(by('SECRET_KEY')).toEqual({ name: 'SECRET_KEY', value: '***', source: 'file' } as never)
  })

  test('logs come by pages, newest first', async () => {
    type Page = { items: { at: string; level: string; text: string }[]; next_cursor: string | null }
    const first = await weir.ok<Page>('GET', '/api/system/logs?limit=1')
    expect(first.items.length).toBeLessThanOrEqual(1)
    expect((await weir.call('GET', '/api/system/logs?limit=0')).status).toBe(422)
    expect((await weir.call('GET', '/api/system/logs?cursor=abc')).status).toBe(422)
    expect((await weir.call('GET', '/api/system/logs?lmit=1')).status).toBe(422)
  })

  test('the log begins with the start: version, address, and what was done to the database', async () => {
    type Page = { items: { text: string; fields: unknown }[] }
    const { items } = await weir.ok<Page>('GET', '/api/system/logs?level=info')
    const fields = {
      version: manifest.version,
      address: weir.url,
      migrations: MIGRATIONS,
    }
    expect(items.at(-1)).toMatchObject({ text: 'Weir is ready', fields })
  })

  test('the FFmpeg that runs is the one that health looks for: first on the PATH', async () => {
    const dir = tempDir('house')
    await Bun.write(join(dir, 'ffmpeg'), '#!/bin/sh\necho "ffmpeg version 99-mine"\n')
    chmodSync(join(dir, 'ffmpeg'), 0o755)
    await using mine = await startWeir({ env: { PATH: `${dir}:${process.env['PATH']}` } })
    type Status = { versions: { ffmpeg: { version: string } | null } }
    const version = async () => (await mine.ok<Status>('GET', '/api/system/status')).versions.ffmpeg?.version
    expect(await eventually(10_000, 'FFmpeg has said what it is', version)).toBe('99-mine')
    expect(await mine.ok('GET', '/api/health')).toMatchObject({ checks: { ffmpeg: { status: 'ok' } } })
    chmodSync(join(dir, 'ffmpeg'), 0o644)
    expect(await mine.ok('GET', '/api/health')).toMatchObject({ checks: { ffmpeg: { status: 'degraded' } } })
  })

  test('faults want something known', async () => {
    expect((await weir.call('POST', '/api/system/faults', { kill: 'media:99' })).status).toBe(404)
    expect((await weir.call('POST', '/api/system/faults', { kill: 'everything' })).status).toBe(422)
  })

  test('without FAULTS=1 there is no such route', async () => {
    await using plain = await startWeir({ env: { FAULTS: '' } })
    expect((await plain.call('POST', '/api/system/faults', { kill: 'media:1' })).status).toBe(404)
  })
})

describe('OpenAPI', () => {
  type Operation = {
    operationId: string
    parameters?: { name: string; in: string; required: boolean; schema: object }[]
    requestBody?: { content: Record<string, { schema: object }> }
    responses: Record<string, { description?: string; $ref?: string; content?: Record<string, { schema?: object }> }>
  }
  type Document = { openapi: string; paths: Record<string, Record<string, Operation>>; components: object }

  test('the document is whole: every reference leads somewhere, every parameter is declared', async () => {
    const document = await weir.ok<Document>('GET', '/api/openapi.json')
    expect(document.openapi).toBe('3.1.0')
    const ids = new Set<string>()
    for (const [path, methods] of Object.entries(document.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      for (const [method, operation] of Object.entries(methods)) {
        expect(['get', 'post', 'put', 'patch', 'delete']).toContain(method)
        expect(ids.has(operation.operationId)).toBe(false)
        ids.add(operation.operationId)
        const declared = (operation.parameters ?? []).filter((p) => p.in === 'path').map((p) => p.name)
        expect(declared.sort()).toEqual([...inPath].sort() as string[])
        expect(Object.keys(operation.responses).some((status) => /^2\d\d$/.test(status))).toBe(true)
        for (const answer of Object.values(operation.responses)) expect(answer.description ?? answer.$ref).toBeString()
      }
    }
    const text = JSON.stringify(document)
    for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      let place: unknown = document
      for (const part of pointer.split('/')) place = (place as Record<string, unknown> | undefined)?.[part]
      expect([pointer, typeof place]).toEqual([pointer, 'object'])
    }
  })

  test('what the contract names is in it', async () => {
    const { paths } = await weir.ok<Document>('GET', '/api/openapi.json')
    const all = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((m) => `${m.toUpperCase()} ${path}`),
    )
    for (const line of [
      'GET /api/inputs',
      'POST /api/inputs',
      'PATCH /api/inputs/{id}',
      'DELETE /api/inputs/{id}',
      'POST /api/inputs/{id}/restart',
      'GET /api/inputs/{id}/probe',
      'GET /api/inputs/{id}/events',
      'GET /api/inputs/{id}/history',
      'POST /api/inputs/{id}/outputs',
      'PATCH /api/inputs/{id}/outputs/{oid}',
      'POST /api/inputs/{id}/outputs/{oid}/duplicate',
      'GET /api/inputs/{id}/outputs/{oid}/logs',
      'GET /api/events',
      'GET /api/health',
      'GET /api/system/status',
    ])
      expect(all).toContain(line)
  })
})
