/** @jsxImportSource hono/jsx */
import { Figure, NoFigure } from './figures.tsx'

export type GaugeProps = {
  /** `cpu` gives the id `gauge-cpu`. */
  name: string
  label: string
  /** 0 to 100; null where it is not known. */
  percent: number | null
  /** What to print instead of the percentage: `1.4 GiB`. */
  figure?: { value: string; unit: string }
  note?: string
}

/** How full something is: amber over 80 %, red over 92 %. */
export function Gauge({ name, label, percent, figure, note }: GaugeProps) {
  const whole = percent === null ? null : Math.round(percent)
  return (
    <div class="gauge" id={`gauge-${name}`}>
      <span class="gauge-label">{label}</span>
      {figure || whole !== null ? <Figure unit={figure?.unit ?? '%'}>{figure?.value ?? whole}</Figure> : <NoFigure />}
      {whole === null ? null : (
        <meter min={0} max={100} low={80} high={92} optimum={0} value={whole} aria-label={label}>
          {whole} %
        </meter>
      )}
      {note ? <span class="gauge-note">{note}</span> : null}
    </div>
  )
}
