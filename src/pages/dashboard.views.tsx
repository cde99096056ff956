/** @jsxImportSource hono/jsx */
import { lookOf } from '../inputs/inputs.history.views.tsx'
import type { InputResource } from '../inputs/inputs.schema.ts'
import { InputCard } from '../inputs/inputs.views.tsx'
import type { Series } from '../live/history.ts'
import type { OutputResource } from '../outputs/outputs.schema.ts'
import type { StatusView } from '../system/system.schema.ts'
import { Act } from '../ui/act.tsx'
import { LinkButton } from '../ui/button.tsx'
import { formatRate } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { EventList } from '../ui/lists.tsx'
import { Attention } from '../ui/messages.tsx'
import { opensSheet } from '../ui/opens-sheet.ts'
import { PageHead } from '../ui/page-head.tsx'
import { RelativeTime } from '../ui/time.tsx'
import { toAttention } from './attention.ts'
import type { FoldedEvent } from './fold-events.ts'
import { HostGauges } from './host.views.tsx'

/** Everything that the wall shows, at one moment. */
export type DashboardProps = {
  inputs: readonly InputResource[]
  outputs: readonly OutputResource[]
  events: readonly FoldedEvent[]
  status: StatusView
  historyOf(inputId: number): Series
  stillAtOf(inputId: number): number | null
}

/** The wall of inputs, what needs the operator on top, the machine and the last events beside it. */
export function Dashboard(props: DashboardProps) {
  const { inputs, outputs, status } = props
  return (
    <>
      <PageHead
        title="Live"
        lede={<Summary inputs={inputs} outputs={outputs} />}
        actions={<LinkButton label="Add input" icon="plus" kind="primary" {...opensSheet('/inputs/new')} />}
      />
      <div class="split">
        <div class="stack">
          <NeedsYou inputs={inputs} outputs={outputs} status={status} />
          <section aria-labelledby="inputs-h">
            <h2 class="sr-only" id="inputs-h">
              Inputs
            </h2>
            <div class="wall" id="inputs">
              {inputs.map((input) => (
                <WallCard input={input} {...props} />
              ))}
              <a class="feed-add" {...opensSheet('/inputs/new')}>
                <Icon name="plus" />
                Add input
                <span class="note">RTMP, SRT, UDP, a camera</span>
              </a>
            </div>
          </section>
        </div>
        <aside class="stack" aria-label="Host and last events">
          <section class="card card-pad" aria-labelledby="host-h">
            <div class="section-head">
              <h2 id="host-h">Host</h2>
              <a class="note" href="/system">
                All health
              </a>
            </div>
            <HostGauges status={status} />
          </section>
          <section class="card card-pad" aria-labelledby="events-h">
            <div class="section-head">
              <h2 id="events-h">Last events</h2>
            </div>
            <LastEvents {...props} />
          </section>
        </aside>
      </div>
    </>
  )
}

/** One input on the wall: `#input-3`. */
export function WallCard(
  props: Pick<DashboardProps, 'outputs' | 'historyOf' | 'stillAtOf'> & { input: InputResource },
) {
  const { input } = props
  return (
    <InputCard
      input={input}
      outputs={props.outputs.filter((output) => output.input_id === input.id)}
      history={props.historyOf(input.id)}
      stillAtMs={props.stillAtOf(input.id)}
    />
  )
}

/** How many live, how many run, how much flows: `#summary`. A rate that nobody measures is not told. */
export function Summary({ inputs, outputs }: Pick<DashboardProps, 'inputs' | 'outputs'>) {
  const live = inputs.filter((input) => input.status === 'active').length
  const running = outputs.filter((output) => output.status === 'running').length
  const rateIn = sumRate(inputs.map((input) => input.stats.bitrate_kbps))
  const rateOut = sumRate(outputs.map((output) => output.stats.bitrate_kbps))
  return (
    <p class="lede" id="summary">
      <span class="nowrap">
        <b>
          {live} of {inputs.length}
        </b>{' '}
        {inputs.length === 1 ? 'input' : 'inputs'} live
      </span>
      {' · '}
      <span class="nowrap">
        <b>
          {running} of {outputs.length}
        </b>{' '}
        {outputs.length === 1 ? 'output' : 'outputs'} running
      </span>
      {rateIn && (
        <>
          {' '}
          · <span class="nowrap">{rateIn} in</span>
        </>
      )}
      {rateOut && (
        <>
          , <span class="nowrap">{rateOut} out</span>
        </>
      )}
    </p>
  )
}

function sumRate(rates: readonly (number | null)[]): string | null {
  const known = rates.filter((kbps) => kbps !== null)
  if (known.length === 0) return null
  const { value, unit } = formatRate(known.reduce((sum, kbps) => sum + kbps, 0))
  return `${value} ${unit}`
}

/** What needs the operator now, each with the act that mends it: `#attention`. */
export function NeedsYou({ inputs, outputs, status }: Pick<DashboardProps, 'inputs' | 'outputs' | 'status'>) {
  const found = toAttention({ inputs, outputs, workers: status.workers })
  if (!found) return <Attention title="" items={[]} />
  const items = found.items.map(({ who, why, act }) => ({
    about: who,
    text: why,
    action:
      'href' in act ? (
        <LinkButton label={act.words} small {...(act.isForm ? opensSheet(act.href) : { href: act.href })} />
      ) : (
        <Act label={act.words} action={act.post} icon="restart" small />
      ),
  }))
  const more = found.more > 0 ? [{ about: `And ${found.more} more`, text: 'further down on this page.' }] : []
  return <Attention title={found.title} tone={found.tone} items={[...items, ...more]} />
}

/** The newest lines of all histories: `#events`. */
export function LastEvents({ events, inputs, outputs }: Pick<DashboardProps, 'events' | 'inputs' | 'outputs'>) {
  const inputNames = new Map(inputs.map((input) => [input.id, input.name]))
  const outputNames = new Map(outputs.map((output) => [output.id, output.name]))
  const items = events.map((event) => {
    const input = inputNames.get(event.inputId) ?? 'A deleted input'
    const output = event.outputId === null ? null : (outputNames.get(event.outputId) ?? 'a deleted output')
    const { icon, state } = lookOf(event.type)
    return {
      at: new Date(event.at).toISOString(),
      icon,
      ...(state ? { state } : {}),
      about: output === null ? input : `${input}, ${output}`,
      detail: event.times === 1 ? event.message : <Repeated event={event} />,
    }
  })
  return <EventList id="events" events={items} />
}

/** What the same thing did again and again; the line's own time is that of the last. */
function Repeated({ event: { message, times, firstAt } }: { event: FoldedEvent }) {
  return (
    <>
      {message}{' '}
      <span class="nowrap">
        {times} times, first <RelativeTime at={new Date(firstAt).toISOString()} ago />
      </span>
    </>
  )
}
