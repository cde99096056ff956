import { describe, expect, test } from 'bun:test'
import { classifyExit, type ExitContext } from '../../../../src/media/ffmpeg/exits.ts'

function context(over: Partial<ExitContext>): ExitContext {
  return {
    protocol: 'rtmp',
    code: 1,
    signal: null,
    lines: [],
    hadSent: false,
    asked: null,
    onAir: true,
    stalled: null,
    ...over,
  }
}

/** What FFmpeg 5.1 was seen to print before it left. */
const SEEN: [string, Partial<ExitContext>, string][] = [
  [
    'name unknown',
    {
      lines: [
        '[tcp] Failed to resolve hostname nohost.invalid: Name or service not known',
        '[rtmp] Cannot open connection tcp://nohost.invalid:1?tcp_nodelay=0',
        'rtmp://nohost.invalid:1/: Input/output error',
      ],
    },
    'dns',
  ],
  [
    'name unknown, RTMPS',
    {
      lines: [
        '[tcp] Failed to resolve hostname x: Name or service not known',
        '[rtmps] Cannot open connection tls://x:1',
      ],
    },
    'dns',
  ],
  [
    'port closed',
    {
      lines: [
        '[tcp] Connection to tcp://127.0.0.1:1?tcp_nodelay=0 failed: Connection refused',
        '[rtmp] Cannot open connection tcp://127.0.0.1:1?tcp_nodelay=0',
        'rtmp://127.0.0.1:1/: Connection refused',
      ],
    },
    'refused',
  ],
  ['no route', { protocol: 'udp', lines: ['av_interleaved_write_frame(): Network is unreachable'] }, 'unreachable'],
  [
    'certificate of nobody we trust',
    {
      lines: [
        '[tls] Peer certificate failed verification',
        '[rtmps] Cannot open connection tls://localhost:19361',
        'rtmps://localhost:19361/: Input/output error',
      ],
    },
    'tls',
  ],
  [
    'certificate of another name',
    { lines: ["[tls] The certificate's owner does not match hostname localhost"] },
    'tls',
  ],
  [
    'no TLS server',
    { lines: ['[tls] An unexpected TLS packet was received.', '[rtmps] Cannot open connection tls://127.0.0.1:80'] },
    'tls',
  ],
  ['key refused', { lines: ['rtmp://127.0.0.1:19350/: Input/output error'] }, 'rejected'],
  [
    'a login by challenge',
    { lines: ['[rtmp] No credentials set', 'rtmp://127.0.0.1:19350/: Unknown error occurred'] },
    'rejected',
  ],
  [
    'no RTMP server',
    { lines: ['[rtmp] Cannot read RTMP handshake response', 'rtmp://127.0.0.1:80/: End of file'] },
    'rejected',
  ],
  [
    'mute RTMP server',
    { lines: ['[rtmp] Cannot read RTMP handshake response', 'rtmp://127.0.0.1:19399/: Connection timed out'] },
    'hung',
  ],
  [
    'wrong passphrase',
    {
      protocol: 'srt_caller',
      lines: [
        '[SRT] processAsyncConnectRequest: REJECT reported from HS processing: Incorrect passphrase - not processing further',
        '[srt] Connection to srt://127.0.0.1:15997 failed: Input/output error',
      ],
    },
    'rejected',
  ],
  [
    'nobody at the SRT port',
    { protocol: 'srt_caller', lines: ['[srt] Connection to srt://127.0.0.1:15998 failed: Input/output error'] },
    'unreachable',
  ],
  [
    'RTSP, no login or a wrong one',
    { protocol: 'rtsp', lines: ['[rtsp] method ANNOUNCE failed: 401 Unauthorized'] },
    'rejected',
  ],
  ['RTSP, no such path', { protocol: 'rtsp', lines: ['[rtsp] method ANNOUNCE failed: 404 Not Found'] }, 'rejected'],
  [
    'RTSP, not this transport',
    { protocol: 'rtsp', lines: ['[rtsp] method SETUP failed: 461 Unsupported transport'] },
    'rejected',
  ],
  ['RTSP, closed before the session stood', { protocol: 'rtsp', lines: ['x: End of file'] }, 'rejected'],
  [
    'the door of a listener gone',
    { protocol: 'srt_listener', hadSent: true, lines: ['av_interleaved_write_frame(): Broken pipe'] },
    'unknown',
  ],
  [
    'the receiver of a listener gone',
    { protocol: 'srt_listener', hadSent: true, lines: ['av_interleaved_write_frame(): Input/output error'] },
    'peer_closed',
  ],
  [
    'the port of a listener taken',
    { protocol: 'srt_listener', lines: ['srt://0.0.0.0:8977: Address already in use'] },
    'refused',
  ],
  ['peer gone', { hadSent: true, lines: ['av_interleaved_write_frame(): Broken pipe'] }, 'peer_closed'],
  [
    'SRT peer gone',
    { protocol: 'srt_caller', hadSent: true, lines: ['av_interleaved_write_frame(): Input/output error'] },
    'peer_closed',
  ],
  ['peer frozen', { hadSent: true, lines: ['av_interleaved_write_frame(): Connection timed out'] }, 'hung'],
  ['end of the feed', { code: 0, hadSent: true }, 'input_lost'],
  ['peer hung up while nothing was on air', { hadSent: true, onAir: false, lines: ['x: Broken pipe'] }, 'input_lost'],
  [
    'codec',
    { lines: ['[flv] Video codec hevc not compatible with flv', 'Could not write header for output file #0'] },
    'codec',
  ],
  ['garbage', { lines: ['pipe:0: could not find codec parameters'] }, 'codec'],
  ['killed from outside', { code: null, signal: 'SIGKILL', hadSent: true }, 'killed'],
  ['silence', { code: 1, hadSent: true }, 'unknown'],
]

describe('exits', () => {
  test.each(SEEN)('%s', (_, over, expected) => {
    const verdict = classifyExit(context(over))
    expect(verdict.class).toBe(expected as typeof verdict.class)
    expect(verdict.words).toMatch(/^[A-Z].+\.$/)
  })

  test('words for people name no address and no jargon of C', () => {
    for (const [, over] of SEEN) expect(classifyExit(context(over)).words).not.toMatch(/:\/\/|errno|\(\)|av_/)
  })

  test('what we did ourselves goes before what it printed', () => {
    const lines = ['x: Connection refused']
    expect(classifyExit(context({ lines, asked: 'person', code: 255 })).class).toBe('killed')
    expect(classifyExit(context({ lines, asked: 'off_air', code: 0 })).class).toBe('input_lost')
    const hung = classifyExit(context({ lines, stalled: 'It froze.', signal: 'SIGKILL', code: null }))
    expect(hung).toEqual({ class: 'hung', words: 'It froze.' })
  })
})
