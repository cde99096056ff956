import { describe, expect, test } from 'bun:test'
import { isAppError } from '../../../src/errors.ts'
import { parseUrl, toListenUrl, toUrl } from '../../../src/outputs/address.ts'

const noKeyYet = () => false
const parse = (url: string, isApp = noKeyYet as (path: string) => boolean) => parseUrl(url, isApp)

function refusal(url: string): string {
  try {
    parse(url)
  } catch (error) {
    if (!isAppError(error)) throw error
    expect(error.status).toBe(422)
    expect(error.errors?.[0]?.path).toBe('url')
    return error.message
  }
  throw new Error(`${url} was taken`)
}

describe('udp', () => {
  test('place and options', () => {
    const { place, carried } = parse('udp://239.1.2.3:5000?pkt_size=1316&ttl=4&localaddr=10.0.0.1')
    expect(place).toEqual({ protocol: 'udp', tls: false, host: '239.1.2.3', port: 5000, app: '' })
    expect(carried).toEqual({ pktSize: 1316, ttl: 4, interface: '10.0.0.1' })
    expect(toUrl(place)).toBe('udp://239.1.2.3:5000')
  })
  test('IPv6 in brackets, names, and the group form of players', () => {
    expect(parse('udp://[FF02::1]:5000/').place.host).toBe('ff02::1')
    expect(toUrl(parse('udp://[::1]:5000').place)).toBe('udp://[::1]:5000')
    expect(parse('UDP://Bücher.example:1').place).toMatchObject({ host: 'xn--bcher-kva.example', port: 1 })
    expect(parse('udp://@239.0.0.1:5000').place.host).toBe('239.0.0.1')
  })
})

describe('srt', () => {
  test('secrets and options leave the address', () => {
    const { place, carried } = parse(
      'srt://h.example:9000?mode=caller&latency=400&passphrase=p%26ss+w%C3%B6rd&pkt_size=1128',
    )
    expect(carried).toEqual({ latencyMs: 400, passphrase: 'p&ss+wörd', pktSize: 1128 })
    expect(toUrl(place)).toBe('srt://h.example:9000')
  })
  test('a stream id may be typed unescaped', () => {
    expect(parse('srt://h:9000?streamid=#!::r=live/a,m=publish&latency=200').carried).toEqual({
      streamId: '#!::r=live/a,m=publish',
      latencyMs: 200,
    })
    expect(parse('srt://h:9000?streamid=publish:a?b=c').carried.streamId).toBe('publish:a?b=c')
  })
})

describe('rtmp', () => {
  test.each([
    ['rtmp://a.example/live2/abcd-1234', 'live2', 'abcd-1234', 'rtmp://a.example/live2'],
    ['rtmp://a.example:1935/app/inst/key', 'app/inst', 'key', 'rtmp://a.example/app/inst'],
    [
      'rtmps://a.example:443/rtmp/FB-1-0-x?s_bl=1&s_ps=1#f',
      'rtmp',
      'FB-1-0-x?s_bl=1&s_ps=1#f',
      'rtmps://a.example/rtmp',
    ],
    ['rtmps://a.example:8443//app//key', 'app', 'key', 'rtmps://a.example:8443/app'],
  ])('%s', (url, app, key, shown) => {
    const { place, carried } = parse(url)
    expect(place.app).toBe(app)
    expect(carried.streamKey).toBe(key)
    expect(toUrl(place)).toBe(shown)
  })
  test('one path part is the application; a path known as such keeps all of its parts', () => {
    expect(parse('rtmp://h/live/')).toMatchObject({ place: { app: 'live' }, carried: {} })
    expect(parse('rtmp://h/app/inst', () => true)).toEqual({
      place: { protocol: 'rtmp', tls: false, host: 'h', port: 1935, app: 'app/inst' },
      carried: {},
    })
    const isKnown = (path: string) => path === 'app/inst'
    expect(parse('rtmp://h/app/inst', isKnown).carried.streamKey).toBeUndefined()
    expect(parse('rtmp://h/app/other', isKnown).carried.streamKey).toBe('other')
  })
  test("YouTube's second server is known by its application", () => {
    const shown = 'rtmps://b.rtmps.youtube.com/live2?backup=1'
    const { place, carried } = parse('rtmps://b.rtmps.youtube.com:443/live2?backup=1')
    expect([place.app, carried, toUrl(place)]).toEqual(['live2?backup=1', {}, shown])
    expect(parse(shown, (path) => path === place.app).place).toEqual(place)
  })
  test('user and password, decoded, the last @ counts', () => {
    expect(parse('rtmp://me:p%40ss:w@rd@h/a/k').carried).toEqual({
      username: 'me',
      password: 'p@ss:w@rd',
      streamKey: 'k',
    })
    expect(parse('rtmp://me:@h/a/k').carried).toEqual({ username: 'me', streamKey: 'k' })
  })
})

