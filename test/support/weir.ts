import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freeTcpPort, portRange } from './ports.ts'
import { collectLines, type Proc, processesWith } from './processes.ts'
import { PROGRAM } from './program.ts'
import type { Input, Output } from './resources.ts'
import { type EventFollower, followEvents } from './sse-client.ts'
import { tempDir } from './temp.ts'
import { eventually, within } from './waiting.ts'

export const ROOT = join(import.meta.dir, '../..')
export const TEST_KEY = 'test-key-0123456789abcdef'

export type Answer<T = unknown> = { status: number; headers: Headers; text: string; json: T }

export type Weir = AsyncDisposable & {
  url: string
  dataDir: string
  /** Of the server process that runs now. */
  pid(): number
  /** Everything it said on both streams since the first start, at most 20,000 lines. */
  lines: string[]
  /** One call with the key. A body is sent as JSON; the answer is parsed if it is JSON. */
  call<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>>
  /** As `call`, but anything that is not 2xx is an error that shows the answer. */
  ok<T>(method: string, path: string, body?: unknown): Promise<T>
  createInput(body: Record<string, unknown>): Promise<Input>
  createOutput(inputId: number, body: Record<string, unknown>): Promise<Output>
  input(id: number): Promise<Input>
  output(inputId: number, id: number): Promise<Output>
  /** Resolves when the resource is as `matches` wants it, now or by an event. */
  inputIs(id: number, what: string, matches: (input: Input) => boolean, deadlineMs?: number): Promise<Input>
  outputIs(output: Output, what: string, matches: (output: Output) => boolean, deadlineMs?: number): Promise<Output>
  follow(topics?: string): Promise<EventFollower>
  /** The FFmpegs (and other children) of this server, found by their mark. */
  children(): Proc[]
  /** Ends the server with a signal and answers its exit code. */
  end(signal: NodeJS.Signals, deadlineMs?: number): Promise<number>
  /** Starts it again on the same data and port; answers the milliseconds until it was ready. */
  start(): Promise<number>
}

/** The real program as a child of the test, with data of its own; disposing of it asserts that no child outlives it. */
export async function startWeir(o: { env?: Record<string, string> } = {}): Promise<Weir> {
  const dataDir = tempDir('test')
  const port = await freeTcpPort()
  const udpFirst = portRange(100)
  const srtFirst = portRange(20)
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: dataDir,
    API_KEY: TEST_KEY,
    UDP_PORT_RANGE_START: String(udpFirst),
    UDP_PORT_RANGE_END: String(udpFirst + 99),
    SRT_PORT_RANGE_START: String(srtFirst),
    SRT_PORT_RANGE_END: String(srtFirst + 19),
    RTMP_PORT: String(await freeTcpPort()),
    FAULTS: '1',
    ...o.env,
  }
  const url = `http://127.0.0.1:${port}`
  const headers = { authorization: `Bearer ${env.API_KEY}` }
  const lines: string[] = []
  let server: Bun.Subprocess<'ignore', 'pipe', 'pipe'> | null = null
  let events: EventFollower | null = null

  const start = async () => {
    const began = performance.now()
    const child = Bun.spawn(['setpriv', '--pdeathsig', 'KILL', '--', ...PROGRAM], {
      cwd: dataDir,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    server = child
    const keep = (line: string) => {
      lines.push(line)
      if (lines.length > 20_000) lines.shift()
    }
    const drained = Promise.all([collectLines(child.stdout, keep), collectLines(child.stderr, keep)])
    const ended = child.exited.then(async (code) => {
      await drained
      throw new Error(`Weir ended with ${code} before it was ready:\n${lines.slice(-20).join('\n')}`)
    })
    ended.catch(() => undefined)
    await Promise.race([ended, eventually(30_000, 'Weir is ready', () => ready(url))])
    return performance.now() - began
  }

  const call = async <T>(method: string, path: string, body?: unknown): Promise<Answer<T>> => {
    const json =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } }
    const response = await fetch(url + path, { method, headers, ...json })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, text, json: (isJson ? JSON.parse(text) : null) as T }
  }
  const ok = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await call<T>(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`)
    return answer.json
  }

  const follow = (topics?: string) => followEvents(`${url}/api/events${topics ? `?topics=${topics}` : ''}`, headers)

  /** Subscribes before it looks, so that no change falls between the two; the last state seen tells what was wrong. */
  const resourceIs = async <T extends { id: number }>(
    path: string,
    event: string,
    id: number,
    what: string,
    matches: (resource: T) => boolean,
    deadlineMs: number,
  ): Promise<T> => {
    events ??= await follow()
    const { promise, resolve } = Promise.withResolvers<T>()
    let last: T | null = null
    const look = (resource: T) => {
      last = resource
      if (matches(resource)) resolve(resource)
    }
    const off = events.on(({ name, data }) => name === event && (data as T).id === id && look(data as T))
    try {
      look(await ok<T>('GET', path))
      return await within(deadlineMs, what, promise)
    } catch (cause) {
      throw new Error(`${path} is not as wanted (${what}): ${JSON.stringify(last)}`, { cause })
    } finally {
      off()
    }
  }

  const children = () => {
    const instance = readFileSync(join(dataDir, 'instance'), 'utf8').trim()
    return processesWith(`WEIR_CHILD=${instance}`)
  }

  const end = async (signal: NodeJS.Signals, deadlineMs = 30_000) => {
    await events?.[Symbol.asyncDispose]()
    events = null
    if (!server) throw new Error('Weir does not run')
    server.kill(signal)
    const code = await within(deadlineMs, `Weir ends after ${signal}`, server.exited)
    server = null
    return code
  }

  const weir: Weir = {
    url,
    dataDir,
    lines,
    pid: () => server?.pid ?? 0,
    call,
    ok,
    // Nothing stands in for a lost feed where the test does not ask for it: most look at the feed itself.
    createInput: (body) => ok('POST', '/api/inputs', { on_loss: 'hold', ...body }),
    createOutput: (inputId, body) => ok('POST', `/api/inputs/${inputId}/outputs`, body),
    input: (id) => ok('GET', `/api/inputs/${id}`),
    output: (inputId, id) => ok('GET', `/api/inputs/${inputId}/outputs/${id}`),
    inputIs: (id, what, matches, deadlineMs = 20_000) =>
      resourceIs(`/api/inputs/${id}`, 'input.changed', id, what, matches, deadlineMs),
    outputIs: (output, what, matches, deadlineMs = 20_000) =>
      resourceIs(
        `/api/inputs/${output.input_id}/outputs/${output.id}`,
        'output.changed',
        output.id,
        what,
        matches,
        deadlineMs,
      ),
    follow,
    children,
    end,
    start,
    async [Symbol.asyncDispose]() {
      try {
        if (server) await end('SIGTERM')
        await eventually(2_000, 'no child outlives Weir', () => children().length === 0)
      } finally {
        server?.kill('SIGKILL')
      }
    },
  }
  await start()
  return weir
}

async function ready(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`)
    await response.text()
    return response.ok
  } catch {
    // It does not listen yet.
    return false
  }
}
