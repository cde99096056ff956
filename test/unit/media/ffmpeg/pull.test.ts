import { describe, expect, test } from 'bun:test'
import { hlsCommand, rtspCommand, srtCommand } from '../../../../src/media/ffmpeg/pull.ts'

const GATE = { host: '127.0.0.1', port: 40_001 }
const srt = {
  kind: 'srt_caller',
  host: '::1',
  port: 9000,
  latencyMs: 200,
  passphrase: "it's a secret",
  streamId: '#!::r=live/a,m=request',
} as const
const rtsp = {
  kind: 'rtsp',
  tls: true,
  host: 'cam.example',
  port: 322,
  path: 'live?token=Sesame-5',
  transport: 'udp',
  username: 'vi ewer',
  password: 'p@ss:w/d',
} as const
const hls = {
  kind: 'hls',
  url: 'https://cdn.example/live.m3u8?token=Sesame-5',
  username: 'viewer',
  password: 'p@ss',
} as const

describe('what is fetched', () => {
  test('stands in a list on descriptor 3, and nothing of it among the arguments', () => {
    const { args, secret } = srtCommand(srt)
    expect(secret?.split('\n')).toEqual([
      'ffconcat version 1.0',
      "file 'srt://[::1]:9000'",
      "option latency '200000'",
      "option connect_timeout '5000'",
      "option passphrase 'it'\\''s a secret'",
      "option streamid '#!::r=live/a,m=request'",
      "option probesize '1000000'",
      "option analyzeduration '500000'",
      "option protocol_whitelist 'srt,udp'",
      '',
    ])
    expect(args.join(' ')).not.toMatch(/secret|::1|live/)
    expect(args.slice(args.indexOf('-i'), args.indexOf('-i') + 2)).toEqual(['-i', 'pipe:3'])
  })

  test('calls the gate before an RTSP server, and media over TLS has no other way', () => {
    const { args, secret } = rtspCommand(rtsp, GATE)
    expect(secret).toContain("file 'rtsp://127.0.0.1:40001/live?token=Sesame-5'")
    expect(secret).toContain("option rtsp_transport 'tcp'")
    expect(rtspCommand({ ...rtsp, tls: false }, GATE).secret).toContain("option rtsp_transport 'udp'")
    expect(args.join(' ')).not.toMatch(/cam\.example|ewer|Sesame/)
  })

  test('leaves the list no way to what its kind does not need', () => {
    const inner = (secret: string | null) => /protocol_whitelist '([^']*)'/.exec(secret ?? '')?.[1]?.split(',')
    expect(inner(srtCommand(srt).secret)).toEqual(['srt', 'udp'])
    expect(inner(rtspCommand(rtsp, GATE).secret)).toEqual(['rtsp', 'rtp', 'udp', 'tcp'])
    const { args } = hlsCommand(hls, '#EXTM3U\n')
    expect(args[args.indexOf('-protocol_whitelist') + 1]).toBe('pipe,http,tcp,crypto')
    expect(args[args.indexOf('-format_whitelist') + 1]).not.toMatch(/dash|concat|sdp/)
  })

  test.each(['a\nfile x', 'a\u0000'])('with a control character in a setting is refused: %j', (passphrase) => {
    expect(() => srtCommand({ ...srt, passphrase })).toThrow('control character')
  })

  test('shows neither login nor query in a line', () => {
    const { mask } = hlsCommand(hls, '#EXTM3U\n')
    expect(mask("Failed to open 'https://viewer:p%40ss@cdn.example/a.ts?sig=123' of p@ss token=Sesame-5")).toBe(
      "Failed to open 'https://***@cdn.example/a.ts?***' of *** ***",
    )
    expect(rtspCommand(rtsp, GATE).mask('rtsps://vi%20ewer:x@cam.example/live?token=Sesame-5')).not.toMatch(
      /ewer|Sesame/,
    )
  })
})
