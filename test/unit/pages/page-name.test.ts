import { describe, expect, test } from 'bun:test'
import { eventsUrl, galleryIdOf, inputIdOf, parsePageName } from '../../../src/pages/page-name.ts'

describe('names of pages', () => {
  test('are read as they are written', () => {
    for (const name of ['dashboard', 'system', 'frame', 'input:7'] as const) {
      expect(parsePageName(name)).toBe(name)
      expect(eventsUrl(name)).toBe(`/events?page=${name}`)
    }
    expect(inputIdOf('input:7')).toBe(7)
    expect(inputIdOf('dashboard')).toBeNull()
    expect(galleryIdOf(parsePageName('gallery:12'))).toBe(12)
    expect(galleryIdOf('input:7')).toBeNull()
  })

  test.each(['', 'input', 'input:', 'input:0', 'input:07', 'input:1e3', 'input:7@evil', 'dashboard,system', 'Frame'])(
    '%p is none',
    (text) => expect(() => parsePageName(text)).toThrow(),
  )
})
