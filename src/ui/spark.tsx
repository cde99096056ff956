/** @jsxImportSource hono/jsx */
import { type Series, toAverages, toScale, toY } from './series.ts'

const WIDTH = 120
const HEIGHT = 28

export type SparkProps = {
  values: Series
  /** The top of the scale, where several lines share one. */
  max?: number
  /** How many points at most; what is more is averaged. */
  points?: number
}

/** A line of the last minutes. It has no figures of its own, so the number stands beside it. */
export function Spark({ values, max, points = 40 }: SparkProps) {
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {values.length > 1 ? <path d={toSparkPath(toAverages(values, points), max)} /> : null}
    </svg>
  )
}

/** One closed path whose sides and floor lie outside the box, so that it is line and area in one. A gap lies on the floor. */
export function toSparkPath(values: Series, max?: number): string {
  const top = toScale(values, max)
  const step = WIDTH / (values.length - 1)
  const ys = values.map((value) => toY(value ?? 0, top, HEIGHT))
  const line = ys.map((y, i) => `${Math.round(i * step * 10) / 10} ${y}`).join(' ')
  return `M-2 ${HEIGHT + 2}V${ys[0]}L${line}H${WIDTH + 2}V${HEIGHT + 2}z`
}
