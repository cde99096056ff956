/** A blur in a few cells, each of one colour as `#rrggbb`, row by row. */
export type Cells = { columns: number; rows: number; colours: string[] }

/** The longer side. A blur over so few cells looks as one over many, and costs a page 600 bytes less. */
const LONG_SIDE = 4

type Channel = { dc: number; ac: number[]; nx: number; ny: number }

/**
 * What a thumbhash (base64, the format of github.com/evanw/thumbhash, `thumbHashToRGBA`) looks like, for drawing it
 * without `data:` addresses; null where it is none. Transparent places show the white that JPEGs have there.
 */
export function toCells(thumbhash: string): Cells | null {
  const hash = Buffer.from(thumbhash, 'base64')
  if (hash.length < 6) return null
  const byte = (index: number) => hash[index] ?? 0
  const head = byte(0) | (byte(1) << 8) | (byte(2) << 16)
  const tail = byte(3) | (byte(4) << 8)
  const hasAlpha = head >> 23 === 1
  const isWide = tail >> 15 === 1
  const most = hasAlpha ? 5 : 7
  const nx = isWide ? most : tail & 7
  const ny = isWide ? tail & 7 : most
  if (nx === 0 || ny === 0) return null

  let nibble = (hasAlpha ? 6 : 5) * 2
  const next = () => {
    const value = (byte(nibble >> 1) >> ((nibble & 1) * 4)) & 15
    nibble++
    return value / 7.5 - 1
  }
  const readChannel = (dc: number, scale: number, cx: number, cy: number): Channel => {
    const ac: number[] = []
    for (const _ of coefficients(cx, cy)) ac.push(next() * scale)
    return { dc, ac, nx: cx, ny: cy }
  }
  const l = readChannel((head & 63) / 63, ((head >> 18) & 31) / 31, Math.max(3, nx), Math.max(3, ny))
  const p = readChannel(((head >> 6) & 63) / 31.5 - 1, (((tail >> 3) & 63) / 63) * 1.25, 3, 3)
  const q = readChannel(((head >> 12) & 63) / 31.5 - 1, (((tail >> 9) & 63) / 63) * 1.25, 3, 3)
  const a = hasAlpha ? readChannel((byte(5) & 15) / 15, (byte(5) >> 4) / 15, 5, 5) : null

  const ratio = nx / ny
  const columns = ratio >= 1 ? LONG_SIDE : Math.max(1, Math.round(LONG_SIDE * ratio))
  const rows = ratio >= 1 ? Math.max(1, Math.round(LONG_SIDE / ratio)) : LONG_SIDE
  const colours: string[] = []
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const at = (channel: Channel) => valueAt(channel, (x + 0.5) / columns, (y + 0.5) / rows)
      const [light, yellow, red] = [at(l), at(p), at(q)]
      const blue = light - (2 / 3) * yellow
      const r = (3 * light - blue + red) / 2
      const opacity = a ? Math.min(1, Math.max(0, at(a))) : 1
      colours.push(toHex([r, r - red, blue].map((value) => value * opacity + 1 - opacity)))
    }
  }
  return { columns, rows, colours }
}

/** The lower triangle without its first, in the order of the hash. */
function* coefficients(nx: number, ny: number): Generator<[cx: number, cy: number]> {
  for (let cy = 0; cy < ny; cy++) for (let cx = cy > 0 ? 0 : 1; cx * ny < nx * (ny - cy); cx++) yield [cx, cy]
}

function valueAt({ dc, ac, nx, ny }: Channel, x: number, y: number): number {
  let value = dc
  let index = 0
  for (const [cx, cy] of coefficients(nx, ny))
    value += (ac[index++] ?? 0) * Math.cos(Math.PI * cx * x) * Math.cos(Math.PI * cy * y) * 2
  return value
}

function toHex(rgb: number[]): string {
  const two = (value: number) =>
    Math.round(Math.min(1, Math.max(0, value)) * 255)
      .toString(16)
      .padStart(2, '0')
  return `#${rgb.map(two).join('')}`
}
