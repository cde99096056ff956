import { expect, test } from 'bun:test'
import { createBus } from '../../../src/bus.ts'
import type { EventRow } from '../../../src/db/tables/events.ts'
import type { SseEvent } from '../../../src/http/sse.ts'
import type { InputResource } from '../../../src/inputs/inputs.schema.ts'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/lib/log.ts'
import { createPageFeed } from '../../../src/pages/page-feed.ts'
import type { PageReader } from '../../../src/pages/page-reader.ts'
import type { OutputResource } from '../../../src/outputs/outputs.schema.ts'
import { anInput, anOutput, aStatus } from '../../support/page-fixtures.ts'

type Told = SseEvent & { topics: readonly string[] }

/** A feed of pages over `inputs`; `pass` lets what is due come to its end. */
function setup(inputs: InputResource[], events: EventRow[] = [], outputs: OutputResource[] = []) {
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
