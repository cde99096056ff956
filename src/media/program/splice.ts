import { createAired } from './aired.ts'
import { createStandIn, type Slate } from './fill/stand-in.ts'
import { createLane, type Cut, type Lane, type Stage } from './lane.ts'
import type { OnAir, OnAirReason, Refusal, SpliceRules, Switched } from './on-air.ts'
import { type Difference, differencesOf } from './same-program.ts'
import { createTail } from './tail.ts'
import { createTimeline } from './timeline.ts'
import type { Choice } from '../specs.ts'
import type { AudioUnit, Format, Unit } from './units.ts'
import { createWish } from './wish.ts'

export type Source = {
  /** What the source carries from now on; before its first unit, and at every change. */
  format(format: Format): void
  /** A unit on the source's own timeline. */
  unit(unit: Unit, nowMs: number): void
}

export type Splice = {
  readonly main: Source
  /** Taken only while there is one, see `setBackup`. */
  readonly backup: Source
  /** There is a backup, another one, or none any more. */
  setBackup(exists: boolean, nowMs: number): void
  /** The slate is ready, is another, or is no more. */
  setSlate(slate: Slate | null, nowMs: number): void
  /** A silent frame for a sound that has no constant one. */
  setSilence(frame: AudioUnit): void
  setRules(rules: SpliceRules): void
  /** By hand. A choice stands until `auto`, or until what was chosen is lost. Null, or why not. */
  switchTo(to: 'main' | 'backup' | 'slate' | 'freeze' | 'auto', when: 'keyframe' | 'now', nowMs: number): Refusal | null
  /** Chosen by hand before this splice was there: it goes on air as soon as it can; what takes too long is given up. */
  resume(choice: Choice): void
  /** Another show, after one that has ended: a slate may begin it. */
  begin(): void
  /** By hand: the picture stands still until the slate is there, which is being made. */
  awaitSlate(nowMs: number): Refusal | null
  /** The show is over: an orderly goodbye of the publisher (a choice by hand stands), or the input was stopped. */
  end(why: 'goodbye' | 'stop', nowMs: number): void
  /** Every 20 ms or so: finds the loss, plays the fill, goes back. */
  tick(nowMs: number): void
  readonly onAir: OnAir
  /** What goes on air at its next keyframe. */
  readonly pending: 'main' | 'backup' | null
  readonly switches: number
  filledMs(nowMs: number): number
  /** Whether the backup could take over now, and what viewers would notice; null without one. */
  backupReady(nowMs: number): { ok: boolean; differs: Difference[] } | null
}

/**
 * Puts whatever source is on air on one timeline that never steps back: the feed, its backup, or, while there is neither, a
 * slate or the feed's last keyframe. Pure: units and a clock in, units out.
 */
