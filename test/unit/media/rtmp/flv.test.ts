import { describe, expect, test } from 'bun:test'
import { amfObject, fromAmf } from '../../../../src/media/rtmp/amf0.ts'
import { refuseCodec, toTakes } from '../../../../src/media/rtmp/codecs.ts'
import {
  fromAggregate,
  type SubMessage,
  toFlvHeader,
  toFlvMetadata,
  toFlvTag,
  toldTracks,
} from '../../../../src/media/rtmp/flv.ts'
import { createFlvWriter } from '../../../../src/media/rtmp/flv-writer.ts'
import { AGGREGATE, AUDIO, VIDEO } from '../../../../src/media/rtmp/messages.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex')

describe('FLV', () => {
  test('has the header of the specification, with the tracks that come', () => {
    expect(hex(toFlvHeader({ audio: true, video: true }))).toBe('464c56010500000009' + '00000000')
    expect(toFlvHeader({ audio: true, video: false })[4]).toBe(4)
    expect(toFlvHeader({ audio: false, video: true })[4]).toBe(1)
  })

  test('has tags with the time in two parts and their size behind them', () => {
    const tag = toFlvTag(VIDEO, 0x12345678, bytes('17 01'))
    expect(hex(tag)).toBe('09 000002 345678 12 000000 1701 0000000d'.replaceAll(' ', ''))
  })

  test('says of the encoder what FFmpeg uses, and nothing else of what it told', () => {
    const told = amfObject({ width: 1280, framerate: Number.NaN, encoder: 'me', audiocodecid: 10, keyframes: [1] })
    const tag = toFlvMetadata(told)
    const values = fromAmf(tag.subarray(11, -4))
    expect(values).toEqual(['onMetaData', new Map(Object.entries({ width: 1280, audiocodecid: 10 }))])
  })

  test('knows the tracks from what was told, both where nothing was', () => {
    expect(toldTracks(null)).toEqual({ audio: true, video: true })
    expect(toldTracks(amfObject({ encoder: 'x' }))).toEqual({ audio: true, video: true })
    expect(toldTracks(amfObject({ videocodecid: 7 }))).toEqual({ audio: false, video: true })
  })

  test('aggregates come apart with times of their own; what is cut off is left out', () => {
    const whole = Buffer.concat([toFlvTag(AUDIO, 100, bytes('af01')), toFlvTag(VIDEO, 140, bytes('2701'))])
    const parts = [
      { type: AUDIO, timestampMs: 5_000, payload: bytes('af01') },
      { type: VIDEO, timestampMs: 5_040, payload: bytes('2701') },
    ] as SubMessage[]
    expect(fromAggregate(5_000, new Uint8Array(whole))).toEqual(parts)
    expect(fromAggregate(5_000, new Uint8Array(whole.subarray(0, -5)))).toEqual(parts.slice(0, 1))
  })
})

