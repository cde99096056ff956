import { expect, test } from 'bun:test'
import { parseAudioFrame } from '../../../../src/media/mpegts/audio-frame.ts'
import type { AudioCodec } from '../../../../src/media/program/units.ts'

/** The first frame as FFmpeg's encoder makes it. */
function encode(codec: string, form: string, rate: number, layout: string): Uint8Array {
  const source = ['-f', 'lavfi', '-i', `anullsrc=sample_rate=${rate}:channel_layout=${layout}`, '-t', '0.1']
  return Bun.spawnSync(['ffmpeg', '-v', 'error', ...source, '-c:a', codec, '-f', form, '-']).stdout
}

test.each<[AudioCodec, string, string, number, string, number]>([
  ['mp2', 'mp2', 'mp2', 48000, 'stereo', 2],
  ['mp2', 'mp2', 'mp2', 44100, 'mono', 1],
  ['mp2', 'mp2', 'mp2', 24000, 'stereo', 2],
  ['ac3', 'ac3', 'ac3', 48000, '5.1', 6],
  ['ac3', 'ac3', 'ac3', 44100, 'mono', 1],
  ['ac3', 'ac3', 'ac3', 32000, 'stereo', 2],
  ['eac3', 'eac3', 'eac3', 48000, '5.1', 6],
  ['eac3', 'eac3', 'eac3', 48000, 'stereo', 2],
])('%s by %s as %s: %d Hz, %s', (codec, encoder, form, sampleRate, layout, channels) => {
  expect(parseAudioFrame(codec, encode(encoder, form, sampleRate, layout))).toEqual({ codec, sampleRate, channels })
})

test.each([
  [48000, 'stereo', 2],
  [22050, 'mono', 1],
] as const)(
  'layer III is MP3 by its frame, under the stream type of MP2: %d Hz, %s',
  (sampleRate, layout, channels) => {
    const file = encode('libmp3lame', 'mp3', sampleRate, layout)
    const first = file.indexOf(0xff, 10 + (file[9] as number))
    expect(parseAudioFrame('mp2', file.subarray(first))).toEqual({ codec: 'mp3', sampleRate, channels })
  },
)

test('what is no frame says nothing', () => {
  for (const codec of ['mp2', 'ac3', 'eac3', 'aac_latm'] as const) {
    expect(parseAudioFrame(codec, new Uint8Array(16))).toBeNull()
    expect(parseAudioFrame(codec, new Uint8Array(2))).toBeNull()
  }
})
