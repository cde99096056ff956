import { existsSync } from 'node:fs'

/** Where distributions keep a font with digits of one width; the clock of the test picture is drawn with it. */
const FONTS = [
  '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf',
  '/usr/share/fonts/dejavu/DejaVuSansMono.ttf',
  '/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono.ttf',
  '/usr/share/fonts/TTF/DejaVuSansMono.ttf',
]

/** Ends every ingest's arguments: as a transport stream to stdout, without waiting. */
const TAIL = ['-max_interleave_delta', '500000', '-f', 'mpegts', '-flush_packets', '1', 'pipe:1']

/**
 * The arguments of the `test` source: colour bars with the time of day and a 1 kHz tone at -20 dB, 720p25 H.264 with AAC
 * and a keyframe every two seconds, at the speed of a live feed. Without a font the picture is FFmpeg's own test
 * picture, which counts the seconds.
 */
export function testSourceArguments(font: string | null = findFont()): string[] {
  // FFmpeg's sine is at -18 dB.
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'repeat+level+warning', '-nostats'],
    ...['-re', '-f', 'lavfi', '-i', font ? barsWithClock(font) : 'testsrc2=size=1280x720:rate=25'],
    ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=1000:sample_rate=48000'],
    ...['-map', '0:v:0', '-map', '1:a:0', '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '50', '-b:v', '2000k'],
    ...['-maxrate', '2000k', '-bufsize', '2000k', '-af', 'volume=-2dB', '-c:a', 'aac', '-b:a', '128k', '-ac', '2'],
    ...TAIL,
  ]
}

function findFont(): string | null {
  return FONTS.find((path) => existsSync(path)) ?? null
}

function barsWithClock(font: string): string {
  const style = 'fontsize=96:fontcolor=white:box=1:boxcolor=black:boxborderw=24'
  const text = `drawtext=fontfile=${font}:text='%{localtime\\:%T}':${style}:x=(w-tw)/2:y=h*0.28`
  return `smptehdbars=size=1280x720:rate=25,${text}`
}
