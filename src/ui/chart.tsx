/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { formatRate } from './format.ts'
import { meanOf, type Series, toAverages, toRoundScale, toY } from './series.ts'

const WIDTH = 600
const HEIGHT = 92

const POINTS = 120

export type ChartProps = {
  /** What the line is: `Bitrate in, last 10 minutes`. */
  caption: string
  /** In kbit/s. */
  values: Series
  /** How far back the left edge is. */
  minutes: number
  /** What stands at the end of the caption's line: the newest figure. */
  children?: Child
}

/**
 * A bitrate over minutes, with its scale. Listeners hear the least, the mean and the most. Where nothing came there is
 * nothing to scale: everybody is told so.
 */
export function Chart({ caption, values, minutes, children }: ChartProps) {
  const points = toAverages(values, POINTS)
  const top = toRoundScale(points)
  const isEmpty = values.every((value) => value === null || value === 0)
  return (
    <figure class="chart">
      <figcaption>
        {caption}
        {children}
      </figcaption>
      {isEmpty ? (
        <p class="muted">No feed in the last {minutes} minutes</p>
      ) : (
        <Plot words={toWords(values)} points={points} top={top} minutes={minutes} />
      )}
    </figure>
  )
}

function Plot({ words, points, top, minutes }: { words: string; points: Series; top: number; minutes: number }) {
  return (
    <>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={words}>
        <path class="chart-grid" d={`M0 1H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 1}H${WIDTH}`} />
        <path class="chart-area" d={toPath(points, top, true)} />
        <path class="chart-line" d={toPath(points, top, false)} />
      </svg>
      <div class="chart-y" aria-hidden="true">
        <span>{toText(top)}</span>
        <span>{toText(top / 2)}</span>
        <span>0</span>
      </div>
      <div class="chart-x" aria-hidden="true">
        <span>{minutes} min ago</span>
        <span>now</span>
      </div>
    </>
  )
}

const toText = (kbps: number) => Object.values(formatRate(kbps)).join(' ')

function toWords(values: Series): string {
  const known = values.filter((value) => value !== null)
  const mean = meanOf(values) ?? 0
  return `From ${toText(Math.min(...known))} to ${toText(Math.max(...known))}, on average ${toText(mean)}`
}

/** A gap stays a gap: each run of figures is a line of its own, closed down to the floor where it is an area. */
function toPath(values: Series, top: number, isArea: boolean): string {
  const step = WIDTH / Math.max(1, values.length - 1)
  const xAt = (i: number) => Math.round(i * step * 10) / 10
  let path = ''
  let isDown = false
  for (const [i, value] of values.entries()) {
    if (value !== null) {
      const point = `${xAt(i)} ${toY(value, top, HEIGHT)}`
      if (isDown) path += `L${point}`
      else path += isArea ? `M${xAt(i)} ${HEIGHT}L${point}` : `M${point}`
    } else if (isDown && isArea) path += `L${xAt(i - 1)} ${HEIGHT}z`
    isDown = value !== null
  }
  return isArea && isDown ? `${path}L${WIDTH} ${HEIGHT}z` : path
}
