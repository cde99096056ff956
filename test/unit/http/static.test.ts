import { beforeAll, describe, expect, test } from 'bun:test'
import { Hono } from 'hono'
import { bundleBrowser } from '../../../build-browser.ts'
import { openStaticFiles, type StaticFiles } from '../../../src/assets.ts'
import type { HttpEnv } from '../../../src/http/endpoint.ts'
import { answerStatic } from '../../../src/http/static.ts'

let files: StaticFiles
const app = new Hono<HttpEnv>()
app.get('/static/*', (c) => answerStatic(c, files))
beforeAll(async () => {
  files = await openStaticFiles()
})
const ask = (path: string, headers: Record<string, string> = {}) => app.request(path, { headers })

describe('static files', () => {
  test('stand at an address of their content and are kept for ever', async () => {
    const url = files.url('app.css')
    expect(url).toMatch(/^\/static\/app\.[0-9a-f]{16}\.css$/)
    const answer = await ask(url)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(answer.headers.get('content-type')).toBe('text/css; charset=utf-8')
    expect(await answer.text()).toBe(await Bun.file('static/app.css').text())
  })
  test('come compressed to those who take it, with a tag of its own', async () => {
    const url = files.url('app.js')
    const plain = await ask(url)
    const small = await ask(url, { 'accept-encoding': 'gzip, br' })
    expect(small.headers.get('content-encoding')).toBe('gzip')
    expect(small.headers.get('vary')).toBe('Accept-Encoding')
    expect(small.headers.get('etag')).not.toBe(plain.headers.get('etag'))
    expect(new TextDecoder().decode(Bun.gunzipSync(await small.arrayBuffer()))).toBe(await plain.text())
  })
  test('are not sent twice', async () => {
    const url = files.url('favicon.svg')
    const etag = (await ask(url)).headers.get('etag') ?? ''
    const again = await ask(url, { 'if-none-match': `"other", ${etag}` })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })
  test('are not there under another hash, or above their folder', async () => {
    expect((await ask('/static/app.0000000000000000.css')).status).toBe(404)
    expect((await ask('/static/..%2fpackage.json')).status).toBe(404)
  })
  test('are small: script under 40 kB, style under 15 kB', async () => {
    const sizeOf = async (name: 'app.js' | 'app.css') =>
      (await (await ask(files.url(name), { 'accept-encoding': 'gzip' })).bytes()).length
    expect(await sizeOf('app.js')).toBeLessThan(40_000)
    expect(await sizeOf('app.css')).toBeLessThan(15_000)
  })
})

describe('what a strict policy asks', () => {
  test('the style loads nothing', async () => {
    expect(await Bun.file('static/app.css').text()).not.toMatch(/url\(|@import/)
  })
  test('the committed script is what its sources make', async () => {
    expect(await Bun.file('static/app.js').text()).toBe(await bundleBrowser())
  })
})
