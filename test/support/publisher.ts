import { join } from 'node:path'
import { type FixtureName, fixture } from './fixtures.ts'
import { type Program, startProgram } from './processes.ts'
import { tempDir } from './temp.ts'

/** Publishes a fixture by RTMP in real time, round and round or for some seconds, as an encoder would. */
export async function startPublisher(
  url: string,
  o: { name?: FixtureName; seconds?: number; more?: string[] } = {},
): Promise<Program> {
  const path = await fixture(o.name ?? 'main')
  const input = ['-re', '-stream_loop', '-1', '-i', path, ...(o.seconds ? ['-t', String(o.seconds)] : [])]
  const output = ['-map', '0', '-c', 'copy', '-bsf:a', 'aac_adtstoasc', ...(o.more ?? []), '-f', 'flv', url]
  return startProgram(['ffmpeg', '-hide_banner', '-nostdin', '-v', 'error', ...input, ...output])
}

/** As `startPublisher`, but it tries again whenever it is put out, as encoders do. */
export function startEncoder(url: string, o: { name?: FixtureName } = {}): AsyncDisposable {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
  let over = false
  const run = async () => {
    while (!over) {
      await using feed = await startPublisher(url, o)
      await Promise.race([feed.exited, stopped])
    }
  }
  const done = run()
  return {
    async [Symbol.asyncDispose]() {
      over = true
      stop()
      await done
    },
  }
}

/** The same by GStreamer, whose `rtmp2sink` is an implementation of its own and whose `rtmpsink` is librtmp, as in OBS. */
export async function startGstreamer(sink: 'rtmp2sink' | 'rtmpsink', url: string): Promise<Program> {
  const flv = await toFlv()
  const pipeline = `filesrc location=${flv} ! flvdemux name=d flvmux streamable=true name=m ! ${sink} sync=true location=${url} d.video ! queue ! h264parse ! m. d.audio ! queue ! aacparse ! m.`
  // -e: SIGINT ends the stream in order, as a person would.
  return startProgram(['gst-launch-1.0', '-q', '-e', ...pipeline.split(' ')])
}

export function hasGstreamer(): boolean {
  return (
    Bun.which('gst-launch-1.0') !== null &&
    ['rtmp2sink', 'rtmpsink', 'flvmux', 'h264parse'].every(
      (name) => Bun.spawnSync(['gst-inspect-1.0', '--exists', name]).exitCode === 0,
    )
  )
}

let made: Promise<string> | null = null

/** The fixture as an FLV file, made once for all that ask at the same time. */
function toFlv(): Promise<string> {
  made ??= makeFlv()
  return made
}

async function makeFlv(): Promise<string> {
  const flv = join(tempDir('flv'), 'main.flv')
  const args = ['-v', 'error', '-i', await fixture('main'), '-map', '0', '-c', 'copy', '-bsf:a', 'aac_adtstoasc', flv]
  const run = Bun.spawnSync(['ffmpeg', '-hide_banner', '-nostdin', ...args], { stderr: 'pipe' })
  if (run.exitCode !== 0) throw new Error(run.stderr.toString())
  return flv
}
