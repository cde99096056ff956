import { describe, expect, test } from 'bun:test'
import { refusalOf } from '../../../../src/media/ffmpeg/refusal.ts'
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

describe('what cannot be sent', () => {
  test('RTMP takes H.264 alone', () => {
    expect(refusalOf(spec(RTMP), H264_AAC)).toBeNull()
    expect(refusalOf(spec(RTMP), format('hevc', 'aac'))).toContain('H.265')
    expect(refusalOf(spec(RTMP), format('mpeg2video', 'aac'))).toContain('MPEG-2')
    expect(refusalOf(spec(RTMP, { video: 'none' }), format('hevc', 'aac'))).toBeNull()
  })

  test('a transport stream takes everything', () => {
    for (const target of [UDP, SRT]) {
      for (const video of ['h264', 'hevc', 'mpeg2video'] as const) {
        for (const audio of ['aac', 'aac_latm', 'mp2', 'ac3', 'eac3'] as const) {
          expect(refusalOf(spec(target, { audio: 'copy' }), format(video, audio))).toBeNull()
        }
      }
    }
  })

  test('sound that must be copied has to fit', () => {
    expect(refusalOf(spec(RTMP, { audio: 'copy' }), format('h264', 'ac3'))).toContain('AC3')
    expect(refusalOf(spec(RTMP, { audio: 'auto' }), format('h264', 'ac3'))).toBeNull()
    expect(refusalOf(spec(RTMP, { audio: 'none' }), format('h264', 'ac3'))).toBeNull()
  })

  test('nothing to send is said', () => {
    expect(refusalOf(spec(UDP, { audio: 'none', video: 'none' }), null)).toContain('switched off')
    expect(refusalOf(spec(UDP, { audio: 'none' }), format(null, 'aac'))).toContain('nothing')
  })

  test('a picture made anew fits everywhere', () => {
    for (const video of ['hevc', 'mpeg2video'] as const)
      expect(refusalOf(spec(RTMP, { video: '720p' }), format(video, 'aac'))).toBeNull()
    expect(refusalOf(spec(RTMP, { video: '720p', audio: 'copy' }), format('hevc', 'mp2'))).toContain('AAC only')
    expect(refusalOf(spec(UDP, { video: '480p', audio: 'none' }), format(null, 'aac'))).toContain('nothing')
  })

  test('RTSP takes what RTP has a payload for', () => {
    for (const codec of ['aac', 'mp2', 'ac3'] as const)
      expect(refusalOf(spec(RTSP, { audio: 'copy' }), format('hevc', codec))).toBeNull()
    expect(refusalOf(spec(RTSP, { audio: 'copy' }), format('h264', 'eac3'))).toContain('E-AC-3')
    expect(refusalOf(spec(RTSP), format('h264', 'eac3'))).toBeNull()
  })

  test('the direct engine takes any feed, and sends by UDP alone', () => {
    expect(refusalOf(spec(UDP, { engine: 'direct' }), format(null, 'ac3'))).toBeNull()
    expect(refusalOf(spec(SRT, { engine: 'direct' }), H264_AAC)).toContain('Only UDP')
  })

  test('an unknown format is given a chance', () => {
    expect(refusalOf(spec(RTMP), null)).toBeNull()
  })
})
