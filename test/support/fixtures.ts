import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'

const DIR = join(import.meta.dir, '../fixtures/generated')

/** Each made once by FFmpeg and kept; the name says its form, so a changed recipe is a new name. */
const RECIPES = {
  /** 20 s of 720p25 H.264 (GOP 2 s) and AAC 48 kHz stereo, about 2.5 Mbit/s, a flash and a beep in every second. */
  main: encode('main-720p25-gop2-v2', '1280x720', 50, '2400k'),
  /** A keyframe every 10 s only. */
  longGop: encode('long-gop10-v2', '640x360', 250, '900k'),
  /** As an encoder that was set anew would send: another size, another codec of the picture, of the sound, another rate of it. */
  small: encode('small-360p25-gop2-v2', '640x360', 50, '900k'),
  /** What another encoder would send as a backup: another size, 30 pictures a second, B-pictures. */
  small30: encode('small-480p30-gop2-v2', '854x480', 60, '1200k', ['-r', '30', '-bf', '2', '-preset', 'veryfast']),
  hevc: encode('hevc-360p25-gop2-v2', '640x360', 50, '900k', [
    ...['-c:v', 'libx265', '-x265-params', 'log-level=error:keyint=50:min-keyint=50:scenecut=0:pools=2'],
  ]),
  hevc44: encode('hevc-aac44-360p25-gop2-v2', '640x360', 50, '900k', [
    ...['-c:v', 'libx265', '-x265-params', 'log-level=error:keyint=50:min-keyint=50:scenecut=0:pools=2'],
    ...['-ar', '44100'],
  ]),
  ac3: encode('ac3-360p25-gop2-v2', '640x360', 50, '900k', ['-c:a', 'ac3']),
  aac44: encode('aac44-360p25-gop2-v2', '640x360', 50, '900k', ['-ar', '44100']),
  mute: encode('mute-360p25-gop2-v2', '640x360', 50, '900k', ['-an']),
} satisfies Record<string, Recipe>

export type FixtureName = keyof typeof RECIPES
type Recipe = { file: string; args: string[] }

function encode(file: string, size: string, gop: number, bitrate: string, more: string[] = []): Recipe {
  // 0.6 s into each second: between two keyframes, for at those a cut comes, and the first sound after it is not whole yet;
  // and at a picture of 25 as of 30 a second.
  const flash = "drawbox=color=white:t=fill:enable='lt(mod(t+0.41,1),0.08)'"
  const beep = 'sine=frequency=440:beep_factor=4:sample_rate=48000:duration=20.4,atrim=start=0.4,asetpts=PTS-STARTPTS'
  return {
    file,
    args: [
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=${size}:rate=25:duration=20,${flash}`,
      '-f',
      'lavfi',
      '-i',
      beep,
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p',
      '-g',
      String(gop),
      '-keyint_min',
      String(gop),
      '-sc_threshold',
      '0',
      '-b:v',
      bitrate,
      '-maxrate',
      bitrate,
      '-bufsize',
      bitrate,
      '-c:a',
      'aac',
      '-ac',
      '2',
      '-b:a',
      '128k',
      ...more,
    ],
  }
}

const making = new Map<FixtureName, Promise<string>>()

/** The path of a transport stream, made now if this checkout has none yet (a few seconds). */
export function fixture(name: FixtureName): Promise<string> {
  const known = making.get(name)
  if (known) return known
  const made = make(RECIPES[name])
  making.set(name, made)
  return made
}

/** All of them, so that tests which run at the same time need not each make what another makes. */
export async function makeFixtures(): Promise<void> {
  for (const name of Object.keys(RECIPES) as FixtureName[]) await fixture(name)
}

async function make(recipe: Recipe): Promise<string> {
  const path = join(DIR, `${recipe.file}.mpegts`)
  if (existsSync(path)) return path
  mkdirSync(DIR, { recursive: true })
  const part = `${path}.${process.pid}.part`
  const command = ['ffmpeg', '-hide_banner', '-v', 'error', '-y', ...recipe.args, '-f', 'mpegts', part]
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' })
  const said = await new Response(child.stderr).text()
  if ((await child.exited) !== 0) throw new Error(`the fixture ${recipe.file} could not be made: ${said}`)
  renameSync(part, path)
  return path
}

if (import.meta.main) await makeFixtures()
