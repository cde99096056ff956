import { describe, expect, test } from 'bun:test'
import type { InputResource } from '../../src/inputs/inputs.schema.ts'
import { type ApiApp, createApiApp } from '../support/api-app.ts'
import { within } from '../support/waiting.ts'

type Message = { id: string; name: string; data: Record<string, never> }

/** Reads a stream of the in-process app; `until` resolves with everything up to the first message that matches. */
async function follow(app: ApiApp, query = '', headers: Record<string, string> = {}) {
  const response = await app.fetch(`/api/events${query}`, { headers })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const messages: Message[] = []
  let rest = ''

  async function read(): Promise<void> {
    const { value = '', done } = await reader.read()
    if (done) throw new Error('the stream ended')
    const blocks = (rest + value).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const of = (field: string) => new RegExp(`^${field}: (.*)$`, 'm').exec(block)?.[1]
      if (of('event'))
        messages.push({ id: of('id') ?? '', name: of('event') ?? '', data: JSON.parse(of('data') ?? 'null') })
    }
  }
  return {
    messages,
    async until(what: string, matches: (message: Message) => boolean): Promise<Message> {
      const seek = async () => {
        for (let i = 0; ; i++) {
          while (i >= messages.length) await read()
          const message = messages[i]!
          if (matches(message)) {
            messages.splice(0, i + 1)
            return message
          }
        }
      }
      return within(5_000, what, seek())
    },
    end: () => reader.cancel(),
  }
}

const named = (name: string) => (message: Message) => message.name === name

describe('the stream', () => {
  test('begins with what stands, then tells each change as the resource that GET gives', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const output = await app.output(id, { url: 'rtmp://h/app/SeCrEt' })
    const input = await app.ok<InputResource>('GET', `/api/inputs/${id}`)
    const events = await follow(app)
    expect((await events.until('the input', named('input.changed'))).data).toEqual(input as never)
    expect((await events.until('the output', named('output.changed'))).data).toEqual(output as never)
    expect((await events.until('the system', named('system.status'))).data).toMatchObject({ inputs: { inactive: 1 } })

    app.media.output(output.id, { status: 'running', processId: 7 })
    const changed = await events.until('running', (m) => m.name === 'output.changed' && m.data['status'] === 'running')
    expect(changed.data).toEqual(await app.ok('GET', `/api/inputs/${input.id}/outputs/${output.id}`))
    expect(changed.id).not.toBe('')
    expect(JSON.stringify(changed)).not.toContain('SeCrEt')
    const counted = await events.until('counted', named('input.changed'))
    expect(counted.data).toMatchObject({ outputs_running: 1, publish_url: `udp://weir.example:${input.udp_port}` })

    await app.ok('PATCH', `/api/inputs/${input.id}`, { name: 'Renamed' })
    await events.until('the name', (m) => m.name === 'input.changed' && m.data['name'] === 'Renamed')
    await app.ok('DELETE', `/api/inputs/${input.id}/outputs/${output.id}`)
    expect((await events.until('removed', named('output.removed'))).data).toEqual({
      id: output.id,
      input_id: input.id,
    } as never)
    await app.ok('DELETE', `/api/inputs/${input.id}`)
    expect((await events.until('removed', named('input.removed'))).data).toEqual({ id: input.id } as never)
    await events.end()
  })

  test('figures once a second, exits, restarts and switches', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const output = await app.output(id, { url: 'udp://10.0.0.1:5000' })
    app.media.output(output.id, { status: 'running', processId: 42 })
    const events = await follow(app)
    await events.until('the snapshot', named('system.status'))
    const at = Date.now()
    const inputFigures = {
      id,
      bitrateKbps: 1,
      bytesTotal: 2,
      continuityErrors: 0,
      continuityErrorsHour: 0,
      lastPacketAt: null,
      keyframeSeconds: null,
      link: null,
      switches: 0,
      filledSeconds: 0,
    }
    const outputFigures = {
      id: output.id,
      inputId: id,
      bitrateKbps: 3,
      fps: 25,
      bytesTotal: 4,
      uptimeSeconds: 5,
      speed: 1,
      dropFrames: 0,
      skips: 0,
      cpuPercent: 0,
      memoryBytes: 6,
      callers: [],
    }
    app.media.emit({
      name: 'figures',
      at,
      data: { at, loopLagMs: 0, inputs: [inputFigures], outputs: [outputFigures] },
    })
    expect((await events.until('figures', named('stats'))).data).toMatchObject({
      input_id: id,
      stats: { bitrate_kbps: 1, bytes_total: 2 },
      outputs: { [output.id]: { bitrate_kbps: 3, bytes_total: 4, memory_bytes: 6 } },
    })
    const exit = {
      class: 'refused' as const,
      code: 1,
      signal: null,
      forced: false,
      at,
      ranSeconds: 1,
      next: 'retry' as const,
      lines: [],
    }
    app.media.emit({ name: 'output.exited', at, data: { id: output.id, inputId: id, exit } })
    expect((await events.until('the exit', named('output.exited'))).data).toMatchObject({
      id: output.id,
      input_id: id,
      exit: { class: 'refused' },
    })
    app.media.emit({ name: 'input.restarted', at, data: { id, reason: 'clock_back', gapMs: 40 } })
    expect((await events.until('the restart', named('input.restarted'))).data).toMatchObject({
      input_id: id,
      gap_ms: 40,
    })
    app.media.emit({ name: 'input.switched', at, data: { id, from: 'main', to: 'slate', reason: 'lost', gapMs: 40 } })
    expect((await events.until('the switch', named('input.switched'))).data).toMatchObject({
      input_id: id,
      from: 'main',
      to: 'slate',
      reason: 'lost',
      gap_ms: 40,
    })
    await events.end()
  })

  test('a HEAD opens no stream', async () => {
    await using app = await createApiApp()
    const response = await app.fetch('/api/events', { method: 'HEAD' })
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/event-stream',
      '',
    ])
    expect(await app.ok('GET', '/api/system/status')).toMatchObject({ event_streams: 0 })
  })

  test('Last-Event-ID resumes after it', async () => {
    await using app = await createApiApp()
    const { id } = await app.input({ name: 'first' })
    const events = await follow(app, '?topics=inputs')
    await app.ok('PATCH', `/api/inputs/${id}`, { name: 'second' })
    const { id: last } = await events.until('second', (m) => m.data['name'] === 'second')
    await events.end()
    await app.ok('PATCH', `/api/inputs/${id}`, { name: 'third' })
    const resumed = await follow(app, '?topics=inputs', { 'last-event-id': last })
    expect((await resumed.until('third', () => true)).data['name']).toBe('third' as never)
    await resumed.end()
  })
})

