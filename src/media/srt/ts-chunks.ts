import { createPrograms, PAT_PID } from '../mpegts/programs.ts'
import { createPacketSync, PACKET_BYTES } from '../mpegts/sync.ts'

const PIDS = 8192
/** A PMT section has at most 1024 bytes (ISO 13818-1 2.4.4.9): six packets. */
const TABLE_PACKETS = 6
const NO_COUNTER = -1

export type TsChunks = {
  /** Whole packets out of bytes of any alignment. */
  push(bytes: Uint8Array): void
  /** What comes next is another muxer's stream: its counters and clock begin anew. */
  restart(): void
  /** False once a PMT without pictures is known: any moment is as good as another to start. */
  readonly hasVideo: boolean
}

/**
 * Cuts an FFmpeg's transport stream into chunks to start at: a key chunk begins with PAT, PMT and the packet in which a
 * picture starts that is marked as a random access point (ISO 13818-1 2.4.3.5). Continuity counters go on over restarts of
 * the muxer; its first clock reference after one is marked as a discontinuity.
 */
export function createTsChunks(emit: (data: Uint8Array, key: boolean) => void): TsChunks {
  const sync = createPacketSync(onRun)
  const programs = createPrograms({ program: null, onChange: onProgram })
  /** By PID: counter last sent, what is added to those that come, whether the muxer's stream is new for it. */
  const sent = new Int8Array(PIDS).fill(NO_COUNTER)
  const shift = new Uint8Array(PIDS)
  const fresh = new Uint8Array(PIDS)
  let jumped = false
  let pat: Uint8Array[] = []
  let pmt: Uint8Array[] = []
  let pmtPid = -1
  let videoPid = -1
  let hasVideo = true

  function onProgram(): void {
    const chosen = programs.chosen()
    pmtPid = chosen?.pmtPid ?? -1
    if (!chosen?.pmt) return
    videoPid = chosen.pmt.streams.find((stream) => stream.type === 'video')?.pid ?? -1
    hasVideo = videoPid >= 0
  }

  function onRun(bytes: Buffer, from: number, to: number): void {
    // A copy, and no Buffer (whose slices share its memory): the socket's buffer is used again, and counters are written.
    const own = new Uint8Array(bytes.subarray(from, to))
    let start = 0
    let head: Uint8Array[] = []
    for (let at = 0; at < own.length; at += PACKET_BYTES) {
      const pid = pidOf(own, at)
      if (pid === PAT_PID || pid === pmtPid) table(own, at, pid)
      else if (pid === videoPid && isStart(own, at)) {
        if (at > start) give(head, own.subarray(start, at))
        start = at
        head = [...again(pat), ...again(pmt)]
      }
      count(own, at, pid)
    }
    give(head, own.subarray(start))
  }

  /** `head`: the tables that make it a key chunk; empty for the others. */
  function give(head: Uint8Array[], data: Uint8Array): void {
    emit(head.length > 0 ? Buffer.concat([...head, data]) : data, head.length > 0)
  }

  /** The packets of a table once more, counted on. */
  function again(packets: Uint8Array[]): Uint8Array[] {
    return packets.map((packet) => {
      const copy = packet.slice()
      const pid = pidOf(copy, 0)
      shift[pid] = ((shift[pid] as number) + 1) & 15
      sent[pid] = ((sent[pid] as number) + 1) & 15
      copy[3] = ((copy[3] as number) & 0xf0) | (sent[pid] as number)
      return copy
    })
  }

  /** Keeps the packets of the newest PAT and PMT, and reads them. */
  function table(bytes: Uint8Array, at: number, pid: number): void {
    const packet = bytes.slice(at, at + PACKET_BYTES)
    const unitStart = ((bytes[at + 1] as number) & 0x40) !== 0
    const kept = unitStart ? [packet] : [...(pid === PAT_PID ? pat : pmt), packet].slice(-TABLE_PACKETS)
    if (pid === PAT_PID) pat = kept
    else pmt = kept
    const control = bytes[at + 3] as number
    const payload = at + 4 + (control & 0x20 ? 1 + (bytes[at + 4] as number) : 0)
    const isWhole = (control & 0x10) !== 0 && payload < at + PACKET_BYTES
    if (isWhole) programs.push(pid, bytes, payload, at + PACKET_BYTES, unitStart, false)
  }

  /** Writes the counter that follows the last one of this PID (ISO 13818-1 2.4.3.3). */
  function count(bytes: Uint8Array, at: number, pid: number): void {
    const fourth = bytes[at + 3] as number
    const hasPayload = (fourth & 0x10) !== 0
    const last = sent[pid] as number
    if (fresh[pid] && last !== NO_COUNTER) shift[pid] = (last + (hasPayload ? 1 : 0) - (fourth & 15)) & 15
    fresh[pid] = 0
    const counter = (fourth + (shift[pid] as number)) & 15
    bytes[at + 3] = (fourth & 0xf0) | counter
    sent[pid] = counter
    if (jumped && hasClock(bytes, at)) {
      bytes[at + 5] = (bytes[at + 5] as number) | 0x80
      jumped = false
    }
  }

  return {
    push: (bytes) => void sync.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    restart() {
      sync.reset()
      programs.reset()
      fresh.fill(1)
      jumped = sent.some((counter) => counter !== NO_COUNTER)
      pat = []
      pmt = []
      videoPid = -1
      hasVideo = true
    },
    get hasVideo() {
      return hasVideo
    },
  }
}

const pidOf = (bytes: Uint8Array, at: number) => (((bytes[at + 1] as number) & 0x1f) << 8) | (bytes[at + 2] as number)

const flagsOf = (bytes: Uint8Array, at: number) =>
  (bytes[at + 3] as number) & 0x20 && (bytes[at + 4] as number) > 0 ? (bytes[at + 5] as number) : 0

/** payload_unit_start_indicator and random_access_indicator. */
const isStart = (bytes: Uint8Array, at: number) =>
  ((bytes[at + 1] as number) & 0x40) !== 0 && (flagsOf(bytes, at) & 0x40) !== 0

const hasClock = (bytes: Uint8Array, at: number) => (flagsOf(bytes, at) & 0x10) !== 0
