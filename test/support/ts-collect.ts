import { createTsReader } from '../../src/media/mpegts/reader.ts'
import type { AudioUnit, Format, Unit, VideoUnit } from '../../src/media/program/units.ts'
import { createMux } from './ts-mux.ts'

export const video = (units: Unit[]) => units.filter((unit): unit is VideoUnit => unit.kind === 'video')
export const audio = (units: Unit[]) => units.filter((unit): unit is AudioUnit => unit.kind === 'audio')

/** A reader that is sent packets; collects what comes out. */
export function collect(program: number | null = null) {
  const units: Unit[] = []
  const formats: Format[] = []
  const reader = createTsReader({
    program,
    onUnit: (unit) => units.push(unit),
    onFormat: (format) => formats.push(format),
  })
  let nowMs = 0
  return {
    reader,
    units,
    formats,
    send(packets: Uint8Array[], stepMs = 1) {
      for (const packet of packets) {
        nowMs += stepMs
        reader.push(packet, nowMs)
      }
    },
  }
}

export function patched(bytes: Uint8Array, at: number, xor: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] as number) ^ xor
  return copy
}

export function pesHeader(pts: number, dts: number): Uint8Array {
  const mux = createMux()
  const [packet] = mux.unit({ kind: 'video', codec: 'h264', key: false, pts, dts, data: new Uint8Array(0) }) as [
    Uint8Array,
  ]
  return packet.subarray(5 + (packet[4] as number))
}
