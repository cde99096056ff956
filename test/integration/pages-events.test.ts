import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { within } from '../support/waiting.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

let weir: Weir
beforeAll(async () => {
  weir = await startWeir()
})
afterAll(() => weir[Symbol.asyncDispose]())

type PageStream = AsyncDisposable & {
  /** Resolves with the first message, past or to come, that holds all of the texts. */
  says(...texts: string[]): Promise<string>
  /** As `says`, of messages to come. */
  saysNow(what: string, matches: (message: string) => boolean): Promise<string>
  messages: string[]
  ended: Promise<void>
}

/** The event stream of a page, as the page's script reads it: messages are HTML. */
async function openPage(page: string, headers: Record<string, string> = {}): Promise<PageStream> {
  const abort = new AbortController()
  const response = await fetch(`${weir.url}/events?page=${page}`, {
    headers: { authorization: `Bearer ${TEST_KEY}`, accept: 'text/html, text/event-stream', ...headers },
    signal: abort.signal,
  })
  if (!response.ok || !response.body) throw new Error(`/events answered ${response.status}: ${await response.text()}`)
  const messages: string[] = []
  const waiting = new Set<() => void>()
  const body = response.body
  async function read(): Promise<void> {
    let rest = ''
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop() ?? ''
      messages.push(...blocks.filter((block) => block.includes('data: ')))
      for (const look of waiting) look()
    }
  }
  const ended = read().catch(() => undefined)
  function seen(what: string, from: number, matches: (message: string) => boolean): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>()
    const look = () => {
      const found = messages.slice(from).find(matches)
      if (found !== undefined) resolve(found)
    }
    waiting.add(look)
    look()
    return within(5_000, what, promise).finally(() => waiting.delete(look))
  }
  return {
    messages,
    ended,
    says: (...texts) =>
      seen(`the page is told ${texts.join(', ')}`, 0, (message) => texts.every((t) => message.includes(t))),
    saysNow: (what, matches) => seen(what, messages.length, matches),
    async [Symbol.asyncDispose]() {
      abort.abort()
      await ended
    },
  }
}

let made = 0
const anInput = () => weir.createInput({ name: `Stage <${++made}>`, kind: 'udp' })

describe('the stream of a page', () => {
  test('begins with a snapshot of everything that may change, each part naming its element', async () => {
    const input = await anInput()
    await using page = await openPage('dashboard')
    const first = await page.says('hx-target="#live"')
    expect(page.messages[0]).toBe(first)
    expect(first).toMatch(/^retry: \d+\nid: \S+\ndata: </)
    for (const id of ['nav-inputs', 'summary', 'attention', 'inputs', `input-${input.id}`, 'gauge-cpu', 'events'])
      expect(first).toContain(`id="${id}"`)
    expect(first).toContain(`Stage &lt;${made}&gt;`)
  })

  test('whoever comes back gets a snapshot, not a gap', async () => {
    const before = await openPage('dashboard')
    const id = /id: (\S+)/.exec(await before.says('hx-target="#live"'))?.[1] ?? ''
    await before[Symbol.asyncDispose]()
    const input = await anInput()
    await using page = await openPage('dashboard', { 'last-event-id': id })
    await page.says('hx-target="#live"', `id="input-${input.id}"`)
  })

  test('a new input brings its card, a change its parts, a removal takes it away', async () => {
    await using page = await openPage('dashboard')
    await page.says('hx-target="#live"')
    const input = await anInput()
    await page.says('hx-target="#live"', `id="input-${input.id}"`)
    await weir.ok('POST', `/api/inputs/${input.id}/stop`)
    await page.says(`hx-target="#input-${input.id}"`, 'data-state="stopped"')
    await page.says('hx-target="#events"', 'The input was stopped.')
    const gone = page.saysNow(
      'the card is gone',
      (text) => text.includes('hx-target="#live"') && !text.includes(`id="input-${input.id}"`),
    )
    await weir.call('DELETE', `/api/inputs/${input.id}`)
    await gone
  })

  test("an input's page hears of its outputs line by line, and never of another input's", async () => {
    const [input, other] = [await anInput(), await anInput()]
    const output = await weir.createOutput(input.id, { name: 'Rack', url: 'udp://127.0.0.1:29999' })
    await using page = await openPage(`input:${input.id}`)
    await page.says('hx-target="#live"', `id="output-${output.id}"`, `id="output-${output.id}-drawer"`)
    const path = `/api/inputs/${input.id}/outputs/${output.id}`
    await weir.ok('POST', `${path}/stop`)
    const line = await page.says(`id="output-${output.id}" data-state="stopped"`)
    expect(line.replaceAll('\n', '')).not.toContain(`id="output-${output.id}-log"`)
    const second = await weir.createOutput(input.id, { name: 'Second', url: 'udp://127.0.0.1:29998' })
    await page.says(`hx-target="#input-${input.id}-outputs-box"`, `id="output-${second.id}"`)
    await weir.ok('PATCH', `/api/inputs/${other.id}`, { name: 'Elsewhere' })
    await weir.ok('PATCH', `/api/inputs/${input.id}`, { name: 'Here' })
    await page.says(`hx-target="#input-${input.id}-head"`, 'Here')
    expect(page.messages.join()).not.toContain(`input-${other.id}-head`)
  })

  test('the page of an input that is deleted says so', async () => {
    const input = await anInput()
    await using page = await openPage(`input:${input.id}`)
    await page.says('hx-target="#live"')
    await weir.call('DELETE', `/api/inputs/${input.id}`)
    await page.says('hx-target="#live"', 'This input is gone')
  })

  test('a page that comes back to an input that is gone is told so', async () => {
    await using page = await openPage('input:999', { 'last-event-id': 'earlier-7' })
    await page.says('hx-target="#live"', 'This input is gone')
  })

  test('the page of the machine is looked at anew every 2 s', async () => {
    await using page = await openPage('system')
    await page.says('id="health"', 'id="workers"')
    // What stands still on it is not in the stream: a log that somebody filtered stays as it is.
    expect(page.messages[0]).not.toContain('id="system-log"')
    const later = await page.saysNow('the machine is told again', (text) => text.includes('hx-target="#host"'))
    expect(later).not.toContain('hx-target="#nav-inputs"')
  })

  test('says no to what is not there', async () => {
    const ask = (query: string, headers: Record<string, string> = { authorization: `Bearer ${TEST_KEY}` }) =>
      fetch(`${weir.url}/events${query}`, { headers }).then(async (answer) => {
        await answer.body?.cancel()
        return answer.status
      })
    expect(await ask('?page=input:999')).toBe(404)
    expect(await ask('?page=nonsense')).toBe(422)
    expect(await ask('')).toBe(422)
    expect(await ask('?page=dashboard', {})).toBe(401)
  })

  test('ends when the server ends, and the next server begins anew', async () => {
    await using page = await openPage('dashboard')
    await page.says('hx-target="#live"')
    expect(await weir.end('SIGTERM')).toBe(0)
    await within(2_000, 'the stream ends', page.ended)
    await weir.start()
    await using next = await openPage('dashboard')
    await next.says('hx-target="#live"')
  })
})
