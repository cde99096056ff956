import { describe, expect, test } from 'bun:test'
import type { StreamRow } from '../../../src/db/tables/streams.ts'
import { AppError } from '../../../src/errors.ts'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/lib/log.ts'
import { startSnapshots } from '../../../src/streams/snapshots.ts'

const stream = (id: number, everySeconds: number) =>
  ({ id, key: `show-${id}`, inputId: id, snapshotIntervalSeconds: everySeconds }) as StreamRow

function stage(rows: StreamRow[]) {
  const clock = createManualClock()
  const taken: string[] = []
  const lines: string[] = []
  const on = {
    rows,
    isLive: true,
    still: async (): Promise<{ jpeg: Uint8Array; at: number } | null> => ({ jpeg: new Uint8Array(1), at: 7 }),
    add: async () => {},
  }
  const stop = startSnapshots({
    streams: { snapped: () => on.rows },
    feeds: { still: () => on.still(), isLive: () => on.isLive },
    pictures: {
      async addAutomatic({ key }) {
        await on.add()
        taken.push(`${key} ${clock.now() / 1000}`)
      },
    },
    clock,
    log: createLog({ level: 'debug', format: 'human', write: (line) => void lines.push(line) }),
  })
  /** So many seconds pass, each with all that follows from it. */
  async function pass(seconds: number) {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1_000)
      for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    }
  }
  return { on, taken, lines, stop, pass }
}

describe('pictures by themselves', () => {
  test('the first when the stream is live, then each at its interval, every stream at its own', async () => {
    const { taken, pass } = stage([stream(1, 10), stream(2, 15)])
    await pass(31)
    expect(taken).toEqual(['show-1 1', 'show-2 1', 'show-1 11', 'show-2 16', 'show-1 21', 'show-1 31', 'show-2 31'])
  })

  test('none of a feed that is lost: its last picture is none of now', async () => {
    const { on, taken, pass } = stage([stream(1, 10)])
    on.isLive = false
    await pass(11)
    on.isLive = true
    await pass(10)
    expect(taken).toEqual(['show-1 21'])
  })

  test('a shorter interval holds at once; one that ended and begins again is taken at once', async () => {
    const { on, taken, pass } = stage([stream(1, 3_600)])
    await pass(5)
    on.rows = [stream(1, 10)]
    await pass(1)
    on.rows = []
    await pass(2)
    on.rows = [stream(1, 10)]
    await pass(1)
    expect(taken).toEqual(['show-1 1', 'show-1 6', 'show-1 9'])
  })

  test('without a picture, or with one that fails, the next is tried at its time, and a full stream is no news', async () => {
    const { on, taken, lines, pass } = stage([stream(1, 10), stream(2, 10)])
    on.still = async () => null
    await pass(1)
    on.still = async () => ({ jpeg: new Uint8Array(1), at: 7 })
    const refuse = (kind: 'conflict' | 'disk_full', code: string) => async () => {
      throw new AppError({ kind, code, message: code })
    }
    on.add = refuse('conflict', 'stream.full')
    await pass(10)
    expect([taken, lines]).toEqual([[], []])
    on.add = refuse('disk_full', 'image.disk_full')
    await pass(10)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain('image.disk_full')
    on.add = async () => undefined
    await pass(10)
    expect(taken).toEqual(['show-1 31', 'show-2 31'])
  })

  test('one that takes long is not taken twice meanwhile, and what ended meanwhile is left out', async () => {
    const { on, taken, pass } = stage([stream(1, 10)])
    const slow = Promise.withResolvers<void>()
    let asked = 0
    on.still = async () => {
      asked++
      await slow.promise
      return { jpeg: new Uint8Array(1), at: 7 }
    }
    await pass(40)
    expect(asked).toBe(1)
    on.rows = []
    slow.resolve()
    await pass(1)
    expect(taken).toEqual([])
  })

  test('stops when it is told to', async () => {
    const { taken, stop, pass } = stage([stream(1, 10)])
    stop()
    await pass(20)
    expect(taken).toEqual([])
  })
})
