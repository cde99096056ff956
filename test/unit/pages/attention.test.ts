import { describe, expect, test } from 'bun:test'
import { toAttention } from '../../../src/pages/attention.ts'
import { anInput, anOutput } from '../../support/page-fixtures.ts'

const exit = (cause: 'rejected' | 'dns' | 'refused' | 'peer_closed') => ({
  class: cause,
  code: 1,
  signal: null,
  forced: false,
  at: '2026-11-15T10:31:07.000Z',
  ran_seconds: 3,
  next: 'retry' as const,
  lines: [],
})

const worker = (state: string) => ({
  kind: 'media' as const,
  index: 1,
  state,
  inputs: [3],
  restarts: 5,
  loop_lag_ms: 1,
})

describe('what needs the operator', () => {
  test('nothing, while all runs, starts, waits or is off by wish', () => {
    const statuses = ['running', 'starting', 'waiting', 'stopping', 'stopped'] as const
    const outputs = statuses.map((status, n) => anOutput({ id: n + 1, status }))
    expect(toAttention({ inputs: [anInput()], outputs, workers: [worker('ready')] })).toBeNull()
  })

  test('the failed come before the troubled, each with its place and reason', () => {
    const found = toAttention({
      inputs: [anInput()],
      outputs: [
        anOutput({
          id: 7,
          name: 'Twitch',
          status: 'reconnecting',
          attempt: 3,
          last_error: 'Twitch closed the connection.',
        }),
        anOutput({ id: 8, name: 'Kick', status: 'error', status_reason: null, last_error: 'It was refused.' }),
      ],
      workers: [],
    })
    expect(found?.tone).toBe('bad')
    expect(found?.title).toBe('2 outputs need you')
    expect(found?.items.map(({ who, why, tone }) => [who, why, tone])).toEqual([
      ['Main stage, Kick', 'It was refused.', 'bad'],
      ['Main stage, Twitch', 'Twitch closed the connection.', 'warn'],
    ])
  })

  test('trouble alone is a warning', () => {
    const found = toAttention({
      inputs: [anInput()],
      outputs: [anOutput({ status: 'reconnecting', attempt: 3 })],
      workers: [],
    })
    expect(found).toMatchObject({ tone: 'warn', title: '1 output needs you' })
  })

  test('the act fits the cause', () => {
    const actFor = (cause: Parameters<typeof exit>[0]) =>
      toAttention({ inputs: [], outputs: [anOutput({ status: 'error', last_exit: exit(cause) })], workers: [] })
        ?.items[0]?.act
    expect(actFor('rejected')).toEqual({
      words: 'Change key',
      href: '/inputs/3/outputs/7/edit#f-stream_key',
      isForm: true,
    })
    expect(actFor('dns')).toEqual({ words: 'Edit address', href: '/inputs/3/outputs/7/edit#f-url', isForm: true })
    expect(actFor('peer_closed')).toEqual({ words: 'Try now', post: '/api/inputs/3/outputs/7/restart' })
  })

  test('inputs in error and with warnings, and workers that gave up', () => {
    const since = '2026-11-15T10:31:07.000Z'
    const warnings = [{ code: 'input.no_audio', message: 'The feed carries no sound.', since }]
    const found = toAttention({
      inputs: [anInput({ id: 1, name: 'Church', warnings }), anInput({ id: 2, name: 'Pitch', status: 'error' })],
      outputs: [],
      workers: [worker('failed')],
    })
    expect(found?.title).toBe('3 things need you')
    expect(found?.items.map((item) => [item.who, item.act])).toEqual([
      ['Media worker 1', { words: 'See the system', href: '/system', isForm: false }],
      ['Pitch', { words: 'Try now', post: '/api/inputs/2/restart' }],
      ['Church', { words: 'Look at the input', href: '/inputs/1', isForm: false }],
    ])
  })

  test('a long row is cut, and says by how many', () => {
    const outputs = Array.from({ length: 9 }, (_, n) => anOutput({ id: n + 1, status: 'error' }))
    const found = toAttention({ inputs: [], outputs, workers: [] })
    expect(found?.items).toHaveLength(6)
    expect(found).toMatchObject({ title: '9 outputs need you', more: 3 })
  })
})

