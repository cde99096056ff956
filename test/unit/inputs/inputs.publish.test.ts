import { describe, expect, test } from 'bun:test'
import type { InputRow } from '../../../src/db/tables/inputs.ts'
import { toPublishing } from '../../../src/inputs/inputs.publish.ts'
import { createSecretBox } from '../../../src/lib/secret-box.ts'
import { inputSecretPlace } from '../../../src/live/input-specs.ts'
import { sampleInputRow } from '../../support/samples.ts'

const box = createSecretBox(new Uint8Array(32))
const publishKeySealed = box.seal('k3y', inputSecretPlace(3, 'publish_key'))
const RTMP: Partial<InputRow> = { kind: 'rtmp', udpPort: null, publishKeySealed }
const SRT: Partial<InputRow> = { kind: 'srt_listener', udpPort: null, srtPort: 8900, latencyMs: 250, publishKeySealed }
const DOOR = { port: 1935, tlsPort: null }
const NOTHING = {
  publish_url: null,
  publish_server: null,
  publish_server_tls: null,
  publish_key: null,
  publish_example: null,
}

const publishing = (change: Partial<InputRow>, door: { port: number; tlsPort: number | null } = DOOR, host = 'h') =>
  toPublishing(sampleInputRow(change), { host, seesKeys: true }, door, box)

describe('where to send', () => {
  test('RTMP: two fields for OBS, one address for others', () => {
    const { publish_example, ...rest } = publishing(RTMP)
    expect(rest).toEqual({
      publish_url: 'rtmp://h:1935/live/k3y',
      publish_server: 'rtmp://h:1935/live',
      publish_server_tls: null,
      publish_key: 'k3y',
    })
    expect(publish_example).toMatch(/^ffmpeg -re .* -f flv "rtmp:\/\/h:1935\/live\/k3y"$/)
  })
  test('RTMP over TLS beside it, IPv6 in brackets; without a door nothing', () => {
    expect(publishing(RTMP, { port: 2000, tlsPort: 2001 }, '2001:db8::1')).toMatchObject({
      publish_server: 'rtmp://[2001:db8::1]:2000/live',
      publish_server_tls: 'rtmps://[2001:db8::1]:2001/live',
    })
    expect(publishing(RTMP, { port: 0, tlsPort: null })).toEqual(NOTHING)
  })
  test('SRT: the latency in microseconds, never the passphrase', () => {
    const passphraseSealed = box.seal('very secret words', inputSecretPlace(3, 'passphrase'))
    const { publish_example, ...rest } = publishing({ ...SRT, passphraseSealed })
    expect(rest).toEqual({
      publish_url: 'srt://h:8900?streamid=k3y&latency=250000',
      publish_server: 'srt://h:8900',
      publish_server_tls: null,
      publish_key: 'k3y',
    })
    expect(publish_example).toMatch(/ -f mpegts "srt:\/\/h:8900\?streamid=k3y&latency=250000"$/)
  })
  test('SRT on loopback is reached there alone', () => {
    expect(publishing({ ...SRT, bindAddress: '::1' }).publish_server).toBe('srt://[::1]:8900')
  })
  test('UDP to a group', () => {
    expect(publishing({ multicastGroup: '239.1.1.1' }).publish_url).toBe('udp://239.1.1.1:5000')
    expect(publishing({ multicastGroup: 'ff02::5' }).publish_url).toBe('udp://[ff02::5]:5000')
  })
  test.each<InputRow['kind']>(['test', 'srt_caller', 'rtsp', 'hls'])('nobody sends to an input of kind %s', (kind) => {
    expect(publishing({ kind })).toEqual(NOTHING)
  })
})

test.each([RTMP, SRT, {}])('who may not see keys is told nothing: %j', (change) => {
  expect(toPublishing(sampleInputRow(change), { host: 'h', seesKeys: false }, DOOR, box)).toEqual(NOTHING)
})

test('a key that cannot be read leaves the server, so that a new one can be made', () => {
  expect(publishing({ ...RTMP, publishKeySealed: 'v1.x' })).toEqual({
    ...NOTHING,
    publish_server: 'rtmp://h:1935/live',
  })
})
