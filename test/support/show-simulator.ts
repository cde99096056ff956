import type { Slate } from '../../src/media/program/fill/stand-in.ts'
import { type CanonicalWriter, createCanonicalWriter } from '../../src/media/program/canonical.ts'
import { createSplice, type Splice } from '../../src/media/program/splice.ts'
import type { OnAir, SpliceRules, Switched } from '../../src/media/program/on-air.ts'
import type { Format, Unit, VideoUnit } from '../../src/media/program/units.ts'
import type { Material, Random } from './ts-simulator.ts'

/** Units of a source as the reader hands them over: from a keyframe on, without the pictures that lead it. */
export type Arrival = { atMs: number; unit: Unit; source: 'main' | 'backup'; life: string }

/** One life of a sender. Sound comes `soundLateMs` behind its picture. */
export type Life = {
  startMs: number
  endMs: number
  fromTicks: number
  ptsAt: number
  soundLateMs: number
  /** Without pictures, or without sound, in this part of the life, in ms from its start. */
  muteMs: [number, number] | null
  blindMs: [number, number] | null
}

export function arrivalsOf(source: Arrival['source'], material: Material, life: Life, index: number): Arrival[] {
  const arrivals: Arrival[] = []
  const found = material.units.findIndex((unit) => timeOf(unit) >= life.fromTicks)
  const begins = found < 0 ? material.units.length : found
  let waitsForKey = true
  let leadingUntil = Number.NEGATIVE_INFINITY
  for (let i = 0; ; i++) {
    const at = begins + i
    const unit = material.units[at % material.units.length] as Unit
    const shift = Math.floor(at / material.units.length) * material.ticks - life.fromTicks
    const ms = (timeOf(unit) + shift) / 90
    if (life.startMs + ms >= life.endMs) break
    // A view of its own: what becomes of this very unit can be told.
    const data = unit.data.subarray()
    const move = shift + life.ptsAt
    if (unit.kind === 'audio') {
      if (life.muteMs && ms >= life.muteMs[0] && ms < life.muteMs[1]) continue
      const atMs = life.startMs + ms + life.soundLateMs
      arrivals.push({ atMs, unit: { ...unit, data, pts: unit.pts + move }, source, life: `${source}${index}` })
      continue
    }
    if (life.blindMs && ms >= life.blindMs[0] && ms < life.blindMs[1]) {
      waitsForKey = true
      continue
    }
    if (waitsForKey) {
      if (!unit.key) continue
      waitsForKey = false
      leadingUntil = unit.pts + shift
    } else if (unit.key) leadingUntil = Number.NEGATIVE_INFINITY
    else if (unit.pts + shift < leadingUntil) continue
    const next: VideoUnit = { ...unit, data, pts: unit.pts + move, dts: unit.dts + move }
    // A picture is whole when the next begins.
    arrivals.push({ atMs: life.startMs + ms + 40, unit: next, source, life: `${source}${index}` })
  }
  return arrivals.filter(({ atMs }) => atMs < life.endMs).sort((a, b) => a.atMs - b.atMs)
}

const timeOf = (unit: Unit) => (unit.kind === 'video' ? unit.dts : unit.pts)

export type Act = { atMs: number; run(splice: Splice, nowMs: number): void }
export type Written = { unit: Unit; nowMs: number; onAir: OnAir; from: Arrival | null }
export type ShowRun = {
  written: Written[]
  bytes: Uint8Array
  switched: (Switched & { atMs: number })[]
  programs: Format[]
  /** Pictures that came while their source was on the air, and stayed there for 3 s more, and were not written. */
  lost: Arrival[]
  splice: Splice
  endMs: number
}

