/** @jsxImportSource hono/jsx */
import { Act } from '../ui/act.tsx'
import { LinkButton } from '../ui/button.tsx'
import { formatRate } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { opensSheet } from '../ui/opens-sheet.ts'
import type { Series } from '../ui/series.ts'
import { OutputDelete, outputsTitleId } from './outputs.form.views.tsx'
import { OutputLine, type OutputLineProps } from './outputs.line.views.tsx'
import type { OutputResource } from './outputs.schema.ts'

export type OutputsBoxProps = {
  /** An input as the API gives it fits. */
  input: { id: number }
  outputs: readonly OutputResource[]
  /** Bitrates of the last 2 minutes by output id, as the history of an input gives them. */
  history: Readonly<Record<string, Series>>
}

/**
 * All outputs of an input, hanging on its rail. What changes has an id of its own: the summary `#input-3-outputs`, the
 * items of the list `#input-3-outputs-list`. Whether the list or the words for an empty one are seen is the style's
 * affair, so that the first output needs no new box; what the head offers is seen with the list alone.
 */
export function OutputsBox({ input, outputs, history }: OutputsBoxProps) {
  const path = `/api/inputs/${input.id}/outputs`
  const box = `input-${input.id}-outputs-box`
  const add = opensSheet(`/inputs/${input.id}/outputs/new`)
  return (
    <section class="section card outputs-box" id={box} aria-labelledby={outputsTitleId(input.id)}>
      <div class="card-head">
        <h2 id={outputsTitleId(input.id)} tabindex={-1}>
          Outputs <OutputsSummary inputId={input.id} outputs={outputs} />
        </h2>
        <Act kind="quiet" small action={`${path}/start`} icon="play" label="Start all" />
        <Act kind="quiet" small action={`${path}/stop`} icon="stop" label="Stop all" />
        <span class="act">
          <LinkButton kind="primary" small icon="plus" label="Add output" {...add} />
        </span>
      </div>
      <div class="empty">
        <Icon name="live" />
        <h3>No outputs yet</h3>
        <p>Add the first place this feed should reach. It starts at once and Weir keeps it alive.</p>
        <div class="actions">
          <LinkButton kind="primary" icon="plus" label="Add output" {...add} />
        </div>
      </div>
      <div class="outputs">
        <OutputsHead />
        <ul class="outputs-list" id={`input-${input.id}-outputs-list`}>
          {outputs.map((output) => (
            <OutputItem output={output} history={history[String(output.id)] ?? []} />
          ))}
        </ul>
      </div>
    </section>
  )
}

/** `3 of 7 running · 20.5 Mbit/s out`: `#input-3-outputs`. */
export function OutputsSummary({ inputId, outputs }: { inputId: number; outputs: readonly OutputResource[] }) {
  const running = outputs.filter((output) => output.status === 'running').length
  const rates = outputs.map((output) => output.stats.bitrate_kbps).filter((kbps) => kbps !== null)
  const { value, unit } = formatRate(rates.reduce((sum, kbps) => sum + kbps, 0))
  return (
    <span class="note" id={`input-${inputId}-outputs`}>
      {outputs.length > 0 && `${running} of ${outputs.length} running`}
      {rates.length > 0 && ` · ${value} ${unit} out`}
    </span>
  )
}

function OutputsHead() {
  return (
    <div class="outputs-head" aria-hidden="true">
      <span />
      <span>State</span>
      <span>Destination</span>
      <span class="num">Bitrate, last 2 min</span>
      <span class="num">fps</span>
      <span class="num">Speed</span>
      <span class="num">Retries</span>
      <span class="num">CPU</span>
      <span class="num">Memory</span>
      <span class="num">Since</span>
      <span />
    </div>
  )
}

/** A line with its drawer and the question before it is deleted: `#output-7-item`. Once shown, only its line is replaced. */
export function OutputItem({ output, history }: OutputLineProps) {
  const { id, name } = output
  return (
    <li class="output" id={`output-${id}-item`}>
      <OutputLine output={output} history={history} />
      <section class="drawer" id={`output-${id}-drawer`} aria-label={`Log of ${name}`} hidden hx-morph-skip="" />
      <OutputDelete output={output} />
    </li>
  )
}
