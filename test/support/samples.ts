import { createActual } from '../../src/live/actual.ts'
import type { InputRow } from '../../src/db/tables/inputs.ts'
import type { OutputRow } from '../../src/db/tables/outputs.ts'
import { toPublishing } from '../../src/inputs/inputs.publish.ts'
import { toInputResource } from '../../src/inputs/inputs.resource.ts'
import type { InputResource } from '../../src/inputs/inputs.schema.ts'
import { createSecretBox } from '../../src/lib/secret-box.ts'
import { inputSecretPlace } from '../../src/live/input-specs.ts'
import { toOutputResource } from '../../src/outputs/outputs.resource.ts'
import type { OutputResource } from '../../src/outputs/outputs.schema.ts'

const AT = 1_700_000_000_000
const TIMES = { createdAt: AT, updatedAt: AT, generation: 0 }
const NO_FIGURES = { figures: null }
const VIEWER = { host: 'stream.example.org', seesKeys: true }

const BOX = createSecretBox(new Uint8Array(32))
/** What sample inputs to which one publishes have as their key. */
export const SAMPLE_KEY = '4f7kq2vd9hxw3m5nbt8rjc6zsy'

/** An input as the database has it, of kind udp; `change` is laid on top. */
export function sampleInputRow(change: Partial<InputRow> = {}): InputRow {
  return {
    ...TIMES,
    id: 3,
    name: 'Main stage',
    nameKey: 'main stage',
    kind: 'udp',
    path: 'main-stage',
    enabled: true,
    udpPort: 5000,
    bindAddress: null,
    allowFrom: [],
    program: null,
    multicastGroup: null,
    interface: null,
    url: null,
    rtspTransport: null,
    srtPort: null,
    latencyMs: null,
    onSecondPublisher: null,
    publishKeySealed: null,
    usernameSealed: null,
    passwordSealed: null,
    passphraseSealed: null,
    streamIdSealed: null,
    onLoss: 'hold',
    lossMs: 1000,
    returnMode: 'auto',
    returnAfterMs: 1000,
    maxFillMinutes: 5,
    backupInputId: null,
    slateImageId: null,
    ...change,
  }
}

const ROWS: Record<InputRow['kind'], Partial<InputRow>> = {
  udp: {},
  test: { udpPort: null },
  rtmp: { udpPort: null, onSecondPublisher: 'refuse' },
  srt_listener: { udpPort: null, srtPort: 8900, latencyMs: 200, onSecondPublisher: 'refuse' },
  srt_caller: { udpPort: null, url: 'srt://studio.example.org:9000', latencyMs: 200 },
  rtsp: { udpPort: null, url: 'rtsp://camera.example.org/stream1', rtspTransport: 'tcp' },
  hls: { udpPort: null, url: 'https://cdn.example.org/live/index.m3u8' },
}

/** An input of any kind as the API gives it to an administrator; `change` is laid on top. */
export function sampleInput(change: Partial<InputResource> = {}): InputResource {
  const kind = change.kind ?? 'udp'
  const publishKeySealed = BOX.seal(SAMPLE_KEY, inputSecretPlace(3, 'publish_key'))
  const row = sampleInputRow({ kind, publishKeySealed, ...ROWS[kind] })
  const actual = createActual()
  const live = {
    input: () => ({ actual: actual.input(3), ...NO_FIGURES }),
    outputsOf: () => [],
    runningOutputs: () => [],
  }
  const publishing = toPublishing(row, VIEWER, { port: 1935, tlsPort: null }, BOX)
  return { ...toInputResource(row, live, publishing, null), ...change }
}

/** As `sampleInput`: an RTMP output with a stored key. */
export function sampleOutput(change: Partial<OutputResource> = {}): OutputResource {
  const row: OutputRow = {
    ...TIMES,
    id: 7,
    inputId: 3,
    name: 'Twitch',
    nameKey: 'twitch',
    protocol: 'rtmp',
    tls: false,
    host: 'live.twitch.tv',
    port: 1935,
    app: 'app',
    engine: 'ffmpeg',
    streamKeySealed: 'sealed',
    usernameSealed: null,
    passwordSealed: null,
    passphraseSealed: null,
    streamIdSealed: null,
    options: {},
    enabled: true,
    autoReconnect: true,
    reconnectDelaySeconds: 5,
    maxReconnectDelaySeconds: 60,
    maxReconnectAttempts: 0,
    stallTimeoutSeconds: 10,
  }
  const actual = createActual()
  const live = { output: () => ({ actual: actual.output(7), ...NO_FIGURES }) }
  return { ...toOutputResource(row, live, createSecretBox(new Uint8Array(32)), VIEWER), ...change }
}
