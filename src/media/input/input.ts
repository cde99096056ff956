import { backoffDelayMs } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Targets } from '../../lib/targets.ts'
import type { FeedEvents, FeedSource } from './feed-source.ts'
import { createFeedTap, type FeedTap } from './feed-tap.ts'
import { createFeedWatch } from './feed-watch.ts'
import { keepSince } from './input-warnings.ts'
import { createLogRing } from '../log-ring.ts'
import { type InputEvent, initialInputState, stepInput } from './input-machine.ts'
import { createTsReader, type TsReader } from '../mpegts/reader.ts'
import { createOutputSet, type OutputSet } from '../output/output-set.ts'
import type { Gate } from '../program/program.ts'
import { createRawFeed } from './raw-feed.ts'
import { createShow, type Show } from '../program/show.ts'
import {
  type ChildExit,
  type InputActual,
  type InputFigures,
  type LogLine,
  type Probe,
  toBlankInput,
  type Warning,
} from '../actual.ts'
import type { Emit, WorkerConfig } from '../protocol.ts'
import { openSource } from './open-source.ts'
import type { InputSpec } from '../specs.ts'
import { createStills, type Still } from './stills.ts'

export type Input = {
  apply(spec: InputSpec): void
  /** Every 20 ms. */
  tick(nowMs: number): void
  actual(): InputActual
  figures(nowMs: number): InputFigures
  logs(): { lines: LogLine[]; exits: ChildExit[] }
  probe(): Probe
  look(width: number): Promise<Still | null>
  /** What is on air can be chosen, and a backup given. */
  readonly show: Pick<Show, 'switchTo' | 'setBackup'>
  /** The feed, for inputs whose backup it is. */
  readonly feed: FeedTap
  readonly outputs: Pick<OutputSet, 'list' | 'get' | 'format'>
  /** Stops the outputs first; resolves when socket and children are gone. */
  remove(): Promise<void>
}

const EVALUATE_MS = 100
const EXITS_KEPT = 10
const HEALTHY_MS = 60_000
/** What is known of a feed without a source. */
const NOTHING = { processId: null, receiveBufferBytes: null, source: null, video: null, audio: null }
const RETRY = { delayMs: 1_000, maxDelayMs: 30_000 }

