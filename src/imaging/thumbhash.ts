/** Largest side of the pixels that a hash is made of. */
export const MAX_SIDE = 100

type Channel = { dc: number; ac: number[]; scale: number }

/**
 * A picture as about 25 bytes, for a blur until it is there: the format of github.com/evanw/thumbhash (`rgbaToThumbHash`),
 * the lowest cosines of luminance, of two colour differences and of transparency. `rgba` has four bytes a pixel, not
 * premultiplied, and at most 100 pixels a side.
 */
export function toThumbhash(width: number, height: number, rgba: Uint8Array): Uint8Array {
  const count = width * height
  const at = (index: number) => rgba[index] as number
  const mean = [0, 0, 0]
  let opacity = 0
  for (let i = 0; i < count; i++) {
    const alpha = at(4 * i + 3) / 255
    opacity += alpha
    for (let c = 0; c < 3; c++) (mean[c] as number) += (alpha / 255) * at(4 * i + c)
  }
  const colour = mean.map((sum) => (opacity > 0 ? sum / opacity : 0)) as [number, number, number]
  const hasAlpha = opacity < count

  const [l, p, q, a] = [0, 0, 0, 0].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  for (let i = 0; i < count; i++) {
    const alpha = at(4 * i + 3) / 255
    const [r, g, b] = colour.map((c, k) => c * (1 - alpha) + (alpha / 255) * at(4 * i + k)) as [number, number, number]
    l[i] = (r + g + b) / 3
    p[i] = (r + g) / 2 - b
    q[i] = r - g
    a[i] = alpha
  }

  const limit = hasAlpha ? 5 : 7
  const long = Math.max(width, height)
  const nx = Math.max(1, Math.round((limit * width) / long))
  const ny = Math.max(1, Math.round((limit * height) / long))
  const encode = (pixels: Float64Array, cx: number, cy: number) => toCosines({ width, height, pixels }, cx, cy)
  const channels = [encode(l, Math.max(3, nx), Math.max(3, ny)), encode(p, 3, 3), encode(q, 3, 3)]
  const [L, P, Q] = channels as [Channel, Channel, Channel]
  const A = hasAlpha ? encode(a, 5, 5) : null
  if (A) channels.push(A)

  const isWide = width > height
  const { round } = Math
  const head =
    round(63 * L.dc) |
    (round(31.5 + 31.5 * P.dc) << 6) |
    (round(31.5 + 31.5 * Q.dc) << 12) |
    (round(31 * L.scale) << 18) |
    (Number(hasAlpha) << 23)
  const tail = (isWide ? ny : nx) | (round(63 * P.scale) << 3) | (round(63 * Q.scale) << 9) | (Number(isWide) << 15)
  const hash = [head & 255, (head >> 8) & 255, head >> 16, tail & 255, tail >> 8]
  if (A) hash.push(round(15 * A.dc) | (round(15 * A.scale) << 4))
  const nibbles = channels.flatMap(({ ac }) => ac.map((value) => round(15 * value)))
  for (let i = 0; i < nibbles.length; i += 2) hash.push((nibbles[i] as number) | ((nibbles[i + 1] ?? 0) << 4))
  return Uint8Array.from(hash)
}

/** The lower triangle of the first `nx` x `ny` coefficients; all but the mean are scaled to 0..1. */
function toCosines(of: { width: number; height: number; pixels: Float64Array }, nx: number, ny: number): Channel {
  const { width, height, pixels } = of
  const ac: number[] = []
  let dc = 0
  let scale = 0
  for (let cy = 0; cy < ny; cy++) {
    for (let cx = 0; cx * ny < nx * (ny - cy); cx++) {
      const fx = Float64Array.from({ length: width }, (_, x) => Math.cos((Math.PI / width) * cx * (x + 0.5)))
      let sum = 0
      for (let y = 0; y < height; y++) {
        const fy = Math.cos((Math.PI / height) * cy * (y + 0.5))
        for (let x = 0; x < width; x++) sum += (pixels[x + y * width] as number) * (fx[x] as number) * fy
      }
      const value = sum / (width * height)
      if (cx === 0 && cy === 0) {
        dc = value
        continue
      }
      ac.push(value)
      scale = Math.max(scale, Math.abs(value))
    }
  }
  return { dc, ac: scale > 0 ? ac.map((value) => 0.5 + (0.5 / scale) * value) : ac, scale }
}
