import { describe, expect, test } from 'bun:test'
import {
  type InputEvent,
  type InputState,
  initialInputState,
  stepInput,
} from '../../../../src/media/input/input-machine.ts'
import {
  initialOutputState,
  type OutputEffect,
  type OutputEvent,
  type OutputState,
  type ReconnectRules,
  stepOutput,
} from '../../../../src/media/output/output-machine.ts'

const FOREVER: ReconnectRules = { auto: true, maxAttempts: 0 }
const START: OutputEvent = { type: 'wanted', enabled: true, refusal: null, restart: true }
const OFF: OutputEvent = { type: 'wanted', enabled: false, refusal: null, restart: false }
const RENAMED: OutputEvent = { type: 'wanted', enabled: true, refusal: null, restart: false }
const ON_AIR: OutputEvent = { type: 'program', onAir: true, refusal: null, restart: null }
const OFF_AIR: OutputEvent = { type: 'program', onAir: false, refusal: null, restart: null }
const SPAWNED: OutputEvent = { type: 'spawned', listens: false }
const LISTENS: OutputEvent = { type: 'spawned', listens: true }
const BYTES: OutputEvent = { type: 'bytes' }
const FAILED: OutputEvent = { type: 'exited', words: 'Refused.' }
const RETRY: OutputEvent = { type: 'retry' }
const LEFT: OutputEvent = { type: 'exited', words: 'Gone.', left: true }
const OPENING: OutputEvent = { type: 'door', hold: 'Opening.', refusal: null, callers: 0 }
const TAKEN: OutputEvent = { type: 'door', hold: 'Opening.', refusal: 'Port taken.', callers: 0 }
const door = (callers: number): OutputEvent => ({ type: 'door', hold: null, refusal: null, callers })

/** Plays events from the start; answers the last state and what the last event asked for. */
function play(events: OutputEvent[], rules = FOREVER): { state: OutputState; effects: OutputEffect['type'][] } {
  let state = initialOutputState()
  let effects: OutputEffect[] = []
  for (const event of events) ({ state, effects } = stepOutput(state, event, rules))
  return { state, effects: effects.map((effect) => effect.type) }
}

const RUNNING = [ON_AIR, START, SPAWNED, BYTES]

