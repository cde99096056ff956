import type { AudioCodec, AudioFormat, VideoCodec } from '../program/units.ts'

export type SlateShape = { codec: VideoCodec; width: number; height: number; fps: number }

/** Players cut segments at keyframes: as long as most feeds' groups (a shorter one let HLS stall at the cut, measured). */
const SLATE_SECONDS = 2
const BACKGROUND = '0x15181d'

/** What the slate shows: a picture's file, the text on descriptor 3, or nothing but its background. */
export type SlateFace = { file: string } | 'card' | 'plain'

/** One FFmpeg that encodes a still picture as a group of pictures without B-pictures and the keyframe behind it. */
export function slateArguments(face: SlateFace, { codec, width, height, fps }: SlateShape): string[] {
  const frames = Math.round(SLATE_SECONDS * fps)
  const size = `${width}:${height}`
  const fit = `scale=${size}:force_original_aspect_ratio=decrease,pad=${size}:-1:-1:color=${BACKGROUND}`
  const ground = ['-f', 'lavfi', '-i', `color=c=${BACKGROUND}:s=${width}x${height}:r=${fps}`]
  const text = 'drawtext=textfile=/dev/fd/3:expansion=none:fontcolor=white:fontsize=h/14:x=(w-text_w)/2:y=(h-text_h)/2'
  const [input, filters] =
    face === 'card'
      ? [ground, text]
      : face === 'plain'
        ? [ground, 'null']
        : [
            // What a picture is is told by its bytes; nothing else is ever fetched because of them.
            ['-protocol_whitelist', 'file', '-i', face.file],
            `${fit},loop=loop=-1:size=1:start=0,settb=AVTB,setpts=N/${fps}/TB`,
          ]
  return [
    ...input,
    ...['-vf', `${filters},setsar=1,format=yuv420p`, '-r', String(fps), '-frames:v', String(frames + 1), '-an'],
    ...['-threads', '1', ...encoderArguments(codec, frames), '-f', 'mpegts', 'pipe:1'],
  ]
}

function encoderArguments(codec: VideoCodec, frames: number): string[] {
  switch (codec) {
    case 'h264':
      return [
        ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'stillimage', '-crf', '23', '-bf', '0'],
        ...['-g', String(frames), '-keyint_min', String(frames), '-sc_threshold', '0'],
      ]
    case 'hevc': {
      const group = `keyint=${frames}:min-keyint=${frames}:scenecut=0:open-gop=0:bframes=0`
      const params = `${group}:repeat-headers=1:pools=1:frame-threads=1:log-level=error`
      return ['-c:v', 'libx265', '-preset', 'veryfast', '-crf', '26', '-x265-params', params]
    }
    case 'mpeg2video':
      return ['-c:v', 'mpeg2video', '-q:v', '4', '-bf', '0', '-g', String(frames), '-sc_threshold', '1000000000']
  }
}

const ENCODERS: Partial<Record<AudioCodec, string>> = {
  aac: 'aac',
  mp2: 'mp2',
  mp3: 'libmp3lame',
  ac3: 'ac3',
  eac3: 'eac3',
}

/** One FFmpeg that encodes silence of a format, a frame in each PES; null where FFmpeg cannot write the same configuration. */
export function silenceArguments({ codec, sampleRate, channels, objectType }: AudioFormat): string[] | null {
  const encoder = ENCODERS[codec]
  if (!encoder || !sampleRate || !channels || (codec === 'aac' && objectType !== 2)) return null
  return [
    ...['-f', 'lavfi', '-i', `anullsrc=r=${sampleRate}`, '-t', '1', '-ac', String(channels), '-c:a', encoder],
    ...['-f', 'mpegts', '-pes_payload_size', '0', 'pipe:1'],
  ]
}
