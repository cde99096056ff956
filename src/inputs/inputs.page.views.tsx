/** @jsxImportSource hono/jsx */
import { Act } from '../ui/act.tsx'
import { Breadcrumbs } from '../ui/breadcrumbs.tsx'
import { Bytes, NoFigure, Rate } from '../ui/figures.tsx'
import { Chart } from '../ui/chart.tsx'
import { formatCount, formatDuration } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { type Fact, Facts } from '../ui/lists.tsx'
import { Menu } from '../ui/menu.tsx'
import { Problem } from '../ui/messages.tsx'
import { opensSheet } from '../ui/opens-sheet.ts'
import { PageHead } from '../ui/page-head.tsx'
import type { Series } from '../ui/series.ts'
import { StateBadge } from '../ui/state.tsx'
import { Countdown, RelativeTime } from '../ui/time.tsx'
import { InputDelete } from './inputs.form.views.tsx'
import type { InputResource } from './inputs.schema.ts'
import { audioWords, videoWords } from './inputs.words.ts'

/** Where one is, the input's name and state (`#input-3-state`), what can be done to it, its log and the question before it is deleted. Replaced whole: `#input-3-head`. */
export function InputHead({ input }: { input: InputResource }) {
  return (
    <div id={`input-${input.id}-head`}>
      <PageHead
        title={input.name}
        crumbs={<Breadcrumbs items={[{ label: 'Live', href: '/' }]} here={`Input ${input.id}`} />}
        badge={<StateBadge id={`input-${input.id}-state`} of="input" state={input.status} pill since={input.since} />}
        actions={<InputActions input={input} />}
      />
      <section class="card card-pad stack" id={`input-${input.id}-drawer`} aria-label={`Log of ${input.name}`} hidden />
      <InputDelete input={input} />
    </div>
  )
}

function InputActions({ input }: { input: InputResource }) {
  const path = `/api/inputs/${input.id}`
  const runId = `input-${input.id}-run`
  return (
    <>
      {input.enabled ? (
        <>
          <Act action={`${path}/restart`} icon="restart" label="Restart" />
          <Act id={runId} action={`${path}/stop`} icon="stop" label="Stop" />
        </>
      ) : (
        <Act id={runId} action={`${path}/start`} icon="play" label="Start" />
      )}
      <Menu label="More for this input">
        <a {...opensSheet(`/inputs/${input.id}/edit`)}>
          <Icon name="edit" />
          Edit input
        </a>
        <button
          type="button"
          aria-expanded="false"
          aria-controls={`input-${input.id}-drawer`}
          hx-get={`${path}/logs`}
          hx-target={`#input-${input.id}-drawer`}
          hx-swap="innerHTML"
        >
          <Icon name="log" />
          Log
        </button>
        <hr />
        <button type="button" data-open={`input-${input.id}-delete`}>
          <Icon name="trash" />
          Delete input…
        </button>
      </Menu>
    </>
  )
}

/** What the feed carries and how it fares: `#input-3-stats`. */
export function InputStats({ input }: { input: InputResource }) {
  const { stats } = input
  const facts: Fact[] = [
    ['Video', videoWords(stats) ?? <NoFigure />],
    ['Audio', audioWords(stats) ?? (stats.video ? 'none' : <NoFigure />)],
    ['From', input.kind === 'test' ? 'Weir itself' : fromWords(input)],
    ['Errors', <LostPackets input={input} />],
    ['Received', <Bytes value={stats.bytes_total > 0 ? stats.bytes_total : null} />],
  ]
  if (stats.link) facts.push(...linkFacts(stats.link))
  if (input.receive_buffer_bytes !== null) facts.push(['Buffer', <Bytes value={input.receive_buffer_bytes} binary />])
  if (stats.switches > 0) facts.push(['Stand-ins', filledWords(stats)])
  if (input.reconnect_count > 0) facts.push(['Restarts', formatCount(input.reconnect_count)])
  return (
    <div class="feed-body" id={`input-${input.id}-stats`}>
      <Facts facts={facts} />
    </div>
  )
}

/** `12 s filled, 3 switches`: how much of the show was not the feed. */
function filledWords({ filled_seconds, switches }: InputResource['stats']): string {
  return `${formatDuration(filled_seconds)} filled, ${switches === 1 ? '1 switch' : `${formatCount(switches)} switches`}`
}

/** How the way from the publisher to here fares. */
function linkFacts(link: NonNullable<InputResource['stats']['link']>): Fact[] {
  const { packets_retransmitted: again, packets_dropped: late } = link
  return [
    ['Round trip', `${link.rtt_ms} ms, latency ${link.latency_ms} ms`],
    [
      'On the way',
      <>
        <span class="state" data-tone={late === 0 ? 'ok' : 'warn'}>
          <Icon name={late === 0 ? 'state-running' : 'state-warning'} />
          {`${link.loss_percent} % lost`}
        </span>{' '}
        <span class="muted">{`${formatCount(again)} sent again, ${formatCount(late)} too late`}</span>
      </>,
    ],
  ]
}

function LostPackets({ input }: { input: InputResource }) {
  const lost = input.stats.continuity_errors_hour
  if (lost === 0 && input.stats.last_packet_at === null) return <NoFigure />
  return (
    <>
      <span class="state" data-tone={lost === 0 ? 'ok' : 'warn'}>
        <Icon name={lost === 0 ? 'state-running' : 'state-warning'} />
        {lost === 1 ? '1 lost packet' : `${formatCount(lost)} lost packets`}
      </span>{' '}
      <span class="muted">last hour</span>
    </>
  )
}

/** `192.0.2.17:5000` in words; IPv6 stands in brackets before the last colon. */
function fromWords({ source }: InputResource) {
  if (source === null) return <NoFigure />
  const cut = source.lastIndexOf(':')
  return `${source.slice(0, cut).replace(/^\[|\]$/g, '')}, port ${source.slice(cut + 1)}`
}

/** The bitrate of the last 10 minutes as a line, and in words for listeners: `#input-3-rate`. */
export function InputRate({ input, history }: { input: InputResource; history: Series }) {
  return (
    <div class="feed-rate" id={`input-${input.id}-rate`} data-state={input.status}>
      <Chart caption="Bitrate in, last 10 minutes" values={history} minutes={10}>
        <Rate kbps={isArriving(input) ? input.stats.bitrate_kbps : null} />
      </Chart>
    </div>
  )
}

/** Where nothing can arrive there is no rate: a nought would say that it was measured. */
function isArriving({ status }: InputResource): boolean {
  return status === 'active' || status === 'starting'
}

/** What is wrong with the feed or with the input itself: `#input-3-warnings`, which stands there empty where nothing is. */
export function InputWarnings({ input }: { input: InputResource }) {
  const isFailing = input.status === 'error' || input.status === 'reconnecting'
  return (
    <div class="stack-2 notices" id={`input-${input.id}-warnings`}>
      {isFailing && (
        <Problem
          title={input.status_reason ?? input.last_error ?? 'It does not run.'}
          tone={input.status === 'error' ? 'bad' : 'warn'}
          actions={<Act action={`/api/inputs/${input.id}/restart`} icon="restart" label="Try now" small />}
        >
          {input.next_retry_at ? (
            <>
              Next try <Countdown until={input.next_retry_at} />.
            </>
          ) : (
            'Weir has stopped trying.'
          )}
        </Problem>
      )}
      {input.warnings.map((warning) => (
        <Problem title={warning.message} tone="warn">
          For <RelativeTime at={warning.since} />.
        </Problem>
      ))}
    </div>
  )
}
