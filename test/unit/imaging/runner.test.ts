import { describe, expect, test } from 'bun:test'
import type { FromChild, FromWorker, ToChild, WorkerConfig } from '../../../src/imaging/protocol.ts'
import { createRunner } from '../../../src/imaging/runner.ts'
import type { SharpProcess } from '../../../src/imaging/sharp-process.ts'
import { createManualClock } from '../../../src/lib/clock.ts'
import type { ProcessExit } from '../../../src/media/process.ts'

type FakeChild = SharpProcess & {
  sent: ToChild[]
  stopped: boolean
  memory: number
  say(message: FromChild): void
  end(how: Partial<ProcessExit>): void
}

/** Children that fail as no real one can be made to on a given line: the real ones are in test/integration. */
function setUp(overrides: Partial<WorkerConfig> = {}) {
  const clock = createManualClock()
  const posted: FromWorker[] = []
  const children: FakeChild[] = []
  let cannotStart = false

  function makeChild(onMessage: (message: FromChild) => void): FakeChild {
    const exit = Promise.withResolvers<ProcessExit>()
    const it: FakeChild = {
      pid: 100 + children.length,
      sent: [],
      stopped: false,
      memory: 0,
      say: onMessage,
      send: (message: ToChild) => void it.sent.push(message),
      memoryBytes: () => it.memory,
      stop: () => {
        it.stopped = true
        it.end({ code: 0 })
      },
      kill: () => it.end({ signal: 'SIGKILL' }),
      end: (how: Partial<ProcessExit>) =>
        exit.resolve({ code: null, signal: null, forced: false, ranMs: 1, lines: [], ...how }),
      exited: exit.promise,
    }
    children.push(it)
    return it
  }

  const runner = createRunner({
    config: {
      instance: '',
      cacheDir: '',
      deadlineMs: 10_000,
      waitLimitMs: 30_000,
      maxMemoryBytes: 1_000,
      recycle: { memoryBytes: 500, jobs: 100 },
      idleMs: 60_000,
      ...overrides,
    },
    clock,
    post: (message) => posted.push(message),
    startChild(onMessage) {
      if (cannotStart) throw new Error('no such program')
      return makeChild(onMessage)
    },
  })
  const done = (id: number): FromChild => ({ t: 'done', id, result: { kind: 'make', files: [] } })
  return {
    clock,
    runner,
    children,
    done,
    add: (id: number) =>
      runner.add({ t: 'job', id, priority: 'interactive', job: { kind: 'ingest', sourcePath: '/a', outDir: '/b' } }),
    child: (n: number) => children[n] as FakeChild,
    refusals: () => posted.flatMap((message) => (message.t === 'failed' ? [[message.id, message.refusal.code]] : [])),
    answered: () => posted.flatMap((message) => (message.t === 'done' ? [message.id] : [])),
    startsFail: () => {
      cannotStart = true
    },
  }
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the runner', () => {
  test('sends the next job when the one before is answered, and the first when the child is ready', () => {
    const { add, child, done, answered } = setUp()
    add(1)
    add(2)
    expect(child(0).sent).toEqual([])
    child(0).say({ t: 'ready' })
    expect(child(0).sent.map(({ id }) => id)).toEqual([1])
    child(0).say(done(1))
    expect(child(0).sent.map(({ id }) => id)).toEqual([1, 2])
    // An answer to what was not asked is no answer.
    child(0).say(done(7))
    expect(answered()).toEqual([1])
  })

  test('a child that dies before it is ready, twice, is a fault of ours', async () => {
    const { add, child, refusals } = setUp()
    add(1)
    child(0).end({ code: 1 })
    await settled()
    child(1).end({ code: 1 })
    await settled()
    expect(refusals()).toEqual([[1, 'image.unavailable']])
  })

  test("a child that dies at the picture, twice, is the picture's", async () => {
    const { add, child, refusals, children } = setUp()
    add(1)
    add(2)
    for (const n of [0, 1]) {
      child(n).say({ t: 'ready' })
      child(n).end({ signal: 'SIGSEGV' })
      await settled()
    }
    expect(refusals()).toEqual([[1, 'image.failed']])
    child(2).say({ t: 'ready' })
    expect(child(2).sent.map(({ id }) => id)).toEqual([2])
    expect(children).toHaveLength(3)
  })

  test('a start that hangs and a job that hangs each have a deadline of their own', async () => {
    const { add, child, clock, children, refusals } = setUp()
    add(1)
    clock.advance(9_000)
    child(0).say({ t: 'ready' })
    clock.advance(9_000)
    await settled()
    expect(children).toHaveLength(1)
    clock.advance(2_000)
    await settled()
    expect(children).toHaveLength(2)
    clock.advance(11_000)
    await settled()
    expect(refusals()).toEqual([[1, 'image.unavailable']])
  })

  test('a child that swells is ended within a second', async () => {
    const { add, child, clock, children } = setUp()
    add(1)
    child(0).say({ t: 'ready' })
    child(0).memory = 1_001
    clock.advance(1_000)
    await settled()
    expect(children).toHaveLength(2)
  })

  test('a child that has grown makes room between two jobs, not in the middle of one', () => {
    const { add, child, clock, children, done } = setUp()
    add(1)
    add(2)
    child(0).say({ t: 'ready' })
    child(0).memory = 600
    clock.advance(1_000)
    expect(child(0).stopped).toBe(false)
    child(0).say(done(1))
    expect([child(0).stopped, children.length]).toEqual([true, 2])
  })

  test('an idle child leaves after its time, a busy one stays', async () => {
    const { add, child, clock, done } = setUp()
    add(1)
    child(0).say({ t: 'ready' })
    child(0).say(done(1))
    clock.advance(59_000)
    add(2)
    child(0).say(done(2))
    clock.advance(59_000)
    expect(child(0).stopped).toBe(false)
    clock.advance(2_000)
    expect(child(0).stopped).toBe(true)
    await settled()
    add(3)
    expect(child(1).sent).toEqual([])
  })

  test('where no child can be started every job is told so', () => {
    const { add, startsFail, refusals } = setUp()
    startsFail()
    add(1)
    add(2)
    expect(refusals()).toEqual([
      [1, 'image.unavailable'],
      [2, 'image.unavailable'],
    ])
  })

  test('who waits too long is told to come back', () => {
    const { add, child, clock, refusals } = setUp({ deadlineMs: 100_000 })
    add(1)
    child(0).say({ t: 'ready' })
    add(2)
    clock.advance(30_600)
    expect(refusals()).toEqual([[2, 'image.busy']])
  })

  test('closing waits for the child', async () => {
    const { add, child, runner, children } = setUp()
    add(1)
    add(2)
    child(0).say({ t: 'ready' })
    await runner.close()
    expect([child(0).stopped, children.length]).toEqual([true, 1])
  })
})
