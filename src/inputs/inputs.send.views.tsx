/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Button } from '../ui/button.tsx'
import { Copy, CopyField, SecretCopy } from '../ui/copy.tsx'
import { Confirm } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { Facts } from '../ui/lists.tsx'
import { isPull } from './inputs.draft.ts'
import type { InputResource } from './inputs.schema.ts'
import { kindName } from './inputs.words.ts'

type Props = { input: InputResource }

/** Where the feed comes from, ready to copy where somebody has to send it: `#input-3-send`. */
export function InputSend({ input }: Props) {
  const id = `input-${input.id}-send`
  return (
    <section class="card" id={id} aria-labelledby={`${id}-title`}>
      <div class="card-head">
        <h2 id={`${id}-title`}>{titleOf(input)}</h2>
        <span class="chip">{kindName(input.kind)}</span>
      </div>
      <div class="send">
        <Ways input={input} />
      </div>
    </section>
  )
}

function titleOf({ kind }: InputResource): string {
  if (kind === 'test') return 'Made here'
  return isPull(kind) ? 'Where Weir fetches the feed' : 'Where to send the feed'
}

function Ways({ input }: Props) {
  switch (input.kind) {
    case 'test':
      return (
        <p>
          Weir draws a picture with a clock and a tone, 720p25. Nothing has to be sent. Add an output and see whether it
          arrives.
        </p>
      )
    case 'udp':
      return <Udp input={input} />
    case 'rtmp':
      return <Rtmp input={input} />
    case 'srt_listener':
      return <Srt input={input} />
    default:
      return <Fetched input={input} />
  }
}

/** Instead of addresses, for those who may not see keys. */
function NotForYou() {
  return <p>Operators and administrators see here where the feed is sent.</p>
}

function Udp({ input }: Props) {
  const { publish_url: url, publish_example: example } = input
  if (url === null) return <NotForYou />
  return (
    <>
      <CopyField label="Address" text={url} />
      <Pairs
        label="OBS: Settings, Output, Recording, Custom Output (FFmpeg)"
        pairs={[
          ['File path', <Copy text={`${url}?pkt_size=1316`} label="Copy: File path" />],
          ['Container', <Copy text="mpegts" label="Copy: Container" />],
        ]}
      />
      {example !== null && <CopyField label="FFmpeg, a test picture to begin with" text={example} />}
    </>
  )
}

function Rtmp({ input }: Props) {
  const { publish_server: server, publish_server_tls: tls, publish_key: key } = input
  if (server === null) return <NotForYou />
  return (
    <>
      <Pairs
        label="OBS: Settings, Stream, Service “Custom”"
        pairs={[
          ['Server', <Copy text={server} label="Copy: Server" />],
          ...(tls === null ? [] : [['or encrypted', <Copy text={tls} label="Copy: Server, encrypted" />] as const]),
          ['Stream key', key === null ? <LostKey /> : <SecretCopy text={key} name="Stream key" />],
        ]}
      />
      <Example input={input} />
      <NewKey input={input} name="stream key" />
    </>
  )
}

function Srt({ input }: Props) {
  const { publish_server: server, publish_url: url, publish_key: key, latency_ms: latencyMs } = input
  if (server === null) return <NotForYou />
  return (
    <>
      {url !== null && (
        <Pairs
          label="OBS: Settings, Stream, Service “Custom”, no stream key"
          pairs={[['Server', <SecretCopy text={url} name="Server" />]]}
        />
      )}
      <Pairs
        label="Encoders with a field for each, mode caller"
        pairs={[
          ['Address', <Copy text={server} label="Copy: Address" />],
          ['Stream ID', key === null ? <LostKey /> : <SecretCopy text={key} name="Stream ID" />],
          ['Latency', `${latencyMs} ms`],
        ]}
      />
      {input.has_passphrase && (
        <p class="note">
          The link is encrypted: add <code>&amp;passphrase=</code> and the passphrase at the end of the address. Weir
          does not show it again. Choose one without blanks, for FFmpeg takes none there.
        </p>
      )}
      <Example input={input} />
      <NewKey input={input} name="stream ID" />
    </>
  )
}

function Fetched({ input }: Props) {
  const secrets = [
    input.has_username && 'user name',
    input.has_password && 'password',
    input.has_stream_id && 'stream ID',
    input.has_passphrase && 'passphrase',
  ].filter((word) => word !== false)
  return (
    <>
      <CopyField label="Address" text={input.url ?? ''} />
      <Facts
        facts={[
          ...(input.rtsp_transport === null ? [] : [['Transport', input.rtsp_transport.toUpperCase()] as const]),
          ...(input.latency_ms === null ? [] : [['Latency', `${input.latency_ms} ms`] as const]),
          ['Stored', secrets.length === 0 ? 'no secrets' : secrets.join(', ')],
        ]}
      />
      <p class="note">Weir connects by itself, and tries again when the feed stops.</p>
    </>
  )
}

/** A line with the key in it, so it is closed at first. */
function Example({ input: { publish_example: example } }: Props) {
  if (example === null) return null
  return (
    <div>
      <p class="copy-label">FFmpeg, a test picture to begin with</p>
      <SecretCopy text={example} name="FFmpeg line" />
    </div>
  )
}

function LostKey() {
  return (
    <span class="state" data-tone="bad">
      <Icon name="state-error" />
      It cannot be read. Make a new one.
    </span>
  )
}

function NewKey({ input, name }: Props & { name: string }) {
  const id = `input-${input.id}-new-key`
  return (
    <div>
      <Button label={`New ${name}…`} icon="key" kind="quiet" small data-open={id} />
      <Confirm
        id={id}
        title={`Make a new ${name} for “${input.name}”?`}
        keep="Keep the old one"
        act={`Make a new ${name}`}
        form={{
          action: `/api/inputs/${input.id}/publish-key`,
          'hx-post': `/api/inputs/${input.id}/publish-key`,
        }}
      >
        <p>Whoever sends with the old one is cut off at once and cannot come back with it.</p>
      </Confirm>
    </div>
  )
}

function Pairs({ label, pairs }: { label: string; pairs: readonly (readonly [name: string, value: Child])[] }) {
  return (
    <div>
      <p class="copy-label">{label}</p>
      <dl class="pairs">
        {pairs.map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
