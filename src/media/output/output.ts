import { backoffDelayMs } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Targets } from '../../lib/targets.ts'
import { createAirWatch } from '../program/air-watch.ts'
import { secretsOf } from '../ffmpeg/arguments.ts'
import { refusalOf } from '../ffmpeg/refusal.ts'
import type { ExitContext } from '../ffmpeg/exits.ts'
import { encodesPicture, encodesSound } from '../ffmpeg/streams.ts'
import { createLogRing } from '../log-ring.ts'
import { initialOutputState, type OutputEffect, type OutputEvent, stepOutput } from './output-machine.ts'
import { createMask } from '../mask.ts'
import { createExits, describeEnd } from './output-exits.ts'
import { createListener, type Listener } from './output-listener.ts'
import { startOutput } from './output-start.ts'
import { createOutputWarnings } from './output-warnings.ts'
import type { Gate, Program } from '../program/program.ts'
import type { ChildExit, LogLine, OutputActual, OutputFigures } from '../actual.ts'
import type { OutputSpec } from '../specs.ts'
import type { Run, RunExit, RunRequest } from './run.ts'
import { createSpawnPlace } from './spawn-place.ts'
import { createTally } from './tally.ts'
import { createHearing } from '../input/hearing.ts'
import { isBehind, judge } from './watchdog.ts'
import { createWay, type WayFound } from '../way.ts'

const WATCH_PERIOD_MS = 500
const HEALTHY_AFTER_MS = 60_000

export type OutputDeps = {
  spec: OutputSpec
  program: Program
  /** The feed as it came, for transparent outputs. */
  raw: Program
  gate: Gate
  targets: Targets
  clock: Clock
  ffmpegPath: string
  /** Marks the children as this server's. */
  instance: string
  /** Where the doors' Unix sockets stand. */
  runDir: string
  /** Trust anchors for RTMPS instead of the system's. */
  caFile: string | null
  childSpawned(pid: number): void
  childReaped(pid: number): void
  changed(actual: OutputActual): void
  exited(exit: ChildExit): void
  logged(line: LogLine): void
  /** For tests: stands in for the real child. */
  startProcess?: RunRequest['startProcess']
}

type Cancel = () => void

export type Output = ReturnType<typeof createOutput>

/**
 * One output: what is wanted of it and what its program does go in, a supervised FFmpeg comes and goes, and what it is
 * at any moment can be read. All states and moves are the table's (`machine.ts`); here are its hands: the spawn gate,
 * the child, the timers.
 */