/** Sends the feeds through splice and writer, with a tick every 20 ms and the acts of a person in between. */
export function simulateShow(o: {
  rules: SpliceRules
  formats: { main: Format; backup: Format | null }
  arrivals: Arrival[]
  acts: Act[]
  endMs: number
  slate?: Slate
}): ShowRun {
  const written: Written[] = []
  const switched: ShowRun['switched'] = []
  const programs: Format[] = []
  const chunks: Uint8Array[] = []
  const arrived = new Map<Uint8Array, Arrival>()
  /** By what it is, or, where the first picture of a cut was written anew, by when and how long. */
  const out = new Set<Uint8Array | string>()
  let writer: CanonicalWriter | null = null
  const take = () => {
    const chunk = writer?.take()
    if (chunk) chunks.push(chunk)
  }
  const splice: Splice = createSplice({
    rules: o.rules,
    emit(unit, nowMs) {
      const from = arrived.get(unit.data) ?? null
      if (unit.kind === 'video' && unit.key) take()
      written.push({ unit, nowMs, onAir: splice.onAir, from })
      out.add(unit.data)
      out.add(`${nowMs} ${unit.data.length}`)
      writer?.write(unit)
    },
    onAir: (change, atMs) => switched.push({ ...change, atMs }),
    onRestarted: () => undefined,
    onProgramChange(format) {
      take()
      programs.push(format)
      writer = createCanonicalWriter(format)
    },
  })
  if (o.formats.backup) {
    splice.setBackup(true, 0)
    splice.backup.format(o.formats.backup)
  }
  splice.main.format(o.formats.main)
  if (o.slate) splice.setSlate(o.slate, 0)
  const seenOnAir: Arrival[] = []
  const keys = new Map<string, VideoUnit>()
  const steps = [
    ...o.arrivals.map((arrival) => ({ atMs: arrival.atMs, arrival, act: null })),
    ...o.acts.map((act) => ({ atMs: act.atMs, arrival: null, act })),
  ].sort((a, b) => a.atMs - b.atMs)
  let tickAt = 0
  const advance = (toMs: number) => {
    for (; tickAt <= toMs; tickAt += 20) splice.tick(tickAt)
  }
  for (const { atMs, arrival, act } of steps) {
    advance(atMs)
    act?.run(splice, atMs)
    if (!arrival) continue
    arrived.set(arrival.unit.data, arrival)
    splice[arrival.source].unit(arrival.unit, atMs)
    if (arrival.unit.kind !== 'video') continue
    const key = keys.get(arrival.life)
    if (arrival.unit.key) keys.set(arrival.life, arrival.unit)
    // Pictures that lead a keyframe are of no use without what came before it.
    const isLeading = key !== undefined && !arrival.unit.key && arrival.unit.pts < key.pts
    if (splice.onAir === arrival.source && !isLeading) seenOnAir.push(arrival)
  }
  advance(o.endMs)
  take()
  const staysOn = (arrival: Arrival) =>
    !switched.some(({ from, to, atMs }) => from !== to && atMs > arrival.atMs && atMs < arrival.atMs + 3000)
  const isWritten = ({ unit, atMs }: Arrival) => out.has(unit.data) || out.has(`${atMs} ${unit.data.length}`)
  const lost = seenOnAir.filter((arrival) => !isWritten(arrival) && staysOn(arrival))
  return { written, bytes: Buffer.concat(chunks), switched, programs, lost, splice, endMs: o.endMs }
}

/** Lives one after the other with gaps from a blink to long, until `endMs`. */
export function randomLives(random: Random, material: Material, endMs: number, o: { calm?: boolean } = {}): Life[] {
  const lives: Life[] = []
  let atMs = random.between(0, 1500)
  let ptsEnd = random.pick([0, 1000 * 90_000, 2 ** 33 - 5 * 90_000])
  while (atMs < endMs) {
    const lengthMs = random.chance(0.15) ? random.between(100, 1500) : random.between(1500, o.calm ? 25_000 : 9000)
    const ptsAt = Math.floor(random.pick([0, ptsEnd + random.between(-20, 20) * 90_000, ptsEnd + 3600]))
    const from = random.between(0, lengthMs)
    const hole: [number, number] = [from, from + random.between(100, 3000)]
    lives.push({
      startMs: atMs,
      endMs: Math.min(endMs, atMs + lengthMs),
      fromTicks: random.chance(0.5) ? 0 : Math.floor(random.between(0, material.ticks)),
      ptsAt,
      soundLateMs: random.between(0, 250),
      muteMs: random.chance(0.2) ? hole : null,
      blindMs: random.chance(0.1) ? hole : null,
    })
    ptsEnd = ptsAt + lengthMs * 90
    atMs += lengthMs + (random.chance(0.5) ? random.between(30, 900) : random.between(900, 8000))
  }
  return lives
}
