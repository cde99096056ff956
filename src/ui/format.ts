/** A figure in words: what to print, and its unit where it has one. */
export type Quantity = { value: string; unit: string }

const WHOLE = new Intl.NumberFormat('en')

/** Whole numbers with their thousands apart: `1,284`. */
export function formatCount(value: number): string {
  return WHOLE.format(value)
}

/** Three figures that matter, so that a number keeps its width while it changes: `6.12`, `61.2`, `612`. */
function threeFigures(value: number): string {
  return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : WHOLE.format(Math.round(value))
}

/** Bitrates are counted in thousands: 840 kbit/s, 6.12 Mbit/s, 1.20 Gbit/s. */
export function formatRate(kbps: number): Quantity {
  if (kbps < 1000) return { value: String(Math.round(kbps)), unit: 'kbit/s' }
  if (kbps < 1_000_000) return { value: threeFigures(kbps / 1000), unit: 'Mbit/s' }
  return { value: threeFigures(kbps / 1_000_000), unit: 'Gbit/s' }
}

/** What was sent or stored is counted in thousands: 6.1 GB. */
export function formatBytes(bytes: number): Quantity {
  return inSteps(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB'])
}

/** Memory and disks are counted in steps of 1,024: 12.9 MiB. */
export function formatBinaryBytes(bytes: number): Quantity {
  return inSteps(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'])
}

function inSteps(bytes: number, step: number, units: readonly string[]): Quantity {
  let value = bytes
  let at = 0
  while (value >= step && at < units.length - 1) {
    value /= step
    at++
  }
  const text = at === 0 || value >= 99.95 ? WHOLE.format(Math.round(value)) : value.toFixed(1)
  return { value: text, unit: units[at] ?? '' }
}

/** The two largest units that matter: `4 s`, `2 min 14 s`, `1 h 26 min`, `3 days`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 10) return pair(minutes, 'min', whole % 60, 's')
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return pair(hours, 'h', minutes % 60, 'min')
  const days = Math.floor(hours / 24)
  return days === 1 ? '1 day' : `${WHOLE.format(days)} days`
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

/** How long it has been: `24 s`, or `24 s ago` (then under a second is `now`). A clock that is ahead counts as now. */
export function formatSpan(atMs: number, nowMs: number, ago: boolean): string {
  const seconds = (nowMs - atMs) / 1000
  if (!ago) return formatDuration(seconds)
  return seconds < 1 ? 'now' : `${formatDuration(seconds)} ago`
}

/** When it comes: `in 18 s`, then `now`. */
export function formatCountdown(atMs: number, nowMs: number): string {
  return atMs <= nowMs ? 'now' : `in ${formatDuration(Math.ceil((atMs - nowMs) / 1000))}`
}

const EXACT = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'UTC',
})

/** The exact moment, for whoever hovers: `Sun, 15 Nov 2026, 10:31:07 UTC`. */
export function formatExact(at: string): string {
  return `${EXACT.format(new Date(at))} UTC`
}

/** The time of day of a log line, in UTC as the logs are: `10:31:04`. */
export function formatClock(at: string): string {
  return new Date(at).toISOString().slice(11, 19)
}

const CODECS: Record<string, string> = {
  h264: 'H.264',
  hevc: 'HEVC',
  mpeg2video: 'MPEG-2',
  mpeg1video: 'MPEG-1',
  aac: 'AAC',
  aac_latm: 'AAC (LATM)',
  mp2: 'MP2',
  mp3: 'MP3',
  ac3: 'AC-3',
  eac3: 'E-AC-3',
  opus: 'Opus',
}

/** A codec by the name that people know it by. */
export function codecName(codec: string): string {
  return CODECS[codec] ?? codec
}

/** `a`, `a and b`, `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}
