import type { ProbeProgram } from '../actual.ts'
import type { AudioCodec, Format, Ticks, Unit, VideoCodec } from '../program/units.ts'
import { type AudioTrack, createAudioTrack } from './audio-track.ts'
import { CUT, createContinuity, LOST, REPEATS } from './continuity.ts'
import { createFormatGate } from './format-gate.ts'
import { createHealth, type FeedHealth } from './health.ts'
import { createKeyDistance } from './key-distance.ts'
import { createUnwrap } from './pes.ts'
import { createPrograms, PAT_PID } from './programs.ts'
import type { PmtStream } from './psi.ts'
import { createPacketSync, PACKET_BYTES } from './sync.ts'
import { createVideoTrack, type VideoTrack } from './video-track.ts'

const PIDS = 8192
const NULL_PID = 0x1fff
const VIDEO_CODECS: VideoCodec[] = ['h264', 'hevc', 'mpeg2video']
const AUDIO_CODECS: AudioCodec[] = ['aac', 'aac_latm', 'mp2', 'ac3', 'eac3']

/** What a PID is to us. From `OTHER` on it belongs to the chosen program. */
const UNKNOWN = 0
const TABLES = 1
const OTHER = 2
const VIDEO = 3
const AUDIO = 4

export type TsReader = {
  /** Any number of bytes, any alignment. `nowMs`: monotonic time of arrival. Never throws on garbage; memory is bounded. */
  push(bytes: Uint8Array, nowMs: number): void
  /** The chosen program's tracks, null until PAT, PMT and (for video) a parameter set or 2 s of packets have been seen. */
  format(): Format | null
  /** Every program seen; sizes and rates of the chosen one's tracks. */
  programs(): ProbeProgram[]
  /** Live counters; they are never reset. */
  health: FeedHealth
  /** Seconds between keyframes, the mean of the last ones; null before two were seen. */
  keyframeSeconds(): number | null
  /** Forgets tables, timelines, partial pictures and the format: the sender is another. Counters go on. */
  reset(): void
}

/**
 * Takes an MPEG transport stream (ISO 13818-1) apart into pictures and sound frames of one program: `program`, or the first.
 * `onFormat` comes before the first unit it describes and again whenever a detail changes. Where
 * the pictures' timeline breaks the next picture is a keyframe.
 */
