import { describe, expect, test } from 'bun:test'
import { eventsUrl, inputIdOf, parsePageName, streamKeyOf } from '../../../src/pages/page-name.ts'

describe('names of pages', () => {
  test('are read as they are written', () => {
    for (const name of ['dashboard', 'system', 'frame', 'input:7'] as const) {
      expect(parsePageName(name)).toBe(name)
      expect(eventsUrl(name, true)).toBe(`/events?page=${name}`)
    }
    expect(inputIdOf('input:7')).toBe(7)
    expect(inputIdOf('dashboard')).toBeNull()
    expect(streamKeyOf(parsePageName('gallery:live-001'))).toBe('live-001')
    expect(streamKeyOf(parsePageName('stream:12'))).toBe('12')
    expect(streamKeyOf('input:7')).toBeNull()
  })

  test('a stream is there for strangers too; a page of those who are signed in says that it is one', () => {
    expect(eventsUrl('stream:live-001', false)).toBe('/events?page=stream:live-001')
    expect(eventsUrl('gallery:live-001', true)).toBe('/events?page=gallery:live-001&inside=true')
  })

  test.each([
    '',
    'input',
    'input:',
    'input:0',
    'input:07',
    'input:1e3',
    'input:7@evil',
    'stream:',
    'gallery:a@owners',
    'dashboard,system',
    'Frame',
  ])('%p is none', (text) => expect(() => parsePageName(text)).toThrow())
})