describe('topics', () => {
  test('one input alone', async () => {
    await using app = await createApiApp()
    const [a, b] = [await app.input(), await app.input()]
    const events = await follow(app, `?topics=input:${b.id}`)
    expect((await events.until('the snapshot', () => true)).data['id']).toBe(b.id as never)
    app.media.input(a.id, { status: 'active' })
    app.media.input(b.id, { status: 'active' })
    expect((await events.until('a change', () => true)).data).toMatchObject({ id: b.id, status: 'active' })
    await events.end()
  })

  test('log lines come to who asks for them alone, with what was said before', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const output = await app.output(id, { url: 'udp://10.0.0.1:5000' })
    const plain = await follow(app)
    const log = await follow(app, `?topics=log:${output.id}`)
    expect((await log.until('the past', () => true)).data).toMatchObject({ text: `output ${output.id} says hello` })
    const line = { at: 0, level: 'warning' as const, text: 'careful' }
    app.media.emit({ name: 'log', at: 0, data: { kind: 'output', id: output.id, line } })
    expect(await log.until('the line', () => true)).toMatchObject({
      name: 'output.log',
      data: { id: output.id, input_id: id, level: 'warning', text: 'careful', at: '1970-01-01T00:00:00.000Z' },
    })
    app.media.input(id, { status: 'active' })
    await plain.until('the change after it', (m) => m.data['status'] === ('active' as never))
    expect(plain.messages.some(named('output.log'))).toBe(false)
    await plain.end()
    await log.end()
  })

  test.each([
    '',
    'input:0',
    'input:x',
    'nope',
    'alerts',
    'stream:',
    'inputs;system',
    'log:',
    `input:${'9'.repeat(30)}`,
    Array(60)
      .fill(0)
      .map((_, i) => `input:${i + 1}`)
      .join(),
  ])('%j is 422', async (topics) => {
    await using app = await createApiApp()
    const problem = await app.problem('GET', `/api/events?topics=${encodeURIComponent(topics)}`)
    expect([problem.status, problem.errors?.[0]?.path]).toEqual([422, 'topics'])
  })

  test('what is not there is 404', async () => {
    await using app = await createApiApp()
    expect((await app.problem('GET', '/api/events?topics=input:9')).code).toBe('input.not_found')
    expect((await app.problem('GET', '/api/events?topics=log:9')).code).toBe('output.not_found')
  })
})
