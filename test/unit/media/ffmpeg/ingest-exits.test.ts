import { describe, expect, test } from 'bun:test'
import { classifyIngestExit, type IngestExit } from '../../../../src/media/ffmpeg/ingest-exits.ts'

const exit = (over: Partial<IngestExit>): IngestExit => ({
  ...{ kind: 'rtsp', code: 1, signal: null, lines: [], hasGiven: false, hung: false, silentMs: 100 },
  ...over,
})
const tell = (over: Partial<IngestExit>) => classifyIngestExit(exit(over))

describe('the end of an ingest', () => {
  test.each([
    ['dns', '[tcp] Failed to resolve hostname no-such-host.invalid: Name or service not known'],
    ['refused', '[tcp] Connection to tcp://127.0.0.1:18998?timeout=0 failed: Connection refused'],
    ['tls', '[tls] An unexpected TLS packet was received.'],
    ['rejected', '[rtsp] method DESCRIBE failed: 401 Unauthorized'],
    ['rejected', '[rtsp] method DESCRIBE failed: 404 Not Found'],
    ['rejected', '[http] HTTP error 403 Forbidden'],
    ['rejected', '[rtsp] method SETUP failed: 461 Unsupported transport'],
    ['codec', 'pipe:3: Invalid data found when processing input'],
  ])('is told as %s by "%s"', (kind, line) => {
    expect(tell({ lines: ['[h264] no frame!', line] })).toMatchObject({ class: kind, goodbye: false })
  })

  test.each([
    [
      'rejected',
      /passphrase/,
      '[SRT] processAsyncConnectRequest: REJECT reported from HS processing: Incorrect passphrase',
    ],
    ['unreachable', /Nobody answers/, '[srt] Connection to srt://127.0.0.1:18999 failed: Input/output error'],
  ])('of an SRT call is told as %s', (kind, words, line) => {
    expect(tell({ kind: 'srt_caller', lines: [line] })).toMatchObject({
      class: kind,
      words: expect.stringMatching(words),
    })
  })

  test('of an SRT call is a goodbye when it comes at once, a loss after five seconds of silence', () => {
    const lost = { kind: 'srt_caller', code: 0, hasGiven: true, lines: ['pipe:3: Input/output error'] } as const
    expect(tell({ ...lost, silentMs: 200 })).toMatchObject({ class: 'peer_closed', goodbye: true })
    expect(tell({ ...lost, silentMs: 5_100 })).toMatchObject({ class: 'peer_closed', goodbye: false })
  })

  test('of an HLS playlist is a goodbye unless something failed', () => {
    expect(tell({ kind: 'hls', code: 0, hasGiven: true })).toMatchObject({ goodbye: true })
    const failed = ['[hls] Failed to reload playlist 0']
    expect(tell({ kind: 'hls', code: 0, hasGiven: true, lines: failed })).toMatchObject({ goodbye: false })
  })

  test('by the watchdog says for how long nothing came, by a signal which', () => {
    expect(tell({ hung: true, silentMs: 10_300 })).toMatchObject({
      class: 'hung',
      words: 'The server sent nothing for 10 s.',
    })
    expect(tell({ code: null, signal: 'SIGKILL' })).toMatchObject({ class: 'killed' })
    expect(tell({ silentMs: 8_100, lines: ['pipe:3: Invalid data found when processing input'] }).class).toBe('hung')
  })
})
