/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Button, LinkButton } from '../../src/ui/button.tsx'
import { Chart } from '../../src/ui/chart.tsx'
import { Segmented, Tiles } from '../../src/ui/choices.tsx'
import { Copy, CopyField } from '../../src/ui/copy.tsx'
import { Confirm } from '../../src/ui/dialog.tsx'
import { Check, Field, FormSummary } from '../../src/ui/field.tsx'
import { Bytes, Figure, NoFigure, Rate } from '../../src/ui/figures.tsx'
import { Gates } from '../../src/ui/gates.tsx'
import { Gauge } from '../../src/ui/gauge.tsx'
import { Icon, type IconName } from '../../src/ui/icon.tsx'
import { ICONS } from '../../src/ui/icon-shapes.tsx'
import { EventList, Facts } from '../../src/ui/lists.tsx'
import { LogView } from '../../src/ui/log.tsx'
import { Menu } from '../../src/ui/menu.tsx'
import { Attention, Empty, Problem } from '../../src/ui/messages.tsx'
import { Spark } from '../../src/ui/spark.tsx'
import { StateBadge } from '../../src/ui/state.tsx'
import { INPUT_STATES, type InputState, OUTPUT_STATES, type OutputState } from '../../src/ui/states.ts'
import { Countdown, RelativeTime } from '../../src/ui/time.tsx'

const NOW = Date.now()
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString()
const OUTPUTS = Object.keys(OUTPUT_STATES) as OutputState[]
const INPUTS = Object.keys(INPUT_STATES) as InputState[]
const STEADY = Array.from({ length: 120 }, (_, i) => 6000 + 300 * Math.sin(i / 3) + 200 * Math.sin(i * 2.1))
const BROKEN = STEADY.map((kbps, i) => (i > 90 ? null : kbps))
const RISING = STEADY.map((kbps, i) => (i < 70 ? 0 : kbps * ((i - 70) / 50)))

function Section({ id, title, note, children }: { id: string; title: string; note?: string; children?: Child }) {
  return (
    <section class="section" aria-labelledby={id}>
      <div class="section-head">
        <h2 id={id}>{title}</h2>
        {note ? <span class="note">{note}</span> : null}
      </div>
      {children}
    </section>
  )
}

export const STATES = (
  <>
    <Section id="c-state" title="States" note="icon and word always; colour only helps">
      <div class="grid-2">
        <div class="card card-pad stack">
          <h3>Outputs</h3>
          <div class="row">
            {OUTPUTS.map((state) => (
              <StateBadge of="output" state={state} />
            ))}
          </div>
          <div class="row">
            {OUTPUTS.map((state) => (
              <StateBadge of="output" state={state} pill {...(state === 'running' ? { since: ago(7300) } : {})} />
            ))}
          </div>
        </div>
        <div class="card card-pad stack">
          <h3>Inputs</h3>
          <div class="row">
            {INPUTS.map((state) => (
              <StateBadge of="input" state={state} />
            ))}
          </div>
          <div class="row">
            {INPUTS.map((state) => (
              <StateBadge of="input" state={state} pill />
            ))}
          </div>
        </div>
      </div>
      <div class="card card-pad stack section-gap">
        <h3>Gates, one mark for each output</h3>
        <div class="gates-line">
          <Gates items={OUTPUTS.map((state) => ({ name: `To ${state}`, state }))} />
          <span>each state once</span>
        </div>
      </div>
    </Section>
    <Section id="c-btn" title="Buttons" note="one primary on a page">
      <div class="card card-pad stack">
        <div class="row">
          <Button label="Add output" icon="plus" kind="primary" />
          <Button label="Restart" icon="restart" />
          <Button label="Cancel" kind="quiet" />
          <Button label="Delete…" icon="trash" kind="danger" />
          <Button label="Delete output" kind="danger-primary" />
          <Button label="Copy" icon="copy" iconOnly />
          <LinkButton label="A link" href="/" />
        </div>
        <div class="row">
          <Button label="Try now" icon="restart" small />
          <Button label="Save" kind="primary" small />
          <Button label="Show earlier" kind="quiet" small />
          <Button label="Revoke" kind="danger" small />
          <Button
            label="Log"
            icon="log"
            kind="quiet"
            small
            iconOnly
            aria-expanded="false"
            aria-controls="demo-drawer"
          />
        </div>
        <div class="row">
          <Button label="Disabled" disabled />
          <Button label="Disabled" kind="primary" disabled />
          <Button label="Starting…" kind="primary" busy />
          <Button label="Pressed" icon="eye" aria-pressed="true" />
          <Menu label="More for this" id="demo-menu">
            <button type="button">
              <Icon name="edit" />
              Edit
            </button>
            <button type="button">
              <Icon name="copy" />
              Duplicate
            </button>
            <hr />
            <button type="button" data-open="demo-confirm">
              <Icon name="trash" />
              Delete…
            </button>
          </Menu>
        </div>
      </div>
      <Confirm
        id="demo-confirm"
        title="Delete the output “Twitch”?"
        act="Delete output"
        form={{ 'hx-post': '/refuse' }}
      >
        <p>It stops now. The stream key is gone at once. The other outputs go on.</p>
      </Confirm>
    </Section>
  </>
)

