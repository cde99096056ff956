import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type ApiApp, createApiApp } from '../support/api-app.ts'
import { corners } from '../support/pictures.ts'
import type { Problem } from '../support/resources.ts'

let app: ApiApp
let inputId: number
beforeAll(async () => {
  app = await createApiApp()
  const input = await app.input()
  inputId = input.id
  app.media.input(inputId, { status: 'active' })
  app.media.picture(inputId, new Uint8Array(await corners(320, 180).jpeg().toBuffer()))
  await app.ok('POST', '/api/streams', { key: 'show', title: 'Show', visibility: 'public', input_id: inputId })
})
afterAll(() => app[Symbol.asyncDispose]())

const page = async (path: string) => (await app.ask(path, { headers: { accept: 'text/html' } })).text()

test('while its feed is there, a stream is as it looks now and its frame can be taken', async () => {
  for (const path of ['/streams/show', '/']) {
    const text = await page(path)
    expect(text).toContain('alt="Show, as it looks now"')
    expect(text).not.toContain('is-stale')
  }
  expect((await app.call('POST', '/api/streams/show/capture')).status).toBe(201)
})

test.each([
  ['the input waits for its feed', { status: 'inactive' }],
  ['the last picture stands', { status: 'inactive', onAir: 'freeze' }],
  ['it is frozen by hand', { status: 'active', onAir: 'freeze' }],
] as const)(
  '%s: the picture is greyed and says its age, the stream is interrupted, nothing is taken',
  async (_, state) => {
    app.media.input(inputId, { onAir: 'none', ...state })
    for (const path of ['/streams/show', '/']) {
      const text = await page(path)
      expect(text).toContain('Interrupted')
      expect(text).toContain('alt="Show, as it was last seen"')
      expect(text).toMatch(/class="still is-stale">.*class="still-age"><time/s)
    }
    expect((await app.ask('/api/streams/show/live.jpg')).status).toBe(200)
    expect(await app.problem('POST', '/api/streams/show/capture')).toMatchObject({
      status: 404,
      code: 'input.no_picture',
      detail: 'Its feed is not there now.',
    } satisfies Partial<Problem>)
  },
)

test('a slate or a backup is what viewers see now', async () => {
  for (const onAir of ['slate', 'backup'] as const) {
    app.media.input(inputId, { status: 'inactive', onAir })
    expect(await page('/streams/show')).toContain('alt="Show, as it looks now"')
  }
})
