import { describe, expect, test } from 'bun:test'
import { createSessionTokens } from '../../../src/users/session-token.ts'

const secretKey = new Uint8Array(32).fill(7)
const tokens = createSessionTokens({ secretKey, apiKey: 'key' })
const TOKEN = { id: 'abc-_123', issuedAtMs: 1_700_000_000_000, expiresAtMs: 1_700_000_100_000 }

describe('session token', () => {
  test('what is written is read', () => {
    expect(tokens.read(tokens.write(TOKEN))).toEqual(TOKEN)
    expect(createSessionTokens({ secretKey, apiKey: 'key' }).read(tokens.write(TOKEN))).toEqual(TOKEN)
  })

  test('another API key or another secret reads nothing', () => {
    expect(createSessionTokens({ secretKey, apiKey: 'new' }).read(tokens.write(TOKEN))).toBeNull()
    expect(createSessionTokens({ secretKey: new Uint8Array(32), apiKey: 'key' }).read(tokens.write(TOKEN))).toBeNull()
  })

  test('one character changed anywhere reads nothing', () => {
    const text = tokens.write(TOKEN)
    for (let i = 0; i < text.length; i++) {
      const changed = `${text.slice(0, i)}${text[i] === 'A' ? 'B' : 'A'}${text.slice(i + 1)}`
      expect(tokens.read(changed)).toBeNull()
    }
  })

  test.each(['', '.', 'v1', 'v1.....', 'v1.a.b.c.d.e.f', 'null', 'v1.a.1.1..'])('%p is none', (text) => {
    expect(tokens.read(text)).toBeNull()
  })

  test('a later expiry under an old signature, a part too many', () => {
    const [version, id, issued, expires, key, signature] = tokens.write(TOKEN).split('.')
    expect(tokens.read([version, id, issued, 'zzzzzzzzz', key, signature].join('.'))).toBeNull()
    expect(tokens.read([version, id, issued, expires, key, signature, ''].join('.'))).toBeNull()
  })

  test('does not hold the key', () => {
    expect(tokens.write(TOKEN)).not.toContain('key')
  })
})
