import type { OutputSpec } from '../specs.ts'
import type { AudioCodec, Format } from '../program/units.ts'

type Rendition = { height: number; preset: string; kbps: number }

const RENDITIONS: Record<'720p' | '480p', Rendition> = {
  '720p': { height: 720, preset: 'veryfast', kbps: 2_500 },
  '480p': { height: 480, preset: 'superfast', kbps: 1_000 },
}
const KEYFRAME_SECONDS = 2
/** A transcode may use so many threads for each of decoding and encoding; the copies beside it need a core too. */
const THREADS = '2'
const SOUND_KBPS = 128

/** What RTP carries as FFmpeg 5.1 packs it (rtpenc.c); AAC from a transport stream is a case of its own. */
const RTP_SOUND: AudioCodec[] = ['mp2', 'mp3', 'ac3']

/** Whether the picture is made anew: such an output costs a good part of a core. */
export function encodesPicture(spec: OutputSpec): boolean {
  return spec.engine === 'ffmpeg' && (spec.video === '720p' || spec.video === '480p')
}

/**
 * Whether the sound is made anew. `auto` copies what the container takes: FLV takes AAC alone (Adobe Flash Video File
 * Format 10.1, annex E.4.2), RTP takes AAC only where its configuration is known beforehand, which a transport stream
 * does not say.
 */
export function encodesSound(spec: OutputSpec, format: Format | null): boolean {
  if (spec.engine === 'direct') return false
  if (spec.audio === 'aac') return true
  const codec = format?.audio?.codec
  if (spec.audio !== 'auto' || !codec) return false
  if (spec.target.protocol === 'rtmp') return codec !== 'aac'
  return spec.target.protocol === 'rtsp' && !RTP_SOUND.includes(codec)
}

/** Options in front of the input, for decoder and filters: copies need neither. */
export function decoderArguments(spec: OutputSpec): string[] {
  return encodesPicture(spec) ? ['-threads', THREADS, '-filter_threads', THREADS] : []
}

/** Which streams go out, copied or made anew. */
export function streamArguments(spec: OutputSpec, format: Format | null): string[] {
  const isFlv = spec.target.protocol === 'rtmp'
  const isRtsp = spec.target.protocol === 'rtsp'
  const args: string[] = []
  if (spec.video === 'none') args.push('-vn')
  else args.push('-map', '0:v:0?')
  // FLV holds one sound, and RTSP receivers expect one; a transport stream takes all of them.
  if (spec.audio === 'none') args.push('-an')
  else args.push('-map', isFlv || isRtsp ? '0:a:0?' : '0:a?')
  if (spec.video === '720p' || spec.video === '480p') args.push(...pictureArguments(RENDITIONS[spec.video]))
  else args.push('-c:v', 'copy')
  if (encodesSound(spec, format)) args.push(...soundArguments(format))
  else args.push('-c:a', 'copy')
  // Without it FFmpeg packs AAC as a format that it cannot describe before the first frame.
  if (isRtsp && spec.audio === 'copy' && format?.audio?.codec === 'aac') args.push('-rtpflags', 'latm')
  // Parameter sets that change on the way become a new FLV sequence header only behind this filter.
  if (isFlv && spec.video === 'copy' && format?.video) args.push('-bsf:v', 'extract_extradata')
  // When the sound vanishes the picture waits half a second for it, not ten.
  args.push('-max_interleave_delta', '500000')
  return args
}

/** Stereo at most: what platforms and receivers take, and what the bitrate is meant for. */
function soundArguments(format: Format | null): string[] {
  const channels = format?.audio?.channels ?? 2
  return ['-c:a', 'aac', '-b:a', `${SOUND_KBPS}k`, ...(channels > 2 ? ['-ac', '2'] : [])]
}

/**
 * H.264 for live: no look-ahead, no frames reordered, the bitrate held within a second, a keyframe every two seconds
 * by the stream's own time. Lines that are interlaced are put together where the feed says that they are. A smaller
 * picture stays as it is, sides are even (4:2:0), the frame rate is the feed's.
 */
function pictureArguments({ height, preset, kbps }: Rendition): string[] {
  const size = `scale=w=-2:h='trunc(min(${height},ih)/2)*2'`
  const forced = `expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+${KEYFRAME_SECONDS}))`
  return [
    ...['-c:v', 'libx264', '-preset', preset, '-tune', 'zerolatency', '-threads', THREADS],
    ...['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`],
    ...['-force_key_frames', forced, '-sc_threshold', '0'],
    ...['-vf', `yadif=deint=interlaced,${size},format=yuv420p`, '-fps_mode', 'vfr'],
  ]
}
