import { BEHIND } from './media-check.ts'

/**
 * Sound against picture of a recording of the fixtures' feeds: once a second a white flash and a beep of 1760 Hz.
 * For each beep the distance to the flash beside it in milliseconds (later sound is positive); null where no picture turned
 * white near it, as beside a cut.
 */
export async function measureSync(path: string): Promise<(number | null)[]> {
  const [lights, sounds] = await Promise.all([
    metadata(path, [
      '-map',
      '0:v:0',
      '-vf',
      `scale=32:18:flags=neighbor,signalstats,${print('metadata', 'signalstats.YAVG')}`,
    ]),
    metadata(path, [
      ...['-map', '0:a:0', '-af'],
      `bandpass=f=1760:w=200,aformat=channel_layouts=mono,asetnsamples=n=96:p=0,${LEVEL},${print('ametadata', 'astats.Overall.RMS_level')}`,
    ]),
  ])
  const flashes = rises(lights, 200)
  const beeps = rises(sounds, -26)
  return beeps.map((beep) => {
    const nearest = flashes.reduce((best, at) => (Math.abs(at - beep) < Math.abs(best - beep) ? at : best), Infinity)
    return Math.abs(nearest - beep) < 0.15 ? Math.round((beep - nearest) * 1000) : null
  })
}

/** The one measure of 500 a second that is looked at: all that astats knows would cost more than the decoding. */
const LEVEL = 'astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=RMS_level'

const print = (filter: string, key: string) => `${filter}=print:key=lavfi.${key}:file=-`

type Value = { at: number; value: number }

async function metadata(path: string, filter: string[]): Promise<Value[]> {
  const args = ['-hide_banner', '-nostdin', '-v', 'quiet', '-copyts', '-i', path, ...filter, '-f', 'null', '-']
  const child = Bun.spawn([...BEHIND, 'ffmpeg', ...args], { stdin: 'ignore', stdout: 'pipe', stderr: 'ignore' })
  const text = await new Response(child.stdout).text()
  await child.exited
  const values: Value[] = []
  let at = 0
  for (const line of text.split('\n')) {
    const time = /pts_time:(\S+)/.exec(line)
    if (time) at = Number(time[1])
    const value = /^lavfi\.[^=]+=(\S+)/.exec(line)
    if (value) values.push({ at, value: value[1] === '-inf' ? -200 : Number(value[1]) })
  }
  return values
}

/** When a value first passes the limit after having been under it for a while. */
function rises(values: Value[], limit: number): number[] {
  const found: number[] = []
  let lowSince: number | null = null
  for (const { at, value } of values) {
    if (value >= limit) {
      if (lowSince !== null && at - lowSince > 0.1) found.push(at)
      lowSince = null
    } else lowSince ??= at
  }
  return found
}
