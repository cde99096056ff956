import { expect, test } from 'bun:test'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/lib/log.ts'
import { createSyncLoop } from '../../../src/live/sync-loop.ts'

const log = createLog({ level: 'error', format: 'human', write: () => undefined })
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

function setUp() {
  const clock = createManualClock()
  const sent: { revision: number; read: PromiseWithResolvers<void>; taken: PromiseWithResolvers<void> }[] = []
  const loop = createSyncLoop({
    clock,
    log,
    async send(revision) {
      const call = { revision, read: Promise.withResolvers<void>(), taken: Promise.withResolvers<void>() }
      sent.push(call)
      await call.read.promise
      return { taken: call.taken.promise }
    },
  })
  const done: string[] = []
  const ask = (name: string) => void loop.ask().then(() => done.push(name))
  return { clock, sent, loop, done, ask }
}

test('revisions grow; who asks during a run is served by the next one, all together', async () => {
  const { sent, done, ask } = setUp()
  ask('a')
  ask('b')
  await settled()
  expect(sent.map((call) => call.revision)).toEqual([1])
  ask('c')
  ask('d')
  sent[0]!.read.resolve()
  sent[0]!.taken.resolve()
  await settled()
  // "b" asked when the first run had begun to read, so its change may have been missed: it waits for the second.
  expect(done).toEqual(['a'])
  expect(sent.map((call) => call.revision)).toEqual([1, 2])
  sent[1]!.read.resolve()
  sent[1]!.taken.resolve()
  await settled()
  expect(done).toEqual(['a', 'b', 'c', 'd'])
  expect(sent).toHaveLength(2)
})

test('a list that is not taken yet does not hold up the next', async () => {
  const { sent, done, ask } = setUp()
  ask('a')
  await settled()
  sent[0]!.read.resolve()
  await settled()
  ask('b')
  await settled()
  expect(sent).toHaveLength(2)
  sent[1]!.read.resolve()
  sent[1]!.taken.resolve()
  await settled()
  expect(done).toEqual(['b'])
  sent[0]!.taken.resolve()
  await settled()
  expect(done).toEqual(['b', 'a'])
})

test.each(['read', 'taken'] as const)('a failure of %s is tried again after a second', async (step) => {
  const { clock, sent, done, ask } = setUp()
  ask('a')
  await settled()
  if (step === 'taken') sent[0]!.read.resolve()
  sent[0]![step].reject(new Error('no'))
  await settled()
  expect([sent.length, done]).toEqual([1, []])
  clock.advance(1000)
  await settled()
  expect(sent[1]?.revision).toBe(2)
  sent[1]!.read.resolve()
  sent[1]!.taken.resolve()
  await settled()
  expect(done).toEqual(['a'])
})

test('closed, it sends nothing and lets go of who waits', async () => {
  const { clock, sent, loop, done, ask } = setUp()
  ask('a')
  await settled()
  sent[0]!.read.reject(new Error('no'))
  await settled()
  loop.close()
  clock.advance(5000)
  ask('b')
  await settled()
  expect([sent.length, done.sort()]).toEqual([1, ['a', 'b']])
})
