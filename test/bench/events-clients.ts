export type ToClients =
  | { t: 'open'; hostname: string; port: number; key: string; page: string; count: number }
  | { t: 'reset' }
  | { t: 'figures' }
  | { t: 'close' }
export type FromClients = { open?: number; delaysMs?: number[]; bytes?: number; dropped?: number }

declare const self: Worker

/** A message in flight is cut off here: the largest is a snapshot. */
const MAX_REST = 1_000_000
const LINE = /id="output-(\d+)" data-state="(\w+)"[\s\S]*?datetime="([^"]+)" data-relative="span"/g

let sockets: Bun.Socket<Client>[] = []
let delaysMs: number[] = []
let bytes = 0
let dropped = 0

type Client = { rest: string; states: Map<string, string>; begun: () => void }

/** Reads whole messages; a state that is new to this client was entered at `since`, and is here now. */
function take(client: Client, text: string): void {
  const now = Date.now()
  const rest = client.rest + text
  const end = rest.lastIndexOf('\n\n')
  client.rest = end < 0 ? rest.slice(-MAX_REST) : rest.slice(end + 2)
  if (end < 0) return
  for (const [, id = '', state = '', since = ''] of rest.slice(0, end).matchAll(LINE)) {
    const before = client.states.get(id)
    client.states.set(id, state)
    if (before !== undefined && before !== state) delaysMs.push(now - Date.parse(since))
  }
  client.begun()
}

async function open(o: Extract<ToClients, { t: 'open' }>): Promise<void> {
  const request = `GET /events?page=${o.page} HTTP/1.1\r\nHost: ${o.hostname}\r\nAuthorization: Bearer ${o.key}\r\nAccept: text/event-stream\r\n\r\n`
  for (let i = 0; i < o.count; i++) {
    const { promise, resolve } = Promise.withResolvers<void>()
    const socket = await Bun.connect<Client>({
      hostname: o.hostname,
      port: o.port,
      data: { rest: '', states: new Map(), begun: resolve },
      socket: {
        open: (me) => void me.write(request),
        data(me, chunk) {
          bytes += chunk.byteLength
          take(me.data, chunk.toString('latin1'))
        },
        close: () => {
          dropped++
        },
      },
    })
    sockets.push(socket)
    await promise
  }
}

async function answer(question: ToClients): Promise<FromClients> {
  switch (question.t) {
    case 'open':
      await open(question)
      return { open: sockets.length }
    case 'reset':
      delaysMs = []
      bytes = 0
      dropped = 0
      return {}
    case 'figures':
      return { delaysMs, bytes, dropped }
    case 'close':
      for (const socket of sockets) socket.end()
      sockets = []
      return {}
  }
}

self.onmessage = async ({ data }: MessageEvent<ToClients>) => self.postMessage(await answer(data))
