/** @jsxImportSource hono/jsx */
import { Rate } from '../ui/figures.tsx'
import { type Gate, Gates } from '../ui/gates.tsx'
import type { Series } from '../ui/series.ts'
import { Spark } from '../ui/spark.tsx'
import { Countdown, RelativeTime } from '../ui/time.tsx'
import type { InputResource } from './inputs.schema.ts'
import { isFilled, reasonWords, viewersSee } from './inputs.air.words.ts'
import { StillParts } from './inputs.still.views.tsx'
import { formatWords, outputsWords, sendWords, sourceWords } from './inputs.words.ts'

export type InputCardProps = {
  input: InputResource
  /** An output as the API gives it fits. */
  outputs: readonly { name: string; status: Gate['state'] }[]
  /** Its bitrate, one value a second, oldest first. */
  history: Series
  /** When its newest still was made, wall-clock milliseconds; null before anybody looked. */
  stillAtMs: number | null
}

/** An input on the wall: the picture first, then the truth about it. Replaced whole: `#input-3`. */
export function InputCard({ input, outputs, history, stillAtMs }: InputCardProps) {
  const { id, name, status, stats } = input
  const hasRate = status === 'active' || status === 'starting'
  const [warning] = input.warnings
  return (
    <article class="card feed" id={`input-${id}`} data-state={status} aria-labelledby={`input-${id}-name`}>
      <StillParts input={input} stillAtMs={stillAtMs} width={640} isCard />
      <div class="feed-body">
        <div>
          <h3 class="feed-name" id={`input-${id}-name`}>
            <a href={`/inputs/${id}`}>{name}</a>
          </h3>
          <p class="feed-meta">{[sourceWords(input), formatWords(stats)].filter((part) => part !== '').join(' · ')}</p>
        </div>
        {isFilled(input) && <CardAir input={input} />}
        {hasRate ? (
          <div class="stack-2">
            {warning && !AIR_WARNINGS.has(warning.code) && <p class="note">{warning.message}</p>}
            <CardRate input={input} history={history} />
          </div>
        ) : (
          <CardNote input={input} hasOutputs={outputs.length > 0} />
        )}
        <div class="gates-line">
          {outputs.length > 0 && (
            <Gates items={outputs.map((output) => ({ name: output.name, state: output.status }))} />
          )}
          <span>{outputsWords(outputs)}</span>
        </div>
      </div>
    </article>
  )
}

/** The card tells itself what stands in for the feed. */
const AIR_WARNINGS = new Set(['input.on_fill', 'input.on_backup'])

/** `Feed lost, viewers see the slate for 2 min`. */
function CardAir({ input }: { input: InputResource }) {
  return (
    <p class="note card-air">
      {viewersSee(input.on_air)} for <RelativeTime at={input.on_air_since} />. {reasonWords(input)}
    </p>
  )
}

/** Its bitrate as a line and a figure: `#input-3-flow`, told once a second without the rest. */
export function CardRate({ input, history }: Pick<InputCardProps, 'input' | 'history'>) {
  return (
    <div class="rate" id={`input-${input.id}-flow`}>
      <Spark values={history} />
      <Rate kbps={input.stats.bitrate_kbps} />
    </div>
  )
}

function CardNote({ input, hasOutputs }: { input: InputResource; hasOutputs: boolean }) {
  if (input.next_retry_at)
    return (
      <p class="note">
        Next try <Countdown until={input.next_retry_at} />, {tries(input.reconnect_count)} so far
      </p>
    )
  switch (input.status) {
    case 'inactive':
      if (isFilled(input)) return null
      return <p class="note">{hasOutputs ? 'Outputs return by themselves' : sendWords(input)}</p>
    case 'stopped':
      return (
        <p class="note">
          Off for <RelativeTime at={input.since} />
        </p>
      )
    default:
      return <p class="note">{input.last_error}</p>
  }
}

const tries = (count: number) => (count === 1 ? '1 try' : `${count} tries`)
