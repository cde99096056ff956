export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
export type LogFields = Record<string, unknown>

export type Log = {
  debug(msg: string, fields?: LogFields): void
  info(msg: string, fields?: LogFields): void
  warn(msg: string, fields?: LogFields): void
  error(msg: string, fields?: LogFields): void
  /** The same log with `fields` on every line. */
  child(fields: LogFields): Log
}

/** One line as data; `at` is wall-clock milliseconds. */
export type LogEntry = { at: number; level: LogLevel; msg: string; fields: LogFields }

export type LogOptions = {
  level: LogLevel
  format: 'human' | 'json'
  /** Takes one line without its newline. */
  write(line: string): void
  /** Sees every kept entry, already masked and bounded. */
  onEntry?(entry: LogEntry): void
  wall?(): number
}

const MAX_TEXT = 1000
const MAX_ITEMS = 20
const MAX_DEPTH = 4
const SECRET_NAME = /pass(word|phrase)|secret|token|authorization|cookie|stream_?key|api_?key|stream_?id/i

/**
 * Lines for people (`human`) or machines (`json`). A field whose name speaks of a secret is masked, text is cut at 1,000
 * characters, lists at 20 entries, control characters never reach the line. Errors show name, text and the place in our
 * own source, never a stack.
 */
export function createLog(o: LogOptions): Log {
  const threshold = LOG_LEVELS.indexOf(o.level)
  const wall = o.wall ?? Date.now

  function make(base: LogFields): Log {
    const at = (level: LogLevel) => (msg: string, fields?: LogFields) => {
      if (LOG_LEVELS.indexOf(level) < threshold) return
      const kept = toPlain({ ...base, ...fields }, 0) as LogFields
      const entry: LogEntry = { at: wall(), level, msg: cut(msg), fields: kept }
      o.write(o.format === 'json' ? toJsonLine(entry) : toHumanLine(entry))
      o.onEntry?.(entry)
    }
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => make({ ...base, ...fields }),
    }
  }
  return make({})
}

function toJsonLine(e: LogEntry): string {
  return JSON.stringify({ ...e.fields, at: new Date(e.at).toISOString(), level: e.level, msg: e.msg })
}

function toHumanLine(e: LogEntry): string {
  const fields = Object.entries(e.fields).map(([name, value]) => ` ${name}=${toWord(value)}`)
  return `${new Date(e.at).toISOString()} ${e.level.padEnd(5)} ${e.msg}${fields.join('')}`
}

function toWord(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'undefined'
  return /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value)
}

function toPlain(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cut(value)
  if (value instanceof Error) return describeError(value)
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return cut(String(value))
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return value.toISOString()
  if (depth >= MAX_DEPTH) return '...'
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((inner) => toPlain(inner, depth + 1))
  const plain: LogFields = {}
  for (const [name, inner] of Object.entries(value).slice(0, MAX_ITEMS)) {
    if (inner === undefined) continue
    plain[cut(name)] = SECRET_NAME.test(name) && inner !== null ? '***' : toPlain(inner, depth + 1)
  }
  return plain
}

/**
 * An error as one line. A failed query's own message quotes SQL and values, so of an error with a cause that is not ours
 * only the cause speaks.
 */
function describeError(error: Error): string {
  let inner: Error = error
  for (let i = 0; i < MAX_DEPTH && inner.cause instanceof Error; i++) inner = inner.cause
  const place = /\/(src\/[\w./-]+:\d+)/.exec(error.stack ?? '')?.[1]
  return cut(`${inner.name}: ${inner.message}${place ? ` (${place})` : ''}`)
}

function cut(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: one entry is one line, whatever a peer sent.
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}...` : line
}