/** One input with everything that hangs on it: its source, its reader, its program and its outputs. */
export function createInput(deps: {
  spec: InputSpec
  config: WorkerConfig
  clock: Clock
  gate: Gate
  targets: Targets
  emit: Emit
}): Input {
  const { config, clock, gate, targets, emit } = deps
  const id = deps.spec.id
  let spec = deps.spec
  let machine = initialInputState()
  let source: FeedSource | null = null
  let lastEvaluateMs = 0
  let lastFailedAt = 0
  let cancelRetry: (() => void) | null = null
  let closing = Promise.resolve()
  let feedWarnings: Omit<Warning, 'since'>[] = []
  const exits: ChildExit[] = []
  const log = createLogRing(clock, (line) => emit('log', { kind: 'input', id, line }))

  let state: InputActual = {
    ...toBlankInput(id, machine.status, clock.wall()),
    statusReason: machine.reason,
  }

  function update(change: Partial<InputActual>): void {
    // Asked ten times a second for each input, and mostly there is nothing new.
    const names = Object.keys(change) as (keyof InputActual)[]
    if (names.every((name) => Bun.deepEquals(change[name], state[name]))) return
    const next = { ...state, ...change }
    if (next.status !== state.status) next.since = clock.wall()
    state = next
    emit('input.state', state)
  }

  const feed = createFeedTap()
  const show = createShow({
    config,
    clock,
    gate,
    emit,
    spec,
    feed,
    onPicture: (unit) => stills.picture(unit),
    onVersion: () => outputs.programChanged(),
    switched({ to, reason }) {
      if (reason === 'lost') watch.lost(clock.now())
      update({ onAir: to, onAirSince: clock.wall(), onAirReason: reason, ...show.facts(clock.now()) })
      outputs.programChanged()
    },
    note: log.note,
  })
  const raw = createRawFeed(() => outputs.programChanged())
  const outputs = createOutputSet({
    ...{ inputId: id, program: show.program, raw: raw.program },
    ...{ config, clock, gate, targets, emit },
  })

  const stills = createStills({
    config,
    clock,
    gate,
    emit,
    isComing: () => state.onAir !== 'none' || machine.status === 'active' || machine.status === 'starting',
    fps: () => state.video?.fps ?? null,
    changed: (at) => emit('input.still', { id, at }),
    note: log.note,
  })
  let reader = openReader()
  const watch = createFeedWatch()

  function openReader(): TsReader {
    return createTsReader({
      // What FFmpeg brings in is one program of its own making.
      program: spec.source.kind === 'udp' || spec.source.kind === 'srt_listener' ? spec.program : null,
      onUnit: feed.unit,
      onFormat(format) {
        update({ video: format.video, audio: format.audio })
        feed.format(format)
      },
    })
  }

  const events: FeedEvents = {
    data(bytes, nowMs, fresh) {
      if (fresh) {
        reader.reset()
        raw.reset()
      }
      raw.push(bytes, spec.source.kind === 'udp', nowMs)
      reader.push(bytes, nowMs)
    },
    opened(facts) {
      dispatch({ type: 'opened' })
      update(facts)
    },
    blocked(code, words, retryAt) {
      dispatch({ type: 'blocked', words })
      update({ nextRetryAt: retryAt })
      warn([{ code, message: words }])
    },
    child: (processId) => update({ processId }),
    replaced: (address) => emit('input.replaced', { id, address }),
    goodbye(words) {
      log.note('info', `the sender said goodbye: ${words}`)
      watch.ended(clock.now())
      update({ source: source?.sender(clock.now()) ?? null })
      dispatch({ type: 'goodbye' })
      show.goodbye()
    },
    exited(words, exit) {
      lastFailedAt = clock.wall()
      source = null
      exits.push({ ...exit, next: spec.enabled ? 'retry' : 'none' })
      if (exits.length > EXITS_KEPT) exits.shift()
      dispatch({ type: 'exited', words })
    },
    log: log.add,
    note: log.note,
  }

  function dispatch(event: InputEvent): void {
    const { state: next, effects } = stepInput(machine, event)
    machine = next
    for (const effect of effects) {
      switch (effect.type) {
        case 'open':
          open()
          break
        case 'close':
          closing = close()
          break
        case 'retryLater': {
          const delayMs = backoffDelayMs(effect.attempt, RETRY)
          update({ nextRetryAt: clock.wall() + delayMs })
          cancelRetry = clock.after(delayMs, () => dispatch({ type: 'retry' }))
          break
        }
        case 'cancelRetry':
          cancelRetry?.()
          break
      }
    }
    tell()
  }

  /** Reports the machine's state; what belonged to a source that is gone is forgotten with it. */
  function tell(): void {
    const { status, reason, reconnectCount, lastError } = machine
    const gone = status === 'stopped' || status === 'reconnecting'
    update({
      status,
      statusReason: reason,
      reconnectCount,
      lastError,
      ...(gone && NOTHING),
      ...(status !== 'reconnecting' && status !== 'error' && { nextRetryAt: null }),
    })
    if (gone) warn([])
  }

  /** What is wrong with the feed, and, beside it, with what outputs get. */
  function warn(found: Omit<Warning, 'since'>[]): void {
    feedWarnings = found
    const all = [...found, ...show.warnings(clock.now())]
    update({ warnings: keepSince(state.warnings, all, clock.wall()) })
  }

  function open(): void {
    reader = openReader()
    watch.begin()
    update(NOTHING)
    warn([])
    source = openSource(spec.source, {
      ...{ inputId: id, config, clock, gate, targets, emit, events, lastFailedAt },
      attempt: machine.attempt,
    })
  }

  async function close(): Promise<void> {
    const old = source
    source = null
    await old?.close()
    dispatch({ type: 'exited', words: '' })
  }

  function evaluate(nowMs: number): void {
    lastEvaluateMs = nowMs
    update(show.facts(nowMs))
    if (!source || (machine.status !== 'inactive' && machine.status !== 'active')) return warn(feedWarnings)
    const { video, audio, receiveBufferBytes } = state
    const seen = watch.look(
      { reader, source, program: spec.program, hasVideo: video !== null, hasAudio: audio !== null, receiveBufferBytes },
      nowMs,
    )
    const ofSource = source.warning?.() ?? null
    // First, so that the word of a feed says whose it is.
    update({ source: source.sender(nowMs) })
    if (seen.active !== (machine.status === 'active')) dispatch({ type: seen.active ? 'stream' : 'silence' })
    if (seen.activeForMs > HEALTHY_MS && machine.attempt > 0) dispatch({ type: 'healthy' })
    warn(ofSource ? [...seen.warnings, ofSource] : seen.warnings)
  }

  /** What makes another socket or another child of the source. */
  const shape = (of: InputSpec) => [of.generation, of.source, of.program]

  dispatch({ type: 'wanted', enabled: spec.enabled, restart: false })
  if (!spec.enabled) emit('input.state', state)
  outputs.apply(spec.outputs)

  return {
    apply(next) {
      const restart = !Bun.deepEquals(shape(next), shape(spec))
      spec = next
      show.apply(next)
      dispatch({ type: 'wanted', enabled: spec.enabled, restart })
      outputs.apply(spec.outputs)
    },
    tick(nowMs) {
      show.tick(nowMs)
      raw.tick(nowMs)
      stills.tick(nowMs)
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
        lastPacketAt: ageMs === null ? null : Math.round(clock.wall() - ageMs),
        keyframeSeconds: reader.keyframeSeconds(),
        link: source?.link?.() ?? null,
        ...show.figures(nowMs),
      }
    },
    logs: () => ({ lines: log.lines(), exits: [...exits] }),
    probe: () => ({ bitrateKbps: reader.health.bitrateKbps(clock.now()), programs: reader.programs() }),
    look: stills.look,
    show,
    feed,
    outputs,
    async remove() {
      outputs.apply([])
      await outputs.settled()
      dispatch({ type: 'wanted', enabled: false, restart: false })
      await Promise.all([closing, stills.close(), show.close()])
    },
  }
}
