import { type Program, startProgram } from './processes.ts'

/** Sends a picture that moves (a source of FFmpeg's lavfi) with a tone, as a small encoder would: a keyframe a second. */
export function startPictureFeed(port: number, picture = 'testsrc2=size=640x360:rate=25'): Program {
  return startProgram([
    ...['ffmpeg', '-hide_banner', '-nostdin', '-v', 'error'],
    ...['-re', '-f', 'lavfi', '-i', picture],
    ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '25'],
    ...['-b:v', '1500k', '-maxrate', '1500k', '-bufsize', '1500k'],
    ...['-c:a', 'aac', '-b:a', '96k', '-ac', '2'],
    ...['-f', 'mpegts', `udp://127.0.0.1:${port}?pkt_size=1316`],
  ])
}
