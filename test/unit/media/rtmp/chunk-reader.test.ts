import { describe, expect, test } from 'bun:test'
import { createChunkReader, type RtmpMessage } from '../../../../src/media/rtmp/chunk-reader.ts'
import { RtmpError } from '../../../../src/media/rtmp/rtmp-error.ts'
import { toChunks } from '../../../support/rtmp-wire.ts'

const LIMITS = { messageBytes: 100_000, unfinishedBytes: 200_000 }

function read(bytes: Uint8Array, pieceBytes = bytes.length): RtmpMessage[] {
  const messages: RtmpMessage[] = []
  const reader = createChunkReader({ limits: LIMITS, onMessage: (message) => void messages.push(message) })
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes))
  return messages
}
const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const times = (messages: RtmpMessage[]) => messages.map(({ timestampMs }) => timestampMs)
const bodies = (messages: RtmpMessage[]) => messages.map(({ payload }) => Buffer.from(payload).toString())

describe('chunks', () => {
  test('the example of the specification, 5.3.2.1: the same header, told once', () => {
    const body = '41'.repeat(32)
    const bytes = hex(`03 0003e8 000020 08 39300000 ${body} 83 000014 ${body} c3 ${body} c3 ${body}`)
    const messages = read(bytes)
    expect(times(messages)).toEqual([1000, 1020, 1040, 1060])
    expect(messages[3]).toMatchObject({ type: 8, streamId: 12345, payload: new Uint8Array(32).fill(0x41) })
  })

  test('the example of the specification, 5.3.2.2: a message of 307 bytes', () => {
    const payload = new Uint8Array(307).map((_, i) => i)
    const bytes = toChunks({ chunkStream: 4, type: 9, streamId: 12346, timestampMs: 1000, payload })
    expect(bytes.length).toBe(140 + 129 + 52)
    expect(read(bytes)).toEqual([{ type: 9, streamId: 12346, timestampMs: 1000, payload }])
  })

  test.each([1, 2, 7, 130])('in pieces of %d bytes are the same messages', (pieceBytes) => {
    const bytes = Buffer.concat([
      toChunks({ type: 9, payload: new Uint8Array(1_000).fill(1), timestampMs: 40 }),
      toChunks({ type: 8, payload: new Uint8Array(0), chunkStream: 4 }),
      toChunks({ type: 8, payload: new Uint8Array(300).fill(2), chunkStream: 5, timestampMs: 0x1234567 }),
    ])
    expect(read(bytes, pieceBytes)).toEqual(read(bytes))
    expect(read(bytes)).toHaveLength(3)
  })

  test('of two messages may alternate', () => {
    const [a, b] = ['a'.repeat(200), 'b'.repeat(150)].map((text) => Buffer.from(text)) as [Buffer, Buffer]
    const video = toChunks({ type: 9, chunkStream: 6, payload: a })
    const audio = toChunks({ type: 8, chunkStream: 4, payload: b })
    const first = 12 + 128
    const bytes = Buffer.concat([
      video.subarray(0, first),
      audio.subarray(0, first),
      video.subarray(first),
      audio.subarray(first),
    ])
    expect(bodies(read(bytes))).toEqual([a.toString(), b.toString()])
  })

  test('chunk streams have numbers of one, two and three bytes', () => {
    const whole = '000000 000001 08 01000000 41'
    const seen = times(read(hex(`05 ${whole} 00 00 ${whole} 00 ff ${whole} 01 0101 ${whole} 81 0101 000005 42`)))
    expect(seen).toEqual([0, 0, 0, 0, 5])
  })

  test('a chunk size that is set holds from there on', () => {
    const bytes = Buffer.concat([
      toChunks({ type: 1, chunkStream: 2, payload: hex('00001000') }),
      toChunks({ type: 9, payload: new Uint8Array(4_000).fill(3), chunkBytes: 4_096 }),
    ])
    expect(read(bytes)).toMatchObject([{ type: 9, payload: new Uint8Array(4_000).fill(3) }])
  })

  test('a message that is aborted is no message', () => {
    const half = toChunks({ type: 9, chunkStream: 6, payload: new Uint8Array(200) }).subarray(0, 12 + 128)
    const bytes = Buffer.concat([
      half,
      toChunks({ type: 2, chunkStream: 2, payload: hex('00000006') }),
      toChunks({ type: 9, chunkStream: 6, payload: Buffer.from('whole') }),
    ])
    expect(bodies(read(bytes))).toEqual(['whole'])
  })

  test('times beyond 16,777,214 ms have their own field, in each chunk or in the first alone', () => {
    const message = { type: 9, chunkStream: 6, timestampMs: 0x1000000, payload: new Uint8Array(300).fill(7) }
    const each = toChunks(message)
    const firstAlone = Buffer.concat([
      each.subarray(0, 16 + 128),
      each.subarray(144, 145),
      each.subarray(149, 149 + 128),
      each.subarray(277, 278),
      each.subarray(282),
    ])
    expect(read(each)).toMatchObject([{ timestampMs: 0x1000000, payload: message.payload }])
    expect(read(firstAlone)).toEqual(read(each))
    expect(read(firstAlone, 1)).toEqual(read(each))
  })

  test('times wrap around after 49.7 days', () => {
    const bytes = Buffer.concat([
      toChunks({ type: 8, chunkStream: 4, timestampMs: 0xfffffff0, payload: Buffer.from('a') }),
      hex('44 000020 000001 08 62'),
    ])
    expect(times(read(bytes))).toEqual([0xfffffff0, 0x10])
  })

  test.each([
    ['a message longer than allowed', toChunks({ type: 9, payload: new Uint8Array(100_001) })],
    [
      'several that are too long together',
      Buffer.concat(
        [3, 4, 5].map((chunkStream) =>
          toChunks({ type: 9, chunkStream, payload: new Uint8Array(90_000) }).subarray(0, 140),
        ),
      ),
    ],
    ['a chunk size of zero', toChunks({ type: 1, chunkStream: 2, payload: hex('00000000') })],
    ['a chunk size with its first bit set', toChunks({ type: 1, chunkStream: 2, payload: hex('80000001') })],
    ['a chunk size that is cut off', toChunks({ type: 1, chunkStream: 2, payload: hex('01') })],
    ['a stream that begins in its middle', hex('c5 41')],
    [
      'more chunk streams than anybody uses',
      Buffer.concat(
        Array.from({ length: 65 }, (_, i) => hex(`00 ${i.toString(16).padStart(2, '0')} 000000 000001 08 00000000 41`)),
      ),
    ],
  ])('%s is refused', (_, bytes) => {
    expect(() => read(bytes)).toThrow(RtmpError)
  })

  test('after stop nothing is given out', () => {
    const seen: number[] = []
    const reader = createChunkReader({
      limits: LIMITS,
      onMessage(message) {
        seen.push(message.type)
        reader.stop()
      },
    })
    const one = toChunks({ type: 9, payload: Buffer.from('x') })
    reader.push(Buffer.concat([one, one]))
    reader.push(one)
    expect(seen).toEqual([9])
  })
})
