import type { Clock } from '../lib/clock.ts'
import type { FeedSource } from './feed-source.ts'
import { createHub } from './hub.ts'
import { createIngest } from './ingest.ts'
import { feedWarnings, keepSince } from './input-warnings.ts'
import { createLogRing } from './log-ring.ts'
import { createTsReader, type TsReader } from './mpegts/reader.ts'
import { createOutput, type Output } from './output.ts'
import type { Gate } from './program.ts'
import type {
  ChildExit,
  Emit,
  InputActual,
  InputFigures,
  InputSource,
  InputSpec,
  LogLine,
  OutputSpec,
  Probe,
  WorkerConfig,
} from './protocol.ts'
import { createRecentCount } from './recent-count.ts'
import { createUdpFeed } from './udp-feed.ts'

export type Input = {
  apply(spec: InputSpec): void
  /** Every 20 ms. */
  tick(nowMs: number): void
  actual(): InputActual
  figures(nowMs: number): InputFigures
  logs(): { lines: LogLine[]; exits: ChildExit[] }
  probe(): Probe
  outputs(): Output[]
  /** Stops the outputs first; resolves when socket and children are gone. */
  remove(): Promise<void>
}

/** Packets this recent make a feed active. */
const ACTIVE_MS = 2_000
const EVALUATE_MS = 100
/** A feed that sends this much without one sync byte in its place is no transport stream. */
const FOREIGN_BYTES = 20_000
const CONTINUITY_WINDOW_MS = 10_000
const LOSS_WINDOW_MS = 300_000

