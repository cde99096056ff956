import { describe, expect, test } from 'bun:test'
import { createRtspSplitter } from '../../../../src/media/rtsp/splitter.ts'

const OPTIONS = 'OPTIONS rtsp://h/x RTSP/1.0\r\nCSeq: 1\r\n\r\n'
const ANNOUNCE = 'ANNOUNCE rtsp://h/x RTSP/1.0\r\ncontent-length: 7\r\nCSeq: 2\r\n\r\nv=0\r\n$$'
const frame = (payload: Uint8Array) =>
  Buffer.concat([Buffer.from([0x24, 0, payload.length >> 8, payload.length & 255]), payload])

function split(chunks: Uint8Array[]) {
  const messages: string[] = []
  const data: Buffer[] = []
  const splitter = createRtspSplitter({
    message: (bytes) => void messages.push(bytes.toString('latin1')),
    data: (bytes) => void data.push(Buffer.from(bytes)),
  })
  for (const chunk of chunks) splitter.push(chunk)
  return { messages, data: Buffer.concat(data), pieces: data.length }
}

describe('an RTSP connection', () => {
  // A frame whose content looks like a message, and one that looks like frames.
  const frames = [frame(Buffer.from(OPTIONS)), frame(Buffer.alloc(2_000, '$')), frame(Buffer.alloc(0))]
  const stream = Buffer.concat([
    Buffer.from(OPTIONS + ANNOUNCE),
    ...frames,
    Buffer.from(OPTIONS),
    frame(Buffer.from('end')),
  ])

  test('falls into messages and what is interleaved, wherever it is cut', () => {
    const expected = {
      messages: [OPTIONS, ANNOUNCE, OPTIONS],
      data: Buffer.concat([...frames, frame(Buffer.from('end'))]),
    }
    for (const step of [1, 2, 3, 7, 50, 1_000, stream.length]) {
      const chunks: Uint8Array[] = []
      for (let at = 0; at < stream.length; at += step) chunks.push(stream.subarray(at, at + step))
      const { messages, data } = split(chunks)
      expect({ messages, data }).toEqual(expected)
    }
  })

  test('what came together stays together', () => {
    expect(split([stream]).pieces).toBe(2)
  })

  test.each([
    ['no end of a head', 'x'.repeat(16_385)],
    ['a body without measure', 'ANNOUNCE x RTSP/1.0\r\nContent-Length: 65537\r\n\r\n'],
  ])('%s is refused', (_, text) => {
    expect(() => split([Buffer.from(text)])).toThrow()
  })
})
