import { describe, expect, test } from 'bun:test'
import { buildOutputCommand, secretsOf } from '../../../../src/media/ffmpeg/arguments.ts'
import type { OutputSpec, OutputTarget } from '../../../../src/media/specs.ts'
import type { AudioCodec, Format, VideoCodec } from '../../../../src/media/program/units.ts'

type Target<P> = Extract<OutputTarget, { protocol: P }>

const UDP: Target<'udp'> = {
  protocol: 'udp',
  host: '10.0.0.9',
  port: 5004,
  ttl: null,
  interfaceAddress: null,
  pktSize: 1316,
}
const SRT: Target<'srt_caller'> = {
  protocol: 'srt_caller',
  host: 'srt.example.org',
  port: 9000,
  latencyMs: 200,
  pktSize: 1316,
  passphrase: null,
  streamId: null,
}
const SRT_LISTENER: Target<'srt_listener'> = {
  protocol: 'srt_listener',
  port: 8901,
  latencyMs: 120,
  pktSize: 1316,
  passphrase: null,
  streamId: null,
}
const RTSP: Target<'rtsp'> = {
  protocol: 'rtsp',
  tls: false,
  tlsVerify: true,
  host: 'rtsp.example.org',
  port: 554,
  path: 'live/a?x=1',
  transport: 'tcp',
  username: null,
  password: null,
}
const RTMP: Target<'rtmp'> = {
  protocol: 'rtmp',
  tls: false,
  tlsVerify: true,
  host: 'live.example.org',
  port: 1935,
  app: 'live',
  streamKey: 'abcd-1234',
  username: null,
  password: null,
}

function spec(target: OutputTarget, over: Partial<OutputSpec> = {}): OutputSpec {
  return {
    id: 1,
    inputId: 1,
    name: 'x',
    enabled: true,
    generation: 0,
    target,
    engine: 'ffmpeg',
    transparent: false,
    audio: 'auto',
    video: 'copy',
    reconnect: { auto: true, delayMs: 5_000, maxDelayMs: 60_000, maxAttempts: 0 },
    stallTimeoutMs: 10_000,
    ...over,
  }
}

function format(video: VideoCodec | null, audio: AudioCodec | null): Format {
  return {
    video: video && { codec: video, profile: null, width: 1280, height: 720, fps: 25 },
    audio: audio && { codec: audio, sampleRate: 48_000, channels: 2, objectType: null },
  }
}

const H264_AAC = format('h264', 'aac')

function build(
  target: OutputTarget,
  over: Partial<OutputSpec> = {},
  carried: Format | null = H264_AAC,
  caFile: string | null = null,
  { mediaPath = null, address = null }: { mediaPath?: string | null; address?: string | null } = {},
) {
  const gate = { host: '127.0.0.1', port: 40_001 }
  return buildOutputCommand(spec(target, over), { format: carried, caFile, mediaPath, address, gate })
}

/** What follows an option. */
function argOf(args: string[], option: string): string | undefined {
  const index = args.indexOf(option)
  return index < 0 ? undefined : args[index + 1]
}

