import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type ApiApp, createApiApp } from '../support/api-app.ts'

let app: ApiApp
beforeAll(async () => {
  app = await createApiApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const html = async (path: string) => {
  const answer = await app.fetch(path, { headers: { accept: 'text/html', 'hx-request': 'true' } })
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
}

describe('the system as fragments', () => {
  test.each([
    ['/api/health', '<table class="table" id="health">'],
    ['/api/system/status', '<div class="stack" id="workers">'],
    ['/api/system/settings', '<div id="settings">'],
    ['/api/system/logs?level=', '<section class="card" id="system-log-box"'],
  ])('%s', async (path, start) => {
    const { status, type, text } = await html(path)
    expect([status, type]).toEqual([200, 'text/html; charset=utf-8'])
    expect(text).toStartWith(start)
  })

  test('the same as JSON where nobody asks for HTML', async () => {
    for (const path of ['/api/health', '/api/system/status', '/api/system/settings', '/api/system/logs'])
      expect((await app.fetch(path)).headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  test('a level that is none is refused', async () => {
    expect((await html('/api/system/logs?level=loud')).status).toBe(422)
  })
})
