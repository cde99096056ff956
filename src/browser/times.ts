import { formatCountdown, formatSpan } from '../ui/format.ts'

/** A clock that differs by less is as good as the server's. */
const TOLERANCE_MS = 2000

let aheadMs = 0

/** Now, by the server's clock. */
export function serverNowMs(): number {
  return Date.now() + aheadMs
}

/** Keeps relative times true, each second while somebody looks. */
export function startTimes(): void {
  document.addEventListener('htmx:before:response', ({ detail }) => {
    const date = Date.parse(detail.ctx.response?.headers.get('date') ?? '')
    if (Number.isNaN(date)) return
    const difference = date - Date.now()
    aheadMs = Math.abs(difference) < TOLERANCE_MS ? 0 : difference
  })
  setInterval(tick, 1000)
  document.addEventListener('visibilitychange', tick)
}

function tick(): void {
  if (document.hidden) return
  const now = serverNowMs()
  for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-relative]')) {
    const at = Date.parse(time.dateTime)
    const kind = time.dataset['relative']
    const text = kind === 'until' ? formatCountdown(at, now) : formatSpan(at, now, kind === 'ago')
    if (time.textContent !== text) time.textContent = text
  }
}