export const FORMS = (
  <>
    <Section id="c-choice" title="Choices" note="facts are chips, one of few is segmented">
      <div class="card card-pad stack">
        <div class="row">
          <span class="chip">
            <Icon name="lock" />
            Private
          </span>
          <span class="chip" data-tone="ok">
            <Icon name="check" />
            fits YouTube
          </span>
          <span class="chip" data-tone="warn">
            <Icon name="state-warning" />
            9.4 Mbit/s is over the limit
          </span>
          <span class="chip chip-line">720p</span>
        </div>
        <Segmented
          name="kind"
          legend="Kind"
          value="udp"
          choices={[
            { value: 'udp', label: 'UDP', icon: 'live' },
            { value: 'test', label: 'Test pattern', icon: 'bars', count: 2 },
          ]}
        />
        <Tiles
          name="preset"
          legend="Destination"
          value="youtube"
          tiles={[
            { value: 'youtube', mark: 'YT', label: 'YouTube', note: 'RTMPS, key' },
            { value: 'twitch', mark: 'Tw', label: 'Twitch', note: 'RTMP, key' },
            { value: 'srt', mark: 'SR', label: 'SRT', note: 'call or listen' },
          ]}
        />
      </div>
    </Section>
    <Section id="c-form" title="Fields" note="a message stands at its field and says how to mend it">
      <div class="card card-pad stack">
        <FormSummary
          errors={[
            { path: 'port', message: 'Port 80 is outside 5000 to 5100.' },
            { path: '', message: 'Something else is in the way.' },
          ]}
          labels={{ port: 'Port' }}
        />
        <div class="grid-3">
          <Field name="plain" label="Plain" value="Main stage" />
          <Field
            name="group"
            label="Empty, with hint"
            placeholder="239.10.0.1"
            hint="A multicast group, if you use one."
            optional
          />
          <Field
            name="port"
            type="number"
            label="In error"
            value={80}
            error="Port 80 is outside 5000 to 5100. 5004 is free."
          />
          <Field name="off" label="Disabled" value="made by the server" disabled />
          <Field name="secret" type="password" label="Secret, set" isSet hint="Where to find it." />
          <Field
            name="choice"
            type="select"
            label="Choice"
            value="b"
            options={[
              { value: 'a', label: 'UDP' },
              { value: 'b', label: 'SRT' },
            ]}
          />
          <Field name="delay" type="number" label="With unit" value={10} unit="s" />
          <Field name="long" type="textarea" label="Long text" value="Evening concert with the youth choir." />
          <div class="stack">
            <Check name="c1" label="Start at once" checked />
            <Check name="c2" label="Unticked" hint="with a hint below" />
            <Check name="c3" label="Try again by itself" switch checked />
            <Check name="c4" label="In error" switch error="This cannot be off." />
          </div>
        </div>
      </div>
    </Section>
  </>
)

