import { type CanonicalWriter, createCanonicalWriter } from './canonical.ts'
import { createCursor, type Cursor } from './cursor.ts'
import type { Cut } from './lane.ts'
import type { Feed, Program } from './program.ts'
import { createRing } from './ring.ts'
import { createSplice, type Splice } from './splice.ts'
import type { SpliceRules, Switched } from './on-air.ts'
import type { Format, VideoUnit } from './units.ts'

export type Hub = {
  readonly program: Program
  /** Decides what is on air; its sources take the units of the feeds. */
  readonly splice: Omit<Splice, 'tick'>
  /** Every 20 ms: flushes, tests for loss, and serves readers that are being paced. */
  tick(nowMs: number): void
}

export type HubOptions = {
  rules: SpliceRules
  ringMaxBytes: number
  nowMs(): number
  /** A picture of the program, whatever it comes from. */
  onPicture(unit: VideoUnit): void
  onAir(change: Switched): void
  onRestarted(event: { reason: NonNullable<Cut['jump']>; gapMs: number }): void
  /** Codec or AAC configuration changed: the readers are detached, outputs have to start anew. */
  onVersion(): void
}

/** Each chunk wakes every FFmpeg that reads it, so what is small may wait, and so may all where many read (measured: -15 % CPU). */
const SMALL_BYTES = 16 * 1024
const MANY_READERS = 50

/**
 * The input's program: units of whatever feed is on air go through the splice onto one timeline, are written once as
 * transport packets into the shared ring, and every output reads that ring at its own cursor.
 */
export function createHub(options: HubOptions): Hub {
  /** With whether it goes on when the AAC configuration changes. */
  const cursors = new Map<Cursor, boolean>()
  const ring = createRing(options.ringMaxBytes, () => {
    const nowMs = options.nowMs()
    let oldest: number | null = null
    for (const cursor of cursors.keys()) {
      const seq = cursor.neededSeq(nowMs)
      if (seq !== null && (oldest === null || seq < oldest)) oldest = seq
    }
    return oldest
  })
  let writer: CanonicalWriter | null = null
  let format: Format | null = null
  let version = 0
  let soundVersion = 0
  let lastFlushMs = 0
  let holdsKey = false

  function pump(nowMs: number): void {
    for (const cursor of cursors.keys()) cursor.pump(nowMs)
  }

  function flush(nowMs: number): void {
    const data = writer?.take()
    lastFlushMs = nowMs
    if (!data) return
    ring.push({ data, atMs: nowMs, key: holdsKey })
    holdsKey = false
    pump(nowMs)
  }

  const flushPeriodMs = () => (cursors.size > MANY_READERS || (writer?.waitingBytes ?? 0) < SMALL_BYTES ? 40 : 20)

  const splice = createSplice({
    rules: options.rules,
    emit(unit, nowMs) {
      if (!writer) return
      if (unit.kind === 'video') options.onPicture(unit)
      const key = unit.kind === 'video' && unit.key
      // A chunk that holds a keyframe begins with it, so that a reader can start at the chunk's first byte.
      if (key) flush(nowMs)
      writer.write(unit)
      if (key) holdsKey = true
      // By time inside the data path: Bun's UDP loop starves timers while datagrams keep coming (measured: 9 s).
      if (nowMs - lastFlushMs >= flushPeriodMs()) flush(nowMs)
    },
    onAir(change) {
      if (change.from === 'none') ring.cut()
      options.onAir(change)
    },
    onRestarted: (event) => options.onRestarted(event),
    onProgramChange(next) {
      const isSameCodecs = format !== null && codecsOf(format) === codecsOf(next)
      // Of the old sound nothing may follow the new tables, nor the new sound what was started with the old.
      flush(options.nowMs())
      format = next
      if (isSameCodecs) {
        soundVersion++
        ring.cut()
      } else {
        writer = createCanonicalWriter(next)
        holdsKey = false
        version++
        ring.clear()
      }
      for (const [cursor, adapts] of [...cursors]) if (!isSameCodecs || !adapts) cursor.detach()
      options.onVersion()
    },
  })

  const program: Program = {
    get onAir() {
      return splice.onAir !== 'none'
    },
    get version() {
      return version
    },
    get soundVersion() {
      return soundVersion
    },
    get format() {
      return format
    },
    attach(sink, { paced, adapts }): Feed {
      const cursor = createCursor(ring, sink, { paced, nowMs: options.nowMs, ended: () => cursors.delete(cursor) })
      cursors.set(cursor, adapts)
      cursor.pump(options.nowMs())
      return cursor
    },
  }

  return {
    program,
    splice,
    tick(nowMs) {
      splice.tick(nowMs)
      if (nowMs - lastFlushMs >= flushPeriodMs()) flush(nowMs)
      pump(nowMs)
    },
  }
}

const codecsOf = ({ video, audio }: Format) => `${video?.codec} ${audio?.codec}`
