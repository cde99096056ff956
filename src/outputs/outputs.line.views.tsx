/** @jsxImportSource hono/jsx */
import { Act } from '../ui/act.tsx'
import { Button, LinkButton } from '../ui/button.tsx'
import { Bytes, Figure, NoFigure, Num, Rate } from '../ui/figures.tsx'
import { Icon } from '../ui/icon.tsx'
import { Menu } from '../ui/menu.tsx'
import { opensSheet } from '../ui/opens-sheet.ts'
import type { Series } from '../ui/series.ts'
import { Spark } from '../ui/spark.tsx'
import { StateBadge } from '../ui/state.tsx'
import { Countdown, RelativeTime } from '../ui/time.tsx'
import { ListenAddress, OutputCallers } from './outputs.callers.views.tsx'
import type { OutputResource } from './outputs.schema.ts'
import {
  checkPath,
  editPath,
  isAwaitingCallers,
  madeWords,
  type Remedy,
  remedyOf,
  shownAddress,
  stateWords,
  triesLeftWords,
  warningRemedyOf,
} from './outputs.words.ts'

export type OutputLineProps = {
  output: OutputResource
  /** Its bitrate of the last 2 minutes, one value a second, oldest first. */
  history: Series
}

/** One output with its figures and acts: `#output-7`. Replaced whole when its state changes; its drawer stands beside it. */
export function OutputLine({ output, history }: OutputLineProps) {
  const address = shownAddress(output)
  const made = madeWords(output)
  return (
    <div class="output-line" id={`output-${output.id}`} data-state={output.status}>
      <StateBadge of="output" state={output.status} word={stateWords(output)} />
      <span class="output-name">
        <b>{output.name}</b>
        <span class="output-to" title={address}>
          {address}
          {made && ` · ${made}`}
        </span>
      </span>
      <OutputRate output={output} history={history} />
      <OutputFigures output={output} />
      <OutputActs output={output} />
      <OutputNote output={output} />
      <ListenAddress output={output} />
      <OutputCallers output={output} />
    </div>
  )
}

/** Its bitrate as a line and a figure: `#output-7-rate`, told once a second without the rest. */
export function OutputRate({ output, history }: OutputLineProps) {
  return (
    <span class="output-rate" id={`output-${output.id}-rate`}>
      {history.some((kbps) => kbps !== null) ? <Spark values={history} /> : <span />}
      <Rate kbps={output.stats.bitrate_kbps} />
    </span>
  )
}

/** Its other figures: `#output-7-figures`, told as the rate is. */
export function OutputFigures({ output }: { output: OutputResource }) {
  const { stats, status } = output
  const isFailing = status === 'reconnecting' || status === 'error'
  const retriesTone = output.reconnect_count > 0 && isFailing ? (status === 'error' ? 'bad' : 'warn') : undefined
  return (
    <span class="output-figures" id={`output-${output.id}-figures`}>
      <Num label="fps">{stats.fps === null ? <NoFigure /> : <Figure>{stats.fps.toFixed(1)}</Figure>}</Num>
      <Num label="speed">
        {stats.speed === null ? <NoFigure /> : <Figure unit="×">{stats.speed.toFixed(2)}</Figure>}
      </Num>
      <Num label="retries">
        <Figure tone={retriesTone}>{String(output.reconnect_count)}</Figure>
      </Num>
      <Num label="CPU">
        {stats.cpu_percent === null ? <NoFigure /> : <Figure unit="%">{stats.cpu_percent.toFixed(1)}</Figure>}
      </Num>
      <Num label="memory">
        {stats.memory_bytes === null ? <NoFigure /> : <Bytes value={stats.memory_bytes} binary />}
      </Num>
      <Num label="since">
        <span class="figure">
          <RelativeTime at={output.since} />
        </span>
      </Num>
    </span>
  )
}

function OutputActs({ output }: { output: OutputResource }) {
  const { id, name } = output
  const path = `/api/inputs/${output.input_id}/outputs/${id}`
  const runId = `output-${id}-run`
  return (
    <div class="output-acts">
      <Button
        label={`Log of ${name}`}
        icon="log"
        kind="quiet"
        small
        iconOnly
        aria-expanded="false"
        aria-controls={`output-${id}-drawer`}
        hx-get={`${path}/logs`}
        hx-target={`#output-${id}-drawer`}
        hx-swap="innerHTML"
      />
      {output.enabled && output.status !== 'error' && (
        <Act iconOnly kind="quiet" small action={`${path}/restart`} icon="restart" label={`Restart ${name}`} />
      )}
      {output.enabled && output.status !== 'error' ? (
        <Act id={runId} iconOnly kind="quiet" small action={`${path}/stop`} icon="stop" label={`Stop ${name}`} />
      ) : (
        <Act id={runId} iconOnly kind="quiet" small action={`${path}/start`} icon="play" label={`Start ${name}`} />
      )}
      <Menu label={`More for ${name}`} small>
        <a {...opensSheet(editPath(output))}>
          <Icon name="edit" />
          Edit
        </a>
        <a {...opensSheet(checkPath(output))}>
          <Icon name="search" />
          Check
        </a>
        <Act item action={`${path}/duplicate`} icon="copy" label="Duplicate" />
        {output.enabled && output.status === 'error' && <Act item action={`${path}/stop`} icon="stop" label="Stop" />}
        <hr />
        <button type="button" data-open={`output-${id}-delete`}>
          <Icon name="trash" />
          Delete…
        </button>
      </Menu>
    </div>
  )
}

/** Why it does not run and what mends it, or what is wrong although it runs; nothing where all is well. */
function OutputNote({ output }: { output: OutputResource }) {
  const { status } = output
  if (status === 'reconnecting' || status === 'error') return <FailureNote output={output} />
  const warning = output.warnings[0]
  if (warning) {
    const remedy = warningRemedyOf(output, warning.code)
    return (
      <div class="output-note" data-tone="warn">
        <p>
          {warning.message} For <RelativeTime at={warning.since} />.
        </p>
        {remedy && <RemedyButton remedy={remedy} />}
      </div>
    )
  }
  // Of a listener that waits for callers state and address say it all.
  if (status === 'waiting' && output.status_reason && !isAwaitingCallers(output))
    return (
      <div class="output-note">
        <p>{output.status_reason}</p>
      </div>
    )
  return null
}

function RemedyButton({ remedy }: { remedy: Remedy }) {
  return <LinkButton label={remedy.words} icon="edit" small {...opensSheet(remedy.href)} />
}

function FailureNote({ output }: { output: OutputResource }) {
  const remedy = remedyOf(output)
  const path = `/api/inputs/${output.input_id}/outputs/${output.id}`
  const isOver = output.status === 'error'
  return (
    <div class="output-note">
      <p>
        {output.status_reason ?? output.last_error ?? 'It does not run.'}{' '}
        {!isOver && output.next_retry_at && (
          <>
            Next try <Countdown until={output.next_retry_at} />
            {triesLeftWords(output)}.
          </>
        )}
      </p>
      {remedy && <RemedyButton remedy={remedy} />}
      {isOver ? (
        <Act small action={`${path}/start`} icon="play" label="Try again" />
      ) : (
        <Act small action={`${path}/restart`} icon="restart" label="Try now" />
      )}
    </div>
  )
}
