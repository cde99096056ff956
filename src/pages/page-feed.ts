import type { Bus, DomainEvent } from '../bus.ts'
import { AppError } from '../errors.ts'
import type { Sse } from '../http/sse.ts'
import type { SseEvent } from '../http/sse-wire.ts'
import { AUDIENCES } from '../images/images.rights.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Live } from '../live/live.ts'
import { inputIdOf, type PageName } from './page-name.ts'
import { dashboardParts, emptyPart, frame, inputParts, type PagePart, sendPart, systemParts } from './page-parts.tsx'
import type { PageReader } from './page-reader.ts'
import { renderSnapshot } from './page-snapshot.ts'
import { type StreamPartsDeps, streamParts } from './stream-parts.tsx'
import { createPartCasts, type Pace } from './part-casts.ts'

export type PageFeedDeps = {
  sse: Sse
  bus: Bus
  clock: Clock
  log: Log
  live: Pick<Live, 'outputsOf' | 'isInput'>
  /** `fedBy`: the streams whose feed an input is. */
  streams: StreamPartsDeps & { fedBy(inputId: number): { id: number }[] }
  /** What pages show, as it is now; `host` is where senders reach Weir. */
  openReader(host: string): PageReader
}

export type PageFeed = {
  /** @throws AppError 404 where the input of the page is not there */
  check(page: PageName): void
  /** Everything on the page that may change, as one message; `host` null for strangers, who see no list at the side. */
  snapshot(page: PageName, host: string | null): Promise<SseEvent[]>
  /** From now on pages that reach Weir by this host are told where to send. */
  welcome(host: string): void
  close(): void
}

/** Between two looks at the machine, while somebody watches. */
const HOST_MS = 2000
const MAX_HOSTS = 8

/**
 * The bus, told to pages: each event names the elements that may read otherwise now. They are rendered once for all pages
 * that show them, and not at all while nobody does.
 */
