import type { VideoCodec } from '../program/units.ts'

const DEMUXERS: Record<VideoCodec, string> = { h264: 'h264', hevc: 'hevc', mpeg2video: 'mpegvideo' }

/** What makes another still FFmpeg. */
export type StillShape = {
  codec: VideoCodec
  /** At most this wide, in square pixels; never enlarged. */
  width: number
  /** How often each keyframe is written to it, see `stills.ts`. */
  copies: number
}

/**
 * The arguments of an FFmpeg that turns keyframes, as raw elementary stream on stdin, into JPEGs on stdout, each as soon
 * as it is decoded. Of `copies` equal pictures one is kept. Anamorphic pictures get their true shape.
 */
export function stillArguments({ codec, width, copies }: StillShape): string[] {
  const scale = `scale=w='min(${width},trunc(iw*sar/2)*2)':h='trunc(ow/dar/2)*2':flags=fast_bilinear`
  return [
    ...['-hide_banner', '-loglevel', 'repeat+level+error', '-nostats'],
    ...['-threads', '1', '-flags', 'low_delay', '-probesize', '32', '-analyzeduration', '0'],
    ...['-f', DEMUXERS[codec], '-i', 'pipe:0'],
    ...['-vf', `select='not(mod(n,${copies}))',${scale},setsar=1,format=yuvj420p`],
    ...['-vsync', 'passthrough', '-threads', '1', '-c:v', 'mjpeg', '-q:v', '5', '-flush_packets', '1'],
    ...['-f', 'image2pipe', 'pipe:1'],
  ]
}

/** What follows a picture so that the parser sees its end: an access unit delimiter, or MPEG-2's sequence end. */
export const PICTURE_END: Record<VideoCodec, Uint8Array> = {
  h264: Uint8Array.of(0, 0, 0, 1, 0x09, 0xf0),
  hevc: Uint8Array.of(0, 0, 0, 1, 0x46, 0x01, 0x50),
  mpeg2video: Uint8Array.of(0, 0, 1, 0xb7),
}
