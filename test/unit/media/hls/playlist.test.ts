import { describe, expect, test } from 'bun:test'
import { rewritePlaylist, toSinglePlaylist } from '../../../../src/media/hls/playlist.ts'

const FROM = new URL('https://cdn.example/live/master.m3u8?token=t')
const plain = (place: URL | null) => place?.href ?? 'none'
const master = (...lines: string[]) => toSinglePlaylist(['#EXTM3U', ...lines].join('\r\n'), FROM, plain)?.split('\n')

describe('the playlist that FFmpeg is given', () => {
  test('leads to the address itself where that is a stream', () => {
    expect(master('#EXT-X-TARGETDURATION:2', '#EXTINF:2,', 'a.ts')).toEqual([
      '#EXTM3U',
      '#EXT-X-STREAM-INF:BANDWIDTH=1',
      FROM.href,
      '',
    ])
  })

  test('leads to the highest rate', () => {
    const lines = [
      '#EXT-X-STREAM-INF:BANDWIDTH=900',
      'low.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=2000',
      '',
      '#c',
      '../high.m3u8?a=b',
    ]
    expect(master(...lines)?.[2]).toBe('https://cdn.example/high.m3u8?a=b')
  })

  test('leads to pictures rather than sound alone, and to codecs that can be sent on', () => {
    const variant = (rate: number, codecs: string, name: string) => [
      `#EXT-X-STREAM-INF:BANDWIDTH=${rate},CODECS="${codecs}"`,
      name,
    ]
    const lines = [
      ...variant(9000, 'av01.0.05M.08,mp4a.40.2', 'av1'),
      ...variant(5000, 'mp4a.40.2', 'sound'),
      ...variant(100, 'avc1.64001f,mp4a.40.2', 'avc'),
    ]
    expect(master(...lines)?.[2]).toEndWith('/live/avc')
    expect(master(...lines.slice(0, 4))?.[2]).toEndWith('/live/sound')
  })

  test('has the sound of its group, the default one', () => {
    const sound = (name: string, group: string, more = '') =>
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${group}",NAME="${name}"${more},URI="${name}.m3u8"`
    const lines = [
      ...[sound('xx', 'other', ',DEFAULT=YES'), sound('de', 'a'), sound('en', 'a', ',DEFAULT=YES')],
      ...['#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"', 'v.m3u8'],
    ]
    expect(master(...lines)?.slice(1, 3)).toEqual([
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="sound",DEFAULT=YES,URI="https://cdn.example/live/en.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="sound"',
    ])
  })

  test.each(['file:///etc/passwd', 'concat:/etc/passwd', 'tcp://127.0.0.1:22/x.m3u8', 'http://169.254.169.254/x'])(
    'is none that leads to %s',
    (target) => {
      expect(master('#EXT-X-STREAM-INF:BANDWIDTH=1', target)).toBeUndefined()
    },
  )

  test('is none where there was none', () => {
    expect(toSinglePlaylist('<html>', FROM, plain)).toBeNull()
  })
})

test('every address in a playlist becomes one of ours, however it is written', () => {
  const ours = (place: URL | null) => `http://gate/${place && /^https?:$/.test(place.protocol) ? place.host : 'none'}`
  const text = [
    '\uFEFF#EXTM3U',
    '#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/1",IV=0x1',
    '#EXT-X-MAP:URI=http://plain.example/init.mp4,BYTERANGE="1@0"',
    '#EXT-X-MEDIA:TYPE=AUDIO,URI="a\\"b",URI="http://second.example/x"',
    '#EXTINF:2,',
    'a.ts\u0000http://zero.example/b.ts\rhttp://return.example/c.ts',
    ' http://blank.example/d.ts',
    '//same-scheme.example/e.ts',
    'file:///etc/passwd',
    'httpproxy://127.0.0.1:22/x',
    'crypto+file:///etc/passwd',
    'http://[::1',
  ].join('\r\n')
  const made = rewritePlaylist(text.slice(1), FROM, ours)
  for (const address of made.match(/[\w+]+:\/\/[^\s",]+/g) ?? []) expect(address).toStartWith('http://gate/')
  expect(made.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    ...['cdn.example', 'zero.example', 'return.example', 'blank.example', 'same-scheme.example'].map(
      (h) => `http://gate/${h}`,
    ),
    ...Array(4).fill('http://gate/none'),
  ])
  expect(made).toContain('METHOD=AES-128,URI="http://gate/keys.example",IV=0x1')
  expect(made).toContain('URI="http://gate/plain.example",BYTERANGE')
  expect(made).toContain('http://gate/second.example')
})
