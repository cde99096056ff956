import { describe, expect, test } from 'bun:test'
import { amfObject, fromAmf, toAmf } from '../../../../src/media/rtmp/amf0.ts'
import { RtmpError } from '../../../../src/media/rtmp/rtmp-error.ts'

describe('AMF 0', () => {
  test('reads the connect command of FFmpeg 5.1, as it came over the wire', () => {
    const hex =
      '020007636f6e6e656374003ff00000000000000300036170700200046c69766500047479706502000a6e6f6e7072697661746500086' +
      '66c617368566572020024464d4c452f332e302028636f6d70617469626c653b204c61766635392e32372e3130302900057463557' +
      '26c02001b72746d703a2f2f3132372e302e302e313a33383532392f6c697665000009'
    const about = amfObject({
      app: 'live',
      type: 'nonprivate',
      flashVer: 'FMLE/3.0 (compatible; Lavf59.27.100)',
      tcUrl: 'rtmp://127.0.0.1:38529/live',
    })
    expect(fromAmf(Buffer.from(hex, 'hex'))).toEqual(['connect', 1, about])
  })

  test('gives back what was written', () => {
    const values = ['onStatus', 0, null, undefined, true, -1.5, [1, 'two', [null]], amfObject({ ä: 'ö', leer: '' })]
    expect(fromAmf(toAmf(...values))).toEqual(values)
  })

  test.each([
    ['an ECMA array, whatever count it claims', '08ffffffff0001610100000009', [new Map([['a', false]])]],
    ['a long string', '0c000000026869', ['hi']],
    ['a date as its number', '0b3ff00000000000000000', [1]],
    ['what is not supported as nothing', '0d', [null]],
  ])('reads %s', (_, hex, values) => {
    expect(fromAmf(Buffer.from(hex, 'hex'))).toEqual(values)
  })

  test('a member called __proto__ is a member and no more', () => {
    const [object] = fromAmf(toAmf(new Map([['__proto__', 'x']])))
    expect(object).toEqual(new Map([['__proto__', 'x']]))
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  test.each([
    ['cut off', '00 3ff0'],
    ['a string longer than the message', '02 ffff 61'],
    ['an array of four thousand million', '0a ffffffff'],
    ['an object without an end', '03 0001 61'],
    ['a reference', '07 0000'],
    ['AMF 3', '11 0a'],
    ['objects in objects in objects', `${'03 0001 61 '.repeat(20)}`],
    ['more values than anybody sends', '05'.repeat(1_001)],
  ])('refuses %s', (_, hex) => {
    expect(() => fromAmf(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow(RtmpError)
  })
})
