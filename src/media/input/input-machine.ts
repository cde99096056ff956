import type { InputActual } from '../actual.ts'
import { only, type Step } from '../step.ts'

const OFF = 'Switched off.'

/*
 * Input states.
 *
 *   stopped       off
 *   starting      the door is being opened: a port bound, or an ingest child waited for until it gives something
 *   inactive      open, but no transport stream comes
 *   active        a stream comes
 *   reconnecting  the ingest child failed; a timer leads back to starting
 *   stopping      the child was asked to leave
 *   error         the door cannot be opened; its source tries again by itself
 *
 *   stopped -on-> starting -opened-> inactive <-silence, goodbye- -stream-> active
 *   starting|inactive|active -exited-> reconnecting -retry-> starting
 *   starting|inactive -blocked-> error -opened-> inactive
 *   any with a source -off, restart-> stopping -exited-> stopped | starting    any without -off-> stopped
 */
export type InputState = {
  status: InputActual['status']
  reason: string
  /** There is a source, opened or trying to: it has to be closed before the next. */
  open: boolean
  enabled: boolean
  attempt: number
  reconnectCount: number
  lastError: string | null
}

export type InputEvent =
  | { type: 'wanted'; enabled: boolean; restart: boolean }
  | { type: 'opened' }
  | { type: 'stream' }
  | { type: 'silence' }
  /** The publisher said that this is the end. */
  | { type: 'goodbye' }
  | { type: 'blocked'; words: string }
  | { type: 'exited'; words: string }
  | { type: 'retry' }
  | { type: 'healthy' }

export type InputEffect =
  | { type: 'open' }
  | { type: 'close' }
  | { type: 'retryLater'; attempt: number }
  | { type: 'cancelRetry' }

export function initialInputState(): InputState {
  return { status: 'stopped', reason: OFF, open: false, enabled: false, attempt: 0, reconnectCount: 0, lastError: null }
}

/** The input's state table; an ingest child that fails is always tried again. */
export function stepInput(before: InputState, event: InputEvent): Step<InputState, InputEffect> {
  switch (event.type) {
    case 'wanted':
      return inputWanted(before, event)
    case 'opened':
      if (before.status !== 'starting' && before.status !== 'error') return only(before)
      return only({ ...before, status: 'inactive', reason: 'Waiting for a feed.' })
    case 'stream':
      return only(before.status === 'inactive' ? { ...before, status: 'active', reason: 'The feed is there.' } : before)
    case 'silence':
      if (before.status !== 'active') return only(before)
      return only({ ...before, status: 'inactive', reason: 'The feed stopped. Waiting for it to return.' })
    case 'goodbye':
      if (before.status !== 'active') return only(before)
      return only({ ...before, status: 'inactive', reason: 'The sender said goodbye. Waiting for a feed.' })
    case 'blocked':
      if (before.status !== 'starting' && before.status !== 'inactive' && before.status !== 'error') return only(before)
      return only({ ...before, status: 'error', reason: event.words, lastError: event.words })
    case 'exited':
      return inputExited({ ...before, open: false }, event.words)
    case 'retry':
      if (before.status !== 'reconnecting') return only(before)
      return inputSettle({ ...before, reconnectCount: before.reconnectCount + 1 })
    case 'healthy':
      return only(before.status === 'active' ? { ...before, attempt: 0 } : before)
  }
}

function inputWanted(
  before: InputState,
  event: Extract<InputEvent, { type: 'wanted' }>,
): Step<InputState, InputEffect> {
  const isStart = event.enabled && (event.restart || !before.enabled)
  const isStop = !event.enabled && before.enabled
  const state = {
    ...before,
    enabled: event.enabled,
    ...(isStart ? { attempt: 0, reconnectCount: 0, lastError: null } : {}),
  }
  if (before.status === 'stopping' || (!isStart && !isStop)) return only(state)
  if (before.open) {
    const reason = isStop ? 'Switched off. Closing.' : 'Starting anew with the new settings.'
    return { state: { ...state, status: 'stopping', reason }, effects: [{ type: 'close' }] }
  }
  const next = inputSettle(state)
  const hasTimer = before.status === 'reconnecting'
  return { state: next.state, effects: [...(hasTimer ? [{ type: 'cancelRetry' } as const] : []), ...next.effects] }
}

function inputExited(state: InputState, words: string): Step<InputState, InputEffect> {
  if (state.status === 'stopping' || !state.enabled) return inputSettle(state)
  const attempt = state.attempt + 1
  return {
    state: { ...state, status: 'reconnecting', reason: words, lastError: words, attempt },
    effects: [{ type: 'retryLater', attempt }],
  }
}

function inputSettle(state: InputState): Step<InputState, InputEffect> {
  if (!state.enabled) return only({ ...state, status: 'stopped', reason: OFF })
  return { state: { ...state, status: 'starting', reason: 'Opening.', open: true }, effects: [{ type: 'open' }] }
}