export function createPageFeed(d: PageFeedDeps): PageFeed {
  const casts = createPartCasts<PageReader>({
    clock: d.clock,
    log: d.log,
    isWanted: (topic) => d.sse.isWanted([topic]),
    publish: (topic, data) => d.sse.publish({ topics: [topic], data }),
    // What all pages share says no address: what does is a part for each host.
    openReader: () => d.openReader(''),
  })
  /** Whoever comes before anything changes again gets the text of the last one who came. */
  const snapshots = new Map<string, Promise<SseEvent[]>>()
  const hosts = new Set<string>()
  /** What pages have an element of; all else comes with the list that it stands in. */
  const shown = new Set<string>()

  function touch(pace: Pace, ...parts: PagePart[]): void {
    for (const part of parts) casts.touch(part, pace)
  }

  /** True the first time, when the element itself is not on any page yet. */
  function isNew(key: string): boolean {
    if (shown.has(key)) return false
    shown.add(key)
    return true
  }

  function inputChanged(inputId: number): void {
    const page = inputParts(inputId)
    touch('state', page.head, page.air, page.still, page.warnings, page.stats, page.slate)
    for (const host of hosts) touch('state', sendPart(inputId, host, d.openReader))
    touchDashboard(isNew(`input ${inputId}`) ? dashboardParts.whole : dashboardParts.card(inputId))
  }

  function outputChanged(inputId: number, outputId: number): void {
    const page = inputParts(inputId)
    const isAdded = isNew(`output ${outputId}`)
    for (const host of hosts) touch('state', isAdded ? page.outputs(host) : page.line(outputId, host))
    touch('state', page.tally)
    touchDashboard(dashboardParts.card(inputId))
  }

  /** A thing on the wall, and what sums all of them up. */
  function touchDashboard(part: PagePart): void {
    touch('state', part, dashboardParts.summary, dashboardParts.attention, frame)
  }

  function touchHistory(inputId: number): void {
    touch('lines', inputParts(inputId).history, dashboardParts.events)
  }

  function touchFigures(inputId: number): void {
    const page = inputParts(inputId)
    for (const outputId of d.live.outputsOf(inputId)) touch('figures', ...page.figures(outputId))
    touch('figures', page.rate, page.stats, page.tally, dashboardParts.cardRate(inputId), dashboardParts.summary)
  }

  const parts = (streamId: number, audience: string) => streamParts(streamId, audience, d.streams)
  /** Makes a message another than the one before. How many there were is nobody's business. */
  const mark = () => d.clock.wall()

  function streamChanged(streamId: number): void {
    for (const audience of AUDIENCES) touch('state', parts(streamId, audience).head(mark()))
  }

  /** The pages of the streams that an input feeds: its newest still, and whether it is there at all. */
  function feedChanged(inputId: number, pace: Pace): void {
    for (const { id } of d.streams.fedBy(inputId))
      for (const audience of AUDIENCES) touch(pace, parts(id, audience).still, parts(id, audience).state)
  }

  function picturesChanged({ streamId, audience, data }: Extract<DomainEvent, { audience: string }>): void {
    const { pictures, head } = parts(streamId, audience)
    touch('state', pictures(mark()))
    const cover = d.streams.byId(streamId)?.coverImageId ?? null
    if (cover !== null && (data as { id?: unknown }).id === cover) touch('state', head(mark()))
  }

  function hear(event: DomainEvent): void {
    snapshots.clear()
    switch (event.type) {
      case 'input.changed':
        inputChanged(event.inputId)
        feedChanged(event.inputId, 'state')
        touchHistory(event.inputId)
        break
      case 'input.removed':
        shown.delete(`input ${event.inputId}`)
        touch('state', inputParts(event.inputId).gone)
        for (const host of hosts) touch('state', emptyPart(host, d.openReader))
        touchDashboard(dashboardParts.whole)
        break
      case 'output.changed':
        outputChanged(event.inputId, event.outputId)
        touchHistory(event.inputId)
        break
      case 'output.removed':
        shown.delete(`output ${event.outputId}`)
        for (const host of hosts) touch('state', inputParts(event.inputId).outputs(host))
        touchDashboard(dashboardParts.card(event.inputId))
        touchHistory(event.inputId)
        break
      case 'input.still':
        touch('state', dashboardParts.card(event.inputId), inputParts(event.inputId).still)
        feedChanged(event.inputId, 'figures')
        break
      case 'stats':
        touchFigures(event.inputId)
        break
      case 'input.restarted':
      case 'input.switched':
      case 'output.exited':
        touchHistory(event.inputId)
        break
      case 'system.status':
        touch('figures', dashboardParts.attention, ...systemParts)
        break
      case 'image.added':
      case 'image.changed':
      case 'image.removed':
        picturesChanged(event)
        break
      case 'stream.changed':
        streamChanged(event.streamId)
        break
      case 'output.log':
        // An open log asks for itself.
        break
    }
  }

  const unsubscribe = d.bus.subscribe(hear)
  const stopLooking = d.clock.every(HOST_MS, () => {
    snapshots.clear()
    touch('figures', dashboardParts.host, ...systemParts)
  })

  async function makeSnapshot(page: PageName, host: string | null): Promise<SseEvent[]> {
    return [{ data: await renderSnapshot(page, d.openReader(host ?? ''), host !== null) }]
  }

  return {
    check(page) {
      const inputId = inputIdOf(page)
      if (inputId === null || d.live.isInput(inputId)) return
      throw new AppError({ kind: 'not_found', code: 'input.not_found', message: 'There is no such input.' })
    },
    snapshot(page, host) {
      casts.forget()
      const key = host === null ? page : `${page}@${host}`
      const made = snapshots.get(key) ?? makeSnapshot(page, host)
      snapshots.set(key, made)
      return made
    },
    welcome(host) {
      hosts.delete(host)
      hosts.add(host)
      for (const oldest of hosts) if (hosts.size > MAX_HOSTS) hosts.delete(oldest)
    },
    close() {
      unsubscribe()
      stopLooking()
      casts.close()
    },
  }
}
