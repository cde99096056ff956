import { describe, expect, test } from 'bun:test'
import { createCanonicalWriter } from '../../../../src/media/program/canonical.ts'
import { aacFrameTicks, parseAdts, silentAdtsFrame } from '../../../../src/media/mpegts/adts.ts'
import { decodeErrors } from '../../../support/ts-fixture.ts'

describe('ADTS', () => {
  test.each([
    [48000, 2],
    [44100, 1],
    [32000, 2],
    [24000, 1],
  ])('a silent frame of %d Hz, %d channels says so itself', (sampleRate, channels) => {
    const frame = silentAdtsFrame({ sampleRate, channels, objectType: 2 }) as Uint8Array
    expect(parseAdts(frame, 0)).toEqual({ frameBytes: frame.length, sampleRate, channels, objectType: 2 })
  })

  test('there is none for what needs an encoder', () => {
    expect(silentAdtsFrame({ sampleRate: 48000, channels: 6, objectType: 2 })).toBeNull()
    expect(silentAdtsFrame({ sampleRate: 48000, channels: 2, objectType: 5 })).toBeNull()
    expect(silentAdtsFrame({ sampleRate: null, channels: 2, objectType: 2 })).toBeNull()
  })

  test.each([1, 2])('silence of %d channels decodes to silence', (channels) => {
    const format = { codec: 'aac' as const, sampleRate: 48000, channels, objectType: 2 }
    const writer = createCanonicalWriter({ video: null, audio: format })
    const data = silentAdtsFrame(format) as Uint8Array
    const durationTicks = aacFrameTicks(48000)
    for (let i = 0; i < 100; i++) {
      writer.write({
        kind: 'audio',
        codec: 'aac',
        pts: 90_000 + i * durationTicks,
        durationTicks,
        data,
        sampleRate: 48000,
        channels,
      })
    }
    const stream = writer.take() as Uint8Array
    expect(decodeErrors(stream)).toBe('')
    const said = Bun.spawnSync(['ffmpeg', '-i', '-', '-af', 'volumedetect', '-f', 'null', '-'], {
      stdin: stream,
    }).stderr.toString()
    expect(said).toContain('max_volume: -91.0 dB')
  })

  test('what is no header is none', () => {
    expect(parseAdts(Uint8Array.of(0xff, 0xe1, 0x50, 0x80, 0x02, 0x1f, 0xfc), 0)).toBeNull()
    expect(parseAdts(Uint8Array.of(0xff, 0xf1, 0x7c, 0x80, 0x02, 0x1f, 0xfc), 0)).toBeNull()
    expect(parseAdts(Uint8Array.of(0xff, 0xf1, 0x50, 0x80, 0x00, 0x1f, 0xfc), 0)).toBeNull()
  })
})
