import { beforeEach, describe, expect, test } from 'bun:test'
import type { Database, Statement } from '../../../src/db/client.ts'
import { createManualClock, type ManualClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/lib/log.ts'
import { createEventLog, type EventLog } from '../../../src/live/events.ts'

let clock: ManualClock
let lines: string[]
let batches: { sql: string; args: unknown[] }[][]
let fails: boolean
let log: EventLog

beforeEach(() => {
  clock = createManualClock()
  lines = []
  batches = []
  fails = false
  const db = {
    async batch(statements: Statement[]) {
      if (fails) throw new Error('disk I/O error')
      batches.push(statements as never)
      return []
    },
  } as unknown as Database
  log = createEventLog({
    db,
    clock,
    log: createLog({ level: 'warn', format: 'human', write: (line) => void lines.push(line) }),
  })
})

const record = (inputId: number, message: string) => log.record({ inputId, actor: 'weir', type: 't', message })
const inserts = () => batches.flat().filter((each) => each.sql.startsWith('insert'))
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('writing', () => {
  test('a burst is one batch after 250 ms, with one trim for each input', async () => {
    for (let i = 0; i < 10; i++) record(1 + (i % 2), `${i}`)
    expect(batches).toEqual([])
    clock.advance(249)
    await settled()
    expect(batches).toEqual([])
    clock.advance(1)
    await settled()
    expect([batches.length, inserts().length, batches[0]?.length]).toEqual([1, 10, 12])
    clock.advance(10_000)
    await settled()
    expect(batches).toHaveLength(1)
  })

  test('what happened keeps its own time', async () => {
    record(1, 'a')
    clock.advance(100)
    record(1, 'b')
    await log.flush()
    const [a, b] = inserts().map((each) => each.args[2] as number)
    expect(b! - a!).toBe(100)
  })

  test('a failed write is tried again, in order, and said', async () => {
    fails = true
    record(1, 'a')
    clock.advance(250)
    await settled()
    record(1, 'b')
    fails = false
    clock.advance(250)
    await settled()
    expect(inserts().map((each) => each.args[5])).toEqual(['a', 'b'])
    expect(lines.join()).toContain('history was not written')
  })

  test('what waits is bounded: the oldest fall out, and the log says how many', async () => {
    fails = true
    for (let i = 0; i < 2_500; i++) record(1, `${i}`)
    await log.flush()
    fails = false
    await log.flush()
    expect([inserts().length, inserts()[0]?.args[5]]).toEqual([2_000, '500'])
    expect(lines.join()).toContain('lost=500')
  })

  test('closing writes what waits and leaves no timer', async () => {
    record(1, 'a')
    await log.close()
    clock.advance(1000)
    await settled()
    expect([batches.length, inserts().length]).toEqual([1, 1])
  })
})
