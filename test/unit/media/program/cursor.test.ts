import { describe, expect, test } from 'bun:test'
import { createCursor } from '../../../../src/media/program/cursor.ts'
import { createRing } from '../../../../src/media/program/ring.ts'

/** A live ring and a sink that can be made full; `run` moves time on in steps of 20 ms. */
function live(gopMs: number, paced: boolean, untilMs: number) {
  const ring = createRing(1e7)
  let nowMs = 0
  const got: number[] = []
  let room: PromiseWithResolvers<void> | null = null
  const stamp = new Map<Uint8Array, number>()
  const push = () => {
    const data = new Uint8Array(10)
    stamp.set(data, nowMs)
    ring.push({ data, atMs: nowMs, key: nowMs % gopMs === 0 })
  }
  const step = (onStep?: () => void) => {
    push()
    onStep?.()
    nowMs += 20
  }
  while (nowMs < untilMs) step()
  let ended = 0
  const cursor = createCursor(
    ring,
    {
      write(data) {
        got.push(stamp.get(data) ?? -1)
        return room ? room.promise : null
      },
    },
    { paced, nowMs: () => nowMs, ended: () => ended++ },
  )
  return {
    cursor,
    got,
    ended: () => ended,
    now: () => nowMs,
    run(ms: number) {
      for (const end = nowMs + ms; nowMs < end; ) step(() => cursor.pump(nowMs))
    },
    block() {
      room = Promise.withResolvers<void>()
    },
    async unblock() {
      const blocked = room
      room = null
      blocked?.resolve()
      await Promise.resolve()
    },
    fail(error: Error) {
      room?.reject(error)
    },
  }
}

describe('cursor', () => {
  test('unpaced: everything since the keyframe at once, then each chunk as it comes', () => {
    const it = live(2000, false, 3000)
    it.cursor.pump(it.now())
    expect(it.got[0]).toBe(2000)
    expect(it.got).toHaveLength(50)
    it.run(200)
    expect(it.got).toHaveLength(60)
  })

  test('paced: four times real time until the live edge', () => {
    const it = live(4000, true, 7980)
    it.cursor.pump(it.now())
    // What FFmpeg swallows before its first byte comes at once.
    expect(it.got.at(-1)).toBe(4500)
    it.run(300)
    // 300 ms of time bring 1,200 ms of feed.
    expect(it.got.at(-1)).toBeGreaterThanOrEqual(5600)
    expect(it.got.at(-1)).toBeLessThanOrEqual(5720)
    it.run(1000)
    expect(it.got.at(-1)).toBe(it.now() - 20)
    expect(it.cursor.skips).toBe(0)
  })

  test('a start 9 s into a group of pictures is no lag', () => {
    const it = live(10_000, true, 19_000)
    it.run(4000)
    expect(it.got[0]).toBe(10_000)
    expect(it.cursor.skips).toBe(0)
    expect(it.got.at(-1)).toBe(it.now() - 20)
    expect(it.got).toEqual(Array.from(it.got, (_, i) => 10_000 + i * 20))
  })

  test('a full sink gets nothing more, and goes on where it stood', async () => {
    const it = live(2000, false, 3000)
    it.cursor.pump(it.now())
    it.block()
    it.run(1000)
    const before = it.got.length
    expect(it.cursor.busySinceMs).toBe(3000)
    expect(it.cursor.lagMs(it.now())).toBeGreaterThanOrEqual(900)
    await it.unblock()
    expect(it.cursor.busySinceMs).toBeNull()
    expect(it.got.length).toBe(before + 49)
    expect(it.cursor.skips).toBe(0)
  })

  test('past 4 s of lag it jumps once to the newest keyframe, and counts it', async () => {
    const it = live(2000, false, 3000)
    it.cursor.pump(it.now())
    it.block()
    it.run(5020)
    await it.unblock()
    it.run(20)
    expect(it.cursor.skips).toBe(1)
    expect(it.got).toContain(8000)
    expect(it.got).not.toContain(7980)
    expect(it.cursor.lagMs(it.now())).toBe(0)
  })

  test('without a newer keyframe it jumps to the live edge', async () => {
    const it = live(100_000, false, 1000)
    it.cursor.pump(it.now())
    it.block()
    it.run(5000)
    await it.unblock()
    const before = it.got.length
    it.run(40)
    expect(it.cursor.skips).toBeGreaterThanOrEqual(1)
    expect(it.got.slice(before).every((at) => at >= it.now() - 60)).toBe(true)
  })

  test('a sink that fails ends the cursor once, and detaching twice is harmless', async () => {
    const it = live(2000, false, 3000)
    it.block()
    it.cursor.pump(it.now())
    it.fail(new Error('broken pipe'))
    await Promise.resolve()
    await Promise.resolve()
    expect(it.ended()).toBe(1)
    it.cursor.detach()
    const before = it.got.length
    it.run(100)
    expect([it.ended(), it.got.length]).toEqual([1, before])
  })

  test('while it catches up the ring is asked to keep what it needs', () => {
    const it = live(10_000, true, 19_000)
    expect(it.cursor.neededSeq(it.now())).toBe(500)
    it.run(4000)
    expect(it.cursor.neededSeq(it.now())).toBeNull()
  })
})
