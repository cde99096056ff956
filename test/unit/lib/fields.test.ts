import { expect, test } from 'bun:test'
import { idParam, isPlainLine, lineField, nameField, oneOf, toIso, toNameKey } from '../../../src/lib/fields.ts'

test('a plain line has no control character, line separator or half a pair', () => {
  for (const text of ['', 'abc', 'ü 舞台 🎬', '#!::r=a,m=publish', "'; --"]) expect(isPlainLine(text)).toBe(true)
  for (const text of ['\n', 'a\rb', '\u0000', '\u007f', '\u0085', '\u2028', '\u2029', '\ud83c', '\udfac'])
    expect(isPlainLine(text)).toBe(false)
})

test('names lose outer space and are composed; a name in other case has the same key', () => {
  expect(nameField.parse('  Bu\u0308hne ')).toBe('Bühne')
  for (const bad of ['', ' ', 'x'.repeat(256), 'a\nb', 5, null]) expect(nameField.safeParse(bad).success).toBe(false)
  expect(new Set(['Straße', 'STRASSE', 'strasse'].map(toNameKey)).size).toBe(1)
  expect(toNameKey('Ａ')).toBe(toNameKey('a'))
  expect(toNameKey('a')).not.toBe(toNameKey('ä'))
})

test('a line is taken as it is, at most 512 bytes', () => {
  expect(lineField.parse(' x ')).toBe(' x ')
  expect(lineField.safeParse('x'.repeat(512)).success).toBe(true)
  for (const bad of ['', 'x'.repeat(513), 'ü'.repeat(257), 'a\tb']) expect(lineField.safeParse(bad).success).toBe(false)
})

test('ids are what was printed', () => {
  expect(idParam.parse('17')).toBe(17)
  for (const bad of ['0', '01', '-1', '1.0', '1e3', '0x1', ' 1', '', '9999999999999999', '٣'])
    expect(idParam.safeParse(bad).success).toBe(false)
})

test('a closed set names its values; times are ISO', () => {
  expect(oneOf(['a', 'b']).safeParse('c').error?.issues[0]?.message).toBe('This version takes a, b.')
  expect([toIso(0), toIso(null)]).toEqual(['1970-01-01T00:00:00.000Z', null])
})
