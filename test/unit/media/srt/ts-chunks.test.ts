import { describe, expect, test } from 'bun:test'
import { createTsChunks } from '../../../../src/media/srt/ts-chunks.ts'
import { createContinuityCounter } from '../../../support/continuity.ts'
import { checkTs } from '../../../support/ts-check.ts'
import { tsFixture } from '../../../support/ts-fixture.ts'

type Chunk = { data: Uint8Array; key: boolean }

/** Gives the stream in pieces of any size, as a socket would, out of a buffer that is used again. */
function cut(parts: Uint8Array[], sizes: number[] = [65_536]): { chunks: Chunk[]; hasVideo: boolean } {
  const chunks: Chunk[] = []
  const it = createTsChunks((data, key) => chunks.push({ data, key }))
  const buffer = new Uint8Array(65_536)
  for (const part of parts) {
    it.restart()
    for (let at = 0, i = 0; at < part.length; i++) {
      const piece = part.subarray(at, at + (sizes[i % sizes.length] as number))
      buffer.set(piece)
      it.push(buffer.subarray(0, piece.length))
      at += piece.length
    }
  }
  return { chunks, hasVideo: it.hasVideo }
}

const join = (chunks: Chunk[]) => new Uint8Array(Buffer.concat(chunks.map(({ data }) => data)))

function errors(bytes: Uint8Array): number {
  const counter = createContinuityCounter()
  counter.push(bytes)
  return [...counter.errors().values()].reduce((sum, n) => sum + n, 0)
}

describe('a transport stream in chunks', () => {
  const stream = tsFixture('avc')

  test.each([[[65_536]], [[1_316]], [[1_000, 77, 4_096, 3]]])(
    'in pieces of %p bytes: each keyframe begins one',
    (sizes) => {
      const { chunks } = cut([stream], sizes)
      const keys = chunks.filter(({ key }) => key)
      // 6 s with a keyframe every second.
      expect(keys.length).toBe(6)
      for (const { data } of keys)
        expect(checkTs(data.subarray(0, 3 * 188))).toMatchObject({ keyframes: 1, bareKeyframes: 0 })
      expect(errors(join(chunks))).toBe(0)
    },
  )

  test('a receiver that starts at any keyframe sees no error', () => {
    const { chunks } = cut([stream])
    const starts = chunks.flatMap(({ key }, i) => (key ? [i] : []))
    expect(starts.length).toBeGreaterThan(3)
    for (const start of starts) expect(errors(join(chunks.slice(start)))).toBe(0)
  })

  test('every packet goes on, in order; only counters are written anew', () => {
    const { chunks } = cut([stream], [1_316])
    const payloads = (bytes: Uint8Array) => {
      const of: string[] = []
      for (let at = 0; at < bytes.length; at += 188) {
        const pid = (((bytes[at + 1] as number) & 31) << 8) | (bytes[at + 2] as number)
        if (pid !== 0 && pid !== 0x1000) of.push(Buffer.from(bytes.subarray(at + 4, at + 188)).toString('base64'))
      }
      return of
    }
    expect(payloads(join(chunks))).toEqual(payloads(stream))
  })

  test('another muxer goes on where the last one stopped, and its clock is marked as another', () => {
    const half = stream.subarray(0, Math.floor(stream.length / 188 / 2) * 188 + 100)
    const { chunks } = cut([half, stream, stream], [5_000])
    const bytes = join(chunks)
    expect(errors(bytes)).toBe(0)
    let marks = 0
    for (let at = 0; at < bytes.length; at += 188) {
      const flags = (bytes[at + 3] as number) & 0x20 && (bytes[at + 4] as number) > 0 ? (bytes[at + 5] as number) : 0
      if ((flags & 0x90) === 0x90) marks++
    }
    expect(marks).toBe(2)
  })

  test('sound alone has no keyframes and says so', () => {
    const { chunks, hasVideo } = cut([tsFixture('aac')])
    expect(hasVideo).toBe(false)
    expect(chunks.filter(({ key }) => key)).toEqual([])
    expect(errors(join(chunks))).toBe(0)
  })

  test('what is no transport stream is dropped', () => {
    const noise = new Uint8Array(100_000).fill(0x11)
    expect(cut([noise]).chunks).toEqual([])
  })
})
