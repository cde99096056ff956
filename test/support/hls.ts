import { join } from 'node:path'
import { type FixtureName, fixture } from './fixtures.ts'
import { type Program, startProgram } from './processes.ts'
import { tempDir } from './temp.ts'
import { eventually } from './waiting.ts'

export type HlsServer = AsyncDisposable & {
  url: string
  dir: string
  /** Paths with their queries, as they were asked for. */
  asked: string[]
  /** Cuts a fixture into segments: in real time until it is stopped, or at once and with an end. */
  publish(name: string, fixture: FixtureName, kind: 'live' | 'ended'): Promise<Program>
}

/** A web server on the loopback that plays HLS from files; `refuse` may answer in their place. */
export function startHlsServer(refuse: (request: Request) => Response | null = () => null): HlsServer {
  const dir = tempDir('hls')
  const asked: string[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { pathname, search } = new URL(request.url)
      asked.push(pathname + search)
      const refused = refuse(request)
      if (refused) return refused
      const file = Bun.file(join(dir, pathname))
      return (await file.exists()) ? new Response(file) : new Response('nothing here', { status: 404 })
    },
  })
  return {
    url: server.url.origin,
    dir,
    asked,
    async publish(name, of, kind) {
      const playlist = join(dir, `${name}.m3u8`)
      const input = kind === 'live' ? ['-re', '-stream_loop', '-1'] : ['-t', '5']
      const output = kind === 'live' ? ['-hls_list_size', '5', '-hls_flags', 'delete_segments+omit_endlist'] : []
      const program = startProgram([
        ...['ffmpeg', '-hide_banner', '-nostdin', '-v', 'error', ...input, '-i', await fixture(of), '-c', 'copy'],
        ...['-f', 'hls', '-hls_time', '2', ...output, playlist],
      ])
      await eventually(20_000, `${name}.m3u8 is there`, () => Bun.file(playlist).exists())
      return program
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true)
    },
  }
}
