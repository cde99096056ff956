import { describe, expect, test } from 'bun:test'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/lib/log.ts'
import { createPartCasts, type Pace, type Part } from '../../../src/pages/part-casts.ts'

function setup() {
  const clock = createManualClock()
  const lines: string[] = []
  const sent: { topic: string; text: string }[] = []
  const wanted = new Set(['dashboard'])
  let readers = 0
  const casts = createPartCasts<number>({
    clock,
    log: createLog({ level: 'error', format: 'human', write: (line) => void lines.push(line) }),
    isWanted: (topic) => wanted.has(topic),
    publish: (topic, text) => void sent.push({ topic, text }),
    openReader: () => ++readers,
  })
  const texts = new Map<string, string | null>()
  const renders: string[] = []
  const touch = (key: string, text: string | null, pace: Pace = 'state', topic = 'dashboard') => {
    texts.set(key, text)
    casts.touch(part(key, topic), pace)
  }
  const part = (key: string, topic: string): Part<number> => ({
    key,
    topic,
    async render() {
      renders.push(key)
      return texts.get(key) ?? null
    },
  })
  /** Moves on and lets what was begun come to its end. */
  const pass = async (ms: number) => {
    clock.advance(ms)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return { casts, wanted, sent, lines, renders, touch, pass, readers: () => readers, part }
}

describe('pace', () => {
  test('the first change goes out at once, those that follow within 250 ms become one', async () => {
    const t = setup()
    t.touch('a', 'one')
    await t.pass(0)
    expect(t.sent).toEqual([{ topic: 'dashboard', text: 'one' }])
    for (const text of ['two', 'three', 'four']) t.touch('a', text)
    await t.pass(249)
    expect(t.sent).toHaveLength(1)
    await t.pass(1)
    expect(t.sent.map((each) => each.text)).toEqual(['one', 'four'])
  })

  test('figures wait for a second, and a change of state meanwhile does not', async () => {
    const t = setup()
    t.touch('a', '1.0', 'figures')
    await t.pass(0)
    t.touch('a', '1.1', 'figures')
    await t.pass(600)
    expect(t.sent).toHaveLength(1)
    t.touch('a', 'failed', 'state')
    await t.pass(0)
    expect(t.sent.map((each) => each.text)).toEqual(['1.0', 'failed'])
    await t.pass(2000)
    expect(t.renders).toHaveLength(2)
  })

  test('lines follow when they are written, and hold no state back', async () => {
    const t = setup()
    t.touch('lines', 'It is sending.', 'lines')
    t.touch('a', 'running')
    await t.pass(299)
    expect(t.sent.map((each) => each.text)).toEqual(['running'])
    await t.pass(1)
    expect(t.sent.map((each) => each.text)).toEqual(['running', 'It is sending.'])
  })

  test('an element that is told a moment ago holds no other back', async () => {
    const t = setup()
    t.touch('a', 'one')
    await t.pass(0)
    t.touch('a', 'two')
    t.touch('b', 'new')
    await t.pass(0)
    expect(t.sent.map((each) => each.text)).toEqual(['one', 'new'])
  })

  test('what is touched while a turn runs has a turn of its own', async () => {
    const t = setup()
    const slow: Part<number> = {
      key: 'slow',
      topic: 'dashboard',
      async render() {
        t.touch('a', 'meanwhile')
        return 'slow'
      },
    }
    t.casts.touch(slow, 'state')
    await t.pass(0)
    await t.pass(0)
    expect(t.sent.map((each) => each.text)).toEqual(['slow', 'meanwhile'])
    expect(t.readers()).toBe(2)
  })
})

describe('economy', () => {
  test('a text that did not change is not sent again', async () => {
    const t = setup()
    t.touch('a', 'same')
    await t.pass(0)
    t.touch('a', 'same')
    await t.pass(250)
    expect(t.sent).toHaveLength(1)
  })

  test('nobody looks: nothing is rendered, and the same text is told to whoever comes later', async () => {
    const t = setup()
    t.touch('a', 'live')
    await t.pass(0)
    t.wanted.clear()
    t.touch('a', 'failed')
    await t.pass(300)
    expect(t.renders).toHaveLength(1)
    t.wanted.add('dashboard')
    t.touch('a', 'live')
    await t.pass(300)
    expect(t.sent.map((each) => each.text)).toEqual(['live', 'live'])
  })

  test('whoever came with a snapshot of a moment between two equal texts is told', async () => {
    const t = setup()
    t.touch('a', 'live')
    await t.pass(0)
    t.touch('a', 'failed')
    t.casts.forget()
    t.touch('a', 'live')
    await t.pass(250)
    expect(t.sent).toHaveLength(2)
  })

  test('parts of one turn share a reader and, for the same pages, a message', async () => {
    const t = setup()
    t.wanted.add('input:3')
    t.touch('a', 'A')
    t.touch('b', 'B')
    t.touch('c', 'C', 'state', 'input:3')
    await t.pass(0)
    expect(t.sent).toEqual([
      { topic: 'dashboard', text: 'AB' },
      { topic: 'input:3', text: 'C' },
    ])
    expect(t.readers()).toBe(1)
  })
})

describe('ends', () => {
  test('what is gone says nothing; what cannot be rendered is logged and harms no other', async () => {
    const t = setup()
    const broken = () => Promise.reject(new Error('no such table'))
    t.casts.touch({ key: 'broken', topic: 'dashboard', render: broken }, 'state')
    t.touch('gone', null)
    t.touch('a', 'A')
    await t.pass(0)
    expect(t.sent).toEqual([{ topic: 'dashboard', text: 'A' }])
    expect(t.lines.join()).toContain('no such table')
  })

  test('nothing is told after close', async () => {
    const t = setup()
    t.touch('a', 'A')
    t.casts.close()
    await t.pass(1000)
    t.touch('a', 'B')
    await t.pass(1000)
    expect(t.sent).toEqual([])
  })
})
