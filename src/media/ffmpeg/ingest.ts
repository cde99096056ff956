/** Ends every ingest's arguments: one picture, all its sound, as a transport stream on stdout without waiting. */
const TAIL = ['-max_interleave_delta', '500000', '-f', 'mpegts', '-flush_packets', '1', 'pipe:1']

/**
 * The arguments of the `test` source: colour bars with a running clock and a 1 kHz tone at -20 dB, 720p25 H.264 with AAC
 * and a keyframe every two seconds, at the speed of a live feed. The picture needs no font of the machine.
 */
export function testSourceArguments(): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'repeat+level+warning', '-nostats'],
    ...['-re', '-f', 'lavfi', '-i', 'testsrc=size=1280x720:rate=25'],
    ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=1000:sample_rate=48000'],
    ...['-map', '0:v:0', '-map', '1:a:0', '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '50', '-b:v', '2000k'],
    ...['-maxrate', '2000k', '-bufsize', '2000k', '-af', 'volume=-20dB', '-c:a', 'aac', '-b:a', '128k', '-ac', '2'],
    ...TAIL,
  ]
}
