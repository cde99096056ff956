import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HAVE, sharedRtmp } from '../support/peers.ts'
import type { Program } from '../support/processes.ts'
import type { Input, Output } from '../support/resources.ts'
import { liveInput, running } from '../support/stage.ts'
import { tempDir } from '../support/temp.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
let input: Input
let feed: Program
let dir: string

beforeAll(async () => {
  dir = tempDir('injection')
  writeFileSync(join(dir, 'secret.txt'), 'do not read me')
  weir = await startWeir()
  ;({ input, feed } = await liveInput(weir))
})
afterAll(async () => {
  await feed?.stop()
  await weir?.[Symbol.asyncDispose]()
})

const create = (body: Record<string, unknown>) =>
  weir.call<Output>('POST', `/api/inputs/${input.id}/outputs`, { name: `o${Math.random()}`, ...body })

/** What would be a second option, a shell word or a file if anything on the way believed it. */
const HOSTILE = () => [
  `a\n-y\n${dir}/owned`,
  `a\r\nrtmp_app=other`,
  `a\u0000b`,
  `a\u001bb`,
  `$(touch ${dir}/owned)`,
  `;touch ${dir}/owned;`,
  `\`touch ${dir}/owned\``,
  `' -f mpegts ${dir}/owned '`,
  `-y ${dir}/owned`,
  `file:${dir}/secret.txt`,
  `%0a-y%0a${dir}/owned`,
]

describe('no text of a person becomes an option, a shell word or a file', () => {
  const fields: [field: string, body: (text: string) => Record<string, unknown>][] = [
    ['url, as it stands', (text) => ({ url: text })],
    ['url, host', (text) => ({ url: `udp://${text}:5000` })],
    ['url, path', (text) => ({ url: `rtmp://127.0.0.1:9/${text}`, stream_key: 'k' })],
    ['url, query', (text) => ({ url: `srt://127.0.0.1:9?streamid=${text}` })],
    ['stream_key', (text) => ({ url: 'rtmp://127.0.0.1:9/live', stream_key: text })],
    ['username', (text) => ({ url: 'rtmp://127.0.0.1:9/live', stream_key: 'k', username: text, password: text })],
    ['passphrase', (text) => ({ url: 'srt://127.0.0.1:9', passphrase: text.padEnd(10, 'x') })],
    ['options.stream_id', (text) => ({ url: 'srt://127.0.0.1:9', options: { stream_id: text } })],
    ['options.interface', (text) => ({ url: 'udp://239.1.2.3:5000', options: { interface: text } })],
    ['name', (text) => ({ name: text, url: 'udp://127.0.0.1:5001' })],
  ]
  test.each(fields)('%s', async (_, body) => {
    for (const text of HOSTILE()) {
      const { status, json } = await create(body(text))
      expect([201, 409, 422]).toContain(status)
      if (status !== 201) continue
      const tried = await weir.outputIs(
        json,
        'tried',
        (o) => o.process_id !== null || o.last_exit !== null || o.status === 'error',
      )
      for (const child of weir.children()) expect(child.command).not.toContain(`${dir}/owned`)
      expect(JSON.stringify(tried.last_exit)).not.toContain('do not read me')
      await weir.call('DELETE', `/api/inputs/${input.id}/outputs/${json.id}`)
    }
    expect(existsSync(join(dir, 'owned'))).toBe(false)
  })

  test.each([
    'file:///etc/passwd',
    'pipe:1',
    'tee:a|b',
    'http://127.0.0.1/',
    'concat:/etc/passwd',
    'unix:/tmp/x',
    'srt://',
    'udp://:5000',
    '/etc/passwd',
    'UDP://127.0.0.1:70000',
  ])('the address %s is refused', async (url) => {
    expect((await create({ url })).status).toBe(422)
  })

  test('control characters are refused in every field that reaches FFmpeg', async () => {
    for (const body of [
      { url: 'rtmp://127.0.0.1:9/live', stream_key: 'a\nb' },
      { url: 'srt://127.0.0.1:9', passphrase: 'long enough\n-y' },
      { url: 'srt://127.0.0.1:9', options: { stream_id: 'a\u0000b' } },
      { url: 'rtmp://127.0.0.1:9/li\nve', stream_key: 'k' },
    ]) {
      expect((await create(body)).status).toBe(422)
    }
  })
})

test.skipIf(!HAVE.rtmp)('a key of odd but legal characters arrives as it was typed', async () => {
  const server = await sharedRtmp()
  const stream_key = `k%20 ="'$;&|<>#é`
  const made = await create({ url: `rtmp://127.0.0.1:${server.port}/live`, stream_key })
  expect(made.status).toBe(201)
  await weir.outputIs(made.json, 'running', running)
  await server.called('the very key', (c) => c.call === 'publish' && c.name === stream_key)
  await weir.call('DELETE', `/api/inputs/${input.id}/outputs/${made.json.id}`)
})
