import { expect, test } from 'bun:test'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isSignInTokenGood, issueSignInToken, spendSignInToken, toSignInUrl } from '../../../src/users/sign-in-link.ts'
import { tempDir } from '../../support/temp.ts'

const NOW = 1_700_000_000_000
const MINUTE = 60_000

test('a token is spent once', () => {
  const dir = tempDir('link')
  const token = issueSignInToken(dir, NOW)
  expect(spendSignInToken(dir, token, NOW + 14 * MINUTE)).toBe(true)
  expect(spendSignInToken(dir, token, NOW + 14 * MINUTE)).toBe(false)
})

test('looking says whether it is good and spends nothing', () => {
  const dir = tempDir('link')
  expect(isSignInTokenGood(dir, 'x', NOW)).toBe(false)
  const token = issueSignInToken(dir, NOW)
  const looks = [token, token, 'x'].map((text) => isSignInTokenGood(dir, text, NOW))
  expect([...looks, isSignInTokenGood(dir, token, NOW + 15 * MINUTE)]).toEqual([true, true, false, false])
  expect(spendSignInToken(dir, token, NOW)).toBe(true)
  expect(isSignInTokenGood(dir, token, NOW)).toBe(false)
})

test('fifteen minutes, then it is nothing', () => {
  const dir = tempDir('link')
  const token = issueSignInToken(dir, NOW)
  expect(spendSignInToken(dir, token, NOW + 15 * MINUTE)).toBe(false)
})

test('a wrong one is refused and leaves the right one good', () => {
  const dir = tempDir('link')
  const token = issueSignInToken(dir, NOW)
  for (const wrong of ['', 'x', `${token}x`, token.slice(1)]) expect(spendSignInToken(dir, wrong, NOW)).toBe(false)
  expect(spendSignInToken(dir, token, NOW)).toBe(true)
})

test('a new one makes the last void; without one nothing fits', () => {
  const dir = tempDir('link')
  expect(spendSignInToken(dir, 'x', NOW)).toBe(false)
  const old = issueSignInToken(dir, NOW)
  const token = issueSignInToken(dir, NOW)
  expect(spendSignInToken(dir, old, NOW)).toBe(false)
  expect(spendSignInToken(dir, token, NOW)).toBe(true)
})

test('the directory holds its hash alone, for the owner alone', () => {
  const dir = tempDir('link')
  const token = issueSignInToken(dir, NOW)
  expect(readdirSync(dir)).toEqual(['sign-in-link'])
  expect(readFileSync(join(dir, 'sign-in-link'), 'utf8')).not.toContain(token)
  expect(statSync(join(dir, 'sign-in-link')).mode & 0o777).toBe(0o600)
  expect(toSignInUrl('http://localhost:8080', token)).toBe(`http://localhost:8080/login?token=${token}`)
})
