import type { OutputActual } from '../actual.ts'
import { only, type Step } from '../step.ts'

/*
 * Output states. `child` is none, queued (waits at the spawn gate) or alive.
 *
 *   stopped       off; no child
 *   waiting       on, but nothing is on air: no child; or a listener that nobody has called: with a child
 *   starting      queued or alive, no byte has left yet; or its port is not open yet: no child
 *   running       bytes leave
 *   reconnecting  it failed; no child; a timer leads back to starting
 *   stopping      the child was asked to leave; what comes next is read from the facts once it has exited
 *   error         given up, or refused; no child; a start, an edit or another codec leads out
 *
 *   stopped|waiting -on, on air-> starting      starting -bytes-> running
 *   starting|running -exit-> reconnecting       ... -attempts used up, or no auto-> error
 *   reconnecting -timer-> starting              with a child -off, restart, codec, 8 s off air-> stopping
 *   without a child -off-> stopped              stopping -exit-> stopped | waiting | starting | error
 *   a listener: starting -bytes-> waiting -caller-> running -last caller leaves-> waiting
 */
export type OutputState = {
  status: OutputActual['status']
  reason: string
  child: 'none' | 'queued' | 'alive'
  enabled: boolean
  onAir: boolean
  /** Why the present program cannot go to this target; null where it can. */
  refusal: string | null
  /** Why a listener's port takes no callers yet; null where it does, and for outputs that call themselves. */
  hold: string | null
  /** How many have called a listener; null for outputs that call, and where FFmpeg itself listens. */
  callers: number | null
  /** A listener has had callers since its last start. */
  wasCalled: boolean
  attempt: number
  reconnectCount: number
  /** The last failure in words; kept until a start. */
  lastError: string | null
}

export type OutputEvent =
  /** `restart`: a start, restart or edit by a person; begins a new row. */
  | { type: 'wanted'; enabled: boolean; refusal: string | null; restart: boolean }
  /** `restart`: what changed that a child cannot go on with, a codec or the configuration of AAC; null where nothing did. */
  | { type: 'program'; onAir: boolean; refusal: string | null; restart: 'codec' | 'sound' | null }
  /** A listener's port, or who calls at it, changed. */
  | { type: 'door'; hold: string | null; refusal: string | null; callers: number | null }
  /** `listens`: it waits for its one caller itself. */
  | { type: 'spawned'; listens: boolean }
  | { type: 'bytes' }
  /** The child is gone, or could not be started. */
  /** `left`: the one caller of an FFmpeg that listens itself has gone, which is no failure. */
  | { type: 'exited'; words: string; left?: boolean }
  | { type: 'retry' }
  | { type: 'offAirTooLong' }
  | { type: 'healthy' }

export type OutputEffect =
  | { type: 'queue' }
  | { type: 'unqueue' }
  | { type: 'stop' }
  | { type: 'retryLater'; attempt: number }
  | { type: 'cancelRetry' }
  /** A new row of counting: the bytes sent so far belong to the old one. */
  | { type: 'countAnew' }

export type ReconnectRules = { auto: boolean; maxAttempts: number }

const OFF = 'Switched off.'
const WAITING = 'Nothing is on air. It starts by itself when the feed is there.'
const QUEUED = 'Connecting.'
const NO_CALLER = 'No receiver has called yet.'
const NOBODY_NOW = 'No receiver is there now.'
const SENDING = 'Sending.'
const HELD = 'Nothing is on air; the connection is held for a few seconds.'

export function initialOutputState(): OutputState {
  return {
    status: 'stopped',
    reason: OFF,
    child: 'none',
    enabled: false,
    onAir: false,
    refusal: null,
    hold: null,
    callers: null,
    wasCalled: false,
    attempt: 0,
    reconnectCount: 0,
    lastError: null,
  }
}

/** The output's state table: a state and an event in, the next state and what is to be done out. */
export function stepOutput(
  before: OutputState,
  event: OutputEvent,
  rules: ReconnectRules,
): Step<OutputState, OutputEffect> {
  switch (event.type) {
    case 'wanted':
      return wanted(before, event)
    case 'program':
      return programChanged(before, event)
    case 'spawned':
      return only({ ...before, child: 'alive', ...(event.listens && toUncalled(before)) })
    case 'bytes':
      if (before.child !== 'alive' || (before.status !== 'starting' && before.status !== 'waiting')) return only(before)
      return only(toSending(before))
    case 'door':
      return doorChanged(before, event)
    case 'exited':
      if (event.left) return settle({ ...before, child: 'none', wasCalled: true })
      return exited({ ...before, child: 'none' }, event.words, rules)
    case 'retry':
      if (before.status !== 'reconnecting') return only(before)
      return settle(before.onAir ? { ...before, reconnectCount: before.reconnectCount + 1 } : before)
    case 'offAirTooLong':
      if (before.child !== 'alive' || before.onAir || before.status === 'stopping') return only(before)
      return stopping(before, 'Nothing is on air any more. Closing the connection.')
    case 'healthy':
      return only(before.status === 'running' ? { ...before, attempt: 0 } : before)
  }
}

