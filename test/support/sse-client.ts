import { within } from './waiting.ts'

export type SseMessage = { id: string | null; name: string; data: unknown }

export type EventFollower = AsyncDisposable & {
  /** Everything since the connect, oldest first; at most 5,000. */
  messages: SseMessage[]
  /** Resolves with the first message, past or to come, for which `matches` answers true. */
  seen(what: string, matches: (message: SseMessage) => boolean, deadlineMs?: number): Promise<SseMessage>
  /** Calls back with every further message until the answer is called. */
  on(take: (message: SseMessage) => void): () => void
  /** Resolves when the stream has ended, by whomever. */
  ended: Promise<void>
}

const MAX_MESSAGES = 5_000

/** Follows a stream of server-sent events whose data is JSON (WHATWG HTML 9.2.6). Answers once it is open. */
export async function followEvents(url: string, headers: Record<string, string>): Promise<EventFollower> {
  const abort = new AbortController()
  const response = await fetch(url, { headers: { ...headers, accept: 'text/event-stream' }, signal: abort.signal })
  if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`)
  const messages: SseMessage[] = []
  const takers = new Set<(message: SseMessage) => void>()
  const done = read(response.body, (message) => {
    messages.push(message)
    if (messages.length > MAX_MESSAGES) messages.shift()
    for (const take of takers) take(message)
  }).catch(() => {
    // The stream ends by our abort, or with the server; whoever waits runs into the deadline and says for what.
  })

  const on = (take: (message: SseMessage) => void) => {
    takers.add(take)
    return () => void takers.delete(take)
  }
  return {
    messages,
    on,
    ended: done,
    seen(what, matches, deadlineMs = 20_000) {
      const past = messages.find(matches)
      if (past) return Promise.resolve(past)
      const { promise, resolve } = Promise.withResolvers<SseMessage>()
      const off = on((message) => matches(message) && resolve(message))
      return within(deadlineMs, what, promise).finally(off)
    },
    async [Symbol.asyncDispose]() {
      abort.abort()
      await done
    },
  }
}

async function read(body: ReadableStream<Uint8Array>, take: (message: SseMessage) => void): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = block.split('\n').map((line) => /^(\w+): ?(.*)$/.exec(line))
      const of = (name: string) => fields.filter((f) => f?.[1] === name).map((f) => f?.[2] ?? '')
      const data = of('data').join('\n')
      if (data !== '') take({ id: of('id')[0] ?? null, name: of('event')[0] ?? 'message', data: JSON.parse(data) })
    }
  }
}
