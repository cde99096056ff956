import { crc32 } from '../../src/media/mpegts/psi.ts'
import type { AudioUnit, Unit } from '../../src/media/program/units.ts'

/** A transport stream as some foreign encoder would write it; on purpose not the writer under test. */
export type MuxOptions = {
  program: number
  pmtPid: number
  videoPid: number | null
  audioPid: number | null
  videoType: number
  audioType: number
  /** First continuity counter of every PID. */
  counter: number
  version: number
  /** PES_packet_length on pictures that fit. */
  videoLength: boolean
  randomAccess: boolean
  /** ADTS frames for each audio PES. */
  framesPerPes: number
}

export const MUX_DEFAULTS: MuxOptions = {
  program: 1,
  pmtPid: 0x1000,
  videoPid: 0x100,
  audioPid: 0x101,
  videoType: 0x1b,
  audioType: 0x0f,
  counter: 0,
  version: 0,
  videoLength: false,
  randomAccess: true,
  framesPerPes: 1,
}

export type Mux = {
  tables(): Uint8Array[]
  /** Packets of one unit; sound is bundled, so it may be none. */
  unit(unit: Unit): Uint8Array[]
  counterOf(pid: number): number
}

export function createMux(options: Partial<MuxOptions> = {}): Mux {
  const o = { ...MUX_DEFAULTS, ...options }
  const counters = new Map<number, number>()
  let bundle: AudioUnit[] = []

  function next(pid: number): number {
    const counter = counters.get(pid) ?? o.counter
    counters.set(pid, (counter + 1) & 15)
    return counter
  }

  function pes(
    pid: number,
    streamId: number,
    body: Uint8Array,
    pts: number,
    dts: number,
    key: boolean,
    sized: boolean,
  ) {
    const times = dts === pts ? stamp(2, pts) : [...stamp(3, pts), ...stamp(1, dts)]
    const length = body.length + 3 + times.length
    const written = sized && length <= 0xffff ? length : 0
    const flags = dts === pts ? 0x80 : 0xc0
    const head = [0, 0, 1, streamId, written >> 8, written & 255, 0x80, flags, times.length, ...times]
    return packetize(pid, Buffer.concat([Uint8Array.from(head), body]), () => next(pid), key)
  }

  function flush(pid: number): Uint8Array[] {
    const pts = bundle[0]?.pts ?? 0
    const body = Buffer.concat(bundle.map((frame) => frame.data))
    bundle = []
    return pes(pid, 0xc0, body, pts, pts, false, true)
  }

  return {
    tables() {
      const pat = section(0, o.version, 1, [o.program >> 8, o.program & 255, 0xe0 | (o.pmtPid >> 8), o.pmtPid & 255])
      const streams: number[] = []
      if (o.videoPid !== null) streams.push(o.videoType, 0xe0 | (o.videoPid >> 8), o.videoPid & 255, 0xf0, 0)
      if (o.audioPid !== null) streams.push(o.audioType, 0xe0 | (o.audioPid >> 8), o.audioPid & 255, 0xf0, 0)
      const clock = o.videoPid ?? o.audioPid ?? 0x1fff
      const pmt = section(2, o.version, o.program, [0xe0 | (clock >> 8), clock & 255, 0xf0, 0, ...streams])
      return [...sectionPackets(0, pat, () => next(0)), ...sectionPackets(o.pmtPid, pmt, () => next(o.pmtPid))]
    },
    unit(unit) {
      if (unit.kind === 'video') {
        if (o.videoPid === null) return []
        return pes(o.videoPid, 0xe0, unit.data, unit.pts, unit.dts, unit.key && o.randomAccess, o.videoLength)
      }
      if (o.audioPid === null) return []
      const last = bundle.at(-1)
      // Frames of one PES are without a gap.
      const packets = last && Math.abs(unit.pts - last.pts - last.durationTicks) > 2 ? flush(o.audioPid) : []
      bundle.push(unit)
      return bundle.length < o.framesPerPes ? packets : [...packets, ...flush(o.audioPid)]
    },
    counterOf: (pid) => counters.get(pid) ?? o.counter,
  }
}

/** A section of long syntax with its CRC. */
export function section(
  tableId: number,
  version: number,
  extension: number,
  body: number[],
  index = 0,
  last = 0,
): Uint8Array {
  const length = body.length + 9
  const head = [
    tableId,
    0xb0 | (length >> 8),
    length & 255,
    extension >> 8,
    extension & 255,
    0xc1 | ((version & 31) << 1),
  ]
  const bytes = [...head, index, last, ...body]
  const crc = crc32(Uint8Array.from(bytes), 0, bytes.length)
  return Uint8Array.from([...bytes, crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255])
}

export function sectionPackets(pid: number, bytes: Uint8Array, counter: () => number): Uint8Array[] {
  const packets: Uint8Array[] = []
  for (let from = 0; from < bytes.length; ) {
    const packet = new Uint8Array(188).fill(0xff)
    const first = from === 0
    const head = [0x47, (first ? 0x40 : 0) | (pid >> 8), pid & 255, 0x10 | counter(), ...(first ? [0] : [])]
    packet.set(head)
    const part = bytes.subarray(from, from + 188 - head.length)
    packet.set(part, head.length)
    from += part.length
    packets.push(packet)
  }
  return packets
}

/** Splits a PES into packets with stuffing; `firstPayload` cuts the first packet short (headers over two packets). */
export function packetize(
  pid: number,
  bytes: Uint8Array,
  counter: () => number,
  key = false,
  firstPayload = 184,
): Uint8Array[] {
  const packets: Uint8Array[] = []
  for (let from = 0; from < bytes.length; ) {
    const first = from === 0
    const room = first ? Math.min(firstPayload, key ? 182 : 184) : 184
    const part = bytes.subarray(from, from + room)
    const adaptation = 184 - part.length
    const packet = new Uint8Array(188).fill(0xff)
    packet.set([0x47, (first ? 0x40 : 0) | (pid >> 8), pid & 255, (adaptation > 0 ? 0x30 : 0x10) | counter()])
    if (adaptation > 0) packet[4] = adaptation - 1
    if (adaptation > 1) packet[5] = first && key ? 0x40 : 0
    packet.set(part, 4 + adaptation)
    from += part.length
    packets.push(packet)
  }
  return packets
}

function stamp(prefix: number, ticks: number): number[] {
  const t = ((Math.round(ticks) % 2 ** 33) + 2 ** 33) % 2 ** 33
  const high = Math.floor(t / 2 ** 30)
  const low = t % 2 ** 30
  return [
    (prefix << 4) | (high << 1) | 1,
    low >> 22,
    (((low >> 15) & 127) << 1) | 1,
    (low >> 7) & 255,
    ((low & 127) << 1) | 1,
  ]
}
