import { describe, expect, test } from 'bun:test'
import { createRing } from '../../../../src/media/program/ring.ts'

const chunk = (atMs: number, key = false, size = 100) => ({ data: new Uint8Array(size), atMs, key })

/** One chunk every 20 ms, a keyframe every `gopMs`. */
function fill(ring: ReturnType<typeof createRing>, fromMs: number, toMs: number, gopMs: number, size = 100) {
  for (let at = fromMs; at < toMs; at += 20) ring.push(chunk(at, at % gopMs === 0, size))
}

describe('ring', () => {
  test('a reader starts at the newest keyframe that is at least 0.5 s old', () => {
    const ring = createRing(1e6)
    fill(ring, 0, 4300, 2000)
    expect(ring.at(ring.startSeq(4300))?.atMs).toBe(2000)
    expect(ring.at(ring.startSeq(4500))?.atMs).toBe(4000)
  })

  test('the only keyframe is taken however fresh, and without any the live edge', () => {
    const ring = createRing(1e6)
    fill(ring, 20, 2000, 2000)
    expect(ring.startSeq(2000)).toBe(ring.head)
    ring.push(chunk(2000, true))
    expect(ring.at(ring.startSeq(2020))?.atMs).toBe(2000)
  })

  test('a keyframe older than 10 s is no start', () => {
    const ring = createRing(1e6)
    ring.push(chunk(0, true))
    fill(ring, 20, 12_000, 1e9)
    expect(ring.startSeq(12_000)).toBe(ring.head)
  })

  test('keeps 8 s, and the whole of a longer group of pictures', () => {
    const short = createRing(1e6)
    fill(short, 0, 20_000, 2000)
    const oldest = short.at(short.tail)?.atMs ?? 0
    expect(oldest).toBeGreaterThanOrEqual(11_960)
    expect(oldest).toBeLessThanOrEqual(12_000)
    const long = createRing(1e6)
    fill(long, 0, 19_900, 10_000)
    expect(long.at(long.tail)?.atMs).toBe(10_000)
  })

  test('keeps what a reader still needs, but never more bytes than allowed', () => {
    let needed: number | null = 5
    const ring = createRing(1e6, () => needed)
    fill(ring, 0, 20_000, 2000)
    expect(ring.tail).toBeLessThanOrEqual(5)
    needed = null
    fill(ring, 20_000, 20_040, 2000)
    expect(ring.tail).toBeGreaterThan(500)
    const small = createRing(10_000, () => 0)
    fill(small, 0, 20_000, 2000, 1000)
    expect(small.bytes).toBeLessThanOrEqual(10_000)
    expect(small.head - small.tail).toBe(10)
  })

  test('a chunk larger than the whole ring is kept alone', () => {
    const ring = createRing(1000)
    ring.push(chunk(0, true, 500))
    ring.push(chunk(20, true, 5000))
    expect(ring.head - ring.tail).toBe(1)
    expect(ring.at(ring.tail)?.data.byteLength).toBe(5000)
  })

  test('a jump lands on a keyframe after the reader, else at the live edge', () => {
    const ring = createRing(1e6)
    fill(ring, 0, 5000, 2000)
    const newest = ring.startSeq(6000)
    expect(ring.jumpSeq(0)).toBe(newest)
    expect(ring.jumpSeq(newest)).toBe(ring.head)
  })

  test('after a cut nobody starts before it', () => {
    const ring = createRing(1e6)
    fill(ring, 0, 3000, 1000)
    ring.cut()
    expect(ring.startSeq(3000)).toBe(ring.head)
    fill(ring, 9000, 9100, 1000)
    expect(ring.at(ring.startSeq(9100))?.atMs).toBe(9000)
  })

  test('sequence numbers go on over dropping and clearing', () => {
    const ring = createRing(1e6)
    fill(ring, 0, 60_000, 2000)
    expect(ring.head).toBe(3000)
    expect(ring.at(ring.head - 1)?.atMs).toBe(59_980)
    ring.clear()
    expect([ring.head, ring.tail, ring.bytes]).toEqual([3000, 3000, 0])
    ring.push(chunk(60_000, true))
    expect(ring.at(3000)?.atMs).toBe(60_000)
  })
})
