import { describe, expect, test } from 'bun:test'
import { isStreamId } from '../../../../src/media/srt/stream-id.ts'

describe('a stream id names an input', () => {
  test.each([
    ['plain', 'Key-123', true],
    ["in SRT's own syntax", '#!::r=Key-123', true],
    ['with other fields around it', '#!::m=publish,r=Key-123,u=studio', true],
    ['another word', 'Key-124', false],
    ['a part of it', 'Key-12', false],
    ['in other letters', 'key-123', false],
    ['as another field', '#!::u=Key-123', false],
    ['with more behind it', '#!::r=Key-1234', false],
    ['nothing', '', false],
    ['the syntax without a resource', '#!::m=publish', false],
  ])('%s', (_, given, fits) => {
    expect(isStreamId(given, 'Key-123')).toBe(fits)
  })

  test('that itself is written in the syntax', () => {
    expect(isStreamId('#!::r=live/a,m=request', '#!::r=live/a,m=request')).toBe(true)
    expect(isStreamId('#!::r=live/a', '#!::r=live/a,m=request')).toBe(false)
  })
})