export function createTsReader(o: {
  program: number | null
  onUnit(unit: Unit, nowMs: number): void
  onFormat(format: Format): void
}): TsReader {
  const health = createHealth()
  const roles = new Uint8Array(PIDS)
  const continuity = createContinuity(health)
  const nextCounters = continuity.next
  const sync = createPacketSync(onRun)
  const keys = createKeyDistance()
  const programs = createPrograms({ program: o.program, onChange: onProgram })
  let unwrap = createUnwrap()
  let video: { stream: PmtStream; track: VideoTrack } | null = null
  let audio: { stream: PmtStream; track: AudioTrack } | null = null
  const gate = createFormatGate({
    tracks: () => ({
      video: video && { format: video.track.format(), known: video.track.known() },
      audio: audio && { format: audio.track.format(), known: audio.track.format() !== null },
    }),
    onUnit: o.onUnit,
    onFormat: o.onFormat,
  })
  let clockPid = NULL_PID
  let now = 0

  function onRun(bytes: Buffer, from: number, to: number): void {
    health.packets += (to - from) / PACKET_BYTES
    health.lastPacketMs = now
    // Nearly all of most feeds is pictures.
    video?.track.pes.lay(bytes, from, to)
    for (let at = from; at < to; at += PACKET_BYTES) {
      const second = bytes[at + 1] as number
      const fourth = bytes[at + 3] as number
      if (second & 0x80) {
        // Nothing in a packet with transport_error_indicator can be believed, its PID included.
        health.transportErrors++
        continue
      }
      const pid = ((second & 0x1f) << 8) | (bytes[at + 2] as number)
      if (pid === NULL_PID) continue
      const role = roles[pid] as number
      if (role >= OTHER) health.lastProgramMs = now
      const end = at + PACKET_BYTES
      let payload = at + 4
      let flags = 0
      if (fourth & 0x20) {
        const length = bytes[payload] as number
        if (length > 0) flags = bytes[payload + 1] as number
        if ((flags & 0x10) !== 0 && length >= 7 && pid === clockPid) continuity.clock(toClock(bytes, payload + 2), now)
        payload += 1 + length
      }
      if ((fourth & 0x10) === 0) {
        if (flags & 0x80) continuity.forget(pid)
        continue
      }
      if (payload > end) continue
      const counter = fourth & 0x0f
      const unitStart = (second & 0x40) !== 0
      let lost = false
      if (nextCounters[pid] !== counter) {
        let order = continuity.judge(pid, counter)
        if (order === REPEATS && !isRepeat(role, bytes, payload, end)) order = LOST
        // Tables that begin anew are read again: they may be another encoder's, and some encoders never count them.
        if (order === REPEATS && !(role === TABLES && unitStart)) continue
        // discontinuity_indicator allows it (2.4.3.5).
        if (order === LOST && (flags & 0x80) === 0) continuity.lost(now)
        lost = order === LOST || order === CUT
      }
      nextCounters[pid] = (counter + 1) & 0x0f
      if (fourth & 0xc0) {
        health.scrambled++
        continue
      }
      if (role === UNKNOWN || role === OTHER) continue
      if (role === VIDEO) video?.track.pes.push(bytes, payload, end, unitStart, (flags & 0x40) !== 0, lost)
      else if (role === AUDIO) audio?.track.pes.push(bytes, payload, end, unitStart, false, lost)
      else programs.push(pid, bytes, payload, end, unitStart, lost)
    }
  }

  /** A packet may be sent twice (2.4.3.3); the same counter after a loss of 16 is told by what is inside. */
  function isRepeat(role: number, bytes: Uint8Array, from: number, to: number): boolean {
    if (role === VIDEO) return video?.track.pes.endsWith(bytes, from, to) ?? true
    if (role === AUDIO) return audio?.track.pes.endsWith(bytes, from, to) ?? true
    return true
  }

  function onProgram(): void {
    roles.fill(UNKNOWN)
    roles[PAT_PID] = TABLES
    for (const program of programs.list()) roles[program.pmtPid] = TABLES
    const table = programs.chosen()?.pmt
    const streams = table?.streams ?? []
    clockPid = table?.pcrPid ?? NULL_PID
    for (const stream of streams) if (roles[stream.pid] === UNKNOWN) roles[stream.pid] = OTHER
    const videoStream = streams.find((s) => s.type === 'video' && VIDEO_CODECS.includes(s.codec as VideoCodec))
    const audioStream = streams.find((s) => s.type === 'audio' && AUDIO_CODECS.includes(s.codec as AudioCodec))
    const keepsVideo = isSameStream(video?.stream, videoStream)
    const keepsAudio = isSameStream(audio?.stream, audioStream)
    if (!keepsVideo) {
      keys.reset()
      video = videoStream ? { stream: videoStream, track: openVideo(videoStream) } : null
    }
    // With other pictures the sound may be another too, whatever its PID and codec: it is waited for with them.
    if (!keepsAudio || !keepsVideo) audio = audioStream ? { stream: audioStream, track: openAudio(audioStream) } : null
    if (video) roles[video.stream.pid] = VIDEO
    if (audio) roles[audio.stream.pid] = AUDIO
    if (keepsVideo && keepsAudio) return
    // With the same pictures the format goes on, less or more a sound; else nothing is delivered until it is known.
    if (!keepsVideo || !video || gate.isWaiting()) gate.open(now)
    else if (!audio) gate.changed()
  }

  function openVideo(stream: PmtStream): VideoTrack {
    return createVideoTrack({
      codec: stream.codec as VideoCodec,
      unwrap: (raw) => unwrap(raw),
      deliver(unit) {
        if (unit.key) {
          health.lastKeyframeMs = now
          keys.key(unit.dts)
        }
        gate.deliver(unit, now)
      },
      onJump: keys.jump,
      onFormat: gate.changed,
    })
  }

  function openAudio(stream: PmtStream): AudioTrack {
    return createAudioTrack({
      codec: stream.codec as AudioCodec,
      unwrap: (raw) => unwrap(raw),
      deliver(unit) {
        health.lastAudioMs = now
        gate.deliver(unit, now)
      },
      onFormat: gate.changed,
    })
  }

  onProgram()
  return {
    push(bytes, nowMs) {
      now = nowMs
      health.received(bytes.length, nowMs)
      health.foreignBytes += sync.push(toBuffer(bytes))
      gate.settle(now)
    },
    format: gate.format,
    programs() {
      const chosen = programs.chosen()
      return programs.list().map((program) => ({
        number: program.number,
        pmtPid: program.pmtPid,
        pcrPid: program.pmt?.pcrPid ?? null,
        chosen: program === chosen,
        tracks: (program.pmt?.streams ?? []).map((stream) => {
          const ofVideo = program === chosen && stream.pid === video?.stream.pid ? video.track.format() : null
          const ofAudio = program === chosen && stream.pid === audio?.stream.pid ? audio.track.format() : null
          return {
            ...stream,
            codec: ofAudio?.codec ?? stream.codec,
            profile: ofVideo?.profile ?? null,
            width: ofVideo?.width ?? null,
            height: ofVideo?.height ?? null,
            fps: ofVideo?.fps ?? null,
            sampleRate: ofAudio?.sampleRate ?? null,
            channels: ofAudio?.channels ?? null,
          }
        }),
      }))
    },
    health,
    keyframeSeconds: keys.seconds,
    reset() {
      keys.reset()
      sync.reset()
      programs.reset()
      continuity.reset()
      unwrap = createUnwrap()
      video = null
      audio = null
      gate.reset()
      onProgram()
    },
  }
}

/** The upper 33 bits of a clock reference (2.4.3.5): in units of 90 kHz. */
function toClock(bytes: Uint8Array, at: number): Ticks {
  const high = (((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16)) >>> 0
  const low = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
  return (high + low) * 2 + ((bytes[at + 4] as number) >> 7)
}

/** The same memory. */
function toBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function isSameStream(a: PmtStream | undefined, b: PmtStream | undefined): boolean {
  return a?.pid === b?.pid && a?.codec === b?.codec
}