function wanted(before: OutputState, event: Extract<OutputEvent, { type: 'wanted' }>): Step<OutputState, OutputEffect> {
  const { enabled, refusal } = event
  const isStart = enabled && (event.restart || !before.enabled)
  const state: OutputState = {
    ...before,
    enabled,
    refusal,
    ...(isStart ? { attempt: 0, reconnectCount: 0, lastError: null, wasCalled: false } : {}),
  }
  const effects: OutputEffect[] = isStart ? [{ type: 'countAnew' }] : []
  const next = react(
    state,
    isStart,
    enabled ? 'Starting anew with the new settings.' : 'Switched off. Closing the connection.',
  )
  return { state: next.state, effects: [...effects, ...next.effects] }
}

function programChanged(
  before: OutputState,
  event: Extract<OutputEvent, { type: 'program' }>,
): Step<OutputState, OutputEffect> {
  const state = { ...before, onAir: event.onAir, refusal: event.refusal }
  if (state.child === 'none') return mayMove(before, state)
  const what = event.restart === 'sound' ? 'sound' : 'codec'
  const next = react(state, event.restart !== null, `The feed changed its ${what}. Starting anew.`)
  return next.state.status === 'running' ? { ...next, state: toSending(next.state) } : next
}

function doorChanged(
  before: OutputState,
  event: Extract<OutputEvent, { type: 'door' }>,
): Step<OutputState, OutputEffect> {
  const { hold, refusal, callers } = event
  const state = { ...before, hold, refusal, callers, wasCalled: before.wasCalled || (callers ?? 0) > 0 }
  if (state.child === 'none') return mayMove(before, state)
  const isShut = hold !== null || refusal !== null
  if (isShut) return react(state, true, refusal ?? hold ?? '')
  const hasBegun = state.status === 'running' || state.status === 'waiting'
  return only(hasBegun && callers !== null && state.child === 'alive' ? toSending(state) : state)
}

/** A listener runs while somebody listens. */
function toSending(state: OutputState): OutputState {
  if (state.callers === 0) return { ...state, ...toUncalled(state) }
  return { ...state, status: 'running', reason: state.onAir ? SENDING : HELD }
}

const toUncalled = ({ wasCalled }: OutputState) => ({
  status: 'waiting' as const,
  reason: wasCalled ? NOBODY_NOW : NO_CALLER,
})

/** Without a child: what was waiting, held or refused goes where the new facts lead; what failed keeps its own time. */
function mayMove(before: OutputState, state: OutputState): Step<OutputState, OutputEffect> {
  const wasRefused = before.status === 'error' && before.refusal !== null
  if (wasRefused) return settle({ ...state, attempt: 0 })
  if (state.status === 'waiting' || state.status === 'starting') return settle(state)
  return only(state)
}

/** What new facts mean for a state: with a child it may have to leave, without one there may be somewhere to go. */
function react(state: OutputState, restart: boolean, why: string): Step<OutputState, OutputEffect> {
  if (state.status === 'stopping') return only(state)
  if (state.child === 'alive') return !state.enabled || restart ? stopping(state, why) : only(state)
  if (state.child === 'queued') {
    if (canStart(state)) return only(state)
    const next = settle({ ...state, child: 'none' })
    return { state: next.state, effects: [{ type: 'unqueue' }, ...next.effects] }
  }
  const mayRest = state.enabled && (state.status === 'reconnecting' || state.status === 'error')
  if (mayRest && !restart) return only(state)
  const next = settle(state)
  return state.status === 'reconnecting'
    ? { state: next.state, effects: [{ type: 'cancelRetry' }, ...next.effects] }
    : next
}

function canStart(state: OutputState): boolean {
  return state.enabled && state.onAir && state.refusal === null && state.hold === null
}

/** Where an output without a child belongs, read from the facts alone. */
function settle(state: OutputState): Step<OutputState, OutputEffect> {
  if (!state.enabled) return only({ ...state, status: 'stopped', reason: OFF })
  if (state.refusal !== null) {
    return only({ ...state, status: 'error', reason: state.refusal, lastError: state.refusal })
  }
  if (!state.onAir) return only({ ...state, status: 'waiting', reason: WAITING })
  if (state.hold !== null) return only({ ...state, status: 'starting', reason: state.hold })
  return { state: { ...state, status: 'starting', reason: QUEUED, child: 'queued' }, effects: [{ type: 'queue' }] }
}

function stopping(state: OutputState, reason: string): Step<OutputState, OutputEffect> {
  return { state: { ...state, status: 'stopping', reason }, effects: [{ type: 'stop' }] }
}

function exited(state: OutputState, words: string, rules: ReconnectRules): Step<OutputState, OutputEffect> {
  if (state.status === 'stopping' || !state.enabled) return settle(state)
  // Peers drop a silent publisher; that is the feed's fault, and no failure of this output.
  if (!state.onAir) return settle(state)
  const attempt = state.attempt + 1
  const failed = { ...state, lastError: words, attempt }
  if (!rules.auto) return only({ ...failed, status: 'error', reason: `${words} It does not reconnect by itself.` })
  if (rules.maxAttempts > 0 && attempt > rules.maxAttempts) {
    const tries = rules.maxAttempts === 1 ? 'one reconnect' : `${rules.maxAttempts} reconnects`
    return only({ ...failed, status: 'error', reason: `${words} Given up after ${tries}.` })
  }
  return {
    state: { ...failed, status: 'reconnecting', reason: words },
    effects: [{ type: 'retryLater', attempt }],
  }
}
