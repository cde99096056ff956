import { expect, test } from 'bun:test'
import { createSecretBox } from '../../../src/lib/secret-box.ts'

const key = new Uint8Array(32).fill(7)
const place = 'output/7/stream_key'

test('what was sealed opens at its own place, and looks different every time', () => {
  const box = createSecretBox(key)
  for (const plain of ['', 'live_123', 'pässwörd with spaces', 'x'.repeat(512)]) {
    const sealed = box.seal(plain, place)
    expect(sealed).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]+$/)
    expect(plain === '' || !sealed.includes(plain)).toBe(true)
    expect(box.open(sealed, place)).toBe(plain)
    expect(box.seal(plain, place)).not.toBe(sealed)
  }
  expect(createSecretBox(key).open(box.seal('a', place), place)).toBe('a')
})

test('another place, another key, a changed byte or a cut value do not open', () => {
  const box = createSecretBox(key)
  const sealed = box.seal('live_123', place)
  const [version, id, data = ''] = sealed.split('.')
  const bytes = Buffer.from(data, 'base64url')
  expect(() => box.open(sealed, 'output/8/stream_key')).toThrow()
  expect(() => createSecretBox(new Uint8Array(32).fill(8)).open(sealed, place)).toThrow('another key')
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes)
    changed[i] = (changed[i] ?? 0) ^ 1
    expect(() => box.open(`${version}.${id}.${changed.toString('base64url')}`, place)).toThrow()
  }
  for (const cut of ['', 'v1', 'v2.x.y', `v1.${id}.`, `v1.${id}.AAAA`, `${sealed}.x`])
    expect(() => box.open(cut, place)).toThrow()
})

test('a short key is refused', () => {
  expect(() => createSecretBox(new Uint8Array(15))).toThrow('16 bytes')
})
