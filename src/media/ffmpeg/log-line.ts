import type { LogLine } from '../actual.ts'

const LEVELS: Record<string, LogLine['level']> = {
  panic: 'error',
  fatal: 'error',
  error: 'error',
  warning: 'warning',
  info: 'info',
  verbose: 'debug',
  debug: 'debug',
  trace: 'debug',
}

const LEVEL = /\[(panic|fatal|error|warning|info|verbose|debug|trace)\] ?/
/** `[flv @ 0x55d0c8a0]`: the address is noise, and would make the same line of two runs differ. */
const ADDRESS = / @ (0x)?[0-9a-f]{6,16}(?=\])/g
/** `12:16:35.211952/SRT:RcvQ:w1!W:SRT.cn: `: what libsrt puts before its own lines, with the time of day in it. */
const SRT_PREFIX = /^[\d:.]+\/(SRT):\S+ /

/** Splits a line of `-loglevel repeat+level` into its level and its words. Without a level it is a warning. */
export function parseLogLine(raw: string): Pick<LogLine, 'level' | 'text'> {
  const level = LEVELS[LEVEL.exec(raw)?.[1] ?? ''] ?? 'warning'
  return { level, text: raw.replace(LEVEL, '').replace(ADDRESS, '').replace(SRT_PREFIX, '[$1] ').trim() }
}
