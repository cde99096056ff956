import { expect, test } from 'bun:test'
import { createBus } from '../../../src/bus.ts'
import type { EventRow } from '../../../src/db/tables/events.ts'
import type { StreamRow } from '../../../src/db/tables/streams.ts'
import type { SseEvent } from '../../../src/http/sse-wire.ts'
import type { InputResource } from '../../../src/inputs/inputs.schema.ts'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/lib/log.ts'
import { createPageFeed, type PageFeedDeps } from '../../../src/pages/page-feed.ts'
import type { PageReader } from '../../../src/pages/page-reader.ts'
import type { OutputResource } from '../../../src/outputs/outputs.schema.ts'
import { anInput, anOutput, aStatus } from '../../support/page-fixtures.ts'

type Told = SseEvent & { topics: readonly string[] }

/** A feed of pages over `inputs`; `pass` lets what is due come to its end. */
function setup(
  inputs: InputResource[],
  events: EventRow[] = [],
  outputs: OutputResource[] = [],
  streams: PageFeedDeps['streams'] = { byId: () => null, fedBy: () => [], toPicture: () => Object.create(null) },
) {
  const clock = createManualClock()
  const lines: string[] = []
  const log = createLog({ level: 'debug', format: 'human', write: (line) => void lines.push(line) })
  const bus = createBus({ log })
  const told: Told[] = []
  const openReader = (host: string): PageReader => {
    const called = outputs.map((output) => ({ ...output, listen_url: `srt://${host}:${output.srt_port}?mode=caller` }))
    const shown = inputs.map((input) => ({ ...input, publish_url: `udp://${host}:${input.udp_port}` }))
    return {
      url: `http://${host}`,
      at: openReader,
      inputs: async () => shown,
      input: async (id) => shown.find((input) => input.id === id) ?? null,
      outputs: async () => called,
      outputsOf: async () => called,
      outputDefaults: { reconnect_delay: 5, max_reconnect_delay: 60, max_reconnect_attempts: 0, stall_timeout: 10 },
      lastEvents: async (limit) => events.slice(0, limit),
      eventsOf: async () => ({ items: [], next_cursor: null }),
      status: () => aStatus(),
      health: async () => ({ status: 'ok' }),
      settings: () => [],
      logPage: () => ({ items: [], next_cursor: null }),
      history: () => ({ stepSeconds: 1, fromMs: 0, bitrateKbps: [], outputs: {} }),
      stillAt: () => null,
    }
  }
  const sse = {
    isWanted: () => true,
    publish: (event: Told) => void told.push(event),
    open: () => new Response(),
    clients: () => 1,
    close: async () => undefined,
  }
  const feed = createPageFeed({
    sse,
    bus,
    clock,
    log,
    streams,
    live: { outputsOf: () => [], isInput: (id) => id === 1 },
    openReader,
  })
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  const pass = async (ms: number) => {
    await settle()
    clock.advance(ms)
    await settle()
  }
  const textOf = (topic: string) =>
    told
      .filter(({ topics }) => topics.includes(topic))
      .map(({ data }) => data)
      .join('')
  return { feed, bus, pass, textOf, lines }
}

test('a card says the port and no address, whatever host its readers reach Weir by', async () => {
  const waiting = anInput({ status: 'inactive', udp_port: 27_402, outputs_total: 0 })
  const { feed, bus, pass, textOf, lines } = setup([waiting])
  feed.welcome('weir.example')
  bus.publish({ type: 'input.changed', inputId: 3 })
  await pass(300)
  bus.publish({ type: 'input.changed', inputId: 3 })
  await pass(300)
  expect(textOf('dashboard')).toContain('Send your feed to UDP port 27402')
  expect(textOf('dashboard')).not.toContain('udp://')
  expect(textOf('input:3@weir.example')).toContain('udp://weir.example:27402')
  expect(lines).toEqual([])
  feed.close()
})

test('after the last input went, each host reads its own address in the lines to copy', async () => {
  const { feed, bus, pass, textOf, lines } = setup([])
  feed.welcome('weir.example')
  feed.welcome('10.0.0.5')
  bus.publish({ type: 'input.removed', inputId: 3 })
  await pass(300)
  expect(textOf('dashboard@weir.example')).toContain('http://weir.example/api/inputs')
  expect(textOf('dashboard@10.0.0.5')).toContain('http://10.0.0.5/api/inputs')
  expect(textOf('dashboard')).not.toContain('http://')
  expect(lines).toEqual([])
  feed.close()
})

