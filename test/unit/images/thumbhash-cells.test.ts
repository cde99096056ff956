import { expect, test } from 'bun:test'
import { toCells } from '../../../src/images/thumbhash-cells.ts'
import { toThumbhash } from '../../../src/imaging/thumbhash.ts'

type Rgba = [number, number, number, number]

function hashOf(width: number, height: number, at: (x: number, y: number) => Rgba): string {
  const pixels = Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width)))
  return Buffer.from(toThumbhash(width, height, Uint8Array.from(pixels.flat()))).toString('base64')
}

const toRgb = (colour: string) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))

test('a wide picture that is red at the left and blue at the right stays so', () => {
  const cells = toCells(hashOf(90, 60, (x) => (x < 45 ? [230, 20, 20, 255] : [20, 20, 230, 255])))
  expect(cells).toMatchObject({ columns: 4, rows: 3 })
  const [left, right] = [cells?.colours[0], cells?.colours[3]].map((colour) => toRgb(colour ?? ''))
  expect(left?.[0]).toBeGreaterThan(180)
  expect(left?.[2]).toBeLessThan(80)
  expect(right?.[0]).toBeLessThan(80)
  expect(right?.[2]).toBeGreaterThan(180)
})

test('a high one has more rows than columns, a flat one is its colour to within what the hash holds', () => {
  const cells = toCells(hashOf(40, 80, () => [128, 64, 32, 255]))
  expect(cells).toMatchObject({ columns: 2, rows: 4 })
  for (const colour of cells?.colours ?? [])
    for (const [i, value] of toRgb(colour).entries()) expect(Math.abs(value - ([128, 64, 32][i] ?? 0))).toBeLessThan(9)
})

test('what is transparent shows white', () => {
  const cells = toCells(hashOf(60, 60, () => [0, 0, 0, 0]))
  expect(cells?.colours.every((colour) => toRgb(colour).every((value) => value > 240))).toBe(true)
})

test.each(['', 'AA==', '////', 'not base64 at all', Buffer.alloc(8).toString('base64')])('%p never fails', (text) => {
  const cells = toCells(text)
  if (cells) for (const colour of cells.colours) expect(colour).toMatch(/^#[0-9a-f]{6}$/)
})
