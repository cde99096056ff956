/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { formatBinaryBytes, formatBytes, formatRate } from './format.ts'
import type { Tone } from './states.ts'

type Marked = { tone?: Tone | undefined; id?: string }

export type FigureProps = Marked & { unit?: string; children?: Child }

/** A number that stands still while it changes, its unit small behind it. */
export function Figure({ unit, tone, id, children }: FigureProps) {
  return (
    <span class="figure" id={id} data-tone={tone}>
      {children}
      {unit ? <span class="unit"> {unit}</span> : null}
    </span>
  )
}

/** Where there is no figure: a dash, and `no figure` for listeners; never a nought. */
export function NoFigure({ id }: { id?: string }) {
  return (
    <span class="figure is-off" id={id}>
      <span aria-hidden="true">–</span>
      <span class="sr-only">no figure</span>
    </span>
  )
}

/** A figure of an output's row, with the label that its column's head says where there is room for one. */
export function Num({ label, children }: { label: string; children?: Child }) {
  return (
    <span class="num">
      <span class="label">{label}</span> {children}
    </span>
  )
}

/** A bitrate: 840 kbit/s, 6.12 Mbit/s. */
export function Rate({ kbps, ...marks }: Marked & { kbps: number | null }) {
  if (kbps === null) return <NoFigure />
  const { value, unit } = formatRate(kbps)
  return (
    <Figure unit={unit} {...marks}>
      {value}
    </Figure>
  )
}

/** A size: what was sent or received in thousands (6.1 GB), with `binary` memory and disks in steps of 1,024 (12.9 MiB). */
export function Bytes({ value, binary, ...marks }: Marked & { value: number | null; binary?: boolean }) {
  if (value === null) return <NoFigure />
  const shown = binary ? formatBinaryBytes(value) : formatBytes(value)
  return (
    <Figure unit={shown.unit} {...marks}>
      {shown.value}
    </Figure>
  )
}
