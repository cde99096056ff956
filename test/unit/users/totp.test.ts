import { describe, expect, test } from 'bun:test'
import {
  findTotpStep,
  fromBase32,
  hashRecoveryCode,
  newRecoveryCodes,
  newTotpSeed,
  toBase32,
  toOtpauthUrl,
  totpAt,
} from '../../../src/users/totp.ts'

/** RFC 6238 appendix B, SHA-1, the last six of its eight digits. */
const SEED = toBase32(Buffer.from('12345678901234567890'))

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('at %p s the code is %p', (seconds, code) => {
  expect(totpAt(SEED, Math.floor(seconds / 30))).toBe(code)
})

test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('base32 of %p is %p (RFC 4648 section 10)', (text, code) => {
  expect(toBase32(Buffer.from(text))).toBe(code)
  expect(fromBase32(code).toString()).toBe(text)
})

describe('a code', () => {
  const at = 1_111_111_111_000
  const step = Math.floor(at / 30_000)
  test('is good one step early and late, and no further', () => {
    const found = [-2, -1, 0, 1, 2].map((off) => findTotpStep(SEED, totpAt(SEED, step + off), at, 0))
    expect(found).toEqual([null, step - 1, step, step + 1, null])
  })
  test('is good once', () => {
    expect(findTotpStep(SEED, totpAt(SEED, step), at, step)).toBeNull()
    expect(findTotpStep(SEED, totpAt(SEED, step + 1), at, step)).toBe(step + 1)
  })
  test.each(['', '0', '00000', '0000000', 'abcdef', ' 050471'])('%p is none', (code) => {
    expect(findTotpStep(SEED, code, at, 0)).toBeNull()
  })
})

test('seeds and recovery codes are long and never the same', () => {
  expect(newTotpSeed()).toMatch(/^[A-Z2-7]{32}$/)
  const codes = newRecoveryCodes()
  expect(codes).toHaveLength(10)
  for (const code of codes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/)
  expect(new Set([...codes, ...newRecoveryCodes()]).size).toBe(20)
})

test('the spelling of a recovery code does not matter, its letters do', () => {
  const [code = ''] = newRecoveryCodes()
  expect(hashRecoveryCode(code.toLowerCase().replaceAll('-', ' '))).toBe(hashRecoveryCode(code))
  expect(hashRecoveryCode(`${code}A`)).not.toBe(hashRecoveryCode(code))
})

test('apps read the address', () => {
  const url = new URL(toOtpauthUrl('ABC', 'ruth+x@example.org', 'Weir'))
  expect([url.protocol, url.host, decodeURIComponent(url.pathname)]).toEqual([
    'otpauth:',
    'totp',
    '/Weir:ruth+x@example.org',
  ])
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    secret: 'ABC',
    issuer: 'Weir',
    digits: '6',
    period: '30',
  })
})