describe('a publisher as one file', () => {
  const open = () => {
    const written: Uint8Array[] = []
    const agains: string[] = []
    const writer = createFlvWriter({
      write: (data) => void written.push(data),
      again(words) {
        agains.push(words)
        written.length = 0
      },
      refuse: (type, data) => refuseCodec(type, data, { hevc: false }),
    })
    const send = (type: number, payload: string, timestampMs = 0) =>
      writer.media({ type, streamId: 1, timestampMs, payload: bytes(payload) })
    /** `F` the header with its flags, `M` what was told, then each tag as its type and first bytes. */
    const file = () =>
      written.map((data) => {
        if (data[0] === 0x46) return `F${data[4]}`
        return data[0] === 18 ? 'M' : hex(data.subarray(11, 13))
      })
    return { writer, agains, send, file }
  }

  test('waits for both tracks and begins with their sequence headers, whatever comes first', () => {
    const { send, file } = open()
    send(AUDIO, 'af00')
    send(AUDIO, 'af01')
    send(AUDIO, 'af01', 20)
    expect(file()).toEqual([])
    send(VIDEO, '1700', 30)
    expect(file()).toEqual(['F5', 'af00', '1700', 'af01', 'af01'])
    send(VIDEO, '1701', 40)
    expect(file().slice(5)).toEqual(['1701'])
  })

  test('waits for no track that the encoder does not tell of', () => {
    const { writer, send, file } = open()
    writer.data(['@setDataFrame', 'onMetaData', amfObject({ videocodecid: 7 })])
    send(VIDEO, '1700')
    expect(file()).toEqual(['F1', 'M', '1700'])
  })

  test.each([
    ['told of, 3 s', amfObject({ videocodecid: 7, audiocodecid: 10 }), 3_000],
    ['that may come, 1 s', null, 1_000],
  ])('waits for a track %s', (_, told, waitMs) => {
    const { writer, send, file } = open()
    if (told) writer.data(['onMetaData', told])
    send(AUDIO, 'af00')
    send(AUDIO, 'af01', waitMs - 1)
    expect(file()).toEqual([])
    send(AUDIO, 'af01', waitMs)
    expect(file()[0]).toBe('F4')
  })

  test('waits with no more than 2 MiB', () => {
    const { writer, file } = open()
    const payload = new Uint8Array(500_000)
    payload.set([0x17, 1])
    for (let i = 0; i < 5; i++) writer.media({ type: VIDEO, streamId: 1, timestampMs: 0, payload })
    expect(file()).toHaveLength(6)
  })

  test('begins anew with a track that comes later still', () => {
    const { send, file, agains } = open()
    send(AUDIO, 'af00')
    send(AUDIO, 'af01', 1_000)
    send(VIDEO, '1700', 5_000)
    send(VIDEO, '1701', 5_000)
    expect(agains).toEqual([expect.stringContaining('pictures began late')])
    expect(file()).toEqual(['F5', 'af00', '1700', '1701'])
    send(AUDIO, 'af01', 5_020)
    expect(file()).toHaveLength(5)
    expect(agains).toHaveLength(1)
  })

  test('what is told later changes nothing; another sequence header is handed on', () => {
    const { writer, send, file } = open()
    send(AUDIO, 'af00')
    send(VIDEO, '1700')
    writer.data(['onMetaData', amfObject({ audiocodecid: 10 })])
    send(VIDEO, '1700', 40)
    expect(file()).toEqual(['F5', 'af00', '1700', '1700'])
  })

  test('has what an aggregate holds', () => {
    const { writer, send, file } = open()
    send(AUDIO, 'af00')
    const payload = new Uint8Array(toFlvTag(VIDEO, 0, bytes('1701')))
    expect(writer.media({ type: AGGREGATE, streamId: 1, timestampMs: 0, payload })).toBeNull()
    expect(file()).toEqual(['F5', 'af00', '1701'])
  })

  test('has no empty tags, and nothing that is refused', () => {
    const { send, file } = open()
    expect(send(VIDEO, '')).toBeNull()
    expect(send(VIDEO, '90 68766331')).toContain('HEVC')
    expect(file()).toEqual([])
  })
})

describe('codecs', () => {
  test.each([
    ['H.264', VIDEO, '17 00', null],
    ['AAC', AUDIO, 'af 00', null],
    ['MP3', AUDIO, '2f 00', null],
    ['an older picture', VIDEO, '22 00', /H\.264/],
    ['HEVC', VIDEO, '90 68766331', /takes H\.264 over RTMP only; the publisher sends HEVC/],
    ['AV1', VIDEO, '90 61763031', /AV1/],
    ['several tracks', VIDEO, '96 00', /several tracks/],
    ['no letters at all', VIDEO, '90 3c3e2700', /another format/],
    ['Opus', AUDIO, '90 4f707573', /AAC or MP3.*Opus/],
    ['Speex', AUDIO, 'b0 00', /AAC or MP3/],
  ])('%s', (_, type, payload, words) => {
    const answer = refuseCodec(type, bytes(payload), { hevc: false })
    if (words) expect(answer).toMatch(words)
    else expect(answer).toBeNull()
  })

  test('HEVC is taken where FFmpeg reads it, and what tells of colours is no picture', () => {
    expect(refuseCodec(VIDEO, bytes('90 68766331'), { hevc: true })).toBeNull()
    expect(refuseCodec(VIDEO, bytes('94 68766331'), { hevc: false })).toBeNull()
  })

  test.each([
    ['5.1.9-0+deb12u1', false],
    ['6.0', false],
    ['6.1.1', true],
    ['n7.0.2', true],
    ['10.0', true],
    ['N-112345-gabcdef', true],
    ['something', false],
  ])('FFmpeg %s', (version, hevc) => {
    expect(toTakes(version)).toEqual({ hevc })
  })
})
