/** @jsxImportSource hono/jsx */
import encodeQR from 'qr'

/** Light cells around it, without which readers do not find it (ISO/IEC 18004 6.3.8). */
const QUIET_CELLS = 4
const SIDE_PX = 220

/** A text as a QR code, drawn into the page itself: dark on light by day and by night, for cameras read nothing else reliably. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: QUIET_CELLS })
  return (
    <svg width={SIDE_PX} height={SIDE_PX} viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label={label}>
      <path fill="#fff" d={`M0 0h${rows.length}v${rows.length}H0z`} />
      <path fill="#000" shape-rendering="crispEdges" d={rows.map(toPath).join('')} />
    </svg>
  )
}

/** The dark runs of a row, each a rectangle one cell high. */
function toPath(row: readonly boolean[], y: number): string {
  const runs = row
    .map((dark) => (dark ? '1' : '0'))
    .join('')
    .matchAll(/1+/g)
  return Array.from(runs, ({ 0: run, index }) => `M${index} ${y}h${run.length}v1h-${run.length}z`).join('')
}
