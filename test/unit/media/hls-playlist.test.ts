import { describe, expect, test } from 'bun:test'
import { toSinglePlaylist } from '../../../src/media/hls-playlist.ts'

const URL = 'https://cdn.example/live/master.m3u8?token=t'
const NOBODY = { username: null, password: null, loginFor: URL }
const master = (...lines: string[]) => toSinglePlaylist(['#EXTM3U', ...lines].join('\r\n'), URL, NOBODY)?.split('\n')

describe('the playlist that FFmpeg is given', () => {
  test('leads to the address itself where that is a stream', () => {
    expect(master('#EXT-X-TARGETDURATION:2', '#EXTINF:2,', 'a.ts')).toEqual([
      '#EXTM3U',
      '#EXT-X-STREAM-INF:BANDWIDTH=1',
      URL,
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

  test('has the login for its own server alone', () => {
    const login = { username: 'us er', password: 'p@ss', loginFor: URL }
    const to = (variant: string) => toSinglePlaylist(`#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${variant}`, URL, login)
    expect(to('a.m3u8')).toContain('https://us%20er:p%40ss@cdn.example/live/a.m3u8')
    expect(to('https://other.example/a.m3u8')).toContain('\nhttps://other.example/a.m3u8')
    expect(to('http://cdn.example/a.m3u8')).toContain('\nhttp://cdn.example/a.m3u8')
  })

  test.each(['file:///etc/passwd', 'concat:/etc/passwd', 'tcp://127.0.0.1:22/x.m3u8', 'http://169.254.169.254/x'])(
    'is none that leads to %s',
    (target) => {
      expect(master('#EXT-X-STREAM-INF:BANDWIDTH=1', target)).toBeUndefined()
    },
  )

  test('is none where there was none', () => {
    expect(toSinglePlaylist('<html>', URL, NOBODY)).toBeNull()
  })
})
