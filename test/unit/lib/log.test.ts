import { describe, expect, test } from 'bun:test'
import { createLog, type LogEntry, type LogOptions } from '../../../src/lib/log.ts'

function recording(o: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const entries: LogEntry[] = []
  const log = createLog({
    level: 'debug',
    format: 'human',
    write: (line) => lines.push(line),
    onEntry: (entry) => entries.push(entry),
    wall: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    ...o,
  })
  return { log, lines, entries }
}

describe('log', () => {
  test('a human line', () => {
    const { log, lines } = recording()
    log.info('output running', { output: 7, name: 'My Show', url: 'udp://h:1', none: null })
    expect(lines).toEqual([
      '2026-01-02T03:04:05.006Z info  output running output=7 name="My Show" url=udp://h:1 none=null',
    ])
  })

  test('a JSON line', () => {
    const { log, lines } = recording({ format: 'json' })
    log.warn('slow', { n: 1, list: [1, 'a'], msg: 'cannot replace the real one' })
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      at: '2026-01-02T03:04:05.006Z',
      level: 'warn',
      msg: 'slow',
      n: 1,
      list: [1, 'a'],
    })
  })

  test.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
  ] as const)('level %s lets %d of four through', (level, count) => {
    const { log, lines, entries } = recording({ level })
    log.debug('a')
    log.info('b')
    log.warn('c')
    log.error('d')
    expect(lines).toHaveLength(count)
    expect(entries).toHaveLength(count)
  })

  test('a child carries its fields and may override them', () => {
    const { log, entries } = recording()
    log.child({ room: 'media', worker: 1 }).child({ worker: 2 }).info('x', { id: 3 })
    expect(entries[0]?.fields).toEqual({ room: 'media', worker: 2, id: 3 })
  })

  test.each([
    'password',
    'passphrase',
    'stream_key',
    'streamKey',
    'apiKey',
    'API_KEY',
    'authorization',
    'Cookie',
    'secretKey',
    'authToken',
    'streamId',
  ])('a field named %s is masked, at any depth', (name) => {
    const { log, lines } = recording()
    log.info('x', { [name]: 'hunter2', inner: { [name]: 'hunter2', list: [{ [name]: 'hunter2' }] } })
    expect(lines[0]).not.toContain('hunter2')
    expect(lines[0]).toContain('***')
  })

  test('control characters cannot make a second line or move a terminal', () => {
    const { log, lines } = recording()
    log.info('one\ntwo', { text: 'a\r\nb\u001b[2Jc\u2028d' })
    for (const control of ['\n', '\r', '\u001b', '\u2028']) expect(lines[0]).not.toContain(control)
    expect(lines[0]).toContain('one two')
  })

  test('what is long, deep or wide is cut', () => {
    const { log, lines } = recording()
    log.info('x'.repeat(5000), { list: Array(1000).fill('y'), deep: { a: { b: { c: { d: { e: 1 } } } } } })
    expect(lines[0]?.length).toBeLessThan(1300)
    expect(lines[0]).toContain('...')
  })

  test('a circle ends', () => {
    const { log, lines } = recording()
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    log.info('x', { circle })
    expect(lines).toHaveLength(1)
  })

  test('an error shows name, text and place, never a stack', () => {
    const { log, lines } = recording()
    log.error('failed', { error: new RangeError('too far') })
    expect(lines[0]).toContain('RangeError: too far')
    expect(lines[0]).not.toContain('    at ')
    expect(lines[0]).not.toContain(import.meta.dir)
  })

  test('of a failed query only the cause speaks, for the outside quotes values', () => {
    const { log, lines } = recording()
    const cause = new Error('UNIQUE constraint failed: inputs.name')
    log.error('failed', { error: new Error('Failed query: insert ... params: hunter2', { cause }) })
    expect(lines[0]).toContain('UNIQUE constraint failed')
    expect(lines[0]).not.toContain('hunter2')
  })

  test('odd values do not throw', () => {
    const { log, entries } = recording()
    log.info('x', { big: 10n, sym: Symbol('s'), fn: () => 1, undef: undefined, date: new Date(0), nan: Number.NaN })
    expect(entries[0]?.fields).toMatchObject({ big: '10', sym: 'Symbol(s)', date: '1970-01-01T00:00:00.000Z' })
    expect(entries[0]?.fields).not.toHaveProperty('undef')
  })
})
