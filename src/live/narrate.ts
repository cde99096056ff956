import type { ChildExit, InputActual, OutputActual } from '../media/actual.ts'
import type { NewEvent } from './events.ts'

type Line = Pick<NewEvent, 'type' | 'message'>

/** What a change of an input's state adds to its history; null where it is not worth a line. */
export function tellInput(before: InputActual, after: InputActual): Line | null {
  if (before.status === after.status) return null
  switch (after.status) {
    case 'active':
      return {
        type: 'input.active',
        message: after.source ? `The feed arrives from ${after.source}.` : 'The feed arrives.',
      }
    case 'inactive':
      return before.status === 'active'
        ? { type: 'input.inactive', message: 'The feed does not arrive any more.' }
        : null
    case 'reconnecting':
      return { type: 'input.reconnecting', message: after.statusReason ?? 'Trying again.' }
    case 'error':
      return { type: 'input.error', message: after.statusReason ?? 'It does not run.' }
    default:
      return null
  }
}

/** As `tellInput`, for an output. */
export function tellOutput(before: OutputActual, after: OutputActual): Line | null {
  if (before.status === after.status) return null
  switch (after.status) {
    case 'running':
      return { type: 'output.running', message: 'It is sending.' }
    case 'waiting':
      return before.status === 'stopped' || before.status === 'starting'
        ? null
        : { type: 'output.waiting', message: after.statusReason ?? 'It waits for the feed.' }
    case 'reconnecting':
      return { type: 'output.reconnecting', message: after.statusReason ?? 'Trying again.' }
    case 'error':
      return { type: 'output.error', message: after.statusReason ?? 'It does not run.' }
    default:
      return null
  }
}

/** The end of a child, described whole but for its lines: those are in the output's log. */
export function tellExit(exit: ChildExit): Line & { data: Record<string, unknown> } {
  const how = exit.signal ? `signal ${exit.signal}` : `code ${exit.code}`
  return {
    type: 'output.exited',
    message: `FFmpeg ended after ${Math.round(exit.ranSeconds * 10) / 10} s (${exit.class}, ${how}).`,
    data: {
      class: exit.class,
      code: exit.code,
      signal: exit.signal,
      forced: exit.forced,
      ran_seconds: exit.ranSeconds,
      next: exit.next,
    },
  }
}
