import { describe, expect, test } from 'bun:test'
import { isAppError } from '../../../src/errors.ts'
import { decodeBmp, type RawPicture, readBmpHeader } from '../../../src/imaging/bmp.ts'

type Rgb = number[]
const RED = [255, 0, 0]
const GREEN = [0, 255, 0]
const BLUE = [0, 0, 255]
const WHITE = [255, 255, 255]
const COLOURS = [RED, GREEN, BLUE, WHITE]

type Wanted = {
  width: number
  height: number
  bits: number
  /** Bytes of the second header: 12, 40, 52, 56, 108 or 124. */
  headerBytes?: number
  compression?: number
  masks?: number[]
  colours?: Rgb[]
  body: number[]
}

function toBmp({ width, height, bits, headerBytes = 40, compression = 0, masks = [], colours = [], body }: Wanted) {
  const isCore = headerBytes === 12
  const header = Buffer.alloc(14 + headerBytes)
  header.write('BM', 'latin1')
  header.writeUInt32LE(headerBytes, 14)
  if (isCore) {
    header.writeUInt16LE(width, 18)
    header.writeUInt16LE(height, 20)
    header.writeUInt16LE(1, 22)
    header.writeUInt16LE(bits, 24)
  } else {
    header.writeInt32LE(width, 18)
    header.writeInt32LE(height, 22)
    header.writeUInt16LE(1, 26)
    header.writeUInt16LE(bits, 28)
    header.writeUInt32LE(compression, 30)
    header.writeUInt32LE(colours.length, 46)
  }
  const trailing: number[] = []
  masks.forEach((mask, i) => {
    const at = 14 + 40 + 4 * i
    if (at + 4 <= header.length) header.writeUInt32LE(mask, at)
    else trailing.push(mask & 255, (mask >>> 8) & 255, (mask >>> 16) & 255, mask >>> 24)
  })
  const palette = colours.flatMap(([r, g, b]) => [b, g, r, ...(isCore ? [] : [0])] as number[])
  const bytes = Buffer.concat([header, Buffer.from(trailing), Buffer.from(palette), Buffer.from(body)])
  bytes.writeUInt32LE(bytes.length - body.length, 10)
  bytes.writeUInt32LE(bytes.length, 2)
  return bytes
}

/** Rows of pixels from the top. */
function rows({ data, width, height, channels }: RawPicture): number[][][] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => [
      ...data.subarray((y * width + x) * channels, (y * width + x + 1) * channels),
    ]),
  )
}

/** Red and green above blue and white. */
const SQUARE = [
  [RED, GREEN],
  [BLUE, WHITE],
]

