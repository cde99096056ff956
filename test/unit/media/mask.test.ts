import { describe, expect, test } from 'bun:test'
import { createMask } from '../../../src/media/mask.ts'

describe('mask', () => {
  test('hides a secret wherever it stands', () => {
    const mask = createMask(['abcd-1234'])
    expect(mask('rtmp://h/live/abcd-1234: Broken pipe; abcd-1234')).toBe('rtmp://h/live/***: Broken pipe; ***')
  })

  test('hides its percent-encoded forms, in either case of the digits, and encoded twice', () => {
    const mask = createMask(['k/y?=ä'])
    for (const form of [
      'k/y?=ä',
      'k%2Fy%3F%3D%C3%A4',
      'k%2fy%3f%3d%c3%a4',
      'k/y?=%C3%A4',
      'k%252Fy%253F%253D%25C3%25A4',
    ]) {
      expect(mask(`x${form}x`)).toBe('x***x')
    }
  })

  test('hides an encoding of everything but letters and digits', () => {
    expect(createMask(['a-b_c.d'])('?key=a%2Db%5Fc%2Ed&x')).toBe('?key=***&x')
  })

  test('a secret inside another leaves no rest of the longer one', () => {
    expect(createMask(['abcd', 'abcdefgh'])('abcdefgh abcd')).toBe('*** ***')
  })

  test('signs of the pattern language mean themselves', () => {
    const mask = createMask(['a.*(b)+[c]$'])
    expect(mask('see a.*(b)+[c]$ here')).toBe('see *** here')
    expect(mask('see axxb here')).toBe('see axxb here')
  })

  test('a short secret is hidden where it stands alone and does not shred words', () => {
    const mask = createMask(['a'])
    expect(mask('rtmp://host/live?user=a&pass=x failed at last')).toBe(
      'rtmp://host/live?user=***&pass=x failed at last',
    )
    expect(mask("Invalid syntax: 'a'")).toBe("Invalid syntax: '***'")
    expect(mask('a')).toBe('***')
  })

  test('no secret survives, whatever it is made of and however it is written', () => {
    let seed = 11
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    const alphabet = [...'aZ09 .*+?^$', ...'{}()|[]\\/%&=#:;@~-_äß€😀']
    const ways = [
      (text: string) => text,
      encodeURIComponent,
      encodeURI,
      (text: string) => encodeURIComponent(text).toLowerCase(),
    ]
    for (let run = 0; run < 1_000; run++) {
      const secret = Array.from({ length: 4 + random(20) }, () => alphabet[random(alphabet.length)]).join('')
      const written = ways[random(ways.length)]?.(secret) ?? secret
      expect(createMask([secret])(`[error] rtmp://host/app/${written}: Broken pipe`)).toBe(
        '[error] rtmp://host/app/***: Broken pipe',
      )
    }
  })

  test('nothing to hide changes nothing', () => {
    expect(createMask([null, ''])('as it was')).toBe('as it was')
  })

  test('a lone surrogate is no reason to fail', () => {
    expect(createMask(['abcd\ud800'])('fine')).toBe('fine')
  })
})