test('an output that is called says so to each host by its own name, when it comes and when it changes', async () => {
  const listener = anOutput({ protocol: 'srt_listener', url: null, srt_port: 8900, callers: [], status: 'waiting' })
  const { feed, bus, pass, textOf, lines } = setup([anInput()], [], [listener])
  feed.welcome('weir.example')
  feed.welcome('10.0.0.5')
  const told = () => ['weir.example', '10.0.0.5'].map((host) => textOf(`input:3@${host}`))
  bus.publish({ type: 'output.changed', inputId: 3, outputId: 7 })
  await pass(300)
  const whole = told()
  expect(whole.map((text) => text.includes('id="input-3-outputs-box"'))).toEqual([true, true])
  listener.status = 'running'
  bus.publish({ type: 'output.changed', inputId: 3, outputId: 7 })
  await pass(300)
  const after = told().map((text, i) => text.slice(whole[i]?.length))
  expect(after[0]).toContain('srt://weir.example:8900?mode=caller')
  expect(after[1]).toContain('srt://10.0.0.5:8900?mode=caller')
  expect(after[0]).not.toContain('outputs-box')
  expect(textOf('input:3')).not.toContain('srt://')
  expect(lines).toEqual([])
  feed.close()
})

test('the last events are full of what happened, one line for each failure', async () => {
  const failures = Array.from({ length: 10 }, (_, n): EventRow[] => {
    const event = { inputId: 3, outputId: 7, at: 1_700_000_000_000, actor: 'weir', data: null }
    const refused = { ...event, type: 'output.reconnecting', message: `Refused ${n}.` }
    return [
      { ...refused, id: 2 * n + 2 },
      { ...refused, id: 2 * n + 1 },
    ]
  })
  const { feed, bus, pass, textOf } = setup([anInput()], failures.flat())
  bus.publish({ type: 'output.changed', inputId: 3, outputId: 7 })
  await pass(10)
  await pass(300)
  const shown = [...textOf('dashboard').matchAll(/Refused \d\./g)].map(([words]) => words)
  expect(shown).toEqual(Array.from({ length: 8 }, (_, n) => `Refused ${n}.`))
  feed.close()
})

test('the page of a stream is sent its newest picture, as each audience sees it, and that its feed is lost', async () => {
  const row = { id: 5, key: 'show', deletedAt: null, coverImageId: 'c' } as StreamRow
  const feed = { isLive: true, stillAtMs: 1_000 }
  const streams: PageFeedDeps['streams'] = {
    byId: (id) => (id === row.id ? row : null),
    fedBy: (inputId) => (inputId === 3 ? [row] : []),
    toPicture: ({ key }, audience) => ({
      ...{ key, title: 'Show', status: 'live', feed: { ...feed } },
      cover_url: audience === 'owners' ? '/images/c/large' : `/api/streams/show/live.jpg?at=${feed.stillAtMs}`,
    }),
  }
  const { feed: pages, bus, pass, textOf, lines } = setup([anInput()], [], [], streams)
  /** What waits behind a turn that began before has its own. */
  const passTurns = async () => {
    await pass(1_000)
    await pass(0)
  }
  bus.publish({ type: 'input.still', inputId: 3, at: 1_000 })
  await pass(0)
  expect(textOf('stream:5@public')).toContain('live.jpg?at=1000')
  expect(textOf('stream:5@owners')).toContain('/images/c/large')
  expect(textOf('stream:5@owners')).not.toContain('live.jpg')
  feed.stillAtMs = 2_000
  bus.publish({ type: 'input.still', inputId: 3, at: 2_000 })
  await passTurns()
  expect(textOf('stream:5@public')).toContain('live.jpg?at=2000')
  expect(textOf('stream:5@public')).not.toContain('Interrupted')
  feed.isLive = false
  bus.publish({ type: 'input.changed', inputId: 3 })
  await passTurns()
  expect(textOf('stream:5@public')).toContain('Interrupted')
  expect(textOf('stream:5@public')).toContain('as it was last seen')

  // Its cover is otherwise for some: their pages ask for their own. Nobody is told how often anything happened.
  bus.publish({ type: 'image.removed', streamId: 5, audience: 'subscribers', data: { id: 'c' } })
  await passTurns()
  expect(textOf('stream:5@subscribers')).toContain('hx-get="/streams/show"')
  expect(textOf('gallery:5@subscribers')).toContain('data-pictures-changed')
  expect(textOf('stream:5@public')).not.toContain('hx-get')
  expect(lines).toEqual([])
  pages.close()
})
