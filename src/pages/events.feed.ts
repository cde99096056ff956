import type { Bus, DomainEvent } from '../bus.ts'
import { AppError, isAppError } from '../errors.ts'
import type { Actor } from '../http/endpoint.ts'
import type { Sse, SseCast } from '../http/sse.ts'
import type { SseEvent } from '../http/sse-wire.ts'
import { toInputStats } from '../inputs/inputs.resource.ts'
import type { Inputs } from '../inputs/inputs.service.ts'
import { toIso } from '../lib/fields.ts'
import type { Log } from '../lib/log.ts'
import type { Live } from '../live/live.ts'
import { toExit } from '../live/wire.ts'
import { toOutputStats } from '../outputs/outputs.resource.ts'
import type { Outputs } from '../outputs/outputs.service.ts'
import { fromAudience } from './audience.ts'
import { atHost, galleryTopic, type Topics } from './events.topics.ts'

export type EventFeedDeps = {
  sse: Sse
  bus: Bus
  live: Live
  inputs: Pick<Inputs, 'get' | 'list'>
  outputs: Pick<Outputs, 'get' | 'list' | 'logs'>
  /** Galleries, by the keys of their streams. */
  pictures: { streamIdOf(actor: Actor, key: string): number; list(actor: Actor, key: string): Promise<unknown[]> }
  systemStatus(): unknown
  log: Log
}

export type EventFeed = {
  /** The streams whose pictures are asked for. @throws AppError 404 where a named input, output or stream is not there */
  check(topics: Topics, actor: Actor): Promise<{ streamIds: number[] }>
  /** Everything the topics cover, as events. */
  snapshot(topics: Topics, host: string, actor: Actor): Promise<SseEvent[]>
  /** From now on resources are told for this host too; they name it in `publish_url` and `listen_url`. */
  welcome(host: string): void
  close(): void
}

/** Without PUBLIC_URL each client may reach Weir by another name; the last few are served. */
const MAX_HOSTS = 8

/** Whoever may hear events today is an administrator, whose eyes keys are for. */
const viewerAt = fromAudience

