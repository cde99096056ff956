/** @jsxImportSource hono/jsx */
import { OnAir } from '../inputs/inputs.air.views.tsx'
import { type InputEventsProps, InputHistory } from '../inputs/inputs.history.views.tsx'
import { InputHead, InputRate, InputStats, InputWarnings } from '../inputs/inputs.page.views.tsx'
import type { InputResource } from '../inputs/inputs.schema.ts'
import { InputSend } from '../inputs/inputs.send.views.tsx'
import { SlateBox } from '../inputs/inputs.slate.views.tsx'
import { InputStill } from '../inputs/inputs.still.views.tsx'
import type { Series } from '../live/history.ts'
import type { OutputResource } from '../outputs/outputs.schema.ts'
import { OutputsBox } from '../outputs/outputs.views.tsx'
import { LinkButton } from '../ui/button.tsx'
import { Empty } from '../ui/messages.tsx'
import { PageHead } from '../ui/page-head.tsx'

/** The newest page of the history, all of it or of one kind. */
export type EventsShown = Pick<InputEventsProps, 'page' | 'show'>

/** Everything that the page of one input shows, at one moment. */
export type InputPageProps = {
  input: InputResource
  outputs: readonly OutputResource[]
  /** Of the last 10 minutes. */
  rates: Series
  /** Of each output, of the last 2 minutes. */
  outputRates: Readonly<Record<string, Series>>
  events: EventsShown
  stillAtMs: number | null
}

/** One input: what it carries and where to send it, its outputs, and what happened to it. */
export function InputPage(props: InputPageProps) {
  const { input, outputs, rates, outputRates, events, stillAtMs } = props
  return (
    <>
      <InputHead input={input} />
      <InputWarnings input={input} />
      <OnAir input={input} />
      <SlateBox input={input} />
      <div class="feed-band">
        <section class="card feed-now" aria-labelledby="now-h">
          <h2 class="sr-only" id="now-h">
            The feed now
          </h2>
          <InputStill input={input} stillAtMs={stillAtMs} />
          <InputStats input={input} />
          <InputRate input={input} history={rates} />
        </section>
        <InputSend input={input} />
      </div>
      <OutputsBox input={input} outputs={outputs} history={outputRates} />
      <InputHistory inputId={input.id} outputNames={toNames(outputs)} {...events} />
    </>
  )
}

/** Outputs by their ids, for lines that name them. */
export function toNames(outputs: readonly OutputResource[]): ReadonlyMap<number, string> {
  return new Map(outputs.map((output) => [output.id, output.name]))
}

/** In place of an input that somebody deleted while its page was open. */
export function InputGone() {
  return (
    <>
      <PageHead title="This input is gone" />
      <Empty
        icon="trash"
        title="It was deleted while this page was open"
        level={2}
        actions={<LinkButton label="To all inputs" kind="primary" href="/" />}
      >
        Its outputs and its history went with it.
      </Empty>
    </>
  )
}
