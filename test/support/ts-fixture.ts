import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { createTsReader } from '../../src/media/mpegts/reader.ts'
import type { Format, Unit } from '../../src/media/program/units.ts'

const DIR = join(import.meta.dir, '../fixtures/generated')

const SOUND = 'anoisesrc=sample_rate=48000:amplitude=0.1:seed=1'
const x264 = (params: string) => ['-c:v', 'libx264', '-preset', 'veryfast', '-x264-params', params]

/** Small feeds by FFmpeg, one for each thing a stream may carry; the name says its form. */
const RECIPES = {
  /** 6 s of 320x180 at 25, B-pictures, GOP 1 s, AAC 48 kHz stereo. */
  avc: [...x264('keyint=25:min-keyint=25:scenecut=0:bframes=2'), '-profile:v', 'high', '-c:a', 'aac', '-ac', '2'],
  /** Open GOPs without IDR pictures after the first. */
  'avc-open': [...x264('keyint=25:min-keyint=25:scenecut=0:bframes=2:open-gop=1'), '-c:a', 'aac', '-ac', '1'],
  /** Four slices, interlaced, parameter sets only in the first picture of a GOP. */
  'avc-interlaced': [...x264('keyint=25:scenecut=0:slices=4:interlaced=1'), '-flags', '+ildct', '-an'],
  'hevc-main10': [
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p10le',
    '-x265-params',
    'keyint=25:log-level=none',
    '-c:a',
    'aac',
    '-ac',
    '2',
  ],
  'mpeg2-mp3': ['-c:v', 'mpeg2video', '-g', '12', '-bf', '2', '-c:a', 'libmp3lame', '-ac', '2'],
  'mpeg2-mp2': ['-c:v', 'mpeg2video', '-g', '12', '-bf', '2', '-c:a', 'mp2', '-ac', '2'],
  'avc-ac3': [...x264('keyint=25'), '-c:a', 'ac3', '-ac', '2'],
  'avc-eac3': [...x264('keyint=25'), '-c:a', 'eac3', '-ac', '2'],
  'avc-latm': [...x264('keyint=25'), '-c:a', 'aac', '-ac', '2', '-mpegts_flags', '+latm'],
  aac: ['-vn', '-c:a', 'aac', '-ac', '2'],
} satisfies Record<string, string[]>

export type TsFixture = keyof typeof RECIPES
export const TS_FIXTURES = Object.keys(RECIPES) as TsFixture[]

/** Bytes of the feed; made by FFmpeg the first time. */
export function tsFixture(name: TsFixture): Uint8Array {
  const path = join(DIR, `ts-${name}-v1.mpegts`)
  if (!existsSync(path)) {
    mkdirSync(DIR, { recursive: true })
    const part = `${path}.${process.pid}.part`
    const picture = 'testsrc2=size=320x180:rate=25'
    const args = [
      '-v',
      'error',
      '-y',
      '-f',
      'lavfi',
      '-i',
      picture,
      '-f',
      'lavfi',
      '-i',
      SOUND,
      '-t',
      '6',
      '-pix_fmt',
      'yuv420p',
    ]
    const made = Bun.spawnSync(['ffmpeg', ...args, ...RECIPES[name], '-f', 'mpegts', part])
    if (made.exitCode !== 0) throw new Error(`fixture ${name}: ${made.stderr}`)
    renameSync(part, path)
  }
  return new Uint8Array(readFileSync(path))
}

/** The units of a stream, and what the reader says of it. */
export function readUnits(bytes: Uint8Array, program: number | null = null): { units: Unit[]; formats: Format[] } {
  const units: Unit[] = []
  const formats: Format[] = []
  const reader = createTsReader({ program, onUnit: (unit) => units.push(unit), onFormat: (f) => formats.push(f) })
  for (let at = 0; at < bytes.length; at += 1316) reader.push(bytes.subarray(at, at + 1316), at / 1000)
  return { units, formats }
}

/** `ffmpeg -v error -f null`: what a decoder says about the stream; empty when it is content. */
export function decodeErrors(bytes: Uint8Array): string {
  // Times as they are: rounded to a guessed frame rate, two pictures of a faster feed would seem to come at once.
  const exact = ['-vsync', 'passthrough', '-enc_time_base', '1:90000']
  const args = ['-v', 'error', '-xerror', '-f', 'mpegts', '-i', '-', ...exact, '-f', 'null', '-']
  const run = Bun.spawnSync(['ffmpeg', ...args], { stdin: bytes })
  return run.stderr.toString() + (run.exitCode === 0 ? '' : `exit ${run.exitCode}`)
}