describe('every depth', () => {
  test('1 bit, rows padded to four bytes', () => {
    const body = [0b01000000, 0, 0, 0, 0b10000000, 0, 0, 0]
    const bmp = toBmp({ width: 2, height: 2, bits: 1, colours: [RED, WHITE], body })
    expect(rows(decodeBmp(bmp))).toEqual([
      [WHITE, RED],
      [RED, WHITE],
    ])
  })

  test('4 bits', () => {
    const body = [0x23, 0, 0, 0, 0x01, 0, 0, 0]
    expect(rows(decodeBmp(toBmp({ width: 2, height: 2, bits: 4, colours: COLOURS, body })))).toEqual(SQUARE)
  })

  test('8 bits, and the old header with colours of three bytes', () => {
    const body = [2, 3, 0, 0, 0, 1, 0, 0]
    expect(rows(decodeBmp(toBmp({ width: 2, height: 2, bits: 8, colours: COLOURS, body })))).toEqual(SQUARE)
    const full = [...COLOURS, ...Array.from({ length: 252 }, () => [9, 9, 9])]
    const old = toBmp({ width: 2, height: 2, bits: 8, headerBytes: 12, colours: full, body })
    expect(rows(decodeBmp(old))).toEqual(SQUARE)
  })

  test('16 bits: 5-5-5, and 5-6-5 by masks behind the header', () => {
    const words = (...values: number[]) => values.flatMap((value) => [value & 255, value >> 8])
    const plain = words(0x001f, 0x7fff, 0x7c00, 0x03e0)
    expect(rows(decodeBmp(toBmp({ width: 2, height: 2, bits: 16, body: plain })))).toEqual(SQUARE)
    const body = words(0x001f, 0xffff, 0xf800, 0x07e0)
    const masked = toBmp({ width: 2, height: 2, bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f], body })
    expect(rows(decodeBmp(masked))).toEqual(SQUARE)
  })

  test('24 bits', () => {
    const body = [255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0]
    expect(rows(decodeBmp(toBmp({ width: 2, height: 2, bits: 24, body })))).toEqual(SQUARE)
    const old = toBmp({ width: 2, height: 2, bits: 24, headerBytes: 12, body })
    expect(rows(decodeBmp(old))).toEqual(SQUARE)
  })

  test('32 bits without transparency, whatever the fourth byte is', () => {
    const body = [255, 0, 0, 7, 255, 255, 255, 7, 0, 0, 255, 7, 0, 255, 0, 7]
    expect(rows(decodeBmp(toBmp({ width: 2, height: 2, bits: 32, body })))).toEqual(SQUARE)
  })

  for (const headerBytes of [56, 108, 124])
    test(`32 bits with transparency in a header of ${headerBytes} bytes`, () => {
      const masks = [0xff, 0xff00, 0xff0000, 0xff000000]
      const body = [255, 0, 0, 255, 0, 255, 0, 128]
      const bmp = toBmp({ width: 2, height: 1, bits: 32, headerBytes, compression: 3, masks, body })
      expect(rows(decodeBmp(bmp))).toEqual([
        [
          [255, 0, 0, 255],
          [0, 255, 0, 128],
        ],
      ])
    })

  test('a header of 52 bytes has its masks inside', () => {
    const masks = [0xff, 0xff00, 0xff0000]
    const bmp = toBmp({ width: 1, height: 1, bits: 32, headerBytes: 52, compression: 3, masks, body: [1, 2, 3, 4] })
    expect(rows(decodeBmp(bmp))).toEqual([[[1, 2, 3]]])
  })

  test('rows from the top', () => {
    const body = [0, 1, 0, 0, 2, 3, 0, 0]
    expect(rows(decodeBmp(toBmp({ width: 2, height: -2, bits: 8, colours: COLOURS, body })))).toEqual(SQUARE)
  })
})

describe('packed rows', () => {
  test('RLE8: runs, single pixels with padding, a jump, ends', () => {
    const body = [3, 1, 0, 0, 0, 3, 0, 1, 2, 0, 0, 0, 0, 2, 1, 0, 1, 3, 0, 1]
    const bmp = toBmp({ width: 3, height: 3, bits: 8, compression: 1, colours: COLOURS, body })
    expect(rows(decodeBmp(bmp))).toEqual([
      [RED, WHITE, RED],
      [RED, GREEN, BLUE],
      [GREEN, GREEN, GREEN],
    ])
  })

  test('RLE4: two colours in turn', () => {
    const body = [4, 0x12, 0, 0, 0, 3, 0x30, 0x10, 0, 1]
    const bmp = toBmp({ width: 4, height: 2, bits: 4, compression: 2, colours: COLOURS, body })
    expect(rows(decodeBmp(bmp))).toEqual([
      [WHITE, RED, GREEN, RED],
      [GREEN, BLUE, GREEN, BLUE],
    ])
  })

  test('a run past the end of its row stays in its row', () => {
    const body = [200, 1, 0, 0, 1, 2, 0, 1]
    const bmp = toBmp({ width: 2, height: 2, bits: 8, compression: 1, colours: COLOURS, body })
    expect(rows(decodeBmp(bmp))).toEqual([
      [BLUE, RED],
      [GREEN, GREEN],
    ])
  })

  test('without an end mark it is broken', () => {
    const bmp = toBmp({ width: 4, height: 4, bits: 8, compression: 1, colours: COLOURS, body: [4, 1, 0, 0] })
    expect(() => decodeBmp(bmp)).toThrow(expect.objectContaining({ code: 'image.broken' }))
  })
})

