/** @jsxImportSource hono/jsx */
import { Button, LinkButton } from '../ui/button.tsx'
import { CopyField } from '../ui/copy.tsx'
import { Icon, type IconName } from '../ui/icon.tsx'
import { opensSheet } from '../ui/opens-sheet.ts'
import { PageHead } from '../ui/page-head.tsx'

/** The first page of a new server: three ways to a first feed, each one press long. `url` is where people reach Weir. */
export function NothingYet({ url }: { url: string }) {
  const create = `curl -H "Authorization: Bearer $KEY" ${url}/api/inputs --json '{"name": "Studio"}'`
  return (
    <>
      <PageHead
        title="Nothing flows yet"
        lede={
          <p class="lede">
            Send Weir one feed. It shows you the picture, then carries it to as many places as you like and keeps each
            of them alive.
          </p>
        }
      />
      <Delta />
      <section aria-labelledby="ways-h">
        <h2 class="sr-only" id="ways-h">
          Three ways to begin
        </h2>
        <div class="ways">
          <article class="card way">
            <Icon name="bars" />
            <h3>Just look around</h3>
            <p class="note">
              Weir makes a moving picture with a clock and a tone itself. Good for a first look and for testing a
              destination before the day.
            </p>
            <FirstInput name="Test pattern" kind="test" icon="play" label="Start a test pattern" isPrimary />
          </article>
          <article class="card way">
            <Icon name="live" />
            <h3>From OBS or an encoder</h3>
            <p class="note">
              Weir makes a server and a stream key. Its page then shows both, to copy into OBS or any program that sends
              RTMP.
            </p>
            <FirstInput name="Main feed" kind="rtmp" icon="key" label="Get server and key" />
          </article>
          <article class="card way">
            <Icon name="log" />
            <h3>From the command line</h3>
            <p class="note">
              Every act here is a call. The answer says where to send your feed, and with which line. <code>$KEY</code>{' '}
              is the API key that Weir printed at its first start.
            </p>
            <CopyField label="Create an input" text={create} />
          </article>
        </div>
      </section>
      <section class="section" aria-labelledby="else-h">
        <div class="section-head">
          <h2 id="else-h">Something else</h2>
        </div>
        <div class="row">
          {OTHERS.map(({ kind, icon, label }) => (
            <LinkButton label={label} icon={icon} {...opensSheet(`/inputs/new?kind=${kind}`)} />
          ))}
        </div>
      </section>
    </>
  )
}

const OTHERS: readonly { kind: string; icon: IconName; label: string }[] = [
  { kind: 'srt_listener', icon: 'live', label: 'Receive SRT' },
  { kind: 'udp', icon: 'live', label: 'Open a UDP port' },
  { kind: 'rtsp', icon: 'link', label: 'Pull from a camera (RTSP)' },
  { kind: 'srt_caller', icon: 'link', label: 'Call an SRT server' },
  { kind: 'hls', icon: 'link', label: 'Pull an HLS playlist' },
]

/** A plain form: the answer leads to the new input's page. */
function FirstInput(props: {
  name: string
  kind: 'rtmp' | 'test'
  icon: 'play' | 'key'
  label: string
  isPrimary?: boolean
}) {
  return (
    <form method="post" action="/api/inputs">
      <input type="hidden" name="name" value={props.name} />
      <input type="hidden" name="kind" value={props.kind} />
      <Button label={props.label} icon={props.icon} kind={props.isPrimary ? 'primary' : undefined} type="submit" />
    </form>
  )
}

/** One river, many channels. */
function Delta() {
  return (
    <svg class="delta" viewBox="0 0 1200 180" aria-hidden="true">
      <path
        class="faint"
        d="M20 90H520M560 90H1180M560 74C700 74 680 20 820 20H1180M560 82C720 82 700 55 840 55H1180M560 98C720 98 700 125 840 125H1180M560 106C700 106 680 160 820 160H1180"
        stroke-width="2.5"
      />
      <path d="M540 46V134" stroke-width="6" />
      <g class="delta-names">
        <text x="20" y="76">
          your feed
        </text>
        <text x="1180" y="12" text-anchor="end">
          YouTube
        </text>
        <text x="1180" y="47" text-anchor="end">
          Twitch
        </text>
        <text x="1180" y="82" text-anchor="end">
          a hall next door
        </text>
        <text x="1180" y="117" text-anchor="end">
          your own server
        </text>
        <text x="1180" y="152" text-anchor="end">
          a recorder
        </text>
      </g>
    </svg>
  )
}
