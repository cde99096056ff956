import { describe, expect, test } from 'bun:test'
import type { Log } from '../../../../src/lib/log.ts'
import type { InputSpec } from '../../../../src/media/specs.ts'
import { createWantedList } from '../../../../src/media/workers/wanted-list.ts'

const input = (id: number): InputSpec => ({
  id,
  name: `input ${id}`,
  enabled: true,
  generation: 0,
  source: { kind: 'test' },
  program: null,
  lossMs: 1000,
  onLoss: 'hold',
  returns: 'auto',
  returnAfterMs: 1000,
  maxFillMinutes: 0,
  backupInputId: null,
  slate: null,
  choice: null,
  outputs: [],
})

/** A worker whose taking is held until the test lets it. */
function list() {
  const handed: { revision: number; take(): void; die(): void }[] = []
  const warnings: string[] = []
  const log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (message) => void warnings.push(message),
    error: () => undefined,
    child: () => log,
  }
  let ready = true
  const it = createWantedList({
    isReady: () => ready,
    hand(revision) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      handed.push({ revision, take: resolve, die: () => reject(new Error('dead')) })
      return promise
    },
    log,
  })
  const done: string[] = []
  return {
    it,
    handed,
    warnings,
    done,
    wait: (name: string) => void it.taken().then(() => done.push(name)),
    ready(is: boolean) {
      ready = is
    },
  }
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('wanted list', () => {
  test('a newer list is handed over as soon as the older has been taken; each waits for its own', async () => {
    const t = list()
    t.it.set(1, [input(1)])
    t.wait('first')
    void t.it.deliver()
    t.it.set(2, [input(1), input(2)])
    t.wait('second')
    void t.it.deliver()
    expect(t.handed.map(({ revision }) => revision)).toEqual([1])
    t.handed[0]?.take()
    await settle()
    expect(t.done).toEqual(['first'])
    t.handed[1]?.take()
    await settle()
    expect(t.done).toEqual(['first', 'second'])
    expect(t.handed.map(({ revision }) => revision)).toEqual([1, 2])
  })

  test('a death under it is no error: the successor gets the list, and only then is it taken', async () => {
    const t = list()
    t.it.set(1, [input(1)])
    t.wait('first')
    void t.it.deliver()
    t.ready(false)
    t.it.lost()
    t.handed[0]?.die()
    await settle()
    expect([t.done, t.warnings.length]).toEqual([[], 1])
    t.ready(true)
    void t.it.deliver()
    t.handed[1]?.take()
    await settle()
    expect(t.done).toEqual(['first'])
  })

  test('what a worker took just before it died counts for nothing', async () => {
    const t = list()
    t.it.set(1, [input(1)])
    void t.it.deliver()
    t.it.lost()
    t.handed[0]?.take()
    await settle()
    expect(t.handed.map(({ revision }) => revision)).toEqual([1, 1])
  })

  test('says what changed and what is in it, and lets everybody go when nobody will take it', async () => {
    const t = list()
    expect(t.it.set(1, [input(1)])).toBe(true)
    expect(t.it.set(2, [input(1)])).toBe(false)
    expect([t.it.isWanted('input', 1), t.it.isWanted('output', 1), t.it.inputIds]).toEqual([true, false, [1]])
    t.wait('first')
    t.it.release()
    await settle()
    expect(t.done).toEqual(['first'])
  })
})