export function createOutput(deps: OutputDeps) {
  const { clock } = deps
  const log = createLogRing(clock, deps.logged)
  const exits = createExits(deps.exited)
  let spec = deps.spec
  let program = programOf(spec)
  let mask = createMask(secretsOf(spec.target))
  let state = initialOutputState()
  let since = clock.wall()
  let run: Run | null = null
  /** What must stay the same for a child: with a sound of its own making, only the codecs. */
  const versionFor = (of: OutputSpec) =>
    `${program.version} ${encodesSound(of, program.format) ? '' : program.soundVersion}`
  let runVersion = versionFor(spec)
  let runProgram = program.version
  let stalled: string | null = null
  let asked: ExitContext['asked'] = null
  const warnings = createOutputWarnings()
  let nextRetryAt: number | null = null
  let lastFailedAt = 0
  let hear = createHearing(clock.now())
  const air = createAirWatch(clock, program.onAir, () => dispatch({ type: 'offAirTooLong' }))
  let published = ''
  const tally = createTally()
  const way = createWay({
    targets: deps.targets,
    clock,
    changed: () => dispatch({ type: 'door', ...doorFacts() }),
  })
  const place = createSpawnPlace({ gate, clock, look, granted: spawn, failed: couldNotStart })
  let listener: Listener | null = null
  let cancelRetry: Cancel | null = null
  let cancelHealthy: Cancel | null = null
  let cancelWatch: Cancel | null = null
  const whenIdle: (() => void)[] = []

  function programOf(of: OutputSpec): Program {
    return of.engine === 'direct' && of.transparent ? deps.raw : deps.program
  }

  /** Without a child there is nothing to wait for. */
  function gate(lastFailedAtMs: number, signal: AbortSignal): Promise<void> {
    return spec.engine === 'direct' ? Promise.resolve() : deps.gate(lastFailedAtMs, signal)
  }

  /** Why it cannot run as things are: the feed does not fit, the port is somebody else's, or nobody may go there. */
  function refusal(): string | null {
    return refusalOf(spec, program.format) ?? (listener?.blocked ?? way.blocked)?.words ?? null
  }

  function look(signal: AbortSignal): Promise<WayFound> | null {
    return spec.target.protocol === 'srt_listener' ? null : way.find(spec.target.host, state.attempt, signal)
  }

  /** Holds the port of a listener that is switched on. `anew`: give it back first. */
  function holdPort(anew: boolean) {
    const { target } = spec
    const isWanted = spec.enabled && target.protocol === 'srt_listener'
    if (listener && (anew || !isWanted)) {
      listener.close()
      listener = null
    }
    if (!isWanted || listener) return
    listener = createListener({
      outputId: spec.id,
      target,
      runDir: deps.runDir,
      clock,
      changed: () => dispatch({ type: 'door', ...doorFacts() }),
      note: log.note,
    })
  }

  function doorFacts() {
    return { hold: listener?.hold ?? null, refusal: refusal(), callers: listener?.callers?.length ?? null }
  }

  function dispatch(event: OutputEvent, beforePublish?: () => void) {
    const before = state
    const { state: next, effects } = stepOutput(before, event, spec.reconnect)
    state = next
    if (next.status !== before.status || next.reason !== before.reason) {
      if (next.status !== before.status) since = clock.wall()
      log.note(next.status === 'error' ? 'error' : 'info', `${next.status}: ${next.reason}`)
    }
    if (next.status !== 'running') cancelHealthy?.()
    if (next.status === 'running' && before.status !== 'running') {
      cancelHealthy = clock.after(HEALTHY_AFTER_MS, () => dispatch({ type: 'healthy' }))
    }
    beforePublish?.()
    for (const effect of effects) {
      if (effect.type === 'stop') asked = causeOf(event)
      perform(effect)
    }
    publish()
    if (state.child === 'none') for (const resolve of whenIdle.splice(0)) resolve()
  }

  function perform(effect: OutputEffect) {
    switch (effect.type) {
      case 'queue':
        return place.ask(lastFailedAt)
      case 'unqueue':
        return place.leave()
      case 'stop':
        return run?.stop()
      case 'retryLater': {
        const delayMs = backoffDelayMs(effect.attempt, spec.reconnect)
        nextRetryAt = clock.wall() + delayMs
        cancelRetry = clock.after(delayMs, () => {
          nextRetryAt = null
          dispatch({ type: 'retry' })
        })
        return
      }
      case 'cancelRetry':
        nextRetryAt = null
        return cancelRetry?.()
      case 'countAnew':
        listener?.countAnew()
        return tally.startAnew(run)
    }
  }

  function spawn(found: Exclude<WayFound, { is: 'refused' }> | null, gateWasBusy: boolean) {
    if (found?.is === 'unknown') return unknownName(found.words)
    stalled = null
    asked = null
    runVersion = versionFor(spec)
    runProgram = program.version
    try {
      run = startOutput({
        ...{ spec, program, listener, clock, gateWasBusy, mask, address: found?.address ?? null },
        ...{ ffmpegPath: deps.ffmpegPath, instance: deps.instance, caFile: deps.caFile },
        startProcess: deps.startProcess,
        onLine: log.add,
        note: log.note,
        onBytes: () => dispatch({ type: 'bytes' }),
      })
    } catch (cause) {
      return couldNotStart(cause)
    }
    if (run.pid !== null) deps.childSpawned(run.pid)
    hear = createHearing(clock.now())
    cancelWatch = clock.every(WATCH_PERIOD_MS, watch)
    void run.exited.then(onExit)
    dispatch({ type: 'spawned', listens: listensItself() })
  }

  const listensItself = () => listener?.callers === null

  function couldNotStart(cause: unknown) {
    const line = mask(cause instanceof Error ? cause.message : String(cause))
    log.note('error', `FFmpeg could not be started: ${line}`)
    lastFailedAt = clock.wall()
    dispatch({ type: 'exited', words: 'FFmpeg could not be started on this server. It may not be installed.' })
  }

  /** Nothing was started, but it is a try that failed. */
  function unknownName(words: string) {
    lastFailedAt = clock.wall()
    const exit = { class: 'dns', code: null, signal: null, forced: false, at: lastFailedAt, ranSeconds: 0 } as const
    dispatch({ type: 'exited', words }, () => exits.add({ ...exit, lines: [words] }, false, state.status))
  }

  function onExit(exit: RunExit) {
    const ended = run
    if (!ended) return
    const wasAsked = state.status === 'stopping'
    const hadSent = ended.figures(clock.now()).bytes > 0
    tally.close(ended, clock.now())
    ended.release()
    run = null
    warnings.clear()
    cancelWatch?.()
    air.rest()
    if (ended.pid !== null) deps.childReaped(ended.pid)
    const {
      words,
      left,
      exit: described,
      log: line,
    } = describeEnd({
      ...{ exit, hadSent, stalled, at: clock.wall(), isChild: ended.pid !== null, listened: listensItself() },
      asked,
      protocol: spec.target.protocol,
      onAir: program.onAir,
    })
    if (!wasAsked) lastFailedAt = clock.wall()
    log.note(line.level, line.text)
    dispatch({ type: 'exited', words, left }, () => exits.add(described, wasAsked, state.status))
  }

  function watch() {
    if (!run || state.status === 'stopping') return
    const nowMs = clock.now()
    const airMs = air.sinceMs()
    const heardMs = hear(nowMs)
    const vitals = run.vitals(airMs === null ? null : Math.max(airMs, heardMs), nowMs)
    const { skips, speed, sendQueueMs } = run.figures(nowMs)
    const encodes = encodesPicture(spec)
    warnings.look({ behind: isBehind(vitals, nowMs), skips, encodes, speed, sendQueueMs }, nowMs, clock.wall())
    publish()
    if (stalled !== null) return
    const { target, stallTimeoutMs } = spec
    stalled = judge(vitals, { protocol: target.protocol, stallTimeoutMs, waitsForCaller: listensItself() }, nowMs)
    if (stalled === null) return
    log.note('warning', stalled)
    run.kill()
  }

  function actual(): OutputActual {
    return {
      id: spec.id,
      inputId: spec.inputId,
      status: state.status,
      statusReason: state.reason,
      since,
      warnings: [...(listener?.warning ? [listener.warning] : []), ...warnings.list()],
      nextRetryAt: nextRetryAt ?? (listener?.blocked ?? way.blocked)?.retryAt ?? null,
      attempt: state.attempt,
      reconnectCount: state.reconnectCount,
      lastError: state.lastError,
      lastExit: exits.last(),
      processId: run?.pid ?? null,
      startedAt: run?.startedAt ?? null,
      callers: listener?.callers ?? null,
    }
  }

  function publish() {
    const now = actual()
    const text = JSON.stringify(now)
    if (text === published) return
    published = text
    deps.changed(now)
  }

  function apply(next: OutputSpec) {
    const edited = shapeOf(next) !== shapeOf(spec)
    // More attempts for an output that gave up is a wish to try again.
    const eased = state.status === 'error' && JSON.stringify(next.reconnect) !== JSON.stringify(spec.reconnect)
    const restart = edited || eased || next.generation !== spec.generation
    spec = next
    program = programOf(spec)
    if (edited) mask = createMask(secretsOf(spec.target))
    if (restart || !spec.enabled) way.forget()
    // What is being looked up is the old destination.
    if (edited && state.child === 'queued') place.ask(lastFailedAt)
    holdPort(edited)
    state = { ...state, onAir: program.onAir, ...doorFacts() }
    if (edited) air.look(program.onAir)
    dispatch({ type: 'wanted', enabled: spec.enabled, refusal: refusal(), restart })
  }

  function programChanged() {
    air.look(program.onAir)
    const isOther = run !== null && versionFor(spec) !== runVersion
    const restart = !isOther ? null : program.version === runProgram ? 'sound' : 'codec'
    dispatch({ type: 'program', onAir: program.onAir, refusal: refusal(), restart })
  }

  holdPort(false)
  state = { ...state, onAir: program.onAir, ...doorFacts() }
  dispatch({ type: 'wanted', enabled: spec.enabled, refusal: refusal(), restart: true })

  return {
    /** Takes a new spec. The child restarts only if what shapes it changed; names, delays and attempts do not. */
    apply,
    /** To be called whenever the program's `onAir`, `version` or `format` may have changed. */
    programChanged,
    actual,
    /** Figures at `nowMs` (`Clock.now`); bytes and skips count since the last start by a person or the server. */
    figures: (nowMs: number): OutputFigures => tally.figures(spec, run, listener, nowMs),
    logs: (): { lines: LogLine[]; exits: ChildExit[] } => ({ lines: log.lines(), exits: exits.list() }),
    /** Reads CPU and memory of the child; called about once a second. */
    sampleUsage: (): void => run?.sampleUsage(),
    /** Whether its child has a TCP connection whose send queue says something. */
    hasSendQueue: (): boolean => run !== null && spec.target.protocol === 'rtmp',
    /** As of a run; null without one. */
    sampleQueue: () => run?.sampleQueue() ?? null,
    /** Fault injection: SIGKILL, as if it had died by itself. */
    kill: (): void => run?.kill(),
    /** Ends the link of one caller of a listener, whose address is turned away for a minute. False when nobody of that id is there. */
    kick(callerId: number): boolean {
      if (!listener?.callers?.some(({ id }) => id === callerId)) return false
      listener.kick(callerId)
      return true
    },
    /** Stops for good; resolves when the child is gone, at most 2.1 s later. */
    remove(): Promise<void> {
      spec = { ...spec, enabled: false }
      way.forget()
      holdPort(false)
      dispatch({ type: 'wanted', enabled: false, refusal: null, restart: false })
      air.rest()
      if (state.child === 'none') return Promise.resolve()
      return new Promise((resolve) => whenIdle.push(resolve))
    },
  }
}

/** Why a child is asked to leave by what this event led to. */
function causeOf(event: OutputEvent): ExitContext['asked'] {
  if (event.type === 'program') return event.restart
  if (event.type === 'door') return 'door'
  return event.type === 'offAirTooLong' ? 'off_air' : 'person'
}

/** What a child is made of: two specs of the same shape need no other child. */
function shapeOf(spec: OutputSpec): string {
  return JSON.stringify([spec.target, spec.engine, spec.transparent, spec.audio, spec.video])
}
