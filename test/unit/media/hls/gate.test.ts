import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { createTargets } from '../../../../src/lib/targets.ts'
import { createHlsFetch } from '../../../../src/media/hls/fetch.ts'
import { type HlsGate, openHlsGate } from '../../../../src/media/hls/gate.ts'

const PLAYLIST = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na.ts?token=t\n'
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

let asked: { path: string; headers: Record<string, string> }[] = []
/** Wants a Digest login, and for segments the cookie that came with the playlist. */
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request) {
    const { pathname, search } = new URL(request.url)
    const headers = Object.fromEntries(request.headers)
    asked.push({ path: pathname, headers })
    const digest = headers['authorization'] ?? ''
    const field = (name: string) => new RegExp(`${name}="?([^",]*)`).exec(digest)?.[1] ?? ''
    const wanted = md5(`${md5('viewer:cam:p@ss')}:n1:${md5(`GET:${pathname}${search}`)}`)
    if (field('response') !== wanted)
      return new Response('', { status: 401, headers: { 'www-authenticate': 'Digest realm="cam", nonce="n1"' } })
    if (pathname === '/live.m3u8')
      return new Response(PLAYLIST, {
        status: headers['range'] ? 206 : 200,
        headers: {
          'set-cookie': 'pass=yes; Path=/',
          'content-range': `bytes 0-${PLAYLIST.length - 1}/${PLAYLIST.length}`,
        },
      })
    if (headers['cookie'] !== 'pass=yes') return new Response('', { status: 403 })
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? '')
    if (!range) return new Response('0123456789')
    const [from, to] = range.slice(1).map(Number) as [number, number]
    const part = '0123456789'.slice(from, to + 1)
    return new Response(part, { status: 206, headers: { 'content-range': `bytes ${from}-${to}/10` } })
  },
})
const playlistUrl = `${server.url.origin}/live.m3u8`
let gate: HlsGate
beforeAll(() => {
  const source = { kind: 'hls', url: playlistUrl, username: 'viewer', password: 'p@ss' } as const
  gate = openHlsGate(createHlsFetch(source, { targets: createTargets({ denyPrivate: false }), caFile: null }))
})
afterAll(async () => {
  gate.close()
  await server.stop(true)
})
const get = (url: string, range?: string) => fetch(url, range ? { headers: { range } } : {})

describe('the gate before the servers of an HLS feed', () => {
  test('logs in by Digest, keeps cookies, and passes parts on as they are', async () => {
    const playlist = await get(gate.toOurs(new URL(playlistUrl)), 'bytes=0-')
    // A playlist has another length than the server's: it is whole.
    expect([playlist.status, playlist.headers.get('content-range')]).toEqual([200, null])
    const segment = (await playlist.text()).trim().split('\n').at(-1) ?? ''
    expect(segment).toBe(gate.toOurs(new URL(`${server.url.origin}/a.ts?token=t`)))
    const whole = await get(segment)
    expect([whole.status, await whole.text()]).toEqual([200, '0123456789'])
    const part = await get(segment, 'bytes=2-4')
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, '234', 'bytes 2-4/10'])
    expect(gate.verdict).toBeNull()
    // The challenge is asked for once.
    expect(asked.filter(({ headers }) => !headers['authorization']?.startsWith('Digest'))).toHaveLength(1)
  })

  test('gives neither login nor cookie to another server', async () => {
    asked = []
    const other = new URL(playlistUrl)
    other.hostname = 'localhost'
    expect((await get(gate.toOurs(other))).status).toBe(401)
    expect(asked.map(({ headers }) => [headers['authorization'], headers['cookie'], headers['host']])).toEqual([
      [undefined, undefined, other.host],
    ])
  })

  test('opens for whoever knows its secret alone, and leads to the web alone', async () => {
    asked = []
    const ours = gate.toOurs(new URL(playlistUrl))
    const secret = new URL(ours).pathname.split('/')[1] ?? ''
    for (const url of [
      ours.replace(secret, 'x'.repeat(secret.length)),
      ours.replace('/http/', '/file/'),
      gate.toOurs(new URL('file:///etc/passwd')),
      gate.toOurs(null),
    ])
      expect((await get(url)).status).toBe(404)
    expect(asked).toEqual([])
  })

  test('says what went wrong, and forgets it with the next that does not', async () => {
    const closed = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } })
    closed.stop(true)
    expect((await get(gate.toOurs(new URL(`http://127.0.0.1:${closed.port}/a.ts`)))).status).toBe(502)
    expect(gate.verdict?.class).toBe('refused')
    await (await get(gate.toOurs(new URL(playlistUrl)))).text()
    expect(gate.verdict).toBeNull()
  })

  test("in FFmpeg's lines the server's address stands", () => {
    const line = `[hls] Failed to open '${gate.toOurs(new URL('https://cdn.example:8443/a.ts?sig=1'))}'`
    expect(gate.toTheirs(line)).toBe("[hls] Failed to open 'https://cdn.example:8443/a.ts?sig=1'")
  })
})