describe('arguments', () => {
  test('every output reads the program from stdin and reports on stdout', () => {
    for (const target of [UDP, SRT, RTMP]) {
      const { args } = build(target)
      expect(args.join(' ')).toStartWith(
        '-hide_banner -nostdin -loglevel repeat+level+warning -nostats -progress pipe:1 -stats_period 0.5 -fflags +genpts -probesize 1000000 -analyzeduration 500000',
      )
      expect(args.join(' ')).toContain('-f mpegts -i pipe:0 -map 0:v:0? -map')
      expect(argOf(args, '-c:v')).toBe('copy')
      expect(argOf(args, '-c:a')).toBe('copy')
      expect(argOf(args, '-max_interleave_delta')).toBe('500000')
    }
  })

  test('UDP', () => {
    const { args, preset } = build(UDP)
    expect(args.slice(-3)).toEqual(['-f', 'mpegts', 'udp://10.0.0.9:5004?pkt_size=1316&buffer_size=1048576'])
    expect(args).toContain('0:a?')
    expect(preset).toBeNull()
    expect(args).not.toContain('-fpre')
  })

  test.each<[string, OutputTarget, string | null]>([
    ['udp', UDP, null],
    ['srt', SRT, null],
    ['srt', SRT_LISTENER, null],
    ['unix', SRT_LISTENER, '/run/weir/7.sock'],
    ['rtmp,tcp', RTMP, null],
    ['rtmps,tls,tcp', { ...RTMP, tls: true }, null],
    ['tcp', RTSP, null],
    ['tcp,rtp,udp', { ...RTSP, transport: 'udp' }, null],
  ])('no protocols but %s to %p', (protocols, target, mediaPath) => {
    const { args } = build(target, {}, H264_AAC, null, { mediaPath })
    // An option of the output: it stands behind the input.
    expect(args.slice(args.indexOf('pipe:0')).filter((_, i, all) => all[i - 1] === '-protocol_whitelist')).toEqual([
      protocols,
    ])
  })

  test('UDP to a group through an interface', () => {
    const { args } = build({ ...UDP, host: '239.1.1.1', ttl: 4, interfaceAddress: '192.168.1.5' })
    expect(args.at(-1)).toBe('udp://239.1.1.1:5004?pkt_size=1316&buffer_size=1048576&ttl=4&localaddr=192.168.1.5')
  })

  test('an IPv6 host stands in brackets', () => {
    expect(build({ ...UDP, host: '2001:db8::1' }).args.at(-1)).toStartWith('udp://[2001:db8::1]:5004?')
    expect(build({ ...SRT, host: '::1' }).args.at(-1)).toBe('srt://[::1]:9000')
    expect(build({ ...RTMP, host: '::1' }).args.at(-1)).toBe('rtmp://[::1]:1935/')
  })

  test('SRT takes options, never a query, and its secrets by the preset', () => {
    const { args, preset } = build({ ...SRT, passphrase: 'correct horse', streamId: '#!::r=live/a,m=publish' })
    expect(args.at(-1)).toBe('srt://srt.example.org:9000')
    expect(argOf(args, '-latency')).toBe('200000')
    expect(argOf(args, '-connect_timeout')).toBe('5000')
    expect(argOf(args, '-pkt_size')).toBe('1316')
    expect(argOf(args, '-pbkeylen')).toBe('16')
    expect(argOf(args, '-fpre')).toBe('/dev/fd/3')
    expect(preset).toBe('passphrase=correct horse\nsrt_streamid=#!::r=live/a,m=publish\n')
  })

  test('SRT without secrets needs no preset', () => {
    const { args, preset } = build(SRT)
    expect(preset).toBeNull()
    expect(args).not.toContain('-pbkeylen')
  })

  test('RTMP: application and key by the preset, nothing of them in the address', () => {
    const { args, preset } = build({ ...RTMP, app: 'live/instance' })
    expect(args.at(-1)).toBe('rtmp://live.example.org:1935/')
    expect(preset).toBe('rtmp_app=live/instance\nrtmp_playpath=abcd-1234\n')
    expect(argOf(args, '-f')).toBe('mpegts')
    expect(args.join(' ')).toContain('-f flv -flvflags no_duration_filesize -rw_timeout 8000000')
    expect(argOf(args, '-bsf:v')).toBe('extract_extradata')
    expect(args).toContain('0:a:0?')
    expect(args).not.toContain('-tls_verify')
  })

  test('RTMP: user and password as the query of the name', () => {
    const login = { username: 'ann', password: 'p&w?' }
    expect(build({ ...RTMP, ...login }).preset).toBe('rtmp_app=live\nrtmp_playpath=abcd-1234?user=ann&pass=p%26w%3F\n')
    expect(build({ ...RTMP, ...login, streamKey: 'a?b=c' }).preset).toContain('rtmp_playpath=a?b=c&user=ann&pass=')
    expect(build({ ...RTMP, ...login, streamKey: null }).preset).toContain('rtmp_playpath=?user=ann')
  })

  test('RTMP without a key sends none', () => {
    expect(build({ ...RTMP, streamKey: null }).preset).toBe('rtmp_app=live\n')
  })

  test('RTMPS is verified against the system, or against the file that was given, unless told otherwise', () => {
    const secure = { ...RTMP, tls: true, port: 443 }
    const { args } = build(secure)
    expect(args.at(-1)).toBe('rtmps://live.example.org:443/')
    expect(argOf(args, '-tls_verify')).toBe('1')
    expect(argOf(args, '-ca_file')).toBe('/etc/ssl/certs/ca-certificates.crt')
    expect(argOf(build(secure, {}, H264_AAC, '/etc/weir/ca.pem').args, '-ca_file')).toBe('/etc/weir/ca.pem')
    expect(build({ ...secure, tlsVerify: false }).args).not.toContain('-tls_verify')
  })

  test('RTSP over TCP goes to the gate, which knows the login', () => {
    const { args, preset } = build({ ...RTSP, tls: true, username: 'ann', password: 'SECRET' })
    expect(args.slice(-5)).toEqual(['-f', 'rtsp', '-rtsp_transport', 'tcp', 'rtsp://127.0.0.1:40001/live/a?x=1'])
    expect(args.join(' ')).not.toContain('SECRET')
    expect(preset).toBeNull()
    expect(args).toContain('0:a:0?')
    expect(() => build({ ...RTSP, path: 'a b' })).toThrow('percent-encoded')
    expect(() => build({ ...RTSP, username: 'a\r\nX: y' })).toThrow(/^a secret/)
  })

  test('RTSP over UDP asks for it through the same gate', () => {
    const { args } = build({ ...RTSP, transport: 'udp', username: 'ann', password: 'SECRET' })
    expect(args.slice(-3)).toEqual(['-rtsp_transport', 'udp', 'rtsp://127.0.0.1:40001/live/a?x=1'])
  })

  test('goes to the address that was looked at, and not to the name again', () => {
    const address = '2001:db8::7'
    const to = (target: OutputTarget) => build(target, {}, H264_AAC, null, { address })
    expect(to({ ...UDP, host: 'rack.example' }).args.at(-1)).toStartWith('udp://[2001:db8::7]:5004?')
    expect(to({ ...SRT, host: 'rack.example' }).args.at(-1)).toStartWith('srt://[2001:db8::7]:')
    const rtmp = to({ ...RTMP, tls: false })
    expect(rtmp.args.at(-1)).toBe(`rtmp://[2001:db8::7]:${RTMP.port}/`)
    expect(rtmp.preset).toContain(`rtmp_tcurl=rtmp://${RTMP.host}:${RTMP.port}/${RTMP.app}\n`)
    // A certificate is made out to a name.
    const rtmps = to({ ...RTMP, tls: true })
    expect(rtmps.args.at(-1)).toBe(`rtmps://${RTMP.host}:${RTMP.port}/`)
    expect(rtmps.preset).not.toContain('tcurl')
  })

  test('RTSP: AAC is made anew, or packed as LATM; what RTP carries is copied', () => {
    expect(build(RTSP).args.join(' ')).toContain('-c:v copy -c:a aac -b:a 128k')
    expect(build(RTSP).args).not.toContain('-rtpflags')
    const copied = build(RTSP, { audio: 'copy' }).args
    expect(argOf(copied, '-rtpflags')).toBe('latm')
    expect(argOf(copied, '-c:a')).toBe('copy')
    expect(argOf(build(RTSP, {}, format('h264', 'mp2')).args, '-c:a')).toBe('copy')
    expect(argOf(build(RTSP, {}, format('h264', 'eac3')).args, '-c:a')).toBe('aac')
  })

  test('an SRT listener writes to its door, which knows the secrets', () => {
    const target = { ...SRT_LISTENER, passphrase: 'correct horse', streamId: 'a' }
    const { args, preset } = build(target, {}, H264_AAC, null, { mediaPath: '/run/weir/7.sock' })
    expect(args.slice(-3)).toEqual(['-f', 'mpegts', 'unix:/run/weir/7.sock'])
    expect(preset).toBeNull()
  })

  test('an SRT listener without a door listens itself, without a deadline for its caller', () => {
    const { args, preset } = build({ ...SRT_LISTENER, passphrase: 'correct horse', streamId: 'a' })
    expect(args.at(-1)).toBe('srt://0.0.0.0:8901')
    expect(argOf(args, '-mode')).toBe('listener')
    expect(argOf(args, '-latency')).toBe('120000')
    expect(args).not.toContain('-listen_timeout')
    expect(preset).toBe('passphrase=correct horse\n')
  })

  test('a picture made anew is never enlarged and keeps its shape, its frame rate and a keyframe every 2 s', () => {
    const { args } = build(RTMP, { video: '720p' }, format('hevc', 'aac'))
    expect(argOf(args, '-c:v')).toBe('libx264')
    expect(argOf(args, '-preset')).toBe('veryfast')
    expect(argOf(args, '-b:v')).toBe('2500k')
    expect(argOf(args, '-vf')).toBe("yadif=deint=interlaced,scale=w=-2:h='trunc(min(720,ih)/2)*2',format=yuv420p")
    expect(argOf(args, '-force_key_frames')).toContain('prev_forced_t+2')
    expect(argOf(args, '-fps_mode')).toBe('vfr')
    expect(args).not.toContain('-bsf:v')
    // For decoding, before the input, and for encoding.
    expect(args.filter((arg) => arg === '-threads')).toHaveLength(2)
    expect(args.indexOf('-threads')).toBeLessThan(args.indexOf('-i'))
    expect(argOf(args, '-filter_threads')).toBe('2')
    const small = build(UDP, { video: '480p' }).args
    expect([argOf(small, '-preset'), argOf(small, '-b:v')]).toEqual(['superfast', '1000k'])
    expect(build(UDP).args).not.toContain('-threads')
  })

  test('sound can be made anew for any destination', () => {
    expect(build(UDP, { audio: 'aac' }).args.join(' ')).toContain('-c:v copy -c:a aac -b:a 128k')
    expect(build(UDP, { audio: 'aac' }).args).not.toContain('-ac')
    const surround = format('h264', 'ac3')
    if (surround.audio) surround.audio.channels = 6
    expect(argOf(build(RTMP, {}, surround).args, '-ac')).toBe('2')
  })

  test('sound is copied where the container takes it, else made AAC', () => {
    expect(argOf(build(RTMP).args, '-c:a')).toBe('copy')
    for (const codec of ['mp2', 'ac3', 'eac3', 'aac_latm'] as const) {
      expect(build(RTMP, {}, format('h264', codec)).args.join(' ')).toContain('-c:v copy -c:a aac -b:a 128k')
      expect(argOf(build(UDP, {}, format('h264', codec)).args, '-c:a')).toBe('copy')
    }
  })

  test('sound or picture can be left out', () => {
    expect(build(UDP, { audio: 'none' }).args.join(' ')).toContain('-map 0:v:0? -an -c:v copy')
    const { args } = build(RTMP, { video: 'none' })
    expect(args.join(' ')).toContain('-vn -map 0:a:0? -c:v copy -c:a copy')
    expect(args).not.toContain('-bsf:v')
    expect(build(RTMP, {}, format(null, 'aac')).args).not.toContain('-bsf:v')
  })

  test('no secret is in any argument', () => {
    const targets: OutputTarget[] = [
      { ...SRT, passphrase: 'SECRET-passphrase', streamId: 'SECRET-stream' },
      { ...RTMP, streamKey: 'SECRET-key', username: 'SECRET-user', password: 'SECRET-password' },
    ]
    for (const target of targets) {
      const { args, preset } = build(target)
      expect(args.join(' ')).not.toContain('SECRET')
      for (const secret of secretsOf(target)) expect(preset).toContain(secret ?? 'missing')
    }
    expect(secretsOf(UDP)).toEqual([])
  })

  test.each(['a\nrtmp_tcurl=evil', 'a\rb', 'a\0b', '\u007f', 'x'.repeat(513), 'ä'.repeat(257)])(
    'a value that could leave its line is refused: %j',
    (streamKey) => {
      expect(() => build({ ...RTMP, streamKey })).toThrow(/^a secret/)
      expect(() => build({ ...SRT, passphrase: streamKey })).toThrow(/^a secret/)
    },
  )

  test('an application may be empty, but not longer than FFmpeg takes', () => {
    expect(build({ ...RTMP, app: '' }).preset).toBe('rtmp_playpath=abcd-1234\n')
    expect(build({ ...RTMP, app: 'a'.repeat(127) }).preset).toContain('a'.repeat(127))
    expect(() => build({ ...RTMP, app: 'a'.repeat(128) })).toThrow('longer than 127 bytes')
  })

  test('whatever is typed stays one value of one option', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    const alphabet = [
      '\n',
      '\r',
      '\0',
      '=',
      '#',
      '-',
      '/',
      '&',
      '?',
      '"',
      "'",
      '\\',
      ' ',
      'ä',
      '\u2028',
      '\u0085',
      '😀',
      'a',
    ]
    let passed = 0
    for (let run = 0; run < 2_000; run++) {
      const value = Array.from({ length: 1 + random(12) }, () => alphabet[random(alphabet.length)]).join('')
      const isSafe = !/[\n\r\0]/.test(value)
      if (!isSafe) {
        expect(() => build({ ...SRT, passphrase: value })).toThrow(/^a secret/)
        continue
      }
      passed++
      const { args, preset } = build({ ...SRT, passphrase: value, streamId: value })
      // As FFmpeg reads it: lines end at LF or CR, a key ends at the first equals sign.
      const lines = preset?.split(/[\n\r]/) ?? []
      expect(lines).toEqual([`passphrase=${value}`, `srt_streamid=${value}`, ''])
      expect(args).toEqual(build({ ...SRT, passphrase: 'x', streamId: 'y' }).args)
    }
    expect(passed).toBeGreaterThan(200)
  })

  test('the refusal does not repeat the value', () => {
    expect(() => build({ ...RTMP, streamKey: 'KEY\n' })).not.toThrow(/KEY/)
  })

  test.each(['-i', 'a b', 'a/b', 'h?x=1', 'h&x', 'a@b', 'h:80', '[::1]', '', 'a\nb', 'h#', "h'", '$(id)', '%00'])(
    'a host that is none is refused: %j',
    (host) => {
      expect(() => build({ ...UDP, host })).toThrow('host name')
    },
  )

  test('an interface cannot add to the query', () => {
    expect(build({ ...UDP, ttl: 1, interfaceAddress: '1.2.3.4&connect=1' }).args.at(-1)).toEndWith(
      '&localaddr=1.2.3.4%26connect%3D1',
    )
  })
})
