/** @jsxImportSource hono/jsx */
import { formatRate } from './format.ts'
import { meanOf, type Series, toRoundScale, toY } from './series.ts'

const WIDTH = 600
const HEIGHT = 92

export type ChartProps = {
  id?: string
  /** What the line is: `Bitrate in, last 10 minutes`. */
  caption: string
  /** In kbit/s. */
  values: Series
  /** A second, dashed line. With it both have names. */
  second?: { name: string; values: Series }
  name?: string
  /** A line that the bitrate should stay under. */
  limitKbps?: number
  /** How far back the left edge is. */
  minutes: number
}

/** A bitrate over minutes, with its scale. Listeners hear the least, the mean and the most. */
export function Chart({ id, caption, values, second, name = 'in', limitKbps, minutes }: ChartProps) {
  const top = toRoundScale([...values, ...(second?.values ?? [])], limitKbps)
  const limitY = limitKbps === undefined ? null : toY(limitKbps, top, HEIGHT)
  return (
    <figure class="chart" id={id}>
      <figcaption>
        {caption}
        {second ? (
          <ul class="legend">
            <li>{name}</li>
            <li>{second.name}</li>
          </ul>
        ) : null}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={toWords(values)}>
        <path class="chart-grid" d={`M0 1H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 1}H${WIDTH}`} />
        <path class="chart-area" d={toPath(values, top, true)} />
        <path class="chart-line" d={toPath(values, top, false)} />
        {second ? <path class="chart-line chart-line-2" d={toPath(second.values, top, false)} /> : null}
        {limitY === null ? null : <path class="chart-limit" d={`M0 ${limitY}H${WIDTH}`} />}
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
    </figure>
  )
}

const toText = (kbps: number) => Object.values(formatRate(kbps)).join(' ')

function toWords(values: Series): string {
  const known = values.filter((value) => value !== null)
  const mean = meanOf(values)
  if (mean === null) return 'No figures in this time'
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
