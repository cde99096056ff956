import { type CanonicalWriter, createCanonicalWriter } from '../../src/media/program/canonical.ts'
import { createTsReader } from '../../src/media/mpegts/reader.ts'
import { createSplice } from '../../src/media/program/splice.ts'
import type { SpliceRules } from '../../src/media/program/on-air.ts'
import type { Format, Unit } from '../../src/media/program/units.ts'
import { createMux, type MuxOptions } from './ts-mux.ts'

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function createRandom(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    next,
    between: (from: number, to: number) => from + next() * (to - from),
    pick: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T,
    chance: (probability: number) => next() < probability,
  }
}
export type Random = ReturnType<typeof createRandom>

/** A recorded feed as a loop without a seam: `ticks` long, units in the order they are sent. */
export type Material = { units: Unit[]; ticks: number }

export function toMaterial(units: Unit[], ticks: number): Material {
  const zero = Math.min(...units.map((unit) => (unit.kind === 'video' ? unit.dts : unit.pts)))
  const moved = units.map((unit) =>
    unit.kind === 'video' ? { ...unit, dts: unit.dts - zero, pts: unit.pts - zero } : { ...unit, pts: unit.pts - zero },
  )
  const time = (unit: Unit) => (unit.kind === 'video' ? unit.dts : unit.pts)
  return { units: moved.filter((u) => time(u) < ticks).sort((a, b) => time(a) - time(b)), ticks }
}

/** One life of a sender. */
export type Session = {
  startMs: number
  endMs: number
  /** Where in the material it begins, and which timestamp it gives that. */
  fromTicks: number
  ptsAt: number
  mux: Partial<MuxOptions>
  /** Tables from the first packet on, or only after the first 100 ms. */
  tablesFirst: boolean
  lossRate: number
  duplicateRate: number
  /** Sound is missing in this part of the session, in ms from its start. */
  muteMs: [number, number] | null
}

/** Packets of a session with the time they are sent; cut off wherever `endMs` falls, inside a PES as likely as not. */
export function* play(
  material: Material,
  session: Session,
  random: Random,
): Generator<{ atMs: number; packet: Uint8Array }> {
  const mux = createMux(session.mux)
  let tablesAt = session.tablesFirst ? session.startMs : session.startMs + 100
  let loop = 0
  let index = material.units.findIndex((unit) => (unit.kind === 'video' ? unit.dts : unit.pts) >= session.fromTicks)
  if (index < 0) index = 0
  let lastMs = session.startMs
  for (;;) {
    const unit = material.units[index] as Unit
    const shift = loop * material.ticks - session.fromTicks
    const atMs = session.startMs + ((unit.kind === 'video' ? unit.dts : unit.pts) + shift) / 90
    if (atMs >= session.endMs) return
    const packets: Uint8Array[] = []
    if (atMs >= tablesAt) {
      packets.push(...mux.tables())
      tablesAt = atMs + 100
    }
    const muted =
      session.muteMs && atMs - session.startMs >= session.muteMs[0] && atMs - session.startMs < session.muteMs[1]
    const move = shift + session.ptsAt
    if (unit.kind === 'video') packets.push(...mux.unit({ ...unit, pts: unit.pts + move, dts: unit.dts + move }))
    else if (!muted) packets.push(...mux.unit({ ...unit, pts: unit.pts + move }))
    // The packets of a picture are spread over the time to the next unit.
    for (const [i, packet] of packets.entries()) {
      const sentMs = Math.max(lastMs, atMs + (i / packets.length) * 30)
      if (sentMs >= session.endMs) return
      lastMs = sentMs
      if (random.chance(session.lossRate)) continue
      yield { atMs: sentMs, packet }
      if (random.chance(session.duplicateRate)) yield { atMs: sentMs, packet }
    }
    if (++index === material.units.length) {
      index = 0
      loop++
    }
  }
}

export type Emitted = { unit: Unit; nowMs: number; session: number }
export type Run = {
  emitted: Emitted[]
  bytes: Uint8Array
  formats: Format[]
  programChanges: number
  onAir: { state: string; reason: string | null; atMs: number }[]
  restarts: { gapMs: number; atMs: number }[]
}

/** Nothing stands in for a feed that is lost. */
export const HOLD: SpliceRules = {
  lossMs: 1000,
  onLoss: 'hold',
  returns: 'auto',
  returnAfterMs: 1000,
  maxFillMs: 0,
  slateBefore: false,
}

/** Sends the sessions through reader, splice and writer, with a tick every 20 ms. */
export function simulate(material: Material, sessions: Session[], random: Random, lossMs: number): Run {
  const run: Run = { emitted: [], bytes: new Uint8Array(0), formats: [], programChanges: 0, onAir: [], restarts: [] }
  const chunks: Uint8Array[] = []
  let writer: CanonicalWriter | null = null
  let session = 0
  const take = () => {
    const chunk = writer?.take()
    if (chunk) chunks.push(chunk)
  }
  const splice = createSplice({
    rules: { ...HOLD, lossMs },
    emit(unit, nowMs) {
      if (unit.kind === 'video' && unit.key) take()
      run.emitted.push({ unit, nowMs, session })
      writer?.write(unit)
    },
    onAir: ({ to, reason }, atMs) => run.onAir.push({ state: to, reason, atMs }),
    onRestarted: ({ gapMs }, atMs) => run.restarts.push({ gapMs, atMs }),
    onProgramChange(format) {
      take()
      run.programChanges++
      writer = createCanonicalWriter(format)
    },
  })
  const reader = createTsReader({
    program: null,
    onUnit: (unit, nowMs) => splice.main.unit(unit, nowMs),
    onFormat(format) {
      run.formats.push(format)
      splice.main.format(format)
    },
  })
  let tickAt = 0
  const advance = (toMs: number) => {
    for (; tickAt <= toMs; tickAt += 20) splice.tick(tickAt)
  }
  for (const [index, each] of sessions.entries()) {
    session = index
    for (const { atMs, packet } of play(material, each, random)) {
      advance(atMs)
      reader.push(packet, atMs)
    }
    advance(each.endMs)
  }
  take()
  run.bytes = Buffer.concat(chunks)
  return run
}
