import { describe, expect, test } from 'bun:test'
import type { InputRow } from '../../../src/db/tables/inputs.ts'
import { createSecretBox } from '../../../src/lib/secret-box.ts'
import { type InputSecretName, inputSecretPlace, toSource } from '../../../src/live/input-specs.ts'
import { toWanted } from '../../../src/live/specs.ts'
import { type InputSource, inputSource } from '../../../src/media/specs.ts'
import { sampleInputRow } from '../../support/samples.ts'

const box = createSecretBox(new Uint8Array(32).fill(1))
const seal = (name: InputSecretName) => box.seal(`the ${name}`, inputSecretPlace(3, name))
const LISTENER: Partial<InputRow> = {
  kind: 'srt_listener',
  udpPort: null,
  srtPort: 8900,
  latencyMs: 300,
  onSecondPublisher: 'replace',
}

describe('a row becomes what a worker takes', () => {
  test.each<[Partial<InputRow>, InputSource]>([
    [{ kind: 'test', udpPort: null }, { kind: 'test' }],
    [
      { multicastGroup: '239.1.1.1', interface: '10.0.0.5', allowFrom: ['10.0.0.9'] },
      {
        kind: 'udp',
        port: 5000,
        bindAddress: '0.0.0.0',
        allowFrom: ['10.0.0.9'],
        multicastGroup: '239.1.1.1',
        interfaceAddress: '10.0.0.5',
      },
    ],
    [
      { kind: 'rtmp', udpPort: null, onSecondPublisher: 'refuse', publishKeySealed: seal('publish_key') },
      { kind: 'rtmp', app: 'live', streamKey: 'the publish_key', onSecondPublisher: 'refuse' },
    ],
    [
      {
        ...LISTENER,
        bindAddress: '127.0.0.1',
        passphraseSealed: seal('passphrase'),
        publishKeySealed: seal('publish_key'),
      },
      {
        kind: 'srt_listener',
        port: 8900,
        bindAddress: '127.0.0.1',
        allowFrom: [],
        latencyMs: 300,
        passphrase: 'the passphrase',
        streamId: 'the publish_key',
        onSecondPublisher: 'replace',
      },
    ],
    [
      { kind: 'srt_caller', url: 'srt://[2001:db8::1]:9000', latencyMs: 120, streamIdSealed: seal('stream_id') },
      {
        kind: 'srt_caller',
        host: '2001:db8::1',
        port: 9000,
        latencyMs: 120,
        passphrase: null,
        streamId: 'the stream_id',
      },
    ],
    [
      {
        kind: 'rtsp',
        url: 'rtsp://cam/ch1?x=1',
        rtspTransport: 'udp',
        usernameSealed: seal('username'),
        passwordSealed: seal('password'),
      },
      {
        kind: 'rtsp',
        tls: false,
        host: 'cam',
        port: 554,
        path: 'ch1?x=1',
        transport: 'udp',
        username: 'the username',
        password: 'the password',
      },
    ],
    [
      { kind: 'rtsp', url: 'rtsps://cam:8322/', rtspTransport: 'tcp' },
      {
        kind: 'rtsp',
        tls: true,
        host: 'cam',
        port: 8322,
        path: '',
        transport: 'tcp',
        username: null,
        password: null,
      },
    ],
    [
      { kind: 'hls', url: 'https://cdn/i.m3u8?t=1' },
      { kind: 'hls', url: 'https://cdn/i.m3u8?t=1', username: null, password: null },
    ],
  ])('%j', (change, expected) => {
    const source = toSource(sampleInputRow(change), box)
    expect(source).toEqual(expected)
    expect(inputSource.parse(source)).toEqual(source)
  })
})

test.each([
  ['another place', box.seal('x', inputSecretPlace(4, 'publish_key'))],
  ['another column', box.seal('x', inputSecretPlace(3, 'passphrase'))],
  ['another key', createSecretBox(new Uint8Array(32).fill(2)).seal('x', inputSecretPlace(3, 'publish_key'))],
  ['damage', 'v1.x'],
])('an input whose key was sealed for %s is left out and named; the others run', (_, publishKeySealed) => {
  const rows = [sampleInputRow({ ...LISTENER, publishKeySealed }), sampleInputRow({ id: 4 })]
  const { specs, unreadable } = toWanted(rows, [], box, { slate: () => null, choice: () => null })
  expect(unreadable).toEqual({ inputs: new Set([3]), outputs: new Set() })
  expect(specs.map(({ id }) => id)).toEqual([4])
})
