import type { Clock } from '../lib/clock.ts'
import type { LogLine } from './actual.ts'

const MAX_LINES = 500
const MAX_LINE_LENGTH = 1_000
const MAX_LINES_PER_SECOND = 50

export type LogRing = ReturnType<typeof createLogRing>

/**
 * The newest 500 log lines of one child and its keeper. Lines are cut at 1,000 characters, repeats of a line become one
 * "repeated N times", and a child may add 50 lines a second: what is more is counted and said. `emit` sees what is kept.
 */
export function createLogRing(clock: Clock, emit: (line: LogLine) => void) {
  const lines: LogLine[] = []
  let last: LogLine | null = null
  let lastWasKept = false
  let repeats = 0
  let windowStartMs = clock.now()
  let windowCount = 0
  let dropped = 0

  function keep(line: LogLine) {
    lines.push(line)
    if (lines.length > MAX_LINES) lines.shift()
    emit(line)
  }

  function settleRepeats() {
    if (repeats > 0 && last) {
      keep({ at: clock.wall(), level: last.level, text: repeats === 1 ? last.text : `repeated ${repeats} times` })
    }
    repeats = 0
  }

  function settleDropped() {
    if (dropped > 0) keep({ at: clock.wall(), level: 'warning', text: `${dropped} more lines were left out` })
    dropped = 0
  }

  function openWindow() {
    const nowMs = clock.now()
    if (nowMs - windowStartMs < 1_000) return
    settleRepeats()
    settleDropped()
    windowStartMs = nowMs
    windowCount = 0
  }

  return {
    /** The keeper's own words: never dropped, never collapsed. */
    note(level: LogLine['level'], text: string): void {
      settleRepeats()
      settleDropped()
      last = null
      keep({ at: clock.wall(), level, text: cut(text) })
    },
    /** A line of the child, already masked. */
    add(level: LogLine['level'], text: string): void {
      openWindow()
      const line: LogLine = { at: clock.wall(), level, text: cut(text) }
      if (last?.text === line.text && last.level === level) {
        if (lastWasKept) repeats++
        else dropped++
        return
      }
      settleRepeats()
      last = line
      lastWasKept = windowCount < MAX_LINES_PER_SECOND
      if (!lastWasKept) {
        dropped++
        return
      }
      windowCount++
      keep(line)
    },
    lines(): LogLine[] {
      settleRepeats()
      return [...lines]
    },
  }
}

function cut(text: string): string {
  return text.length > MAX_LINE_LENGTH ? `${text.slice(0, MAX_LINE_LENGTH - 1)}…` : text
}
