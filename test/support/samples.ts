import { createActual } from '../../src/live/actual.ts'
import type { InputRow } from '../../src/db/tables/inputs.ts'
import type { OutputRow } from '../../src/db/tables/outputs.ts'
import { toInputResource } from '../../src/inputs/inputs.resource.ts'
import type { InputResource } from '../../src/inputs/inputs.schema.ts'
import { createSecretBox } from '../../src/lib/secret-box.ts'
import { toOutputResource } from '../../src/outputs/outputs.resource.ts'
import type { OutputResource } from '../../src/outputs/outputs.schema.ts'

const AT = 1_700_000_000_000
const TIMES = { createdAt: AT, updatedAt: AT, generation: 0 }
const NO_FIGURES = { figures: null }

/** An input as the API gives it, made of a row as the database has it; `change` is laid on top. */
export function sampleInput(change: Partial<InputResource> = {}): InputResource {
  const row: InputRow = {
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
  }
  const actual = createActual()
  const live = {
    input: () => ({ actual: actual.input(3), ...NO_FIGURES }),
    outputsOf: () => [],
    runningOutputs: () => [],
  }
  return { ...toInputResource(row, live, 'stream.example.org'), ...change }
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
  return { ...toOutputResource(row, live, createSecretBox(new Uint8Array(32)), 'stream.example.org'), ...change }
}
