import { backoffDelayMs } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { buildOutputCommand, refusalOf, secretsOf } from './ffmpeg/arguments.ts'
import { classifyExit } from './ffmpeg/exits.ts'
import { createLogRing } from './log-ring.ts'
import { initialOutputState, type OutputEffect, type OutputEvent, stepOutput } from './output-machine.ts'
import { createMask } from './mask.ts'
import { createOutputWarnings } from './output-warnings.ts'
import { type ProcessExit, startProcess } from './process.ts'
import type { Gate, Program } from './program.ts'
import type { ChildExit, LogLine, OutputActual, OutputFigures } from './actual.ts'
import type { OutputSpec } from './specs.ts'
import { type Run, type RunRequest, startRun } from './run.ts'
import { takeGuardWarning } from './spawn.ts'
import { createSpawnPlace } from './spawn-place.ts'
import { createTally } from './tally.ts'
import { isBehind, judge } from './watchdog.ts'

const WATCH_PERIOD_MS = 500
/** Peers drop a silent publisher after 5 to 10 seconds; better to leave in order. */
const OFF_AIR_LIMIT_MS = 8_000
const HEALTHY_AFTER_MS = 60_000
const MAX_EXITS = 10

export type OutputDeps = {
  spec: OutputSpec
  program: Program
  gate: Gate
  clock: Clock
  ffmpegPath: string
  /** Marks the children as this server's. */
  instance: string
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
  const { clock, program } = deps
  const log = createLogRing(clock, deps.logged)
  const exits: ChildExit[] = []
  let spec = deps.spec
  let mask = createMask(secretsOf(spec.target))
  let state = initialOutputState()
  let since = clock.wall()
  let run: Run | null = null
  let runVersion = program.version
  let stalled: string | null = null
  const warnings = createOutputWarnings()
  let nextRetryAt: number | null = null
  let lastFailedAt = 0
  let onAirSinceMs: number | null = program.onAir ? clock.now() : null
  let published = ''
  const tally = createTally()
  const place = createSpawnPlace({ gate: deps.gate, clock, granted: spawn, failed: couldNotStart })
  let cancelRetry: Cancel | null = null
  let cancelHealthy: Cancel | null = null
  let cancelOffAir: Cancel | null = null
  let cancelWatch: Cancel | null = null
  const whenIdle: (() => void)[] = []

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
    for (const effect of effects) perform(effect)
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
        return tally.startAnew(run)
    }
  }

  function spawn(gateWasBusy: boolean) {
    stalled = null
    runVersion = program.version
    try {
      const command = buildOutputCommand(spec, program.format, deps.caFile)
      run = startRun({
        clock,
        program,
        paced: spec.target.protocol !== 'rtmp',
        argv: [deps.ffmpegPath, ...command.args],
        preset: command.preset,
        instance: deps.instance,
        gateWasBusy,
        startProcess: deps.startProcess ?? startProcess,
        mask,
        onLine: log.add,
        onBytes: () => dispatch({ type: 'bytes' }),
      })
    } catch (cause) {
      return couldNotStart(cause)
    }
    const { pid, exited } = run
    deps.childSpawned(pid)
    log.note('info', `FFmpeg started, process ${pid}`)
    const unguarded = takeGuardWarning()
    if (unguarded) log.note('warning', unguarded)
    cancelWatch = clock.every(WATCH_PERIOD_MS, watch)
    void exited.then(onExit)
    dispatch({ type: 'spawned' })
  }

  function couldNotStart(cause: unknown) {
    const line = mask(cause instanceof Error ? cause.message : String(cause))
    log.note('error', `FFmpeg could not be started: ${line}`)
    lastFailedAt = clock.wall()
    dispatch({ type: 'exited', words: 'FFmpeg could not be started on this server. It may not be installed.' })
  }

  function onExit(exit: ProcessExit) {
    const ended = run
    if (!ended) return
    const wasAsked = state.status === 'stopping'
    const isOffAir = state.enabled && !state.onAir
    const hadSent = ended.figures(clock.now()).bytes > 0
    tally.close(ended, clock.now())
    ended.release()
    run = null
    warnings.clear()
    cancelWatch?.()
    cancelOffAir?.()
    deps.childReaped(ended.pid)
    const verdict = classifyExit({
      protocol: spec.target.protocol,
      code: exit.code,
      signal: exit.signal,
      lines: exit.lines,
      hadSent,
      asked: !wasAsked ? 'no' : isOffAir ? 'off_air' : 'person',
      onAir: program.onAir,
      stalled,
    })
    if (!wasAsked) lastFailedAt = clock.wall()
    const how = exit.signal ?? `code ${exit.code}`
    log.note(wasAsked ? 'info' : 'warning', `FFmpeg ended (${verdict.class}, ${how}) after ${toSeconds(exit.ranMs)} s`)
    dispatch({ type: 'exited', words: verdict.words }, () => {
      const described: ChildExit = {
        class: verdict.class,
        code: exit.code,
        signal: exit.signal,
        forced: exit.forced,
        at: clock.wall(),
        ranSeconds: toSeconds(exit.ranMs),
        next: wasAsked ? 'none' : nextOf(state.status),
        lines: exit.lines,
      }
      exits.push(described)
      if (exits.length > MAX_EXITS) exits.shift()
      deps.exited(described)
    })
  }

  function watch() {
    if (!run || state.status === 'stopping') return
    const nowMs = clock.now()
    const vitals = run.vitals(onAirSinceMs, nowMs)
    warnings.look({ behind: isBehind(vitals, nowMs), skips: run.figures(nowMs).skips }, nowMs, clock.wall())
    publish()
    if (stalled !== null) return
    stalled = judge(vitals, { protocol: spec.target.protocol, stallTimeoutMs: spec.stallTimeoutMs }, nowMs)
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
      warnings: warnings.list(),
      nextRetryAt,
      attempt: state.attempt,
      reconnectCount: state.reconnectCount,
      lastError: state.lastError,
      lastExit: exits.at(-1) ?? null,
      processId: run?.pid ?? null,
      startedAt: run?.startedAt ?? null,
      callers: null,
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
    if (edited) mask = createMask(secretsOf(spec.target))
    dispatch({ type: 'wanted', enabled: spec.enabled, refusal: refusalOf(spec, program.format), restart })
  }

  function programChanged() {
    const isOnAir = program.onAir
    if (isOnAir && onAirSinceMs === null) {
      onAirSinceMs = clock.now()
      cancelOffAir?.()
    }
    if (!isOnAir && onAirSinceMs !== null) {
      onAirSinceMs = null
      cancelOffAir = clock.after(OFF_AIR_LIMIT_MS, () => dispatch({ type: 'offAirTooLong' }))
    }
    const restart = run !== null && program.version !== runVersion
    dispatch({ type: 'program', onAir: isOnAir, refusal: refusalOf(spec, program.format), restart })
  }

  state = { ...state, onAir: program.onAir }
  dispatch({ type: 'wanted', enabled: spec.enabled, refusal: refusalOf(spec, program.format), restart: true })

  return {
    /** Takes a new spec. The child restarts only if what shapes it changed; names, delays and attempts do not. */
    apply,
    /** To be called whenever the program's `onAir`, `version` or `format` may have changed. */
    programChanged,
    actual,
    /** Figures at `nowMs` (`Clock.now`); bytes and skips count since the last start by a person or the server. */
    figures: (nowMs: number): OutputFigures => tally.figures(spec, run, nowMs),
    logs: (): { lines: LogLine[]; exits: ChildExit[] } => ({ lines: log.lines(), exits: [...exits] }),
    /** Reads CPU and memory of the child; called about once a second. */
    sampleUsage: (): void => run?.sampleUsage(),
    /** Fault injection: SIGKILL, as if it had died by itself. */
    kill: (): void => run?.kill(),
    /** Stops for good; resolves when the child is gone, at most 2.1 s later. */
    remove(): Promise<void> {
      dispatch({ type: 'wanted', enabled: false, refusal: null, restart: false })
      cancelOffAir?.()
      if (state.child === 'none') return Promise.resolve()
      return new Promise((resolve) => whenIdle.push(resolve))
    },
  }
}

/** What a child is made of: two specs of the same shape need no other child. */
function shapeOf(spec: OutputSpec): string {
  return JSON.stringify([spec.target, spec.audio, spec.video])
}

function nextOf(status: OutputActual['status']): ChildExit['next'] {
  return status === 'reconnecting' ? 'retry' : status === 'error' ? 'error' : 'none'
}

function toSeconds(ms: number): number {
  return Math.round(ms / 10) / 100
}
