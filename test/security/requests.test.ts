import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Input, Output, Problem } from '../support/resources.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

let weir: Weir
let input: Input
let output: Output

beforeAll(async () => {
  weir = await startWeir()
  input = await weir.createInput({ name: 'Target', enabled: false })
  output = await weir.createOutput(input.id, { name: 'Target', url: 'udp://127.0.0.1:9999', enabled: false })
})
afterAll(() => weir?.[Symbol.asyncDispose]())

const send = (
  method: string,
  path: string,
  body: string | ReadableStream | null,
  headers: Record<string, string> = {},
) =>
  fetch(weir.url + path, {
    method,
    body,
    headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json', ...headers },
  })

/** Refused with a problem document that tells nothing of the inside. */
async function expectRefused(response: Response, what: string): Promise<Problem> {
  const text = await response.text()
  expect({ what, status: response.status, text }).toSatisfy(({ status }) => status >= 400 && status < 500)
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  expect(text).not.toMatch(/node_modules|\/src\/|\.ts:\d+|at .+\(.+:\d+:\d+\)|SQLITE|ZodError/)
  return JSON.parse(text) as Problem
}

/** Random numbers that are the same at every run (mulberry32), so that a failure can be had again. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

test('500 malformed requests are all refused, none with 5xx, and Weir lives', async () => {
  const random = seeded(7)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const wrong = [
    null,
    true,
    -1,
    1e99,
    0.5,
    '',
    'x'.repeat(5_000),
    [],
    [[[[]]]],
    {},
    { a: 1 },
    '\u0000',
    'a\nb',
    '\ud800',
    [null],
  ]
  const inputFields = [
    'name',
    'kind',
    'udp_port',
    'bind_address',
    'allow_from',
    'program',
    'loss_ms',
    'on_loss',
    'enabled',
  ]
  const outputFields = [
    'name',
    'protocol',
    'url',
    'stream_key',
    'passphrase',
    'options',
    'enabled',
    'reconnect_delay',
    'stall_timeout',
  ]
  const raw = [
    '',
    '{',
    '[]',
    'null',
    '"x"',
    '1',
    '{"name":}',
    '{"name":"a"}}',
    '\u0000\u0001',
    '<xml/>',
    '{"__proto__":{"a":1}}',
  ]
  const ids = ['0', '-1', '1.5', '1e3', 'abc', '%00', '..%2f..%2fetc', '9007199254740993', "1'--", '999999']

  for (let n = 0; n < 500; n++) {
    const kind = n % 5
    const [method, path, body] = (() => {
      if (kind === 0)
        return ['POST', '/api/inputs', JSON.stringify({ [pick(inputFields)]: pick(wrong), [`f${n}`]: pick(wrong) })]
      if (kind === 1)
        return ['PATCH', at(output), JSON.stringify({ [pick(outputFields)]: pick(wrong), unknown_field: 1 })]
      if (kind === 2) return ['POST', `/api/inputs/${input.id}/outputs`, pick(raw)]
      if (kind === 3) return [pick(['GET', 'DELETE', 'PATCH']), `/api/inputs/${pick(ids)}`, null]
      return [
        pick(['POST', 'PUT', 'DELETE']),
        `/api/inputs/${input.id}/outputs/${pick(ids)}/${pick(['start', 'nothing', '..'])}`,
        null,
      ]
    })() as [string, string, string | null]
    const sent = method === 'PATCH' && body === null ? '{}' : body
    await expectRefused(
      await send(method, path, method === 'GET' ? null : sent),
      `${n}: ${method} ${path} ${body?.slice(0, 200)}`,
    )
  }
  expect(await weir.output(input.id, output.id)).toMatchObject({ name: 'Target', enabled: false })
  expect(await weir.ok<unknown[]>('GET', '/api/inputs')).toHaveLength(1)
})

describe('a body that is too large is refused', () => {
  test('by its declared length', async () => {
    const response = await send('POST', '/api/inputs', JSON.stringify({ name: 'x'.repeat(1_000_000) }))
    expect((await expectRefused(response, 'declared')).status).toBe(413)
  })

  test('by a declared length that no route would take, with an id like every answer', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const { hostname, port } = new URL(weir.url)
    const head = `POST /api/inputs/1/start HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 999999999999\r\n\r\n`
    const socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: { data: (_, bytes) => resolve(bytes.toString()), close: () => resolve('') },
    })
    socket.write(head)
    const answer = await promise
    socket.end()
    expect(answer).toStartWith('HTTP/1.1 413 ')
    expect(answer).toMatch(/x-request-id: [0-9a-f]{16}\r\n/i)
    expect(answer).toContain('"code":"too_large"')
  })

  test('while it comes, where no length is declared', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 64; n++) controller.enqueue(new TextEncoder().encode(' '.repeat(16_384)))
        controller.close()
      },
    })
    const response = await send('POST', '/api/inputs', body)
    expect((await expectRefused(response, 'chunked')).status).toBe(413)
  })
})

describe('what is not ours to read is refused', () => {
  test.each([
    ['another type', { 'content-type': 'text/plain' }, 415],
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
    ['a wrong key', { authorization: 'Bearer wrong' }, 401],
    ['no key', { authorization: '' }, 401],
  ])('%s', async (what, headers, status) => {
    const response = await send('POST', '/api/inputs', '{"name":"y"}', headers)
    expect((await expectRefused(response, what)).status).toBe(status)
  })

  test('another method is 405 and says which are allowed', async () => {
    const response = await send('PUT', '/api/inputs', '{}')
    expect((await expectRefused(response, 'PUT')).status).toBe(405)
    expect(response.headers.get('allow')).toContain('POST')
  })
})

function at(o: Output): string {
  return `/api/inputs/${o.input_id}/outputs/${o.id}`
}
