/** One figure for each step of time, oldest first; null where there was none. */
export type Series = readonly (number | null)[]

/** At most so many points, each the mean of its share; a share without figures is null. */
export function toAverages(values: Series, most: number): Series {
  if (values.length <= most) return values
  return Array.from({ length: most }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / most), Math.floor(((i + 1) * values.length) / most))
    return meanOf(part)
  })
}

/** Null where no figure is known. */
export function meanOf(values: Series): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

/** The top of the scale: a steady line runs at two thirds of the height, and its ripples stay as small as they are. */
export function toScale(values: Series, max = 0): number {
  return values.reduce<number>((top, value) => Math.max(top, (value ?? 0) * 1.5), Math.max(1, max))
}

const ROUND = [1, 1.5, 2, 3, 4, 5, 6, 8, 10]

/** The same, up to the next round figure, where the scale has numbers beside it. */
export function toRoundScale(values: Series, max = 0): number {
  const top = toScale(values, max)
  const power = 10 ** Math.floor(Math.log10(top))
  return (ROUND.find((step) => step * power >= top) ?? 10) * power
}

/** Height in the box, from its top, to a tenth. */
export function toY(value: number, top: number, height: number): number {
  const y = height - 1 - Math.min(1, Math.max(0, value / top)) * (height - 2)
  return Math.round(y * 10) / 10
}
