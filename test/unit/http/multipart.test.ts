import { describe, expect, test } from 'bun:test'
import { readParts, toBoundary } from '../../../src/http/multipart.ts'

async function* chunked(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function collect(bytes: Uint8Array, size: number, boundary: string) {
  const found: { name: string; filename: string | null; body: string }[] = []
  for await (const part of readParts(chunked(bytes, size), boundary)) {
    const body: Uint8Array[] = []
    for await (const chunk of part.body) body.push(Buffer.from(chunk))
    found.push({ name: part.name, filename: part.filename, body: Buffer.concat(body).toString('latin1') })
  }
  return found
}

const head = (name: string, filename?: string) =>
  `Content-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n`

const FORM = Buffer.from(
  [
    'preamble that nobody reads\r\n--xyz\r\n',
    `${head('title')}\r\nTwo\r\nlines\r\n--xyz\r\n`,
    `${head('file', 'a.jpg')}Content-Type: image/jpeg\r\n\r\n\r\n--xy\r\n-\r\r\n--x\0\r\n--xyz\r\n`,
    `${head('file', 'empty.jpg')}\r\n\r\n--xyz\r\n`,
    `${head('last')}\r\nvalue\r\n--xyz--\r\nepilogue --xyz`,
  ].join(''),
)
const PARTS = [
  { name: 'title', filename: null, body: 'Two\r\nlines' },
  { name: 'file', filename: 'a.jpg', body: '\r\n--xy\r\n-\r\r\n--x\0' },
  { name: 'file', filename: 'empty.jpg', body: '' },
  { name: 'last', filename: null, body: 'value' },
]

describe('the parts of a form', () => {
  test('are the same however the bytes are cut', async () => {
    for (let size = 1; size <= FORM.length; size++)
      expect([size, await collect(FORM, size, 'xyz')]).toEqual([size, PARTS])
  })

  test('that nobody reads, or reads in part, are passed over', async () => {
    const names: string[] = []
    for await (const part of readParts(chunked(FORM, 7), 'xyz')) {
      names.push(part.name)
      if (part.filename === 'a.jpg') for await (const _ of part.body) break
    }
    expect(names).toEqual(PARTS.map(({ name }) => name))
  })

  test('names with quotes, as browsers and curl write them, and of every script', async () => {
    for (const [written, read] of [
      ['a%22b.jpg', 'a"b.jpg'],
      ['a\\"b.jpg', 'a"b.jpg'],
      ['写真🎬.jpg', '写真🎬.jpg'],
      ['C:\\pics\\x.jpg', 'C:\\pics\\x.jpg'],
      ['../../x.jpg', '../../x.jpg'],
    ]) {
      const form = Buffer.from(`--b\r\n${head('file', written)}\r\nx\r\n--b--\r\n`)
      expect((await collect(form, 1000, 'b'))[0]?.filename).toBe(read ?? null)
    }
  })

  test.each([
    ['ends in a file', `--b\r\n${head('file', 'a')}\r\nhalf`],
    ['ends in a head', '--b\r\nContent-Dispo'],
    ['has no last boundary', `--b\r\n${head('a')}\r\nx\r\n--b`],
    ['has no boundary at all', 'words and words'],
    ['is empty', ''],
    ['has a part without a name', '--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--'],
    ['has a head without an end', `--b\r\nX: ${'y'.repeat(9000)}`],
    ['has too many parts', `${`--b\r\n${head('a')}\r\nx\r\n`.repeat(101)}--b--`],
  ])('one that %s is malformed', async (_, text) => {
    expect(collect(Buffer.from(text), 500, 'b')).rejects.toMatchObject({ kind: 'malformed' })
  })

  test('random bytes end in an answer', async () => {
    const alphabet = ['--b', '\r\n', '\r\n\r\n', '--', head('file', 'x'), 'b', '\0', ':']
    let seed = 1
    const next = () => (seed = (seed * 48_271) % 2_147_483_647)
    for (let i = 0; i < 2_000; i++) {
      const text = Array.from({ length: next() % 12 }, () => alphabet[next() % alphabet.length]).join('')
      const outcome = await collect(Buffer.from(text), 1 + (next() % 5), 'b').catch((error) => error.kind)
      expect(Array.isArray(outcome) || outcome === 'malformed').toBe(true)
    }
  })
})

test('the boundary comes from the type', () => {
  expect(toBoundary('multipart/form-data; boundary=abc')).toBe('abc')
  expect(toBoundary('Multipart/Form-Data; charset=utf-8; boundary="a b"')).toBe('a b')
  expect(toBoundary('image/jpeg')).toBeNull()
  expect(toBoundary('')).toBeNull()
  expect(() => toBoundary('multipart/form-data')).toThrow('boundary')
})
