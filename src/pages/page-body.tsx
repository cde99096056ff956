/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import type { EventKind } from '../live/event-kinds.ts'
import type { Series } from '../live/history.ts'
import { NavCount, type NavInput, SideInputs } from '../ui/nav.tsx'
import { Dashboard, type DashboardProps } from './dashboard.views.tsx'
import { NothingYet } from './empty.views.tsx'
import { foldEvents } from './fold-events.ts'
import { InputPage } from './input-page.views.tsx'
import { inputIdOf, type PageName } from './page-name.ts'
import type { PageReader } from './page-reader.ts'

const LAST_EVENTS = 8
/** Among so many of the newest, equal ones are one. */
const FOLDED_EVENTS = 200
const HISTORY_EVENTS = 20
const CARD_MINUTES = 2
const CHART_MINUTES = 10

/** The element that holds all of a page that is live; a snapshot morphs it whole. */
export function Live({ children }: { children?: Child }) {
  return <div id="live">{children}</div>
}

/** The live part of the dashboard or of an input's page, with a part of its history or all; null where there is none. */
export async function renderBody(page: PageName, read: PageReader, show?: EventKind): Promise<string | null> {
  if (page === 'dashboard') return renderDashboard(read)
  const inputId = inputIdOf(page)
  return inputId === null ? null : renderInput(inputId, read, show)
}

async function renderDashboard(read: PageReader): Promise<string> {
  const props = await dashboardProps(read)
  return String(<Live>{props.inputs.length === 0 ? <NothingYet url={read.url} /> : <Dashboard {...props} />}</Live>)
}

/** What the wall shows; parts of it take what they need. */
export async function dashboardProps(read: PageReader): Promise<DashboardProps> {
  const events = await read.lastEvents(FOLDED_EVENTS)
  return { ...(await wallProps(read)), events: foldEvents(events).slice(0, LAST_EVENTS) }
}

/** The same without the events, which are read from the database. */
export async function wallProps(read: PageReader): Promise<Omit<DashboardProps, 'events'>> {
  return {
    inputs: await read.inputs(),
    outputs: await read.outputs(),
    status: read.status(),
    historyOf: (inputId) => cardRates(inputId, read),
    stillAtOf: read.stillAt,
  }
}

async function renderInput(inputId: number, read: PageReader, show?: EventKind): Promise<string | null> {
  const input = await read.input(inputId)
  if (!input) return null
  return String(
    <Live>
      <InputPage
        input={input}
        outputs={await read.outputsOf(inputId)}
        rates={inputRates(inputId, read)}
        outputRates={outputRates(inputId, read)}
        events={{ page: await eventsOf(inputId, read, show), show }}
        stillAtMs={read.stillAt(inputId)}
      />
    </Live>,
  )
}

/** The newest of a history, as people read it. */
export const eventsOf = (inputId: number, read: PageReader, show?: EventKind) =>
  read.eventsOf(inputId, { limit: HISTORY_EVENTS, inWords: true, withTotal: true, ...(show && { kind: show }) })

export const cardRates = (inputId: number, read: PageReader): Series => read.history(inputId, CARD_MINUTES).bitrateKbps

export const inputRates = (inputId: number, read: PageReader): Series =>
  read.history(inputId, CHART_MINUTES).bitrateKbps

export const outputRates = (inputId: number, read: PageReader) => read.history(inputId, CARD_MINUTES).outputs

/** The inputs as the side list of every page has them. */
export async function navInputs(read: PageReader): Promise<NavInput[]> {
  return (await read.inputs()).map((input) => ({
    id: input.id,
    name: input.name,
    state: input.status,
    running: input.outputs_running,
    total: input.outputs_total,
  }))
}

/** The side list and the count of inputs, as all pages have them. */
export async function renderFrame(read: PageReader): Promise<string> {
  const inputs = await navInputs(read)
  const count = toPartial('nav-count', String(<NavCount count={inputs.length} />))
  return count + toPartial('nav-inputs', String(<SideInputs inputs={inputs} />))
}

/** A fragment as the event stream sends it: it names the element that it becomes. */
export function toPartial(id: string, html: string): string {
  return `<hx-partial hx-target="#${id}" hx-swap="outerMorph">${html}</hx-partial>`
}
