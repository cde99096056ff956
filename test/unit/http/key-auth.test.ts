import { describe, expect, test } from 'bun:test'
import { createKeyAuth, type ShownKey } from '../../../src/http/key-auth.ts'
import { createManualClock } from '../../../src/lib/clock.ts'

const KEY = 'the-right-key'
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

function setup() {
  const clock = createManualClock()
  const auth = createKeyAuth({ key: KEY, clock })
  const look = (headers: Record<string, string>) => auth.look(new Headers(headers))
  const fail = (address = '192.0.2.1') => auth.refuse(address).code
  return { clock, auth, look, fail }
}

describe('look', () => {
  test.each<[string, Record<string, string>, ShownKey]>([
    ['bearer', { authorization: `Bearer ${KEY}` }, 'right'],
    ['bearer in small letters', { authorization: `bearer ${KEY}` }, 'right'],
    ['header', { 'x-api-key': KEY }, 'right'],
    ['basic password', { authorization: basic(`anyone:${KEY}`) }, 'right'],
    ['basic without user', { authorization: basic(`:${KEY}`) }, 'right'],
    ['nothing', {}, 'none'],
    ['another scheme', { authorization: 'Digest x' }, 'none'],
    ['wrong key', { 'x-api-key': `${KEY}x` }, 'wrong'],
    ['beginning of the key', { authorization: `Bearer ${KEY.slice(0, 4)}` }, 'wrong'],
    ['empty key', { 'x-api-key': '' }, 'wrong'],
    ['empty bearer', { authorization: 'Bearer ' }, 'wrong'],
    ['basic user', { authorization: basic(`${KEY}:`) }, 'foreign'],
    ['broken basic', { authorization: 'Basic %%%' }, 'foreign'],
  ])('%s', (_, headers, expected) => {
    expect(setup().look(headers)).toBe(expected)
  })

  test('looking counts nothing', () => {
    const { look, fail } = setup()
    for (let i = 0; i < 100; i++) look({ 'x-api-key': 'wrong' })
    expect(fail()).toBe('auth.wrong_key')
  })
})

describe('limit of failures', () => {
  test('ten wrong keys, then a pause; what is right passes at any time', () => {
    const { auth, fail } = setup()
    for (let i = 0; i < 10; i++) expect(fail()).toBe('auth.wrong_key')
    expect(fail()).toBe('auth.limited')
    expect(auth.isKey(KEY, '192.0.2.1')).toBe(true)
    expect(auth.attempt('192.0.2.1', () => true)).toBe(true)
    expect(() => auth.isKey('wrong', '192.0.2.1')).toThrow('Too many wrong keys')
    expect(() => auth.attempt('192.0.2.1', () => false)).toThrow('Too many wrong keys')
  })

  test('the answer says how long to wait, and waiting that long helps', () => {
    const { auth, fail, clock } = setup()
    for (let i = 0; i < 10; i++) fail()
    const seconds = auth.refuse('192.0.2.1').retryAfterSeconds ?? 0
    expect(seconds).toBeWithin(1, 7)
    clock.advance(seconds * 1000)
    expect(fail()).toBe('auth.wrong_key')
  })

  test('a right key never counts, a wrong one of the sign-in does', () => {
    const { auth, fail } = setup()
    for (let i = 0; i < 100; i++) expect(auth.isKey(KEY, '192.0.2.1')).toBe(true)
    for (let i = 0; i < 10; i++) expect(auth.isKey('wrong', '192.0.2.1')).toBe(false)
    expect(fail()).toBe('auth.limited')
  })

  test('addresses are counted apart', () => {
    const { fail } = setup()
    for (let i = 0; i < 11; i++) fail('192.0.2.1')
    expect(fail('192.0.2.2')).toBe('auth.wrong_key')
  })

  test('one /64 of IPv6 is one place, written short or long', () => {
    const { fail } = setup()
    for (let i = 0; i < 10; i++) fail(`2001:db8::${i + 1}`)
    expect(fail('2001:db8:0:0:ffff::1')).toBe('auth.limited')
    expect(fail('2001:db8:0:1::1')).toBe('auth.wrong_key')
  })

  test('the table is bounded: ten thousand other addresses push the oldest out', () => {
    const { fail } = setup()
    for (let i = 0; i < 10; i++) fail('192.0.2.1')
    expect(fail('192.0.2.1')).toBe('auth.limited')
    for (let i = 0; i < 10_000; i++) fail(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
    expect(fail('192.0.2.1')).toBe('auth.wrong_key')
  })
})
