import { describe, expect, test } from 'bun:test'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createBrowserMarks, createSignInThrottle } from '../../../src/users/sign-in-throttle.ts'

function setup() {
  const clock = createManualClock()
  const throttle = createSignInThrottle({ clock })
  const tryIt = (emailKey: string, address: string, known: string | null = null) => {
    try {
      return { giveBack: throttle.begin({ emailKey, address, known }), waitSeconds: 0 }
    } catch (error) {
      return { giveBack: null, waitSeconds: (error as { retryAfterSeconds: number }).retryAfterSeconds }
    }
  }
  const passed = (n: number, next: (i: number) => ReturnType<typeof tryIt>) =>
    Array.from({ length: n }, (_, i) => next(i)).filter(({ giveBack }) => giveBack !== null).length
  return { clock, tryIt, passed }
}

describe('budgets', () => {
  test('ten for an account, wherever they come from; then one a minute', () => {
    const { clock, tryIt, passed } = setup()
    expect(passed(50, (i) => tryIt('ruth', `192.0.2.${i}`))).toBe(10)
    const { waitSeconds } = tryIt('ruth', '198.51.100.1')
    expect(waitSeconds).toBeWithin(1, 61)
    clock.advance(waitSeconds * 1000)
    expect(passed(5, () => tryIt('ruth', '198.51.100.1'))).toBe(1)
    expect(passed(1, () => tryIt('ines', '198.51.100.1'))).toBe(1)
  })

  test('thirty for an address, whoever they name; what the account refuses does not count there', () => {
    const { tryIt, passed } = setup()
    expect(passed(50, (i) => tryIt(`person ${i}`, '192.0.2.1'))).toBe(30)
    expect(passed(1, () => tryIt('somebody', '192.0.2.2'))).toBe(1)
    expect(passed(60, () => tryIt('ruth', '192.0.2.3'))).toBe(10)
    expect(passed(30, (i) => tryIt(`other ${i}`, '192.0.2.3'))).toBe(20)
  })

  test('a whole /64 is one place', () => {
    const { tryIt, passed } = setup()
    expect(passed(50, (i) => tryIt(`person ${i}`, `2001:db8:1:2::${i.toString(16)}`))).toBe(30)
  })

  test('a browser of before has its own, whatever strangers do', () => {
    const { tryIt, passed } = setup()
    passed(50, (i) => tryIt('ruth', `192.0.2.${i}`))
    expect(passed(20, () => tryIt('ruth', '198.51.100.1', '7 a'))).toBe(10)
  })

  test('what was right is given back', () => {
    const { tryIt } = setup()
    for (let i = 0; i < 100; i++) tryIt('ruth', '192.0.2.1').giveBack?.()
    expect(tryIt('ruth', '192.0.2.1').giveBack).not.toBeNull()
  })
})

describe('marks', () => {
  const marks = createBrowserMarks(new Uint8Array(32).fill(1))
  test('name the person, and nobody else can write them', () => {
    const mark = marks.write(7)
    expect(marks.read(mark)).toMatchObject({ userId: 7 })
    expect(marks.read(marks.write(7))?.browser).not.toBe(marks.read(mark)?.browser)
    expect(createBrowserMarks(new Uint8Array(32).fill(2)).read(mark)).toBeNull()
    for (let i = 0; i < mark.length; i++) {
      const changed = `${mark.slice(0, i)}${mark[i] === 'A' ? 'B' : 'A'}${mark.slice(i + 1)}`
      expect(marks.read(changed)).toBeNull()
    }
  })
  test.each([undefined, '', 'v1', 'v1.1.x.y', 'v1....', `v1.1.${'a'.repeat(16)}.${'b'.repeat(43)}`, 'v1.1.a.b.c'])(
    '%p is none',
    (text) => {
      expect(marks.read(text)).toBeNull()
    },
  )
})