describe('output table', () => {
  test.each<[string, OutputEvent[], OutputState['status'], OutputState['child'], OutputEffect['type'][]]>([
    ['on, nothing on air', [START], 'waiting', 'none', ['countAnew']],
    ['on air while waiting', [START, ON_AIR], 'starting', 'queued', ['queue']],
    ['on while on air', [ON_AIR, START], 'starting', 'queued', ['countAnew', 'queue']],
    ['on air while off', [ON_AIR], 'stopped', 'none', []],
    ['spawned', [ON_AIR, START, SPAWNED], 'starting', 'alive', []],
    ['first byte', RUNNING, 'running', 'alive', []],
    ['off before its turn', [ON_AIR, START, OFF], 'stopped', 'none', ['unqueue']],
    ['off air before its turn', [ON_AIR, START, OFF_AIR], 'waiting', 'none', ['unqueue']],
    ['could not be spawned', [ON_AIR, START, FAILED], 'reconnecting', 'none', ['retryLater']],
    ['exit while starting', [ON_AIR, START, SPAWNED, FAILED], 'reconnecting', 'none', ['retryLater']],
    ['exit while running', [...RUNNING, FAILED], 'reconnecting', 'none', ['retryLater']],
    ['retry', [...RUNNING, FAILED, RETRY], 'starting', 'queued', ['queue']],
    ['retry while nothing is on air', [...RUNNING, FAILED, OFF_AIR, RETRY], 'waiting', 'none', []],
    ['off while reconnecting', [...RUNNING, FAILED, OFF], 'stopped', 'none', ['cancelRetry']],
    [
      'restart while reconnecting',
      [...RUNNING, FAILED, START],
      'starting',
      'queued',
      ['countAnew', 'cancelRetry', 'queue'],
    ],
    ['renamed while reconnecting', [...RUNNING, FAILED, RENAMED], 'reconnecting', 'none', []],
    ['renamed while running', [...RUNNING, RENAMED], 'running', 'alive', []],
    ['off while running', [...RUNNING, OFF], 'stopping', 'alive', ['stop']],
    ['off, then gone', [...RUNNING, OFF, FAILED], 'stopped', 'none', []],
    ['off twice', [...RUNNING, OFF, OFF], 'stopping', 'alive', []],
    ['off and on again before it is gone', [...RUNNING, OFF, START], 'stopping', 'alive', ['countAnew']],
    ['... and then gone', [...RUNNING, OFF, START, FAILED], 'starting', 'queued', ['queue']],
    ['restart while running', [...RUNNING, START], 'stopping', 'alive', ['countAnew', 'stop']],
    ['restart, then gone', [...RUNNING, START, FAILED], 'starting', 'queued', ['queue']],
    ['off air for a moment', [...RUNNING, OFF_AIR], 'running', 'alive', []],
    ['off air too long', [...RUNNING, OFF_AIR, { type: 'offAirTooLong' }], 'stopping', 'alive', ['stop']],
    ['... and then gone', [...RUNNING, OFF_AIR, { type: 'offAirTooLong' }, FAILED], 'waiting', 'none', []],
    [
      'back on air before it was too long',
      [...RUNNING, OFF_AIR, ON_AIR, { type: 'offAirTooLong' }],
      'running',
      'alive',
      [],
    ],
    [
      'back on air while it stops',
      [...RUNNING, OFF_AIR, { type: 'offAirTooLong' }, ON_AIR, FAILED],
      'starting',
      'queued',
      ['queue'],
    ],
    ['exit while nothing is on air', [...RUNNING, OFF_AIR, FAILED], 'waiting', 'none', []],
    ['late byte while stopping', [...RUNNING, OFF, BYTES], 'stopping', 'alive', []],
    ['stray retry', [...RUNNING, RETRY], 'running', 'alive', []],
  ])('%s', (_, events, status, child, effects) => {
    const end = play(events)
    expect(end.state.status).toBe(status)
    expect(end.state.child).toBe(child)
    expect(end.effects).toEqual(effects)
  })

  const LISTENING = [OPENING, ON_AIR, START, door(0), SPAWNED, BYTES]

  test.each<[string, OutputEvent[], OutputState['status'], OutputState['child'], OutputEffect['type'][]]>([
    ['its port is being opened', [OPENING, ON_AIR, START], 'starting', 'none', ['countAnew']],
    ['open', [OPENING, ON_AIR, START, door(0)], 'starting', 'queued', ['queue']],
    ['nobody has called', LISTENING, 'waiting', 'alive', []],
    ['a caller', [...LISTENING, door(1)], 'running', 'alive', []],
    ['a caller before the first byte', [OPENING, ON_AIR, START, door(1), SPAWNED], 'starting', 'alive', []],
    ['... and then the byte', [OPENING, ON_AIR, START, door(1), SPAWNED, BYTES], 'running', 'alive', []],
    ['one of two callers leaves', [...LISTENING, door(2), door(1)], 'running', 'alive', []],
    ['the last caller leaves', [...LISTENING, door(1), door(0)], 'waiting', 'alive', []],
    ['the port is taken', [OPENING, ON_AIR, START, TAKEN], 'error', 'none', []],
    ['... and free again', [OPENING, ON_AIR, START, TAKEN, door(0)], 'starting', 'queued', ['queue']],
    ['... and free again while off', [OPENING, ON_AIR, START, TAKEN, OFF, door(0)], 'stopped', 'none', []],
    ['the door dies', [...LISTENING, OPENING], 'stopping', 'alive', ['stop']],
    ['... and its child is gone', [...LISTENING, OPENING, FAILED], 'starting', 'none', []],
    ['... and another door is there', [...LISTENING, OPENING, FAILED, door(0)], 'starting', 'queued', ['queue']],
    ['... sooner than the child is gone', [...LISTENING, OPENING, door(0), FAILED], 'starting', 'queued', ['queue']],
    ['the door dies in the queue', [OPENING, ON_AIR, START, door(0), OPENING], 'starting', 'none', ['unqueue']],
    ['off air too long', [...LISTENING, OFF_AIR, { type: 'offAirTooLong' }], 'stopping', 'alive', ['stop']],
    ['callers while nothing is on air', [OPENING, START, door(1)], 'waiting', 'none', []],
    ['FFmpeg listens itself', [ON_AIR, START, LISTENS], 'waiting', 'alive', []],
    ['... and was called', [ON_AIR, START, LISTENS, BYTES], 'running', 'alive', []],
    ['... and its caller left', [ON_AIR, START, LISTENS, BYTES, LEFT], 'starting', 'queued', ['queue']],
    ['... which it did while off air', [ON_AIR, START, LISTENS, BYTES, OFF_AIR, LEFT], 'waiting', 'none', []],
    ['... and failed', [ON_AIR, START, LISTENS, FAILED], 'reconnecting', 'none', ['retryLater']],
  ])('a listener: %s', (_, events, status, child, effects) => {
    const end = play(events)
    expect(end.state.status).toBe(status)
    expect(end.state.child).toBe(child)
    expect(end.effects).toEqual(effects)
  })

  test.each([
    ['nobody has called yet', LISTENING, 'No receiver has called yet.'],
    ['one was there', [...LISTENING, door(1), door(0)], 'No receiver is there now.'],
    [
      'one was there before a new start',
      [...LISTENING, door(1), door(0), START, FAILED, SPAWNED, BYTES],
      'No receiver has called yet.',
    ],
    [
      'one was there, of an FFmpeg that listens',
      [ON_AIR, START, LISTENS, BYTES, LEFT, LISTENS],
      'No receiver is there now.',
    ],
  ])('a listener says why it waits: %s', (_, events, reason) => {
    expect(play(events).state).toMatchObject({ status: 'waiting', reason })
  })

  test('neither callers that leave nor a door that dies count as failures', () => {
    for (const events of [
      [...LISTENING, door(1), door(0), OPENING, FAILED, door(0)],
      [ON_AIR, START, LISTENS, BYTES, LEFT],
    ])
      expect(play(events).state).toMatchObject({ attempt: 0, reconnectCount: 0, lastError: null })
  })

  test('off air for a moment it does not say that it sends', () => {
    const held = play([...RUNNING, OFF_AIR])
    expect(held.state.reason).toBe('Nothing is on air; the connection is held for a few seconds.')
    expect(play([...RUNNING, OFF_AIR, ON_AIR]).state.reason).toBe('Sending.')
  })

  test('another codec restarts a running output without counting a failure', () => {
    const stopping = play([...RUNNING, { ...ON_AIR, restart: 'codec' }])
    expect(stopping).toMatchObject({ state: { status: 'stopping' }, effects: ['stop'] })
    const started = play([...RUNNING, { ...ON_AIR, restart: 'codec' }, FAILED])
    expect(started).toMatchObject({ state: { status: 'starting', attempt: 0, reconnectCount: 0, lastError: null } })
  })

  test('a codec that cannot be sent is an error in words, without a retry, until another comes', () => {
    const refused = { ...ON_AIR, refusal: 'HEVC does not fit.' }
    const end = play([START, refused])
    expect(end).toMatchObject({ state: { status: 'error', reason: 'HEVC does not fit.', child: 'none' }, effects: [] })
    expect(play([START, refused, RETRY]).state.status).toBe('error')
    expect(play([START, refused, ON_AIR])).toMatchObject({ state: { status: 'starting' }, effects: ['queue'] })
    expect(play([...RUNNING, { ...refused, restart: 'codec' }, FAILED]).state).toMatchObject({
      status: 'error',
      lastError: 'HEVC does not fit.',
    })
  })

  test('an output that gave up does not come back by the program', () => {
    const end = play([...RUNNING, FAILED, OFF_AIR, ON_AIR], { auto: false, maxAttempts: 0 })
    expect(end).toMatchObject({ state: { status: 'error' }, effects: [] })
  })

  test('attempts count up, are used up, and say so', () => {
    const rules = { auto: true, maxAttempts: 2 }
    const round: OutputEvent[] = [RETRY, SPAWNED, FAILED]
    expect(play([...RUNNING, FAILED], rules).state).toMatchObject({
      status: 'reconnecting',
      attempt: 1,
      reconnectCount: 0,
    })
    expect(play([...RUNNING, FAILED, ...round], rules).state).toMatchObject({ attempt: 2, reconnectCount: 1 })
    const end = play([...RUNNING, FAILED, ...round, ...round], rules)
    expect(end.state).toMatchObject({ status: 'error', attempt: 3, reconnectCount: 2, lastError: 'Refused.' })
    expect(end.state.reason).toBe('Refused. Given up after 2 reconnects.')
    expect(end.effects).toEqual([])
  })

  test('a start leads out of error and counts anew', () => {
    const rules = { auto: false, maxAttempts: 0 }
    const end = play([...RUNNING, FAILED, START], rules)
    expect(end.state).toMatchObject({ status: 'starting', attempt: 0, reconnectCount: 0, lastError: null })
  })

  test('a minute of health ends the row of failures, not the count of reconnects', () => {
    const events: OutputEvent[] = [...RUNNING, FAILED, RETRY, SPAWNED, BYTES]
    expect(play(events).state).toMatchObject({ attempt: 1, reconnectCount: 1 })
    expect(play([...events, { type: 'healthy' }]).state).toMatchObject({ attempt: 0, reconnectCount: 1 })
  })

  test('the feed’s failures are not the output’s', () => {
    const end = play([...RUNNING, OFF_AIR, FAILED, ON_AIR])
    expect(end.state).toMatchObject({ status: 'starting', attempt: 0, reconnectCount: 0, lastError: null })
  })

  test('holds its promises under any order of events', () => {
    const events: OutputEvent[] = [
      START,
      OFF,
      RENAMED,
      ON_AIR,
      OFF_AIR,
      { ...ON_AIR, restart: 'codec' },
      { ...ON_AIR, refusal: 'Does not fit.', restart: 'codec' },
      BYTES,
      RETRY,
      { type: 'offAirTooLong' },
      { type: 'healthy' },
    ]
    const listener: OutputEvent[] = [OPENING, TAKEN, door(0), door(1), door(2), door(0), door(1)]
    let seed = 1
    const random = () => {
      // Numerical Recipes' linear congruential generator: the same runs every time.
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return seed / 2 ** 32
    }
    for (let run = 0; run < 300; run++) {
      let state = initialOutputState()
      let queued = false
      let timer = false
      for (let i = 0; i < 60; i++) {
        const possible = run % 3 === 0 ? [...events, ...listener] : [...events]
        const listens = run % 3 === 1
        if (state.child === 'queued') possible.push(...Array(3).fill(listens ? LISTENS : SPAWNED), FAILED)
        if (state.child === 'alive') possible.push(FAILED, FAILED, BYTES, ...(listens ? [LEFT] : []))
        const event = possible[Math.floor(random() * possible.length)] ?? START
        const before = state
        const step = stepOutput(before, event, { auto: true, maxAttempts: 3 })
        state = step.state
        if (event.type === 'spawned' || event.type === 'exited') queued = false
        if (event.type === 'retry' && before.status === 'reconnecting') timer = false
        for (const effect of step.effects) {
          if (effect.type === 'queue') {
            expect(queued).toBe(false)
            expect(state).toMatchObject({ enabled: true, onAir: true, refusal: null, hold: null })
            queued = true
          }
          if (effect.type === 'unqueue') queued = false
          if (effect.type === 'stop') expect(before.child).toBe('alive')
          if (effect.type === 'retryLater') timer = true
          if (effect.type === 'cancelRetry') timer = false
        }
        expect(queued).toBe(state.child === 'queued')
        expect(timer).toBe(state.status === 'reconnecting')
        expect(state.reason.length).toBeGreaterThan(5)
        const isHeld = state.hold !== null && state.status === 'starting'
        if (state.child === 'alive') expect(['starting', 'running', 'stopping', 'waiting']).toContain(state.status)
        if (state.child === 'none' && !isHeld)
          expect(['stopped', 'waiting', 'reconnecting', 'error']).toContain(state.status)
        if (!state.enabled) expect(['stopped', 'stopping']).toContain(state.status)
        if (state.status === 'waiting' && state.child === 'none') expect(state.onAir).toBe(false)
        if (state.status === 'running') expect(state.callers).not.toBe(0)
        expect(state.attempt).toBeLessThanOrEqual(state.status === 'error' ? 4 : 3)
      }
    }
  })
})

