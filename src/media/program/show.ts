import { AppError } from '../../errors.ts'
import type { InputActual, LogLine, Warning } from '../actual.ts'
import type { FeedTap } from '../input/feed-tap.ts'
import type { EncodeDeps } from './fill/encode.ts'
import { createSilenceMaker } from './fill/silence.ts'
import { createSlateMaker } from './fill/slate.ts'
import { createHub } from './hub.ts'
import type { Program } from './program.ts'
import { JUMP_WORDS, type OperationInput, type OperationOutput } from '../protocol.ts'
import { showWarnings } from './show-warnings.ts'
import type { InputSpec } from '../specs.ts'
import type { OnAir, Refusal, SpliceRules, Switched } from './on-air.ts'
import type { Format, VideoUnit } from './units.ts'

export type Show = {
  readonly program: Program
  apply(spec: InputSpec): void
  /** The feed that takes over when the main one is lost; null = none. */
  setBackup(feed: FeedTap | null): void
  /** @throws AppError conflict where it cannot be */
  switchTo(to: OperationInput<'switch'>['to'], when: 'keyframe' | 'now'): OperationOutput<'switch'>
  /** The publisher said goodbye: the show is over. */
  goodbye(): void
  /** Every 20 ms. */
  tick(nowMs: number): void
  /** What can be said of it now; looked at several times a second. */
  facts(nowMs: number): Pick<InputActual, 'pending' | 'backupReady' | 'slateReady'>
  warnings(nowMs: number): Omit<Warning, 'since'>[]
  figures(nowMs: number): { switches: number; filledSeconds: number }
  close(): Promise<void>
}

/** What one input's outputs get: the hub, with what can stand in for the feed prepared beside it. */
export function createShow(
  deps: EncodeDeps & {
    spec: InputSpec
    feed: FeedTap
    onPicture(unit: VideoUnit): void
    /** Codec or AAC configuration changed: outputs have to start anew. */
    onVersion(): void
    switched(change: Switched): void
    note(level: LogLine['level'], text: string): void
  },
): Show {
  const { clock, emit, note } = deps
  let { spec } = deps
  const { id } = spec
  let feedFormat: Format | null = null
  let backup: FeedTap | null = null
  let stopListening: (() => void) | null = null
  let airedMs = clock.now()
  let isByHand = false
  let isSlateAsked = spec.choice === 'slate'

  const hub = createHub({
    rules: toRules(spec),
    ringMaxBytes: deps.config.ringMaxBytes,
    nowMs: clock.now,
    onPicture: deps.onPicture,
    onAir(change) {
      note(change.to === 'none' || change.reason === 'lost' ? 'warning' : 'info', describe(change))
      if (change.from !== change.to) {
        airedMs = clock.now()
        isByHand = change.reason === 'manual'
        emit('input.switched', { id, ...change })
      }
      deps.switched(change)
    },
    onRestarted(event) {
      note('info', `the feed began anew: ${JUMP_WORDS[event.reason]}; ${event.gapMs} ms are missing`)
      emit('input.restarted', { id, ...event })
    },
    onVersion: deps.onVersion,
  })
  const { splice } = hub
  if (spec.enabled && spec.choice) splice.resume(spec.choice)
  const slate = createSlateMaker({ ...deps, ready: (made) => splice.setSlate(made, clock.now()) })
  const silence = createSilenceMaker({ ...deps, ready: splice.setSilence })

  deps.feed.listen({
    format(format) {
      feedFormat = format
      splice.main.format(format)
      prepare()
    },
    unit: splice.main.unit,
  })

  /** One that nobody has chosen is made when it is first asked for: that costs a second of a core for each feed. */
  function isSlateDue(): boolean {
    const isChosen = spec.onLoss === 'slate' || spec.onLoss === 'backup'
    return spec.enabled && (isChosen || isSlateAsked || spec.slate?.before === true || spec.slate?.file != null)
  }

  function prepare(): void {
    slate.want(isSlateDue() ? spec.slate : null, feedFormat)
    silence.want(feedFormat?.audio ?? null)
  }
  prepare()

  return {
    program: hub.program,
    apply(next) {
      if (!next.enabled && spec.enabled) splice.end('stop', clock.now())
      if (next.enabled && !spec.enabled) splice.begin()
      spec = next
      splice.setRules(toRules(spec))
      prepare()
    },
    setBackup(feed) {
      if (feed === backup) return
      backup = feed
      stopListening?.()
      splice.setBackup(feed !== null, clock.now())
      stopListening = feed?.listen(splice.backup) ?? null
    },
    switchTo(to, when) {
      if (!spec.enabled) throw refused('stopped')
      const nowMs = clock.now()
      if (to === 'slate') {
        isSlateAsked = true
        prepare()
      }
      const refusal = splice.switchTo(to, when, nowMs)
      const isComing = refusal === 'no_slate' && slate.isReady === false
      const stillRefused = isComing ? splice.awaitSlate(nowMs) : refusal
      if (stillRefused) throw refused(stillRefused)
      return { onAir: splice.onAir, pending: splice.pending }
    },
    goodbye: () => splice.end('goodbye', clock.now()),
    tick: hub.tick,
    facts: (nowMs) => ({
      pending: splice.pending,
      backupReady: splice.backupReady(nowMs),
      slateReady: slate.isReady,
    }),
    warnings: (nowMs) =>
      showWarnings({
        onAir: splice.onAir,
        onAirMs: nowMs - airedMs,
        isByHand,
        backupReady: splice.backupReady(nowMs),
        hasLostBackup: spec.enabled && spec.backupInputId !== null && backup === null,
      }),
    figures: (nowMs) => ({
      switches: splice.switches,
      filledSeconds: Math.round(splice.filledMs(nowMs) / 100) / 10,
    }),
    async close() {
      stopListening?.()
      await Promise.all([slate.close(), silence.close()])
    },
  }
}

function toRules(spec: InputSpec): SpliceRules {
  return {
    lossMs: spec.lossMs,
    onLoss: spec.onLoss,
    returns: spec.returns,
    returnAfterMs: spec.returnAfterMs,
    maxFillMs: spec.maxFillMinutes * 60_000,
    slateBefore: spec.enabled && spec.slate?.before === true,
  }
}

const NAMES: Record<OnAir, string> = {
  main: 'the feed is on air',
  backup: 'the backup is on air',
  slate: 'the slate is on air',
  freeze: 'the last picture of the feed is on air',
  none: 'nothing is on air',
}

function describe({ from, to, reason, gapMs }: Switched): string {
  const what = from === to ? 'the feed is on air, begun anew' : NAMES[to]
  if (reason === 'lost') return `the feed is lost; ${what}`
  if (reason === 'ended') return `the show has ended; ${what}`
  return reason === 'manual' ? `${what}, by hand; ${gapMs} ms are missing` : what
}

const REFUSALS: Record<Refusal | 'stopped', [code: string, message: string]> = {
  stopped: ['input.stopped', 'This input is stopped. Start it first.'],
  no_backup: ['input.no_backup', 'This input has no backup. Choose one in its settings.'],
  not_there: ['input.not_there', 'That feed is not there now.'],
  no_slate: ['input.no_slate', 'The slate is being made. Try again in a few seconds.'],
  no_picture: ['input.no_picture', 'There is no picture to hold yet.'],
}

function refused(refusal: Refusal | 'stopped'): AppError {
  const [code, message] = REFUSALS[refusal]
  return new AppError({ kind: 'conflict', code, message })
}
