import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type ApiApp, createApiApp } from '../support/api-app.ts'

let app: ApiApp
beforeAll(async () => {
  app = await createApiApp()
  await app.input({ name: 'Target' })
})
afterAll(() => app[Symbol.asyncDispose]())

/** Link-local and the metadata of clouds, in every spelling that some program on the way might read as an address. */
const OFF_LIMITS = [
  '169.254.169.254',
  '169.254.0.1',
  '169.254.169.254.',
  '2852039166',
  '0xa9fea9fe',
  '0xa9.0xfe.0xa9.0xfe',
  '0251.0376.0251.0376',
  '169.254.43518',
  '[fe80::1]',
  '[febf::1]',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[::169.254.169.254]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:a9fe:a9fe::1]',
  '[fd00:ec2::254]',
  '[fe80::1%25eth0]',
  'metadata.google.internal',
  'METADATA.google.internal.',
  '①⑥⑨.②⑤④.①⑥⑨.②⑤④',
]
const INPUTS = {
  rtsp: (host: string) => ({ kind: 'rtsp', url: `rtsp://${host}/live` }),
  hls: (host: string) => ({ kind: 'hls', url: `http://${host}/latest/meta-data/index.m3u8` }),
  srt_caller: (host: string) => ({ kind: 'srt_caller', url: `srt://${host}:9000` }),
}
const OUTPUTS = {
  udp: (host: string) => ({ url: `udp://${host}:5000` }),
  srt: (host: string) => ({ url: `srt://${host}:9000` }),
  rtmp: (host: string) => ({ url: `rtmp://${host}/live`, stream_key: 'k' }),
  rtsp: (host: string) => ({ url: `rtsp://${host}/live` }),
}

describe('nothing leads to link-local addresses or to cloud metadata', () => {
  test.each(OFF_LIMITS)('%s', async (host) => {
    for (const [kind, body] of Object.entries(INPUTS)) {
      const answer = await app.call('POST', '/api/inputs', { name: `In ${kind}`, enabled: false, ...body(host) })
      expect([kind, host, answer.status]).toEqual([kind, host, 422])
      expect((answer.json as { errors: { path: string }[] }).errors[0]?.path).toBe('url')
    }
    for (const [kind, body] of Object.entries(OUTPUTS)) {
      const answer = await app.call('POST', '/api/inputs/1/outputs', {
        name: `Out ${kind}`,
        enabled: false,
        ...body(host),
      })
      expect([kind, host, answer.status]).toEqual([kind, host, 422])
    }
  })
})

test.each([
  'file:///etc/passwd',
  'concat:/etc/passwd|/etc/shadow',
  'subfile,,start,0,end,100,,:/etc/passwd',
  'pipe:0',
  'fd:3',
  'data:text/plain,x',
  'crypto:file.ts',
  'tee:a|b',
  'tcp://127.0.0.1:22',
  'unix:/run/x.sock',
  'gopher://127.0.0.1:70/_x',
  'ftp://127.0.0.1/x',
  'httpproxy://127.0.0.1/x',
  'rtmpt://127.0.0.1/x',
  'async:cache:http://127.0.0.1/x',
  '-f null',
  'http://127.0.0.1/x',
])('%s is no address to send to or to pull from', async (url) => {
  const pulls = url.startsWith('http:') ? ['rtsp', 'srt_caller'] : ['rtsp', 'srt_caller', 'hls']
  for (const kind of pulls) {
    const answer = await app.call('POST', '/api/inputs', { name: `Pull ${kind}`, kind, url, enabled: false })
    expect([kind, url, answer.status]).toEqual([kind, url, 422])
  }
  expect([
    url,
    (await app.call('POST', '/api/inputs/1/outputs', { name: 'Push', url, enabled: false })).status,
  ]).toEqual([url, 422])
})
