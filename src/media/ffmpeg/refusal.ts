import type { OutputSpec } from '../specs.ts'
import type { Format } from '../program/units.ts'
import { buildOutputCommand } from './arguments.ts'

/** For a command that is only tried out. */
const NO_GATE = { host: '127.0.0.1', port: 0 }
const NAMES: Record<string, string> = { hevc: 'H.265 (HEVC)', mpeg2video: 'MPEG-2', h264: 'H.264' }

/**
 * Why this program cannot go to this target, in words; null where it can, or where the format is not known yet. Settings
 * that cannot be built are refused too, without repeating them. FLV carries H.264 with AAC (Adobe Flash Video File
 * Format 10.1, annex E.4).
 */
export function refusalOf(spec: OutputSpec, format: Format | null): string | null {
  if (spec.engine === 'direct')
    return spec.target.protocol === 'udp' ? null : 'Only UDP can be sent without FFmpeg. Set the engine to ffmpeg.'
  if (spec.video === 'none' && spec.audio === 'none') return 'Both picture and sound are switched off for this output.'
  try {
    buildOutputCommand(spec, { format, caFile: null, mediaPath: null, address: null, gate: NO_GATE })
  } catch (cause) {
    return `This output cannot be started: ${cause instanceof Error ? cause.message : 'its settings are wrong'}.`
  }
  if (!format) return null
  const sendsVideo = spec.video !== 'none' && format.video !== null
  const sendsAudio = spec.audio !== 'none' && format.audio !== null
  if (!sendsVideo && !sendsAudio) return 'The feed carries nothing of what this output sends.'
  if (spec.target.protocol === 'rtsp') return rtspRefusal(spec, format)
  if (spec.target.protocol !== 'rtmp') return null
  if (spec.video === 'copy' && format.video && format.video.codec !== 'h264') {
    const codec = NAMES[format.video.codec]
    return `The feed's picture is ${codec}, but RTMP takes H.264 only. Set the encoder to H.264, set the picture of this output to 720p or 480p, or send by SRT or UDP.`
  }
  if (spec.audio === 'copy' && format.audio && format.audio.codec !== 'aac') {
    return `The feed's sound is ${format.audio.codec.toUpperCase()}, but RTMP takes AAC only. Set the sound of this output to "auto".`
  }
  return null
}

/** What FFmpeg 5.1 has no RTP payload for (rtpenc.c). */
function rtspRefusal(spec: OutputSpec, format: Format): string | null {
  const codec = format.audio?.codec
  if (spec.audio !== 'copy' || (codec !== 'eac3' && codec !== 'aac_latm')) return null
  return `The feed's sound is ${codec === 'eac3' ? 'E-AC-3' : 'AAC in LATM'}, which RTSP does not take as it is. Set the sound of this output to "auto".`
}
