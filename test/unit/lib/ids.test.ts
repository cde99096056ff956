import { expect, test } from 'bun:test'
import { newReadableSecret } from '../../../src/lib/ids.ts'

test('a readable secret needs no escaping anywhere, uses all of its alphabet, and comes once', () => {
  const made = Array.from({ length: 2000 }, newReadableSecret)
  for (const secret of made) {
    expect(secret).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/)
    expect(encodeURIComponent(secret)).toBe(secret)
  }
  expect(new Set(made).size).toBe(made.length)
  expect(new Set(made.join('')).size).toBe(32)
})