describe('rtsp', () => {
  test.each([
    ['rtsp://h/live/stage', { tls: false, port: 554, app: 'live/stage' }, 'rtsp://h/live/stage'],
    ['rtsp://h:8554//live/', { tls: false, port: 8554, app: 'live' }, 'rtsp://h:8554/live'],
    ['rtsps://h/live', { tls: true, port: 322, app: 'live' }, 'rtsps://h/live'],
    ['RTSPS://[2001:db8::1]:554/a', { tls: true, port: 554, app: 'a' }, 'rtsps://[2001:db8::1]:554/a'],
  ])('%s', (url, place, shown) => {
    const parsed = parse(url)
    expect(parsed.place).toMatchObject({ protocol: 'rtsp', ...place })
    expect(parsed.carried).toEqual({})
    expect(toUrl(parsed.place)).toBe(shown)
  })
  test('user and password leave the address', () => {
    const { place, carried } = parse('rtsp://me:p%40ss%2Fw@h/live')
    expect(carried).toEqual({ username: 'me', password: 'p@ss/w' })
    expect(toUrl(place)).toBe('rtsp://h/live')
  })
})

test('a listener has no address to send to, and one to be called at', () => {
  expect(toUrl({ protocol: 'srt_listener', tls: false, host: '', port: 8900, app: '' })).toBeNull()
  expect(toListenUrl('2001:db8::1', 8900)).toBe('srt://[2001:db8::1]:8900?mode=caller')
})

describe('refused', () => {
  test.each([
    ['', 'begin with'],
    ['example.com:5000', 'begin with'],
    ['file:///etc/passwd', 'begin with'],
    ['http://h/x', 'begin with'],
    ['https://www.youtube.com/watch?v=x', 'web page'],
    ['concat:udp://h:1', 'begin with'],
    ['tee://udp://h:1', 'begin with'],
    ['constructor://h:1', 'begin with'],
    ['udp://h', 'port is missing'],
    ['srt://h', 'port is missing'],
    ['udp://h:', 'port is a number'],
    ['udp://h:0', 'port is a number'],
    ['udp://h:65536', 'port is a number'],
    ['udp://h:1e3', 'port is a number'],
    ['udp://h:+1', 'port is a number'],
    ['udp://:5000', 'host'],
    ['udp://::1:5000', 'host'],
    ['udp://127.1:5000', 'host'],
    ['udp://h;reboot:5000', 'host'],
    ['udp://$(id):5000', 'host'],
    ['udp://h:5000/path', 'no path'],
    ['udp://u:p@h:5000', 'RTMP and RTSP addresses alone'],
    ['udp://h:5000?fifo_size=1', 'fifo_size is unknown'],
    ['udp://h:5000?ttl=1&ttl=2', 'twice'],
    ['udp://h:5000?ttl=x', 'whole number'],
    ['udp://h:5000#x', 'fragment'],
    ['srt://h:5000?mode=listener', 'mode=caller'],
    ['srt://h:5000?passphrase=%zz', 'percent'],
    ['srt://h:5000?passphrase=a%0ab', 'escaped'],
    ['srt://h:5000?streamid=a%00b', 'escaped'],
    [`srt://h:5000?streamid=${'x'.repeat(513)}`, '512'],
    [`rtmp://h/app/${'x'.repeat(513)}`, '512'],
    [`rtmp://h/${'x'.repeat(3000)}`, '2048'],
    [`rtmp://h/${'x'.repeat(128)}`, '127'],
    [`rtmp://h/${'x'.repeat(128)}/key`, '127'],
    ['rtsp://h', 'path is missing'],
    ['rtsp://h:554/', 'path is missing'],
    ['rtsp://h/x?token=1', 'token is unknown'],
    ['rtsp://h/x#y', 'fragment'],
    ['rtsp://:pw@h/x', 'without a user name'],
    ['rtsp://h/bühne', 'percent-encoded'],
    ['rtsp://me:1/2@h/x', '@ in the path'],
    [`rtsp://h/${'x'.repeat(513)}`, '512'],
    ['rtsp://169.254.169.254/x', 'link-local'],
    ['udp://[::ffff:169.254.169.254]:80', 'link-local'],
    ['srt://[fe80::1]:9000', 'link-local'],
    ['rtmp://metadata.google.internal/a/k', 'metadata'],
    ['rtsp://2852039166/x', 'host'],
    ['rtsp://0xa9.0xfe.0xa9.0xfe/x', 'host'],
    ['rtmp://h', 'application'],
    ['rtmp://h/', 'application'],
    ['rtmp://h/app?token=x', 'token is unknown'],
    ['rtmp://:pw@h/a/k', 'without a user name'],
    ['rtmp://h/app/key\n-i /etc/passwd', 'spaces'],
    ['rtmp://h/app/key -f tee', 'spaces'],
    ['rtmp://h/a/k\u2028', 'spaces'],
    ['rtmp://h/a/k\ud800', 'spaces'],
  ])('%j', (url, says) => {
    expect(refusal(url)).toContain(says)
  })

  test('a refusal never repeats what may be secret', () => {
    for (const url of [
      'srt://h:5000?SeCrEt',
      'srt://h:5000?SeCrEt-1=2',
      'srt://h:5000?passphrase=SeCrEt%zz',
      'rtmp://u:SeCrEt@h:0/a/k',
      'rtsp://u:SeCrEt@h:0/a',
      'rtsp://u:1/SeCrEt@h/a',
      'rtmp://h:99999/a/SeCrEt',
    ])
      expect(refusal(url)).not.toContain('SeCrEt')
  })
})
