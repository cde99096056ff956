/** @jsxImportSource hono/jsx */
import { formatClock, formatCountdown, formatExact, formatSpan } from './format.ts'

/** How long ago (`24 s`, with `ago` `24 s ago`), kept true by the browser; the exact moment on hover. */
export function RelativeTime({ at, ago = false, nowMs = Date.now() }: { at: string; ago?: boolean; nowMs?: number }) {
  return (
    <time datetime={at} data-relative={ago ? 'ago' : 'span'} title={formatExact(at)}>
      {formatSpan(Date.parse(at), nowMs, ago)}
    </time>
  )
}

/** When it comes: `in 18 s`, counted down by the browser to `now`. */
export function Countdown({ until, nowMs = Date.now() }: { until: string; nowMs?: number }) {
  return (
    <time class="countdown" datetime={until} data-relative="until" title={formatExact(until)}>
      {formatCountdown(Date.parse(until), nowMs)}
    </time>
  )
}

/** A time of day, for lines that stand in order. */
export function ClockTime({ at }: { at: string }) {
  return (
    <time datetime={at} title={formatExact(at)}>
      {formatClock(at)}
    </time>
  )
}
