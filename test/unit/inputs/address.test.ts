import { describe, expect, test } from 'bun:test'
import { isAppError } from '../../../src/errors.ts'
import { type Carried, type PullKind, parsePullUrl } from '../../../src/inputs/address.ts'

const SECRET = 'hunter2-geheim'

describe('good addresses', () => {
  test.each<[PullKind, string, string, Carried]>([
    ['srt_caller', 'srt://Studio.Example.org:9000', 'srt://studio.example.org:9000', {}],
    ['srt_caller', 'SRT://10.0.0.1:9000/?mode=caller', 'srt://10.0.0.1:9000', {}],
    ['srt_caller', 'srt://[2001:DB8::1]:9000', 'srt://[2001:db8::1]:9000', {}],
    [
      'srt_caller',
      'srt://h:9000?latency=500&passphrase=0123456789&streamid=#!::r=live/a,m=request',
      'srt://h:9000',
      { latencyMs: 500, passphrase: '0123456789', streamId: '#!::r=live/a,m=request' },
    ],
    ['srt_caller', 'srt://h:9000?streamid=a%26b+c', 'srt://h:9000', { streamId: 'a&b+c' }],
    ['rtsp', 'rtsp://cam', 'rtsp://cam/', {}],
    ['rtsp', 'rtsp://cam:554/ch1', 'rtsp://cam/ch1', {}],
    ['rtsp', 'rtsp://cam:8554/ch1?channel=1&subtype=0', 'rtsp://cam:8554/ch1?channel=1&subtype=0', {}],
    ['rtsp', 'rtsp://admin:a%3Ab@[fd00::5]/x', 'rtsp://[fd00::5]/x', { username: 'admin', password: 'a:b' }],
    ['rtsp', 'rtsp://admin:p@ss@cam/x', 'rtsp://cam/x', { username: 'admin', password: 'p@ss' }],
    ['rtsp', 'rtsps://cam:322/x', 'rtsps://cam/x', {}],
    ['hls', 'https://cdn.example.org/live/index.m3u8', 'https://cdn.example.org/live/index.m3u8', {}],
    ['hls', 'http://u@h:8080/a?token=x%2Fy&e=1', 'http://h:8080/a?token=x%2Fy&e=1', { username: 'u' }],
    ['hls', 'https://h/ä"\'<x>.m3u8', 'https://h/%C3%A4%22%27%3Cx%3E.m3u8', {}],
    ['hls', 'https://bücher.example/i.m3u8', 'https://xn--bcher-kva.example/i.m3u8', {}],
  ])('%s %s', (kind, text, url, carried) => {
    const taken = parsePullUrl(kind, text)
    expect([taken.place.url, taken.carried]).toEqual([url, carried])
    // What was made canonical stays as it is.
    expect(parsePullUrl(kind, taken.place.url).place).toEqual(taken.place)
  })
})

describe('bad addresses', () => {
  test.each<[PullKind, string]>([
    ['srt_caller', ''],
    ['srt_caller', 'h:9000'],
    ['srt_caller', 'rtsp://h:9000'],
    ['srt_caller', 'srt://h'],
    ['srt_caller', 'srt://h:0'],
    ['srt_caller', 'srt://h:65536'],
    ['srt_caller', 'srt://:9000'],
    ['srt_caller', 'srt://u:p@h:9000'],
    ['srt_caller', 'srt://h:9000/path'],
    ['srt_caller', 'srt://h:9000?mode=listener'],
    ['srt_caller', 'srt://h:9000?mode=caller&mode=caller'],
    ['srt_caller', 'srt://h:9000?transtype=file'],
    ['srt_caller', 'srt://h:9000?latency=1.5'],
    ['srt_caller', 'srt://h:9000#x'],
    ['srt_caller', 'srt://239.1.1.1:9000'],
    ['srt_caller', 'srt://h:9000?passphrase=a%0Ab'],
    ['srt_caller', 'srt://h:9000?passphrase=a%zz'],
    ['rtsp', 'rtmp://h/live'],
    ['rtsp', 'rtsp://:pw@h/'],
    ['rtsp', 'rtsp://u%0a:p@h/'],
    ['rtsp', 'rtsp://h/a b'],
    ['rtsp', 'rtsp://h/a#b'],
    ['rtsp', 'rtsp://h\n/a'],
    ['rtsp', `rtsp://h/${'x'.repeat(2048)}`],
    ['rtsp', `rtsp://u:${'x'.repeat(513)}@h/`],
    ['rtsp', 'rtsp://fd00::5/x'],
    ['hls', 'file:///etc/passwd'],
    ['hls', 'ftp://h/x.m3u8'],
    ['hls', 'concat:http://h/x'],
    ['hls', 'https:///x'],
    ['hls', 'https://127.1/x'],
    ['hls', 'https://2130706433/x'],
    ['hls', 'https://0x7f.0.0.1/x'],
  ])('%s %j', (kind, text) => {
    expect(refusalOf(kind, text)).not.toBeNull()
  })

  test.each([
    '169.254.169.254',
    '169.254.0.1',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    '[fe80::1]',
    '[febf::1]',
    '[fd00:ec2::254]',
    '100.100.100.200',
    '168.63.129.16',
    '[fd20:ce::254]',
    'metadata.goog',
    'instance-data',
    'metadata.google.internal',
    'METADATA.google.internal.',
    // In other spellings of the same number, which are no host at all.
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '169.254.43518',
  ])('nothing is ever pulled from %s', (host) => {
    for (const [kind, url] of [
      ['hls', `http://${host}/latest/meta-data`],
      ['rtsp', `rtsp://${host}/`],
      ['srt_caller', `srt://${host}:9000`],
    ] as const)
      expect(refusalOf(kind, url)).not.toBeNull()
  })

  test.each<[PullKind, string]>([
    ['srt_caller', `srt://h:9000?passphrase=${SECRET}&x=${SECRET}`],
    ['srt_caller', `srt://h:9000?${SECRET}`],
    ['srt_caller', `srt://${SECRET}@h:9000`],
    ['srt_caller', `srt://h:9000/${SECRET}`],
    ['rtsp', `rtsp://u:${SECRET}@h:99999/`],
    ['rtsp', `http://u:${SECRET}@h/`],
    ['rtsp', `rtsp://u/${SECRET}@h/`],
    ['hls', `https://u:80?${SECRET}@h/`],
    ['hls', `https://u:${SECRET}@169.254.169.254/`],
  ])('a refusal of %s %s repeats no secret', (kind, text) => {
    expect(refusalOf(kind, text)).not.toContain(SECRET)
  })
})

/** The words of a 422 at `url`, or null where the address is taken. */
function refusalOf(kind: PullKind, text: string): string | null {
  try {
    parsePullUrl(kind, text)
    return null
  } catch (error) {
    if (!isAppError(error)) throw error
    expect([error.kind, error.errors?.[0]?.path]).toEqual(['invalid', 'url'])
    return error.message
  }
}