/** The bus, told to programs: resources are read when their turn comes, so ten changes in a row become one event. */
export function createEventFeed(d: EventFeedDeps): EventFeed {
  const hosts = new Set<string>()
  const dirty = new Map<string, () => Promise<SseCast[]>>()
  let draining = false

  const publish = (name: string, data: unknown, topics: string[], resumable = true) =>
    d.sse.publish({ name, data, topics, resumable })
  const topicsOf = (inputId: number) => ['inputs', `input:${inputId}`]

  /** In the order of asking; a removal takes the place of a change that has not been told yet and never comes before it. */
  function later(key: string, read: () => Promise<SseCast[]>): void {
    dirty.set(key, read)
    if (draining) return
    draining = true
    void drain()
  }

  async function drain(): Promise<void> {
    for (const [key, read] of dirty) {
      dirty.delete(key)
      try {
        for (const cast of await read()) d.sse.publish(cast)
      } catch (error) {
        // Deleted meanwhile: its `removed` event says so.
        if (!isAppError(error) || error.status !== 404) d.log.error('an event could not be told', { error })
      }
    }
    draining = false
  }

  async function inputChanged(inputId: number): Promise<SseCast[]> {
    const casts: SseCast[] = []
    for (const host of hosts) {
      const data = await d.inputs.get(inputId, viewerAt(host))
      casts.push({ name: 'input.changed', data, topics: topicsOf(inputId).map((topic) => atHost(topic, host)) })
    }
    return casts
  }

  async function outputChanged(inputId: number, outputId: number): Promise<SseCast[]> {
    const casts: SseCast[] = []
    for (const host of hosts) {
      const data = await d.outputs.get(inputId, outputId, viewerAt(host))
      casts.push({ name: 'output.changed', data, topics: topicsOf(inputId).map((topic) => atHost(topic, host)) })
    }
    return casts
  }

  function toStats(inputId: number) {
    const ids = d.live.outputsOf(inputId)
    return {
      input_id: inputId,
      stats: toInputStats(d.live.input(inputId)),
      outputs: Object.fromEntries(ids.map((id) => [String(id), toOutputStats(d.live.output(id).figures)])),
    }
  }

  function hear(event: DomainEvent): void {
    switch (event.type) {
      case 'input.changed':
        later(`input:${event.inputId}`, () => inputChanged(event.inputId))
        break
      case 'output.changed':
        later(`output:${event.outputId}`, () => outputChanged(event.inputId, event.outputId))
        break
      case 'input.removed':
        later(`input:${event.inputId}`, async () => [
          { name: 'input.removed', data: { id: event.inputId }, topics: topicsOf(event.inputId) },
        ])
        break
      case 'output.removed':
        later(`output:${event.outputId}`, async () => [
          {
            name: 'output.removed',
            data: { id: event.outputId, input_id: event.inputId },
            topics: topicsOf(event.inputId),
          },
        ])
        break
      case 'stats':
        if (d.sse.clients() > 0) publish('stats', toStats(event.inputId), topicsOf(event.inputId), false)
        break
      case 'input.restarted': {
        const data = { input_id: event.inputId, reason: event.reason, gap_ms: event.gapMs }
        publish('input.restarted', data, topicsOf(event.inputId))
        break
      }
      case 'input.switched': {
        const { inputId, from, to, reason, gapMs } = event
        publish('input.switched', { input_id: inputId, from, to, reason, gap_ms: gapMs }, topicsOf(inputId))
        break
      }
      case 'image.added':
      case 'image.changed':
      case 'image.removed':
        publish(event.type, event.data, [galleryTopic(event.streamId, event.audience)])
        break
      case 'output.exited': {
        const data = { id: event.outputId, input_id: event.inputId, exit: toExit(event.exit) }
        publish('output.exited', data, topicsOf(event.inputId))
        break
      }
      case 'output.log':
        if (d.sse.clients() > 0) publish(...toLogEvent(event), false)
        break
      case 'system.status':
        if (d.sse.clients() > 0) publish('system.status', d.systemStatus(), ['system'], false)
        break
    }
  }

  async function inputsOf(topics: Topics, host: string) {
    if (topics.allInputs) return d.inputs.list(viewerAt(host))
    return Promise.all(topics.inputIds.map((id) => d.inputs.get(id, viewerAt(host))))
  }

  async function logsOf(outputId: number): Promise<SseEvent[]> {
    const inputId = d.live.inputOf(outputId)
    const { lines } = await d.outputs.logs(inputId ?? 0, outputId)
    return lines.map((line) => ({ name: 'output.log', data: { id: outputId, input_id: inputId, ...line } }))
  }

  const unsubscribe = d.bus.subscribe(hear)

  return {
    async check(topics, actor) {
      for (const id of topics.inputIds) await d.inputs.get(id, viewerAt(''))
      const streamIds = topics.streamKeys.map((key) => d.pictures.streamIdOf(actor, key))
      if (topics.logIds.every((id) => d.live.inputOf(id) !== null)) return { streamIds }
      throw new AppError({ kind: 'not_found', code: 'output.not_found', message: 'There is no such output.' })
    },
    async snapshot(topics, host, actor) {
      const inputs = await inputsOf(topics, host)
      const events: SseEvent[] = inputs.map((data) => ({ name: 'input.changed', data }))
      for (const input of inputs)
        for (const data of await d.outputs.list(input.id, viewerAt(host))) events.push({ name: 'output.changed', data })
      if (topics.system) events.push({ name: 'system.status', data: d.systemStatus() })
      for (const key of topics.streamKeys)
        for (const data of await d.pictures.list(actor, key)) events.push({ name: 'image.changed', data })
      for (const id of topics.logIds) events.push(...(await logsOf(id)))
      return events
    },
    welcome(host) {
      hosts.delete(host)
      hosts.add(host)
      for (const oldest of hosts) if (hosts.size > MAX_HOSTS) hosts.delete(oldest)
    },
    close: unsubscribe,
  }
}

function toLogEvent(event: Extract<DomainEvent, { type: 'output.log' }>): [string, unknown, string[]] {
  const { inputId, outputId, line } = event
  const data = { id: outputId, input_id: inputId, ...line, at: toIso(line.at) }
  return ['output.log', data, [`log:${outputId}`]]
}
