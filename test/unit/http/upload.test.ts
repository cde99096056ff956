import { expect, test } from 'bun:test'
import { readFilePart } from '../../../src/http/upload.ts'

const part = (head: string, body: string) => `--b\r\n${head}\r\n\r\n${body}\r\n`
const FILE = 'Content-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png'
const NOTE = 'Content-Disposition: form-data; name="note"'

/** The file of a body that comes in pieces of so many bytes. */
async function fileOf(body: string, size: number): Promise<string> {
  async function* pieces() {
    const bytes = Buffer.from(body, 'latin1')
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const got: Uint8Array[] = []
  for await (const chunk of readFilePart(pieces(), 'b', 'file')) got.push(chunk.slice())
  return Buffer.concat(got).toString('latin1')
}

const TRICKY = '\r\n-\r\n--\r\n--a\r\n\r\n\x00\xff--b'

test.each([1, 2, 3, 7, 64, 10_000])('the file comes out whole in pieces of %d bytes', async (size) => {
  const other = part(FILE.replace('"file"', '"other"'), 'not this')
  for (const content of ['', 'x', TRICKY, 'y'.repeat(500)]) {
    const body = `preamble\r\n${part(NOTE, 'words')}${other}${part(FILE, content)}${part(FILE, 'a second')}--b--\r\nend`
    expect(await fileOf(body, size)).toBe(content)
  }
})

test('a form without that file is 422 at the field, one that is cut off is malformed', async () => {
  for (const body of [`${part(NOTE, 'words')}--b--`, `${part(FILE.replace('; filename="a.png"', ''), 'x')}--b--`])
    expect(await fileOf(body, 5).catch((error) => error)).toMatchObject({ kind: 'invalid', errors: [{ path: 'file' }] })
  const cut = part(FILE, 'half').slice(0, -4)
  expect(await fileOf(cut, 5).catch((error) => error)).toMatchObject({ kind: 'malformed' })
  const long = `--b\r\n${'x'.repeat(10_000)}`
  expect(await fileOf(long, 100).catch((error) => error)).toMatchObject({ kind: 'malformed' })
})