export const MESSAGES = (
  <>
    <Section id="c-msg" title="Messages" note="what happened, why, what to do">
      <div class="stack">
        <Problem title="The name media.club.example is not known" actions={<Button label="Edit address" small />}>
          <p>Check the address for a typing slip, or ask whoever runs that server.</p>
        </Problem>
        <Problem title="The disk is 86 % full" tone="warn">
          <p>At this pace it is full in 11 days.</p>
        </Problem>
        <Problem title="Outputs start one after another" tone="busy">
          <p>25 outputs come back within about 8 s.</p>
        </Problem>
        <Problem title="Weir could not save this" requestId="01JCP7Q4">
          <p>The database did not answer. Nothing was changed.</p>
        </Problem>
        <Attention
          title="2 outputs need you"
          items={[
            {
              about: 'Studio B, Kick',
              text: 'Kick took the connection and closed it.',
              action: <Button label="Change key" small />,
            },
            {
              about: 'Main stage, Club website',
              text: 'The name is not known.',
              action: <Button label="Edit address" small />,
            },
          ]}
        />
        <div class="grid-2">
          <Empty icon="live" title="No outputs yet" actions={<Button label="Add output" icon="plus" kind="primary" />}>
            Add the first place this feed should reach. It starts at once and Weir keeps it alive.
          </Empty>
          <div class="card card-pad">
            <EventList
              id="events"
              events={[
                {
                  at: ago(24),
                  icon: 'state-reconnecting',
                  state: 'reconnecting',
                  about: 'Twitch reconnects',
                  detail: 'Next try in 20 s',
                },
                { at: ago(1900), icon: 'edit', about: 'Changed by hand', detail: 'Reconnect delay 5 s to 2 s' },
              ]}
            />
          </div>
        </div>
      </div>
    </Section>
  </>
)

export const FIGURES = (
  <>
    <Section id="c-fig" title="Figures" note="tabular numerals, unit small behind them">
      <div class="grid-2">
        <div class="card card-pad stack">
          <div class="gauges">
            <Gauge name="cpu" label="CPU" percent={9} note="fine" />
            <Gauge
              name="memory"
              label="Memory"
              percent={86}
              figure={{ value: '1.4', unit: 'GiB' }}
              note="over 80 %: amber"
            />
            <Gauge name="disk" label="Disk" percent={97} note="over 92 %: red" />
            <Gauge name="load" label="Unknown" percent={null} note="nothing measured" />
          </div>
          <div class="row">
            <Rate kbps={840} />
            <Rate kbps={6120} />
            <Rate kbps={null} />
            <Bytes value={6_100_000_000} />
            <Bytes value={13_500_000} binary />
            <Figure tone="warn">4</Figure>
            <NoFigure />
          </div>
          <p>
            <RelativeTime at={ago(24)} ago />, for <RelativeTime at={ago(5200)} />, next try in{' '}
            <Countdown until={new Date(NOW + 18_000).toISOString()} />
          </p>
        </div>
        <div class="card card-pad stack">
          <div class="grid-3">
            <div data-state="running">
              <Spark values={STEADY} />
            </div>
            <div data-state="reconnecting">
              <Spark values={BROKEN} />
            </div>
            <div data-state="starting">
              <Spark values={RISING} />
            </div>
          </div>
          <Facts
            facts={[
              ['Video', 'H.264 High, 1920 × 1080, 50 fps'],
              ['Audio', 'AAC, 48 kHz, stereo'],
            ]}
          />
          <Copy text="udp://stream.example.org:5000" />
          <CopyField
            label="FFmpeg"
            text='ffmpeg -re -i program.mp4 -c:v libx264 -b:v 6M -g 100 -c:a aac -f mpegts "udp://stream.example.org:5000?pkt_size=1316"'
          />
        </div>
      </div>
      <div class="card card-pad section-gap">
        <Chart caption="Bitrate, last 10 minutes" values={BROKEN} minutes={10} />
      </div>
      <div class="card card-pad section-gap" id="demo-drawer">
        <LogView
          id="demo"
          name="Twitch"
          lines={[
            { at: ago(60), level: 'info', text: 'connected to live.twitch.tv:1935' },
            { at: ago(40), level: 'warning', text: 'speed 0.93, the destination takes less than the feed brings' },
            { at: ago(24), level: 'error', text: 'av_interleaved_write_frame(): Broken pipe' },
          ]}
        />
      </div>
    </Section>
    <Section id="c-icon" title="Icons">
      <ul class="card card-pad row">
        {(Object.keys(ICONS) as IconName[]).map((name) => (
          <li class="row">
            <Icon name={name} />
            <code>{name}</code>
          </li>
        ))}
      </ul>
    </Section>
  </>
)
