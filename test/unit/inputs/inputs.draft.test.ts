import { describe, expect, test } from 'bun:test'
import type { InputRow } from '../../../src/db/tables/inputs.ts'
import { isAppError } from '../../../src/errors.ts'
import { type InputDraft, toInputDraft } from '../../../src/inputs/inputs.draft.ts'
import type { InputPatch } from '../../../src/inputs/inputs.schema.ts'
import { sampleInputRow } from '../../support/samples.ts'

const kept = (change: Partial<InputRow>) => sampleInputRow({ onLoss: 'hold', ...change })
const refusals = (body: InputPatch, stored: InputRow | null = null): string[] => {
  try {
    toInputDraft({ name: 'A', ...body }, stored)
  } catch (error) {
    if (isAppError(error)) return (error.errors ?? []).map(({ path }) => path).sort()
    throw error
  }
  return []
}

describe('toInputDraft', () => {
  test('defaults', () => {
    expect(toInputDraft({ name: 'A' }, null)).toEqual({
      name: 'A',
      nameKey: 'a',
      kind: 'udp',
      path: null,
      enabled: true,
      udpPort: null,
      bindAddress: null,
      allowFrom: [],
      program: null,
      multicastGroup: null,
      interface: null,
      url: null,
      rtspTransport: null,
      srtPort: null,
      latencyMs: null,
      onSecondPublisher: null,
      onLoss: 'freeze',
      lossMs: 1000,
      returnMode: 'auto',
      returnAfterMs: 1000,
      maxFillMinutes: 5,
      backupInputId: null,
      slateImageId: null,
      secrets: {},
      place: null,
    })
  })

  test.each<[InputPatch, Partial<InputDraft>]>([
    [{ kind: 'rtmp' }, { onSecondPublisher: 'refuse', udpPort: null, latencyMs: null }],
    [{ kind: 'srt_listener' }, { onSecondPublisher: 'refuse', latencyMs: 200, srtPort: null }],
    [
      { kind: 'srt_listener', srt_port: 9000, latency_ms: 800, on_second_publisher: 'replace', program: 2 },
      { srtPort: 9000, latencyMs: 800, onSecondPublisher: 'replace', program: 2 },
    ],
    [
      { kind: 'srt_caller', url: 'srt://h:9000?passphrase=0123456789&streamid=cam&latency=400' },
      {
        url: 'srt://h:9000',
        latencyMs: 400,
        secrets: { passphrase: '0123456789', stream_id: 'cam' },
        place: { url: 'srt://h:9000', host: 'h', port: 9000 },
      },
    ],
    [{ kind: 'srt_caller', url: 'srt://h:9000?latency=400', latency_ms: 120 }, { latencyMs: 120 }],
    [
      { kind: 'rtsp', url: 'rtsp://u:p%40ss@cam/s?x=1', rtsp_transport: 'udp' },
      { url: 'rtsp://cam/s?x=1', rtspTransport: 'udp', secrets: { username: 'u', password: 'p@ss' } },
    ],
    [
      { kind: 'rtsp', url: 'rtsps://cam' },
      { url: 'rtsps://cam/', rtspTransport: 'tcp', secrets: {} },
    ],
    [{ kind: 'rtsp', url: 'rtsp://u:p@cam', password: 'other' }, { secrets: { username: 'u', password: 'other' } }],
    [{ kind: 'hls', url: 'https://cdn/i.m3u8', username: 'u' }, { secrets: { username: 'u' } }],
    [
      { multicast_group: '239.1.1.1', udp_port: 5000, interface: '10.0.0.5', allow_from: ['10.0.0.9'] },
      { multicastGroup: '239.1.1.1', interface: '10.0.0.5', allowFrom: ['10.0.0.9'] },
    ],
  ])('%j', (body, expected) => {
    expect(toInputDraft({ name: 'A', ...body }, null)).toMatchObject(expected)
  })

  test.each<[InputPatch, string[]]>([
    [{ kind: 'test', udp_port: 7 }, ['udp_port']],
    [{ kind: 'rtmp', udp_port: 7, url: 'rtmp://h/a', latency_ms: 100 }, ['latency_ms', 'udp_port', 'url']],
    [{ kind: 'rtmp', passphrase: '0123456789', allow_from: ['10.0.0.1'] }, ['allow_from', 'passphrase']],
    [{ kind: 'udp', on_second_publisher: 'refuse' }, ['on_second_publisher']],
    [{ kind: 'udp', srt_port: 9000 }, ['srt_port']],
    [{ kind: 'udp', url: 'udp://h:1' }, ['url']],
    [{ kind: 'srt_listener', udp_port: 5000 }, ['udp_port']],
    [{ kind: 'srt_listener', stream_id: 'x', url: 'srt://h:1' }, ['stream_id', 'url']],
    [{ kind: 'srt_listener', passphrase: 'short' }, ['passphrase']],
    [{ kind: 'srt_listener', passphrase: 'x'.repeat(80) }, ['passphrase']],
    [{ kind: 'srt_listener', passphrase: 'ü'.repeat(40) }, ['passphrase']],
    [{ kind: 'srt_caller' }, ['url']],
    [{ kind: 'rtsp', url: null }, ['url']],
    [{ kind: 'srt_caller', url: 'srt://h:1?latency=5' }, ['url']],
    [{ kind: 'srt_caller', url: 'srt://h:1?passphrase=short' }, ['passphrase']],
    [{ kind: 'rtsp', url: 'rtsp://h/', password: 'x' }, ['username']],
    [{ kind: 'rtsp', url: 'rtsps://h/', rtsp_transport: 'udp' }, ['rtsp_transport']],
    [{ kind: 'hls', url: 'https://h/', rtsp_transport: 'tcp' }, ['rtsp_transport']],
    [{ multicast_group: '239.1.1.1' }, ['udp_port']],
    [{ interface: '10.0.0.1' }, ['interface']],
    [{ multicast_group: '239.1.1.1', udp_port: 1, interface: '::1' }, ['interface']],
    [{ multicast_group: '239.1.1.1', udp_port: 1, bind_address: '10.0.0.1' }, ['bind_address']],
    [{ bind_address: '239.1.1.1' }, ['bind_address']],
  ])('%j is refused at %j', (body, paths) => {
    expect(refusals(body)).toEqual(paths)
  })

  test('what a kind has not may be said to be empty', () => {
    expect(refusals({ kind: 'test', udp_port: null, allow_from: [], passphrase: null, url: null })).toEqual([])
  })

  test('a body laid over what is stored: absent stays, null takes the default', () => {
    const stored = kept({ udpPort: 7, program: 3, lossMs: 500 })
    expect(toInputDraft({}, stored)).toMatchObject({ udpPort: 7, program: 3, lossMs: 500, enabled: true })
    expect(toInputDraft({ udp_port: null, loss_ms: null, enabled: false }, stored)).toMatchObject({
      udpPort: null,
      lossMs: 1000,
      enabled: false,
    })
  })

  test('an address that comes back as it was shown keeps its secrets; a null clears one', () => {
    const stored = kept({ kind: 'rtsp', url: 'rtsp://cam/s', usernameSealed: 'a', passwordSealed: 'b', udpPort: null })
    const { secrets, url, rtspTransport } = toInputDraft({ url: 'rtsp://cam/s' }, stored)
    expect([url, rtspTransport]).toEqual(['rtsp://cam/s', 'tcp'])
    expect(secrets).toEqual({ passphrase: null, stream_id: null, publish_key: null })
    expect(toInputDraft({ password: null }, stored).secrets).toMatchObject({ password: null })
    expect(refusals({ username: null }, stored)).toEqual(['username'])
  })

  test('another kind: what it has not falls away, secrets too, and it wants an address of its own', () => {
    const udp = kept({ udpPort: 7, program: 3, allowFrom: ['10.0.0.1'], bindAddress: '10.0.0.2' })
    expect(toInputDraft({ kind: 'test' }, udp)).toMatchObject({ udpPort: null, program: null, allowFrom: [] })
    expect(toInputDraft({ kind: 'srt_listener' }, udp)).toMatchObject({
      udpPort: null,
      srtPort: null,
      bindAddress: '10.0.0.2',
      latencyMs: 200,
    })
    expect(refusals({ kind: 'rtsp' }, udp)).toEqual(['url'])
    const rtsp = kept({ kind: 'rtsp', url: 'rtsp://cam/s', usernameSealed: 'a', passwordSealed: 'b' })
    expect(refusals({ kind: 'hls' }, rtsp)).toEqual(['url'])
    expect(toInputDraft({ kind: 'rtmp' }, rtsp)).toMatchObject({
      url: null,
      rtspTransport: null,
      secrets: { username: null, password: null },
    })
    const rtmp = kept({ kind: 'rtmp', onSecondPublisher: 'replace', publishKeySealed: 'k' })
    const draft = toInputDraft({ kind: 'srt_listener' }, rtmp)
    expect(draft.onSecondPublisher).toBe('replace')
    expect(draft.secrets).not.toHaveProperty('publish_key')
    expect(toInputDraft({ kind: 'udp' }, rtmp).secrets).toMatchObject({ publish_key: null })
  })
})