export function createSplice(o: {
  rules: SpliceRules
  /** Times are those of the timeline. */
  emit(unit: Unit, nowMs: number): void
  /** Told before its first unit; `restarted`: the same source began anew. */
  onAir(change: Switched, nowMs: number): void
  /** A source came back on another timeline without a loss. `gapMs`: the gap outputs see. */
  onRestarted(event: { reason: NonNullable<Cut['jump']>; gapMs: number }, nowMs: number): void
  /** Before the first unit of a program that outputs cannot go on with: the first, other codecs, other AAC configuration. */
  onProgramChange(format: Format): void
}): Splice {
  const timeline = createTimeline(o.emit)
  const tail = createTail(timeline)
  const standIn = createStandIn(timeline, () => tail.isOpen)
  let rules = o.rules
  const aired = createAired(timeline, o.onProgramChange)
  let onAir: OnAir = 'none'
  /** A source has been on air; the show has been ended since. */
  let hasBegun = false
  let hasEnded = false
  let manual: OnAir | null = null
  let pending: { to: 'main' | 'backup'; reason: OnAirReason } | null = null
  let isLost = false
  let lastWrittenMs = 0
  let hasBackup = false
  let switches = 0

  const stage: Stage = {
    timeline,
    aired,
    lossMs: () => rules.lossMs,
    role(lane) {
      const name = lane === main ? 'main' : 'backup'
      if (onAir === name) return 'on'
      const isNext = pending ? pending.to === name : onAir === 'none' && name === 'main' && !wish.holdsFeed
      return isNext ? 'next' : 'off'
    },
    enter,
    wrote(unit, nowMs) {
      lastWrittenMs = nowMs
      if (unit.kind === 'video' && unit.key) standIn.keyframe(unit)
    },
    sound(unit, offset, leads, nowMs) {
      if (!tail.isOpen || leads) return timeline.sound(unit, offset, leads, nowMs)
      tail.wait(unit, offset)
      return true
    },
    lateSound: tail.late,
  }
  const main = createLane(stage)
  let backup = createLane(stage)
  const laneOf = (what: OnAir): Lane | null => (what === 'main' ? main : what === 'backup' ? backup : null)

  function tell(to: OnAir, reason: OnAirReason, gapMs: number, nowMs: number): void {
    const from = onAir
    if (from !== 'none' && to !== 'none') switches++
    if (from !== to) laneOf(from)?.leave(to !== 'none')
    if (to !== 'slate' && to !== 'freeze') standIn.stop(nowMs)
    onAir = to
    o.onAir({ from, to, reason, gapMs }, nowMs)
  }

  function enter(lane: Lane, cut: Cut, nowMs: number): void {
    tail.end(nowMs)
    const name = lane === main ? 'main' : 'backup'
    const from = onAir
    const leaves = isLost ? null : laneOf(from)
    const isAnother = !aired.isSame(cut.format)
    if (isAnother) aired.begin(cut.format)
    if (from !== name) {
      const reason = pending?.reason ?? (hasBegun ? 'returned' : null)
      if (reason === 'manual') manual = name
      pending = null
      hasBegun = true
      hasEnded = false
      tell(name, reason, cut.gapMs, nowMs)
    } else if (cut.jump) {
      o.onRestarted({ reason: cut.jump, gapMs: cut.gapMs }, nowMs)
      o.onAir({ from, to: name, reason: 'restarted', gapMs: cut.gapMs }, nowMs)
    }
    lastWrittenMs = nowMs
    if (!aired.format?.audio) return
    if (leaves && leaves !== lane && !isAnother && cut.format.video) tail.begin(leaves, cut.ptsOut, nowMs)
    else timeline.soundFrom(cut.ptsOut, nowMs)
  }

  /** At the next keyframe, or now with the cached group. */
  function go(to: 'main' | 'backup', reason: OnAirReason, now: boolean, nowMs: number): void {
    pending = { to, reason }
    if (now) laneOf(to)?.begin(nowMs)
  }

  function startFill(what: 'slate' | 'freeze', reason: OnAirReason, nowMs: number): boolean {
    if (!standIn.can(what, aired.format, aired.canBeSilent())) return false
    tail.end(nowMs)
    const leaves = isLost ? null : laneOf(onAir)
    if (!aired.format && standIn.slate) aired.begin(standIn.slate.format)
    const from = timeline.offsetFor({ dts: 0, pts: 0 }, timeline.dueAt(nowMs))
    const gap = (timeline.stepTo(from, 0) ?? 0) - timeline.pictureTicks()
    tell(what, reason, Math.max(0, Math.round(gap / 90)), nowMs)
    if (leaves && aired.format?.audio && aired.format.video) tail.begin(leaves, from, nowMs)
    standIn.start(nowMs)
    return true
  }

  function lost(nowMs: number): void {
    const from = onAir
    if (manual === from) manual = null
    isLost = true
    const other = from === 'backup' ? 'main' : rules.onLoss === 'backup' ? 'backup' : null
    const next = pending?.to ?? other
    const reason = pending?.reason === 'manual' ? 'manual' : 'lost'
    pending = null
    if (next && laneOf(next)?.isAlive(nowMs)) go(next, reason, true, nowMs)
    if (onAir === from) replace(nowMs)
    isLost = false
  }

  function replace(nowMs: number): void {
    const wanted = rules.onLoss === 'slate' || rules.onLoss === 'backup' ? 'slate' : 'freeze'
    if (rules.onLoss !== 'hold') {
      if (startFill(wanted, 'lost', nowMs)) return
      if (startFill(wanted === 'slate' ? 'freeze' : 'slate', 'lost', nowMs)) return
    }
    tell('none', 'lost', 0, nowMs)
  }

  function stop(reason: OnAirReason, nowMs: number): void {
    tail.end(nowMs)
    manual = null
    wish.drop()
    pending = null
    hasEnded = true
    if (onAir !== 'none') tell('none', reason, 0, nowMs)
  }

  const wish = createWish({
    onAir: () => onAir,
    takeBackup(nowMs) {
      if (hasBackup && !pending && backup.isAlive(nowMs)) go('backup', 'manual', true, nowMs)
    },
    fill(what, nowMs) {
      if (startFill(what, 'manual', nowMs)) manual = what
    },
  })

  /** What should go on air by itself. */
  function consider(nowMs: number): void {
    if (pending && !laneOf(pending.to)?.isAlive(nowMs)) pending = null
    if (onAir === 'main' || manual || wish.isOpen || pending?.reason === 'manual') return
    if (onAir === 'none') {
      if (rules.slateBefore && !hasBegun && !hasEnded && !main.isAlive(nowMs)) startFill('slate', null, nowMs)
      if (!hasBegun || hasEnded) return
    } else if (rules.returns === 'auto' && main.healthyMs(nowMs) >= rules.returnAfterMs && main.isAlive(nowMs)) {
      pending = { to: 'main', reason: hasBegun ? 'returned' : null }
      return
    }
    const isWanted = rules.onLoss === 'backup' && hasBackup && onAir !== 'backup' && !pending
    if (isWanted && backup.healthyMs(nowMs) >= rules.returnAfterMs && backup.isAlive(nowMs))
      pending = { to: 'backup', reason: 'lost' }
  }

  function tick(nowMs: number): void {
    main.drain(nowMs)
    backup.drain(nowMs)
    tail.tick(nowMs)
    if (laneOf(onAir) && nowMs - lastWrittenMs > rules.lossMs) lost(nowMs)
    standIn.tick(nowMs)
    // What was chosen by hand stands: its end would put a feed on air that somebody has taken off.
    const isTooLong = rules.maxFillMs > 0 && !manual && standIn.onAirMs(nowMs) > rules.maxFillMs
    if (isTooLong) stop('ended', nowMs)
    wish.look(nowMs)
    consider(nowMs)
  }

  function switchTo(to: OnAir | 'auto', when: 'keyframe' | 'now', nowMs: number): Refusal | null {
    const refusal = choose(to, when, nowMs)
    // What cannot be changes nothing.
    if (refusal === null) wish.drop()
    return refusal
  }

  function choose(to: OnAir | 'auto', when: 'keyframe' | 'now', nowMs: number): Refusal | null {
    if (to === 'auto') {
      manual = null
      pending = null
      if (onAir !== 'main' && main.isAlive(nowMs)) go('main', 'manual', false, nowMs)
      return null
    }
    if (to === onAir) {
      manual = to
      pending = null
      return null
    }
    if (to === 'main' || to === 'backup') {
      if (to === 'backup' && !hasBackup) return 'no_backup'
      if (!laneOf(to)?.isAlive(nowMs)) return 'not_there'
      go(to, 'manual', when === 'now', nowMs)
      return null
    }
    if (to === 'none' || !startFill(to, 'manual', nowMs)) return to === 'slate' ? 'no_slate' : 'no_picture'
    manual = to
    pending = null
    return null
  }

  return {
    main: {
      format: main.format,
      unit(unit, nowMs) {
        tick(nowMs)
        main.unit(unit, nowMs)
      },
    },
    backup: {
      format: (format) => backup.format(format),
      unit(unit, nowMs) {
        if (!hasBackup) return
        tick(nowMs)
        backup.unit(unit, nowMs)
      },
    },
    setBackup(exists, nowMs) {
      hasBackup = exists
      backup = createLane(stage)
      if (pending?.to === 'backup') pending = null
      if (onAir === 'backup') lost(nowMs)
    },
    setSlate(next, nowMs) {
      standIn.slate = next
      if (!next || !standIn.can('slate', aired.format, aired.canBeSilent())) return
      if (onAir === 'slate') standIn.start(nowMs)
      else if (onAir === 'freeze' && manual === 'slate') startFill('slate', 'manual', nowMs)
      else if (onAir === 'freeze' && !manual && rules.onLoss !== 'freeze') startFill('slate', 'lost', nowMs)
    },
    setSilence: aired.setSilence,
    setRules(next) {
      rules = next
    },
    switchTo,
    awaitSlate(nowMs) {
      if (onAir !== 'freeze' && !startFill('freeze', 'manual', nowMs)) return 'no_slate'
      manual = 'slate'
      pending = null
      return null
    },
    resume: wish.make,
    begin() {
      hasBegun = false
      hasEnded = false
    },
    end(why, nowMs) {
      if (why === 'goodbye' && manual && onAir !== 'main') return
      stop('ended', nowMs)
    },
    tick,
    get onAir() {
      return onAir
    },
    get pending() {
      return pending?.to ?? null
    },
    get switches() {
      return switches
    },
    filledMs: standIn.totalMs,
    backupReady(nowMs) {
      if (!hasBackup) return null
      if (!backup.isAlive(nowMs) || !backup.told) return { ok: false, differs: [] }
      const from = main.told ?? aired.format
      const differs = from ? differencesOf(from, backup.told) : []
      return { ok: !differs.includes('audio') && !differs.includes('codec'), differs }
    },
  }
}
