import { describe, expect, test } from 'bun:test'
import type { OutputRow } from '../../../src/db/tables/outputs.ts'
import { createSecretBox } from '../../../src/lib/secret-box.ts'
import { secretPlace, toEffectiveOptions, toWanted } from '../../../src/live/specs.ts'
import { inputSpec } from '../../../src/media/specs.ts'
import { sampleInputRow } from '../../support/samples.ts'

const box = createSecretBox(new Uint8Array(32).fill(1))
const seal = (id: number, name: 'stream_key' | 'passphrase') => box.seal(`${name}-${id}`, secretPlace(id, name))

const inputRow = sampleInputRow({
  id: 1,
  name: 'A',
  nameKey: 'a',
  path: 'a',
  generation: 3,
  allowFrom: ['10.0.0.0/8'],
  program: 2,
  createdAt: 0,
  updatedAt: 0,
})
const outputRow = (change: Partial<OutputRow>): OutputRow => ({
  id: 7,
  inputId: 1,
  name: 'O',
  nameKey: 'o',
  protocol: 'rtmp',
  tls: false,
  host: 'h',
  port: 1935,
  app: 'live',
  engine: 'ffmpeg',
  options: {},
  streamKeySealed: null,
  usernameSealed: null,
  passwordSealed: null,
  passphraseSealed: null,
  streamIdSealed: null,
  enabled: true,
  generation: 4,
  autoReconnect: true,
  reconnectDelaySeconds: 0.5,
  maxReconnectDelaySeconds: 60,
  maxReconnectAttempts: 2,
  stallTimeoutSeconds: 10,
  createdAt: 0,
  updatedAt: 0,
  ...change,
})

test('rows become the whole list that a worker takes, each output with its input', () => {
  const { specs, unreadable } = toWanted(
    [inputRow, { ...inputRow, id: 2, kind: 'test', udpPort: null, bindAddress: null }],
    [outputRow({ streamKeySealed: seal(7, 'stream_key') }), outputRow({ id: 8, inputId: 2, protocol: 'udp', app: '' })],
    box,
    { slate: () => null, choice: () => 'slate' },
  )
  for (const spec of specs) expect(inputSpec.parse(spec)).toEqual(spec)
  expect(unreadable).toEqual({ inputs: new Set(), outputs: new Set() })
  expect(specs).toMatchObject([
    {
      id: 1,
      generation: 3,
      program: 2,
      source: { kind: 'udp', port: 5000, bindAddress: '0.0.0.0', allowFrom: ['10.0.0.0/8'] },
      outputs: [
        {
          id: 7,
          generation: 4,
          reconnect: { delayMs: 500, maxDelayMs: 60_000, maxAttempts: 2 },
          target: { streamKey: 'stream_key-7' },
        },
      ],
    },
    { id: 2, source: { kind: 'test' }, outputs: [{ id: 8, target: { protocol: 'udp', ttl: null } }] },
  ])
})

test.each([
  ['another place', seal(8, 'stream_key')],
  ['another column', box.seal('x', secretPlace(7, 'passphrase'))],
  ['another key', createSecretBox(new Uint8Array(32).fill(2)).seal('x', secretPlace(7, 'stream_key'))],
  ['damage', 'v1.x'],
])('a secret sealed for %s is left out and named; the others run', (_, streamKeySealed) => {
  const { specs, unreadable } = toWanted([inputRow], [outputRow({ streamKeySealed }), outputRow({ id: 9 })], box, {
    slate: () => null,
    choice: () => 'slate',
  })
  expect(unreadable).toEqual({ inputs: new Set(), outputs: new Set([7]) })
  expect(specs[0]?.outputs.map((output) => output.id)).toEqual([9])
})

describe('options as they take effect', () => {
  const nothing = { latencyMs: null, pktSize: null, ttl: null, interfaceAddress: null, tlsVerify: null }
  test.each([
    [{ protocol: 'rtmp', host: 'h', tls: false }, {}, { ...nothing, video: 'copy', audio: 'auto' }],
    [{ protocol: 'rtmp', host: 'h', tls: true }, {}, { ...nothing, tlsVerify: true }],
    [
      { protocol: 'rtmp', host: 'h', tls: true },
      { tls_verify: false, ttl: 3 },
      { ...nothing, tlsVerify: false },
    ],
    [{ protocol: 'srt_caller', host: 'h', tls: false }, {}, { ...nothing, latencyMs: 200, pktSize: 1316 }],
    [
      { protocol: 'udp', host: '10.0.0.1', tls: false },
      { ttl: 4, interface: '10.0.0.2' },
      { ...nothing, pktSize: 1316 },
    ],
    [{ protocol: 'udp', host: '239.0.0.1', tls: false }, {}, { ...nothing, pktSize: 1316, ttl: 1 }],
    [
      { protocol: 'udp', host: 'ff02::1', tls: false },
      { ttl: 4, interface: '::1', pkt_size: 188 },
      { ...nothing, pktSize: 188, ttl: 4, interfaceAddress: '::1' },
    ],
  ] as const)('%j with %j', (place, stored, effective) => {
    expect(toEffectiveOptions({ engine: 'ffmpeg', ...place }, stored)).toMatchObject(effective)
  })
})