describe('patience', () => {
  const SINCE = '2026-11-15T10:31:07.000Z'
  const after = (seconds: number) => Date.parse(SINCE) + seconds * 1000
  const ofOutput = (change: Parameters<typeof anOutput>[0], seconds = 1) =>
    toAttention({ inputs: [anInput()], outputs: [anOutput(change)], workers: [], nowMs: after(seconds) })?.items[0]

  test('an output that fails calls a person at its third failure in a row, a refused one at once', () => {
    expect(ofOutput({ status: 'reconnecting', attempt: 1 })).toBeUndefined()
    expect(ofOutput({ status: 'reconnecting', attempt: 2 }, 100)).toBeUndefined()
    expect(ofOutput({ status: 'reconnecting', attempt: 3 })).toBeDefined()
    expect(ofOutput({ status: 'error', attempt: 0 })).toBeDefined()
  })

  test('where the next try is far away, at its first', () => {
    expect(ofOutput({ status: 'reconnecting', attempt: 1, reconnect_delay: 600 })).toBeDefined()
  })

  test('it says the same through each try, until it has been running for a while', () => {
    const failing = { attempt: 4, last_error: 'The key was not taken.', last_exit: exit('rejected') }
    const waits = ofOutput({ ...failing, status: 'reconnecting', status_reason: 'The key was not taken.' })
    expect(waits).toMatchObject({ why: 'The key was not taken.', act: { words: 'Change key' } })
    expect(ofOutput({ ...failing, status: 'starting', status_reason: 'Connecting.' })).toEqual(waits)
    expect(ofOutput({ ...failing, status: 'running', status_reason: 'Sending.' }, 9)).toEqual(waits)
    expect(ofOutput({ ...failing, status: 'running', status_reason: 'Sending.' }, 11)).toBeUndefined()
    expect(ofOutput({ ...failing, status: 'waiting' })).toBeUndefined()
  })

  test('a feed that was there and stays away for more than 5 s is lost; one that never came is not', () => {
    const reason = 'The feed stopped. Waiting for it to return.'
    const away = anInput({ status: 'inactive', status_reason: reason, on_air_reason: 'lost' })
    const lostAt = (input: typeof away, seconds: number) =>
      toAttention({ inputs: [input], outputs: [], workers: [], nowMs: after(seconds) })?.items ?? []
    expect(lostAt(away, 5)).toEqual([])
    expect(lostAt(away, 6)).toEqual([
      {
        of: 'input',
        tone: 'bad',
        who: 'Main stage',
        why: reason,
        act: { words: 'Where to send', href: '/inputs/3#input-3-send', isForm: false },
      },
    ])
    const filled = lostAt({ ...away, on_air: 'slate' }, 6)
    expect(filled).toMatchObject([{ tone: 'bad', why: `${reason} Viewers see the slate.` }])
    expect(lostAt({ ...away, on_air: 'backup' }, 6)).toMatchObject([{ tone: 'warn' }])
    const back = { ...away, status: 'active', on_air: 'freeze', return: 'manual' } as const
    expect(lostAt(back, 6)).toMatchObject([{ tone: 'warn', why: expect.stringContaining('somebody presses Main') }])
    const never = { ...away, on_air_reason: null, stats: { ...away.stats, last_packet_at: null } }
    expect(lostAt(never, 60)).toEqual([])
    expect(lostAt({ ...away, on_air_reason: 'ended' }, 60)).toEqual([])
    expect(lostAt({ ...away, enabled: false, status: 'stopped' }, 60)).toEqual([])
  })
})
