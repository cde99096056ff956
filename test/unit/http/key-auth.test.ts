import { describe, expect, test } from 'bun:test'
import { isAppError } from '../../../src/errors.ts'
import { createKeyAuth } from '../../../src/http/key-auth.ts'
import { createManualClock } from '../../../src/lib/clock.ts'

const KEY = 'the-right-key'
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

function setup() {
  const clock = createManualClock()
  const auth = createKeyAuth({ key: KEY, clock })
  /** Who it is, or the code of the refusal. */
  const ask = (headers: Record<string, string>, address = '192.0.2.1') => {
    try {
      return auth.identify(new Headers(headers), address).kind
    } catch (error) {
      if (!isAppError(error)) throw error
      return error.code
    }
  }
  const fail = (address?: string) => ask({ 'x-api-key': 'wrong' }, address)
  return { clock, auth, ask, fail }
}

describe('identify', () => {
  test.each<[string, Record<string, string>, string]>([
    ['bearer', { authorization: `Bearer ${KEY}` }, 'key'],
    ['bearer in small letters', { authorization: `bearer ${KEY}` }, 'key'],
    ['header', { 'x-api-key': KEY }, 'key'],
    ['basic password', { authorization: basic(`anyone:${KEY}`) }, 'key'],
    ['basic without user', { authorization: basic(`:${KEY}`) }, 'key'],
    ['nothing', {}, 'anonymous'],
    ['another scheme', { authorization: 'Digest x' }, 'anonymous'],
    ['wrong key', { 'x-api-key': `${KEY}x` }, 'auth.wrong_key'],
    ['beginning of the key', { authorization: `Bearer ${KEY.slice(0, 4)}` }, 'auth.wrong_key'],
    ['empty key', { 'x-api-key': '' }, 'auth.wrong_key'],
    ['empty bearer', { authorization: 'Bearer ' }, 'auth.wrong_key'],
    ['basic user', { authorization: basic(`${KEY}:`) }, 'auth.wrong_key'],
    ['broken basic', { authorization: 'Basic %%%' }, 'auth.wrong_key'],
  ])('%s', (_, headers, expected) => {
    expect(setup().ask(headers)).toBe(expected)
  })
})

describe('limit of failures', () => {
  test('ten wrong keys, then even the right one waits', () => {
    const { ask, fail } = setup()
    for (let i = 0; i < 10; i++) expect(fail()).toBe('auth.wrong_key')
    expect(fail()).toBe('auth.limited')
    expect(ask({ 'x-api-key': KEY })).toBe('auth.limited')
  })

  test('the answer says how long to wait, and waiting that long helps', () => {
    const { auth, ask, fail, clock } = setup()
    for (let i = 0; i < 10; i++) fail()
    let seconds = 0
    try {
      auth.identify(new Headers({ 'x-api-key': KEY }), '192.0.2.1')
    } catch (error) {
      seconds = isAppError(error) ? (error.retryAfterSeconds ?? 0) : 0
    }
    expect(seconds).toBeWithin(1, 7)
    clock.advance(seconds * 1000)
    expect(ask({ 'x-api-key': KEY })).toBe('key')
  })

  test('asking without a key or with the right one never counts', () => {
    const { ask } = setup()
    for (let i = 0; i < 100; i++) expect([ask({}), ask({ 'x-api-key': KEY })]).toEqual(['anonymous', 'key'])
  })

  test('addresses are counted apart', () => {
    const { fail, ask } = setup()
    for (let i = 0; i < 11; i++) fail('192.0.2.1')
    expect(ask({ 'x-api-key': KEY }, '192.0.2.2')).toBe('key')
  })

  test('one /64 of IPv6 is one place, written short or long', () => {
    const { fail } = setup()
    for (let i = 0; i < 10; i++) fail(`2001:db8::${i + 1}`)
    expect(fail('2001:db8:0:0:ffff::1')).toBe('auth.limited')
    expect(fail('2001:db8:0:1::1')).toBe('auth.wrong_key')
  })

  test('the table is bounded: ten thousand other addresses push the oldest out', () => {
    const { fail, ask } = setup()
    for (let i = 0; i < 11; i++) fail('192.0.2.1')
    expect(ask({ 'x-api-key': KEY })).toBe('auth.limited')
    for (let i = 0; i < 10_000; i++) fail(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
    expect(ask({ 'x-api-key': KEY })).toBe('key')
  })
})
