import { describe, expect, test } from 'bun:test'
import { createLineSplitter } from '../../../src/media/lines.ts'

function split(maxLength: number, chunks: (string | Uint8Array)[]): string[] {
  const lines: string[] = []
  const splitter = createLineSplitter(maxLength, (line) => lines.push(line))
  for (const chunk of chunks) splitter.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk)
  splitter.end()
  return lines
}

describe('line splitter', () => {
  test('LF, CR and CRLF end lines; empty ones are left out', () => {
    expect(split(100, ['a\nb\rc\r\n\n\nd'])).toEqual(['a', 'b', 'c', 'd'])
  })

  test('a line may come in any pieces', () => {
    expect(split(100, ['fra', 'me=1', '2\nfps', '=25\n'])).toEqual(['frame=12', 'fps=25'])
  })

  test('a character may be cut in two', () => {
    const bytes = new TextEncoder().encode('ä€\n')
    expect(
      split(
        100,
        [...bytes].map((byte) => Uint8Array.of(byte)),
      ),
    ).toEqual(['ä€'])
  })

  test('bytes that are no text do not stop it', () => {
    expect(split(100, [Uint8Array.of(0xff, 0xfe, 0x0a), 'ok\n'])).toEqual(['\ufffd\ufffd', 'ok'])
  })

  test('a line without end is kept to its limit, and the next line is whole', () => {
    const lines = split(10, [...Array<string>(1_000).fill('xxxxxxx'), '\nnext\n'])
    expect(lines).toEqual(['x'.repeat(10), 'next'])
  })
})
