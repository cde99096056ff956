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
  expect(spendSignInToken(dir, token, NOW + 29 * MINUTE)).toEqual({ email: null })
  expect(spendSignInToken(dir, token, NOW + 29 * MINUTE)).toBeNull()
})

test('looking says whether it is good and spends nothing', () => {
  const dir = tempDir('link')
  expect(isSignInTokenGood(dir, 'x', NOW)).toBe(false)
  const token = issueSignInToken(dir, NOW)
  const looks = [token, token, 'x'].map((text) => isSignInTokenGood(dir, text, NOW))
  expect([...looks, isSignInTokenGood(dir, token, NOW + 30 * MINUTE)]).toEqual([true, true, false, false])
  expect(spendSignInToken(dir, token, NOW)).toEqual({ email: null })
  expect(isSignInTokenGood(dir, token, NOW)).toBe(false)
})

test('thirty minutes, then it is nothing', () => {
  const dir = tempDir('link')
  const token = issueSignInToken(dir, NOW)
  expect(spendSignInToken(dir, token, NOW + 30 * MINUTE)).toBeNull()
})

test('a wrong one is refused and leaves the right one good', () => {
  const dir = tempDir('link')
  const token = issueSignInToken(dir, NOW)
  for (const wrong of ['', 'x', `${token}x`, token.slice(1)]) expect(spendSignInToken(dir, wrong, NOW)).toBeNull()
  expect(spendSignInToken(dir, token, NOW)).toEqual({ email: null })
})

test('a new one makes the last void; without one nothing fits', () => {
  const dir = tempDir('link')
  expect(spendSignInToken(dir, 'x', NOW)).toBeNull()
  const old = issueSignInToken(dir, NOW)
  const token = issueSignInToken(dir, NOW)
  expect(spendSignInToken(dir, old, NOW)).toBeNull()
  expect(spendSignInToken(dir, token, NOW)).toEqual({ email: null })
})

test('the directory holds its hash alone, for the owner alone', () => {
  const dir = tempDir('link')
  const token = issueSignInToken(dir, NOW)
  expect(readdirSync(dir)).toEqual(['sign-in-link'])
  expect(readFileSync(join(dir, 'sign-in-link'), 'utf8')).not.toContain(token)
  expect(statSync(join(dir, 'sign-in-link')).mode & 0o777).toBe(0o600)
  expect(toSignInUrl('http://localhost:8080', token)).toBe(`http://localhost:8080/login?token=${token}`)
})

test('says whom it is for', () => {
  const dir = tempDir('link')
  const token = issueSignInToken(dir, NOW, 'ruth@example.org')
  expect(spendSignInToken(dir, token, NOW)).toEqual({ email: 'ruth@example.org' })
})
