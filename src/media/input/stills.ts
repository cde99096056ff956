import type { Clock } from '../../lib/clock.ts'
import type { Gate } from '../program/program.ts'
import type { LogLine } from '../actual.ts'
import type { Emit, WorkerConfig } from '../protocol.ts'
import { toBrokenLink } from '../mpegts/broken-link.ts'
import { createStillTap, type StillTap } from './still-tap.ts'
import { TICKS_PER_SECOND, type VideoUnit } from '../program/units.ts'

export type Still = { jpeg: Uint8Array /** Wall clock of its picture. */; at: number }

export type Stills = {
  /** Every picture of the feed, in decoding order. */
  picture(unit: VideoUnit): void
  /**
   * The newest still, at most `width` wide. The first look starts the tap and waits up to 1.5 s for its picture, the
   * first for a wider one up to 4 s; null where there is none.
   */
  look(width: number): Promise<Still | null>
  /** Stops the tap once nobody has looked for a while. */
  tick(nowMs: number): void
  close(): Promise<void>
}

const FIRST_LOOK_MS = 1_500
/** A wider one needs another FFmpeg, which has its turn to wait for; within the deadline of the question. */
const WIDER_LOOK_MS = 4_000
/** A page that shows a still asks again well within this. */
const IDLE_MS = 15_000
/** Until the tap is made smaller again after a wide one was asked for. */
const WIDE_MS = 30_000
/** A tap that ended by itself is not started again before. */
const RETRY_MS = 5_000
const DEFAULT_FPS = 25
const MAX_COPIES = 5

/**
 * Live stills of one input, made only while somebody looks: keyframes go to one persistent FFmpeg. A decoder holds a
 * picture back by the stream's reorder depth, which would make the still two keyframes old (measured); so each keyframe
 * is written that many times more, and the copies push the first one out.
 */
export function createStills(deps: {
  config: WorkerConfig
  clock: Clock
  gate: Gate
  emit: Emit
  /** A feed is there or about to be, so that waiting for its first keyframe has a point. */
  isComing(): boolean
  /** Pictures a second of the feed, null while unknown. */
  fps(): number | null
  /** A new picture is there, while somebody looks. */
  changed(at: number): void
  note(level: LogLine['level'], text: string): void
}): Stills {
  const { clock } = deps
  let tap: StillTap | null = null
  let endedMs = Number.NEGATIVE_INFINITY
  let closing = Promise.resolve()
  let lastLookMs = Number.NEGATIVE_INFINITY
  let wanted = { width: 0, atMs: 0 }
  /** The newest keyframe, both fields of it, and when it came. */
  let key: { unit: VideoUnit; data: Uint8Array; at: number } | null = null
  let isFresh = false
  let still: Still | null = null
  /** How wide it was asked for when it was made. */
  let stillWidth = 0
  let sizes = new Map<number, Promise<Uint8Array>>()
  const waiting = new Set<() => void>()

  const isLookedAt = (nowMs: number) => nowMs - lastLookMs < IDLE_MS

  function onJpeg(jpeg: Uint8Array, width: number): void {
    const at = key?.at ?? clock.wall()
    // Another of the copies of one keyframe; the next keyframe is news even if it looks the same, and so is a wider one.
    if (still?.at === at && width <= stillWidth) return
    still = { jpeg, at }
    stillWidth = width
    sizes = new Map()
    for (const ready of waiting) ready()
    deps.changed(still.at)
  }

  const frameTicks = () => TICKS_PER_SECOND / (deps.fps() ?? DEFAULT_FPS)

  function shapeOf(unit: VideoUnit) {
    const reorder = Math.ceil((unit.pts - unit.dts) / frameTicks())
    return { codec: unit.codec, width: wanted.width, copies: Math.min(MAX_COPIES, 1 + reorder) }
  }

  function stop(): void {
    if (!tap) return
    const old = tap
    tap = null
    closing = closing.then(() => old.close())
  }

  function feed(nowMs: number): void {
    if (!key || !isLookedAt(nowMs)) return
    if (tap?.ended) {
      tap = null
      endedMs = nowMs
    }
    const shape = shapeOf(key.unit)
    const fits =
      tap && tap.shape.codec === shape.codec && tap.shape.copies >= shape.copies && tap.shape.width === shape.width
    if (tap && !fits) stop()
    if (!tap && nowMs - endedMs >= RETRY_MS)
      tap = createStillTap(shape, { ...deps, onJpeg: (jpeg) => onJpeg(jpeg, shape.width) })
    tap?.feed(key.data)
  }

  return {
    picture(unit) {
      if (unit.key) {
        // Of keyframes alone, as while one is frozen, each is whole when the next comes.
        if (isFresh) feed(clock.now())
        key = { unit, data: unit.codec === 'hevc' ? toBrokenLink(unit.data) : unit.data, at: clock.wall() }
        isFresh = true
        return
      }
      if (!isFresh || !key) return
      isFresh = false
      // Half a frame later comes only the second field of the same picture; without it no decoder shows the first.
      const isSecondField = unit.dts - key.unit.dts < 0.6 * frameTicks()
      if (isSecondField && unit.codec !== 'hevc') key.data = Buffer.concat([key.data, unit.data])
      feed(clock.now())
    },
    async look(width) {
      const nowMs = clock.now()
      const wasLookedAt = isLookedAt(nowMs)
      lastLookMs = nowMs
      if (width >= wanted.width || nowMs - wanted.atMs > WIDE_MS) wanted = { width, atMs: nowMs }
      // A still from an earlier look may be minutes old: the first look waits for a new one; so does one for a wider.
      if ((!wasLookedAt || !still || stillWidth < width) && (key || deps.isComing())) {
        feed(nowMs)
        const endMs = nowMs + (still && wasLookedAt ? WIDER_LOOK_MS : FIRST_LOOK_MS)
        // The tap that is on its way out may bring one more narrow one.
        do await newPicture(endMs - clock.now())
        while (stillWidth < width && clock.now() < endMs)
      }
      if (!still) return null
      const { jpeg, at } = still
      return { jpeg: await sized(jpeg, width), at }
    },
    tick(nowMs) {
      if (tap && !isLookedAt(nowMs)) stop()
    },
    close() {
      stop()
      return closing
    },
  }

  function newPicture(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel()
        waiting.delete(done)
        resolve()
      }
      const cancel = clock.after(deadlineMs, done)
      waiting.add(done)
    })
  }

  /** The tap makes the widest that is asked for; narrower ones are made from it, once for each picture and width. */
  function sized(jpeg: Uint8Array, width: number): Promise<Uint8Array> {
    if (width >= stillWidth) return Promise.resolve(jpeg)
    const made = sizes.get(width) ?? narrowed(jpeg, width)
    sizes.set(width, made)
    return made
  }
}

/** What was asked for may be wider than the feed itself: nothing is enlarged. */
async function narrowed(jpeg: Uint8Array, width: number): Promise<Uint8Array> {
  const image = new Bun.Image(jpeg)
  const { width: ownWidth } = await image.metadata()
  return ownWidth <= width ? jpeg : image.resize(width).jpeg({ quality: 80 }).bytes()
}
