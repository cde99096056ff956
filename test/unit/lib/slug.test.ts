import { expect, test } from 'bun:test'
import { toFreeSlug, toSlug } from '../../../src/lib/slug.ts'

test.each([
  ['Main Camera', 'main-camera'],
  ['  --Élan & Co.--  ', 'elan-co'],
  ['Ünïcode №5', 'unicode-no5'],
  ['舞台', 'input'],
  ['', 'input'],
  ['../../etc/passwd', 'etc-passwd'],
  [`${'a'.repeat(59)} b`, 'a'.repeat(59)],
])('the slug of %j is %s', (name, slug) => {
  expect(toSlug(name, 'input')).toBe(slug)
})

test('a taken slug gets the lowest free number from 2', () => {
  expect(toFreeSlug('cam', () => false)).toBe('cam')
  expect(toFreeSlug('cam', (slug) => new Set(['cam']).has(slug))).toBe('cam-2')
  expect(toFreeSlug('cam', (slug) => new Set(['cam', 'cam-2', 'cam-4']).has(slug))).toBe('cam-3')
})