describe('input table', () => {
  const ON: InputEvent = { type: 'wanted', enabled: true, restart: true }
  const INPUT_OFF: InputEvent = { type: 'wanted', enabled: false, restart: false }
  const OPENED: InputEvent = { type: 'opened' }
  const STREAM: InputEvent = { type: 'stream' }
  const SILENCE: InputEvent = { type: 'silence' }
  const EXITED: InputEvent = { type: 'exited', words: 'It fell over.' }
  const BLOCKED: InputEvent = { type: 'blocked', words: 'Port 5000 is taken.' }
  const AGAIN: InputEvent = { type: 'retry' }

  function playInput(events: InputEvent[]) {
    let state: InputState = initialInputState()
    let effects: { type: string }[] = []
    for (const event of events) ({ state, effects } = stepInput(state, event))
    return { state, effects: effects.map((effect) => effect.type) }
  }

  test.each<[string, InputEvent[], InputState['status'], boolean, string[]]>([
    ['on', [ON], 'starting', true, ['open']],
    ['opened', [ON, OPENED], 'inactive', true, []],
    ['a goodbye', [ON, OPENED, STREAM, { type: 'goodbye' }], 'inactive', true, []],
    ['a stream comes', [ON, OPENED, STREAM], 'active', true, []],
    ['it stops', [ON, OPENED, STREAM, SILENCE], 'inactive', true, []],
    ['it returns', [ON, OPENED, STREAM, SILENCE, STREAM], 'active', true, []],
    ['the child ends', [ON, OPENED, STREAM, EXITED], 'reconnecting', false, ['retryLater']],
    ['the retry', [ON, OPENED, EXITED, AGAIN], 'starting', true, ['open']],
    ['the child could not be started', [ON, EXITED], 'reconnecting', false, ['retryLater']],
    ['the port is taken', [ON, BLOCKED], 'error', true, []],
    ['still taken', [ON, BLOCKED, BLOCKED], 'error', true, []],
    ['free again', [ON, BLOCKED, OPENED], 'inactive', true, []],
    ['off while active', [ON, OPENED, STREAM, INPUT_OFF], 'stopping', true, ['close']],
    ['off, then gone', [ON, OPENED, STREAM, INPUT_OFF, EXITED], 'stopped', false, []],
    ['restart while active', [ON, OPENED, STREAM, ON], 'stopping', true, ['close']],
    ['restart, then gone', [ON, OPENED, STREAM, ON, EXITED], 'starting', true, ['open']],
    ['off while reconnecting', [ON, OPENED, EXITED, INPUT_OFF], 'stopped', false, ['cancelRetry']],
    ['off while in error', [ON, BLOCKED, INPUT_OFF], 'stopping', true, ['close']],
    ['renamed', [ON, OPENED, { type: 'wanted', enabled: true, restart: false }], 'inactive', true, []],
    ['a late stream while stopping', [ON, OPENED, INPUT_OFF, STREAM], 'stopping', true, []],
    ['a stray retry', [ON, OPENED, AGAIN], 'inactive', true, []],
  ])('%s', (_, events, status, open, effects) => {
    const end = playInput(events)
    expect(end.state.status).toBe(status)
    expect(end.state.open).toBe(open)
    expect(end.effects).toEqual(effects)
    expect(end.state.reason.length).toBeGreaterThan(5)
  })

  test('counts failures in a row and reconnects in all', () => {
    const again: InputEvent[] = [AGAIN, OPENED, EXITED]
    expect(playInput([ON, OPENED, EXITED, ...again, ...again]).state).toMatchObject({ attempt: 3, reconnectCount: 2 })
    const healthy: InputEvent[] = [ON, OPENED, EXITED, AGAIN, OPENED, STREAM, { type: 'healthy' }]
    expect(playInput(healthy).state).toMatchObject({ attempt: 0, reconnectCount: 1, lastError: 'It fell over.' })
    expect(playInput([...healthy, ON, EXITED]).state).toMatchObject({ reconnectCount: 0, lastError: null })
  })
})
