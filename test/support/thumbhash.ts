/**
 * Paints an opaque thumbhash on 32 pixels of its longer side, as `thumbHashToRGBA` of github.com/evanw/thumbhash does:
 * what a browser would show.
 */
export function paintThumbhash(hash: Uint8Array): { width: number; height: number; rgb: Uint8Array } {
  const byte = (at: number) => hash[at] ?? 0
  const head = byte(0) | (byte(1) << 8) | (byte(2) << 16)
  const tail = byte(3) | (byte(4) << 8)
  if (head >> 23) throw new Error('this one shows through')
  const isWide = tail >> 15 === 1
  const [lx, ly] = [Math.max(3, isWide ? 7 : tail & 7), Math.max(3, isWide ? tail & 7 : 7)]
  const ratio = (isWide ? 7 : tail & 7) / (isWide ? tail & 7 : 7)
  const [width, height] = [Math.round(ratio > 1 ? 32 : 32 * ratio), Math.round(ratio > 1 ? 32 / ratio : 32)]

  let nibble = 0
  const read = (nx: number, ny: number, scale: number) => {
    const parts: { cx: number; cy: number; value: number }[] = []
    for (let cy = 0; cy < ny; cy++)
      for (let cx = cy ? 0 : 1; cx * ny < nx * (ny - cy); cx++) {
        const four = (byte(5 + (nibble >> 1)) >> ((nibble++ & 1) << 2)) & 15
        parts.push({ cx, cy, value: (four / 7.5 - 1) * scale })
      }
    return parts
  }
  const l = { dc: (head & 63) / 63, ac: read(lx, ly, ((head >> 18) & 31) / 31) }
  const p = { dc: ((head >> 6) & 63) / 31.5 - 1, ac: read(3, 3, (((tail >> 3) & 63) / 63) * 1.25) }
  const q = { dc: ((head >> 12) & 63) / 31.5 - 1, ac: read(3, 3, (((tail >> 9) & 63) / 63) * 1.25) }

  const rgb = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = ({ dc, ac }: typeof l) =>
        ac.reduce((sum, { cx, cy, value }) => {
          const wave = Math.cos((Math.PI / width) * (x + 0.5) * cx) * Math.cos((Math.PI / height) * (y + 0.5) * cy)
          return sum + 2 * value * wave
        }, dc)
      const [light, blueYellow, redGreen] = [at(l), at(p), at(q)]
      const blue = light - (2 / 3) * blueYellow
      const red = (3 * light - blue + redGreen) / 2
      const colour = [red, red - redGreen, blue].map((value) => Math.max(0, 255 * Math.min(1, value)))
      rgb.set(colour, (y * width + x) * 3)
    }
  return { width, height, rgb }
}
