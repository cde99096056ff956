/** @jsxImportSource hono/jsx */
import { OnAir } from '../inputs/inputs.air.views.tsx'
import { InputEventItems } from '../inputs/inputs.history.views.tsx'
import { InputHead, InputRate, InputStats, InputWarnings } from '../inputs/inputs.page.views.tsx'
import type { InputResource } from '../inputs/inputs.schema.ts'
import { InputSend } from '../inputs/inputs.send.views.tsx'
import { InputSlate } from '../inputs/inputs.slate.views.tsx'
import { InputStill } from '../inputs/inputs.still.views.tsx'
import { CardRate } from '../inputs/inputs.views.tsx'
import { OutputCallers } from '../outputs/outputs.callers.views.tsx'
import { OutputFigures, OutputLine, type OutputLineProps, OutputRate } from '../outputs/outputs.line.views.tsx'
import { OutputsBox, OutputsSummary } from '../outputs/outputs.views.tsx'
import { HealthBadge, HealthTable, Workers } from '../system/system.views.tsx'
import { atHost } from './events.topics.ts'
import { LastEvents, NeedsYou, Summary, WallCard } from './dashboard.views.tsx'
import { HostGauges } from './host.views.tsx'
import { InputGone, toNames } from './input-page.views.tsx'
import {
  cardRates,
  dashboardProps,
  eventsOf,
  inputRates,
  Live,
  outputRates,
  renderBody,
  renderFrame,
  toPartial,
  wallProps,
} from './page-body.tsx'
import type { PageName } from './page-name.ts'
import type { PageReader } from './page-reader.ts'
import type { Part } from './part-casts.ts'

export type PagePart = Part<PageReader>
type Content = { toString(): string } | null | undefined

/** The element `id` on pages of this name, made anew when asked; where its content is null it is gone. */
function part(page: PageName, id: string, content: (read: PageReader) => Content | Promise<Content>): PagePart {
  return {
    key: `${page} ${id}`,
    topic: page,
    async render(read) {
      const made = await content(read)
      return made ? toPartial(id, String(made)) : null
    },
  }
}

/** On every page: the side list. */
export const frame: PagePart = { key: 'frame', topic: 'frame', render: renderFrame }

export const dashboardParts = {
  /** All of it, when an input came or went. Without any input it says where people reach Weir: see `emptyPart`. */
  whole: part('dashboard', 'live', async (read) =>
    (await read.inputs()).length > 0 ? renderBody('dashboard', read) : null,
  ),
  summary: part('dashboard', 'summary', async (read) => <Summary {...(await wallProps(read))} />),
  attention: part('dashboard', 'attention', async (read) => <NeedsYou {...(await wallProps(read))} />),
  host: part('dashboard', 'host', (read) => <HostGauges status={read.status()} />),
  events: part('dashboard', 'events', async (read) => <LastEvents {...(await dashboardProps(read))} />),
  card: (inputId: number) =>
    part('dashboard', `input-${inputId}`, async (read) => {
      const input = await read.input(inputId)
      return input && <WallCard {...(await wallProps(read))} input={input} />
    }),
  /** Of a card, what changes every second. */
  cardRate: (inputId: number) =>
    part('dashboard', `input-${inputId}-flow`, async (read) => {
      const input = await read.input(inputId)
      return input && <CardRate input={input} history={cardRates(inputId, read)} />
    }),
}

export const systemParts = [
  part('system', 'health-word', async (read) => <HealthBadge health={await read.health()} status={read.status()} />),
  part('system', 'health', async (read) => <HealthTable health={await read.health()} status={read.status()} />),
  part('system', 'host', (read) => <HostGauges status={read.status()} />),
  part('system', 'workers', (read) => <Workers status={read.status()} />),
]

