import { toRefusal } from './refusals.ts'

/**
 * Unpacks the run-length encoding of Windows bitmaps ([MS-WMF] 2.2.2.1, BI_RLE8 and BI_RLE4) into one index a pixel, rows
 * as they stand in the file. What a delta skips or the end leaves out is colour 0; what runs past a row is cut.
 * @throws AppError `image.broken` where the data end before their end mark
 */
export function decodeRle(body: Uint8Array, bits: 4 | 8, width: number, height: number): Uint8Array {
  const indices = new Uint8Array(width * height)
  let at = 0
  let x = 0
  let row = 0

  const next = (): number => {
    const byte = body[at++]
    if (byte === undefined) throw toRefusal('image.broken')
    return byte
  }
  const put = (index: number): void => {
    if (x < width) indices[row * width + x] = index
    x++
  }
  const nibble = (byte: number, n: number) => (n & 1 ? byte & 15 : byte >> 4)

  while (row < height) {
    const count = next()
    const value = next()
    if (count > 0) {
      for (let n = 0; n < count; n++) put(bits === 8 ? value : nibble(value, n))
      continue
    }
    if (value === 0) {
      x = 0
      row++
    } else if (value === 1) {
      return indices
    } else if (value === 2) {
      x += next()
      row += next()
    } else {
      // `value` pixels as they are, padded to whole words.
      const bytes = bits === 8 ? value : Math.ceil(value / 2)
      const from = at
      if (from + bytes > body.length) throw toRefusal('image.broken')
      for (let n = 0; n < value; n++)
        put(bits === 8 ? (body[from + n] as number) : nibble(body[from + (n >> 1)] as number, n))
      at = from + bytes + (bytes & 1)
    }
  }
  return indices
}
