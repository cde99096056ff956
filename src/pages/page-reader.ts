import type { EventRow } from '../db/tables/events.ts'
import type { InputResource } from '../inputs/inputs.schema.ts'
import type { Inputs } from '../inputs/inputs.service.ts'
import type { Live } from '../live/live.ts'
import type { OutputResource } from '../outputs/outputs.schema.ts'
import type { Outputs } from '../outputs/outputs.service.ts'
import type { HealthView, StatusView } from '../system/system.schema.ts'
import type { System } from '../system/system.service.ts'
import { fromAudience } from './audience.ts'

export type PageReaderDeps = {
  inputs: Pick<Inputs, 'list' | 'events'>
  outputs: Pick<Outputs, 'all' | 'defaults'>
  live: Pick<Live, 'recentEvents' | 'history' | 'stillAt' | 'still'>
  system: Pick<System, 'status' | 'health' | 'settings' | 'logPage'>
  /** Where people reach Weir under this host: what a page says in lines to copy. */
  urlOf(host: string): string
}

/** What a page is made of, read at most once however many of its parts need it. */
export type PageReader = {
  /** Where people reach Weir. */
  url: string
  /** As this one, for pages that reach Weir by another host; it lives as long as this one. */
  at(host: string): PageReader
  inputs(): Promise<InputResource[]>
  input(id: number): Promise<InputResource | null>
  outputs(): Promise<OutputResource[]>
  outputDefaults: Outputs['defaults']
  outputsOf(inputId: number): Promise<OutputResource[]>
  /** The newest events of all inputs. */
  lastEvents(limit: number): Promise<EventRow[]>
  eventsOf: Inputs['events']
  status(): StatusView
  health(): Promise<HealthView>
  settings: System['settings']
  logPage: System['logPage']
  history: Live['history']
  /** When the newest still of an input was made. A page that has none yet asks for the first, and hears when it is there. */
  stillAt(inputId: number): number | null
}

/** As wide as a card shows it. */
const FIRST_STILL_WIDTH = 640

/**
 * Opens a reader for one answer or one turn: afterwards it is thrown away, so nothing it says is old. `audience` says by
 * which host they reach Weir and what they may see.
 */
export function openPageReader(d: PageReaderDeps, audience: string): PageReader {
  const viewer = fromAudience(audience)
  const { host } = viewer
  const inputs = once(() => d.inputs.list(viewer))
  const outputs = once(() => d.outputs.all(viewer))
  const others = new Map<string, PageReader>()
  return {
    url: d.urlOf(host),
    at(name) {
      const other = others.get(name) ?? openPageReader(d, name)
      others.set(name, other)
      return other
    },
    inputs,
    input: async (id) => (await inputs()).find((input) => input.id === id) ?? null,
    outputs,
    outputDefaults: d.outputs.defaults,
    outputsOf: async (inputId) => (await outputs()).filter((output) => output.input_id === inputId),
    lastEvents: (limit) => d.live.recentEvents(limit),
    eventsOf: d.inputs.events,
    status: once(() => d.system.status()),
    settings: d.system.settings,
    logPage: d.system.logPage,
    health: once(() => d.system.health({ withChecks: true })),
    history: d.live.history,
    stillAt(inputId) {
      const atMs = d.live.stillAt(inputId)
      // A picture that is not there yet would be a failed request of the page; the look alone starts the making.
      if (atMs === null) d.live.still(inputId, FIRST_STILL_WIDTH).catch(() => null)
      return atMs
    },
  }
}

function once<T>(read: () => T): () => T {
  let answer: { value: T } | null = null
  return () => {
    answer ??= { value: read() }
    return answer.value
  }
}