/** The parts of the page of one input. */
export function inputParts(inputId: number) {
  const page: PageName = `input:${inputId}`
  const id = `input-${inputId}`
  const of = (name: string, content: (input: InputResource, read: PageReader) => Content | Promise<Content>) =>
    part(page, `${id}-${name}`, async (read) => {
      const input = await read.input(inputId)
      return input && content(input, read)
    })
  const output = (outputId: number, ending: string, content: (props: OutputLineProps) => Content) =>
    part(page, `output-${outputId}${ending}`, async (read) => {
      const found = (await read.outputsOf(inputId)).find((each) => each.id === outputId)
      return found && content({ output: found, history: outputRates(inputId, read)[String(outputId)] ?? [] })
    })
  /** What says where receivers call reads otherwise for each host. */
  const forHost = ({ key, render }: PagePart, host: string): PagePart => ({
    key: `${key} ${host}`,
    topic: atHost(page, host),
    render: (read) => render(read.at(host)),
  })
  return {
    head: of('head', (input) => <InputHead input={input} />),
    warnings: of('warnings', (input) => <InputWarnings input={input} />),
    air: of('air', (input) => <OnAir input={input} />),
    slate: of('slate', (input) => <InputSlate input={input} />),
    still: of('still', (input, read) => <InputStill input={input} stillAtMs={read.stillAt(inputId)} />),
    stats: of('stats', (input) => <InputStats input={input} />),
    rate: of('rate', (input, read) => <InputRate input={input} history={inputRates(inputId, read)} />),
    /** The list with all its lines, when an output came or went. Drawers and dialogs keep themselves. */
    outputs: (host: string) =>
      forHost(
        of('outputs-box', async (input, read) => (
          <OutputsBox input={input} outputs={await read.outputsOf(inputId)} history={outputRates(inputId, read)} />
        )),
        host,
      ),
    tally: of('outputs', async (_input, read) => (
      <OutputsSummary inputId={inputId} outputs={await read.outputsOf(inputId)} />
    )),
    history: historyPart(page, inputId),
    gone: part(page, 'live', async (read) =>
      (await read.input(inputId)) ? null : (
        <Live>
          <InputGone />
        </Live>
      ),
    ),
    line: (outputId: number, host: string) =>
      forHost(
        output(outputId, '', (props) => <OutputLine {...props} />),
        host,
      ),
    /** Of a line, what changes every second. */
    figures: (outputId: number) => [
      output(outputId, '-rate', (props) => <OutputRate {...props} />),
      output(outputId, '-figures', (props) => <OutputFigures {...props} />),
      output(outputId, '-callers', (props) => (props.output.callers ? <OutputCallers output={props.output} /> : null)),
    ],
  }
}

/** New lines are put above, so that what the reader unfolded below stays. */
function historyPart(page: PageName, inputId: number): PagePart {
  const id = `input-${inputId}-events`
  return {
    key: `${page} ${id}`,
    topic: page,
    async render(read) {
      if (!(await read.input(inputId))) return null
      const page = { ...(await eventsOf(inputId, read)), next_cursor: null }
      const names = toNames(await read.outputsOf(inputId))
      const lines = <InputEventItems inputId={inputId} page={page} outputNames={names} />
      return `<hx-upsert hx-target="#${id}" sort="desc">${lines}</hx-upsert>`
    },
  }
}

/** The dashboard after its last input went, on pages that reach Weir by this host; it has lines to copy. */
export function emptyPart(host: string, openReader: (host: string) => PageReader): PagePart {
  return {
    key: `dashboard live ${host}`,
    topic: atHost('dashboard', host),
    async render() {
      const read = openReader(host)
      if ((await read.inputs()).length > 0) return null
      const body = await renderBody('dashboard', read)
      return body && toPartial('live', body)
    },
  }
}

/** Where to send the feed, on pages that reach Weir by this host. */
export function sendPart(inputId: number, host: string, openReader: (host: string) => PageReader): PagePart {
  const id = `input-${inputId}-send`
  return {
    key: `input:${inputId} ${id} ${host}`,
    topic: atHost(`input:${inputId}`, host),
    async render() {
      const input = await openReader(host).input(inputId)
      return input && toPartial(id, String(<InputSend input={input} />))
    },
  }
}