describe('what is wrong', () => {
  const code = (bytes: Uint8Array): string | null => {
    try {
      decodeBmp(bytes)
      return null
    } catch (error) {
      if (isAppError(error)) return error.code
      throw error
    }
  }
  const body = [255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0]
  const good = { width: 2, height: 2, bits: 24, body }

  test('too large is told before anything is allocated', () => {
    expect(code(toBmp({ ...good, width: 30_000, height: 30_000 }))).toBe('image.pixels')
    expect(code(toBmp({ ...good, width: 1, height: 65_535 }))).toBe('image.pixels')
    expect(code(toBmp({ ...good, width: 16_000, height: -16_000 }))).toBe('image.pixels')
    expect(code(toBmp({ ...good, width: 0x7fffffff, height: -0x80000000 }))).toBe('image.pixels')
  })

  test('a size, a depth or a packing that there is not', () => {
    expect(code(toBmp({ ...good, width: 0 }))).toBe('image.broken')
    expect(code(toBmp({ ...good, height: 0 }))).toBe('image.broken')
    expect(code(toBmp({ ...good, width: -2 }))).toBe('image.broken')
    expect(code(toBmp({ ...good, bits: 7 }))).toBe('image.broken')
    for (const compression of [1, 2, 3, 4, 5, 99]) expect(code(toBmp({ ...good, compression }))).toBe('image.broken')
    const packedTopDown = { ...good, height: -2, bits: 8, compression: 1, colours: COLOURS }
    expect(code(toBmp(packedTopDown))).toBe('image.broken')
  })

  test('cut anywhere it is broken or whole, never anything else', () => {
    const bmp = toBmp(good)
    for (let length = 0; length < bmp.length - 2; length++) expect(code(bmp.subarray(0, length))).toBe('image.broken')
    // The padding of the last row may be missing.
    expect(code(bmp.subarray(0, bmp.length - 2))).toBeNull()
  })

  test('20,000 spoiled files end in pixels within the limits or in a refusal', () => {
    const seeds = [
      toBmp(good),
      toBmp({ width: 2, height: 2, bits: 4, colours: COLOURS, body: [0x23, 0, 0, 0, 0x01, 0, 0, 0] }),
      toBmp({
        width: 3,
        height: 3,
        bits: 8,
        compression: 1,
        colours: COLOURS,
        body: [3, 1, 0, 0, 0, 3, 0, 1, 2, 0, 0, 1],
      }),
      toBmp({
        width: 4,
        height: 2,
        bits: 4,
        compression: 2,
        colours: COLOURS,
        body: [4, 0x12, 0, 0, 0, 2, 1, 1, 0, 1],
      }),
      toBmp({
        width: 2,
        height: 1,
        bits: 32,
        headerBytes: 124,
        compression: 3,
        masks: [255, 65280, 16711680, 1],
        body: [1, 2, 3, 4, 5, 6, 7, 8],
      }),
    ]
    let state = 42
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    const outcomes = { taken: 0, refused: 0 }
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(seeds[random(seeds.length)] as Buffer)
      for (let change = random(4); change >= 0; change--)
        bytes[random(bytes.length)] = [0, 255, 1, 128, random(256)][random(5)] as number
      // Sizes that are allowed but large would only cost time here.
      const header = attempt(() => readBmpHeader(bytes))
      if (header && header.width * header.height > 1_000_000) continue
      const picture = attempt(() => decodeBmp(bytes))
      outcomes[picture ? 'taken' : 'refused']++
      if (picture) expect(picture.data.length).toBe(picture.width * picture.height * picture.channels)
    }
    expect(Math.min(outcomes.taken, outcomes.refused)).toBeGreaterThan(1_000)
  })
})

/** Null for a refusal of ours; anything else that is thrown goes on. */
function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (isAppError(error) && ['image.broken', 'image.pixels'].includes(error.code)) return null
    throw error
  }
}
