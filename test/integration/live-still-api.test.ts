import { expect, test } from 'bun:test'
import { createApiApp } from '../support/api-app.ts'

const JPEG = new Uint8Array([0xff, 0xd8, 1, 2, 3, 0xff, 0xd9])

test('the newest picture: bytes, a strong ETag, 304, the widths there are, 404 without one', async () => {
  await using app = await createApiApp()
  const { id } = await app.input()
  const url = `/api/inputs/${id}/live.jpg`
  expect(await app.problem('GET', url)).toMatchObject({ status: 404, code: 'input.no_picture' })
  expect(app.live.stillAt(id)).toBeNull()

  app.media.picture(id, JPEG, 1_700_000_000_500)
  expect(app.live.stillAt(id)).toBe(1_700_000_000_500)
  const first = await app.fetch(url)
  expect(first.status).toBe(200)
  expect(first.headers.get('content-type')).toBe('image/jpeg')
  expect(first.headers.get('cache-control')).toBe('private, no-cache')
  expect(await first.bytes()).toEqual(JPEG)
  const etag = first.headers.get('etag') ?? ''
  expect(etag).toMatch(/^"[0-9a-z]+"$/)

  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await app.fetch(`${url}?width=640&at=1700000000500`, { headers: { 'if-none-match': known } })
    expect(again.status).toBe(304)
    expect(again.headers.get('etag')).toBe(etag)
    expect(await again.text()).toBe('')
  }
  app.media.picture(id, new Uint8Array([...JPEG, 0]))
  expect((await app.fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(200)

  for (const width of [160, 320, 640, 1280, 1920]) expect((await app.fetch(`${url}?width=${width}`)).status).toBe(200)
  for (const query of ['width=641', 'width=', 'width=1e3', 'height=9', 'at=-1'])
    expect((await app.problem('GET', `${url}?${query}`)).status).toBe(422)
  expect((await app.problem('GET', '/api/inputs/999/live.jpg')).code).toBe('input.not_found')
})