/** One input with everything that hangs on it: its source, its reader, its program and its outputs. */
export function createInput(deps: {
  spec: InputSpec
  config: WorkerConfig
  clock: Clock
  gate: Gate
  emit: Emit
}): Input {
  const { config, clock, gate, emit } = deps
  const id = deps.spec.id
  let spec = deps.spec
  const outputs = new Map<number, Output>()
  const leaving = new Set<Promise<void>>()
  let source: FeedSource | null = null
  /** The old source's end; a new one is opened after it, for the port may be the same. */
  let closing: Promise<void> | null = null
  let removed = false
  let lastEvaluateMs = 0
  let activeSinceMs = 0
  const losses = createRecentCount(LOSS_WINDOW_MS)
  const continuity = createRecentCount(CONTINUITY_WINDOW_MS)
  let continuitySeen = 0
  let foreignFrom = 0
  let reader = openReader()

  const log = createLogRing(clock, (line) => emit('log', { kind: 'input', id, line }))

  let state: InputActual = {
    id,
    status: 'stopped',
    statusReason: null,
    since: clock.wall(),
    warnings: [],
    source: null,
    onAir: 'none',
    onAirSince: clock.wall(),
    onAirReason: null,
    processId: null,
    reconnectCount: 0,
    nextRetryAt: null,
    receiveBufferBytes: null,
    video: null,
    audio: null,
    lastError: null,
  }

  function update(change: Partial<InputActual>): void {
    const next = { ...state, ...change }
    if (Bun.deepEquals(next, state)) return
    if (next.status !== state.status) next.since = clock.wall()
    state = next
    emit('input.state', state)
  }

  const programChanged = () => {
    for (const output of outputs.values()) output.programChanged()
  }

  const hub = createHub({
    lossMs: spec.lossMs,
    ringMaxBytes: config.ringMaxBytes,
    nowMs: clock.now,
    onAir(onAir, reason) {
      if (reason === 'lost') losses.add(1, clock.now())
      log.note(onAir ? 'info' : 'warning', onAir ? 'the feed is on air' : 'the feed is lost')
      update({ onAir: onAir ? 'main' : 'none', onAirSince: clock.wall(), onAirReason: reason })
      programChanged()
    },
    onRestarted(event) {
      log.note('info', `the feed began anew: ${event.reason}; ${Math.round(event.gapMs)} ms are missing`)
      emit('input.restarted', { id, ...event })
    },
    onVersion: programChanged,
  })

  function openReader(): TsReader {
    continuitySeen = 0
    foreignFrom = 0
    return createTsReader({
      program: spec.program,
      onUnit: (unit, nowMs) => hub.unit(unit, nowMs),
      onFormat(format) {
        update({ video: format.video, audio: format.audio })
        hub.format(format, clock.now())
      },
    })
  }

  const events = {
    data(bytes: Uint8Array, nowMs: number, fresh: boolean) {
      if (fresh) reader.reset()
      reader.push(bytes, nowMs)
    },
    changed: () => evaluate(clock.now()),
    note: log.note,
  }

  function open(): void {
    if (removed || source || !spec.enabled) return
    reader = openReader()
    source = openSource(spec.source)
    evaluate(clock.now())
  }

  function openSource(wanted: InputSource): FeedSource {
    switch (wanted.kind) {
      case 'udp':
        return createUdpFeed(wanted, { clock, events })
      case 'test':
        return createIngest(wanted, { inputId: id, config, clock, gate, emit, events })
    }
  }

  function close(): void {
    if (!source) return
    const old = source
    source = null
    update({ status: 'stopping', statusReason: null, warnings: [], source: null, nextRetryAt: null })
    const done = old.close().then(() => {
      if (closing !== done) return
      closing = null
      update({ status: 'stopped', processId: null, receiveBufferBytes: null, video: null, audio: null })
      open()
    })
    closing = done
  }

  function evaluate(nowMs: number): void {
    lastEvaluateMs = nowMs
    if (!source) return
    const { health } = reader
    const { status: way, reason, ...facts } = source.state()
    const active = way === 'open' && health.lastProgramMs !== null && nowMs - health.lastProgramMs < ACTIVE_MS
    const status = way !== 'open' ? way : active ? 'active' : 'inactive'
    if (active && state.status !== 'active') activeSinceMs = nowMs
    continuity.add(health.continuityErrors - continuitySeen, nowMs)
    continuitySeen = health.continuityErrors
    const packetsNow = health.lastPacketMs !== null && nowMs - health.lastPacketMs < ACTIVE_MS
    if (packetsNow) foreignFrom = health.foreignBytes
    const found = feedWarnings(
      {
        active,
        recentContinuityErrors: continuity.sum(nowMs),
        hasVideo: state.video !== null,
        hasAudio: state.audio !== null,
        activeSinceMs,
        lastKeyframeMs: health.lastKeyframeMs,
        lastAudioMs: health.lastAudioMs,
        foreign: !packetsNow && health.foreignBytes - foreignFrom > FOREIGN_BYTES,
        other: source.other(),
        receiveBufferBytes: facts.receiveBufferBytes,
        losses: losses.sum(nowMs),
      },
      nowMs,
    )
    update({
      status,
      statusReason: reason ?? (status === 'inactive' ? waitingWords(spec.source) : null),
      source: source.sender(nowMs),
      warnings: keepSince(state.warnings, found, clock.wall()),
      ...facts,
      ...(way === 'error' || way === 'reconnecting' ? { lastError: reason } : {}),
    })
  }

  function applyOutputs(specs: OutputSpec[]): void {
    const wanted = new Set(specs.map((each) => each.id))
    for (const [outputId, output] of outputs) {
      if (wanted.has(outputId)) continue
      outputs.delete(outputId)
      const gone = output.remove().then(() => {
        leaving.delete(gone)
        emit('output.removed', { id: outputId })
      })
      leaving.add(gone)
    }
    for (const each of specs) {
      const output = outputs.get(each.id)
      if (output) output.apply(each)
      else outputs.set(each.id, openOutput(each))
    }
  }

  const openOutput = (outputSpec: OutputSpec) =>
    createOutput({
      spec: outputSpec,
      program: hub.program,
      gate,
      clock,
      ffmpegPath: config.ffmpegPath,
      instance: config.instance,
      caFile: config.caFile,
      childSpawned: (pid) => emit('child.spawned', { pid }),
      childReaped: (pid) => emit('child.reaped', { pid }),
      changed: (actual) => emit('output.state', actual),
      exited: (exit) => emit('output.exited', { id: outputSpec.id, inputId: id, exit }),
      logged: (line) => emit('log', { kind: 'output', id: outputSpec.id, line }),
    })

  /** What makes another socket or another child of the source. */
  const shape = (of: InputSpec) => [of.enabled, of.generation, of.source, of.program]

  emit('input.state', state)
  open()
  applyOutputs(spec.outputs)

  return {
    apply(next) {
      const reopen = !Bun.deepEquals(shape(next), shape(spec))
      if (next.lossMs !== spec.lossMs) hub.setLossMs(next.lossMs)
      spec = next
      if (reopen && source) close()
      else if (!closing) open()
      applyOutputs(next.outputs)
    },
    tick(nowMs) {
      hub.tick(nowMs)
      if (nowMs - lastEvaluateMs >= EVALUATE_MS) evaluate(nowMs)
    },
    actual: () => state,
    figures(nowMs) {
      const { health } = reader
      const ageMs = health.lastPacketMs === null ? null : nowMs - health.lastPacketMs
      return {
        id,
        bitrateKbps: state.status === 'active' ? health.bitrateKbps(nowMs) : 0,
        bytesTotal: health.bytesTotal,
        continuityErrors: health.continuityErrors,
        continuityErrorsHour: health.continuityErrorsHour(nowMs),
        lastPacketAt: ageMs === null ? null : clock.wall() - ageMs,
      }
    },
    logs: () => ({ lines: log.lines(), exits: source?.exits() ?? [] }),
    probe: () => ({ bitrateKbps: reader.health.bitrateKbps(clock.now()), programs: reader.programs() }),
    outputs: () => [...outputs.values()],
    async remove() {
      removed = true
      applyOutputs([])
      await Promise.all(leaving)
      close()
      await closing
    },
  }
}

function waitingWords(source: InputSource): string {
  return source.kind === 'udp'
    ? `Waits for a transport stream on UDP port ${source.port}.`
    : 'Waits for the first picture.'
}
