import { existsSync } from 'node:fs'
import type { InputSource } from '../specs.ts'

/** How one kind of feed is brought in by FFmpeg. */
export type IngestCommand = {
  kind: InputSource['kind']
  args: string[]
  /** What FFmpeg reads from descriptor 3 (`pipe:3`); null where nothing is secret. */
  secret: string | null
  /** Hides what must not be shown in a line that FFmpeg writes. */
  mask(line: string): string
  /** FFmpeg is given up when nothing has come from it for so long, from its start on. */
  silenceLimitMs: number
}

/** A feed that has been silent for longer will not go on by itself. */
const SILENCE_LIMIT_MS = 10_000

/** Where distributions keep a font with digits of one width; the clock of the test picture is drawn with it. */
const FONTS = [
  '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf',
  '/usr/share/fonts/dejavu/DejaVuSansMono.ttf',
  '/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono.ttf',
  '/usr/share/fonts/TTF/DejaVuSansMono.ttf',
]

/** Begins every ingest's arguments: nothing on stderr but warnings, each with its level. */
export const INGEST_HEAD = ['-hide_banner', '-nostdin', '-loglevel', 'repeat+level+warning', '-nostats']
/** The first picture and all sounds as they are. */
export const INGEST_COPY = ['-map', '0:v:0?', '-map', '0:a?', '-c', 'copy']
/** Ends every ingest's arguments: as a transport stream to stdout, without waiting. */
export const INGEST_TAIL = ['-max_interleave_delta', '500000', '-f', 'mpegts', '-flush_packets', '1', 'pipe:1']

/** The `test` source as a command; nothing of it is secret. */
export function testCommand(): IngestCommand {
  const mask = (line: string) => line
  return { kind: 'test', args: testSourceArguments(), secret: null, mask, silenceLimitMs: SILENCE_LIMIT_MS }
}

/**
 * A publisher's FLV from stdin (`-f flv`), as the RTMP door hands it over. `mask` hides the publisher's key, which FFmpeg is
 * not given and should not see.
 */
export function flvCommand(mask: (line: string) => string): IngestCommand {
  const input = [
    '-fflags',
    '+genpts',
    '-probesize',
    '1000000',
    '-analyzeduration',
    '500000',
    '-f',
    'flv',
    '-i',
    'pipe:0',
  ]
  const args = [...INGEST_HEAD, ...input, ...INGEST_COPY, ...INGEST_TAIL]
  return { kind: 'rtmp', args, secret: null, mask, silenceLimitMs: SILENCE_LIMIT_MS }
}

/**
 * The arguments of the `test` source: colour bars with the time of day and a 1 kHz tone at -20 dB, 720p25 H.264 with AAC
 * and a keyframe every two seconds, at the speed of a live feed. Without a font the picture is FFmpeg's own test
 * picture, which counts the seconds.
 */
export function testSourceArguments(font: string | null = findFont()): string[] {
  // FFmpeg's sine is at -18 dB.
  return [
    ...INGEST_HEAD,
    ...['-re', '-f', 'lavfi', '-i', font ? barsWithClock(font) : 'testsrc2=size=1280x720:rate=25'],
    ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=1000:sample_rate=48000'],
    ...['-map', '0:v:0', '-map', '1:a:0', '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '50', '-b:v', '2000k'],
    ...['-maxrate', '2000k', '-bufsize', '2000k', '-af', 'volume=-2dB', '-c:a', 'aac', '-b:a', '128k', '-ac', '2'],
    ...INGEST_TAIL,
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
