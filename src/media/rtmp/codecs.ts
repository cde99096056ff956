import { AUDIO } from './messages.ts'

/** What this server's FFmpeg makes of a publisher's stream. */
export type Takes = {
  /** HEVC as Enhanced RTMP carries it; FFmpeg reads it from version 6.1 on. */
  hevc: boolean
}

/** Codec numbers (FLV specification 10.1, E.4.2.1 and E.4.3.1). */
const AAC = 10
const MP3 = 2
const MP3_8K = 14
const AVC = 7
/** Enhanced RTMP: the first bit of a video tag, and this sound format, mean that a four-letter code follows. */
const EXTENDED_VIDEO = 0x80
const EXTENDED_AUDIO = 9
/** Packet types of Enhanced RTMP that carry no picture in the layout of one track. */
const METADATA = 4
const MULTITRACK = 6

/**
 * Why a message of a publisher cannot be taken, in words for people; null where it can. Only its first bytes are looked
 * at.
 */
export function refuseCodec(type: number, payload: Uint8Array, takes: Takes): string | null {
  const first = payload[0] ?? 0
  if (type === AUDIO) {
    const format = first >> 4
    if (format === AAC || format === MP3 || format === MP3_8K) return null
    return `This server takes AAC or MP3 sound over RTMP; the publisher sends ${soundName(format, payload)}. Set the encoder to AAC.`
  }
  if ((first & EXTENDED_VIDEO) === 0) {
    if ((first & 0x0f) === AVC) return null
    return 'This server takes H.264 pictures over RTMP; the publisher sends an older kind. Set the encoder to H.264.'
  }
  const packet = first & 0x0f
  const code = packet === MULTITRACK ? 'several tracks at once' : fourLetters(payload)
  if (packet === METADATA || (takes.hevc && code === 'hvc1')) return null
  const kinds = takes.hevc ? 'H.264 and HEVC' : 'H.264'
  return `This server's FFmpeg takes ${kinds} over RTMP only; the publisher sends ${NAMES[code] ?? code}. Set the encoder to H.264.`
}

/** Whether it is the tag that a decoder needs before all others (FLV specification 10.1, E.4.3.1 and E.4.2.2; Enhanced RTMP). */
export function isSequenceHeader(type: number, payload: Uint8Array): boolean {
  const [first = 0, second] = payload
  if (type === AUDIO) return first >> 4 === AAC && second === 0
  return (first & EXTENDED_VIDEO) === 0 ? second === 0 : (first & 0x0f) === 0
}

const NAMES: Record<string, string> = { hvc1: 'HEVC', av01: 'AV1', vp09: 'VP9', avc1: 'H.264 in a newer form' }

function soundName(format: number, payload: Uint8Array): string {
  return format === EXTENDED_AUDIO ? fourLetters(payload) : 'another format'
}

/** The code as it may be shown: letters and digits alone. */
function fourLetters(payload: Uint8Array): string {
  const code = String.fromCharCode(...payload.subarray(1, 5))
  return /^[\w-]{4}$/.test(code) ? code : 'another format'
}

/** From an FFmpeg's version as it names itself (`5.1.9-0+deb12u1`); one built from a snapshot counts as new. */
export function toTakes(version: string): Takes {
  const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(version) ?? []
  if (major === undefined) return { hevc: /^N-/.test(version) }
  return { hevc: Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 1) }
}
