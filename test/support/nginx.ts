import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freeTcpPort } from './ports.ts'
import { type Program, startProgram } from './processes.ts'
import { tempDir } from './temp.ts'
import { eventually, within } from './waiting.ts'

const MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so'

/** What nginx says of a publisher: `publish`, `publish_done` or `record_done` with the words of its callback. */
export type RtmpCall = { call: string; app: string; name: string; fields: URLSearchParams }

export type RtmpServer = AsyncDisposable & {
  port: number
  calls: RtmpCall[]
  /** Resolves with the first call (past or to come) that matches. */
  called(what: string, matches: (call: RtmpCall) => boolean, deadlineMs?: number): Promise<RtmpCall>
  /** Stops or kills the server as a failing peer would; `start` brings it back on the same port. */
  kill(signal: NodeJS.Signals): Promise<void>
  freeze(): void
  thaw(): void
  start(): Promise<void>
}

export function hasNginxRtmp(): boolean {
  return Bun.which('nginx', { PATH: `${process.env['PATH']}:/usr/sbin` }) !== null && Bun.file(MODULE).size > 0
}

/**
 * A real RTMP server: `live` and `live/inst` record to FLV, `refuse` answers 403 to every publisher. It runs as
 * the current user in a directory of its own and reports each publisher to us. `relay` publishes on to `pushTo`.
 */
export async function startRtmpServer(o: { pushTo?: string } = {}): Promise<RtmpServer> {
  const dir = tempDir('rtmp')
  const port = await freeTcpPort()
  const calls: RtmpCall[] = []
  const waiting = new Set<(call: RtmpCall) => void>()
  const hooks = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const fields = new URLSearchParams(await request.text())
      const of = (name: string) => fields.get(name) ?? ''
      const call = { call: of('call'), app: of('app'), name: of('name'), fields }
      calls.push(call)
      for (const take of waiting) take(call)
      return new Response(null, { status: call.call === 'publish' && call.app === 'refuse' ? 403 : 200 })
    },
  })
  writeFileSync(join(dir, 'nginx.conf'), configuration(dir, port, hooks.url.origin, o.pushTo))

  let program: Program | null = null
  const start = async () => {
    const started = startProgram(['/usr/sbin/nginx', '-p', dir, '-c', join(dir, 'nginx.conf')])
    program = started
    const failed = started.exited.then(() => Promise.reject(new Error(`nginx ended: ${started.lines.join(' | ')}`)))
    await Promise.race([failed, eventually(20_000, 'nginx listens', () => listens(port))])
    failed.catch(() => undefined)
  }
  await start()

  return {
    port,
    calls,
    called(what, matches, deadlineMs = 20_000) {
      const past = calls.find(matches)
      if (past) return Promise.resolve(past)
      const { promise, resolve } = Promise.withResolvers<RtmpCall>()
      const take = (call: RtmpCall) => matches(call) && resolve(call)
      waiting.add(take)
      return within(deadlineMs, what, promise).finally(() => waiting.delete(take))
    },
    async kill(signal) {
      program?.kill(signal)
      await program?.exited
    },
    freeze: () => program?.kill('SIGSTOP'),
    thaw: () => program?.kill('SIGCONT'),
    start,
    async [Symbol.asyncDispose]() {
      program?.kill('SIGKILL')
      await program?.exited
      await hooks.stop(true)
    },
  }
}

async function listens(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data: () => undefined } })
    socket.end()
    return true
  } catch {
    // Refused: not yet.
    return false
  }
}

function configuration(dir: string, port: number, hooks: string, pushTo: string | undefined): string {
  return `
daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
load_module ${MODULE};
events { worker_connections 512; }
rtmp {
  server {
    listen 127.0.0.1:${port};
    access_log off;
    on_publish ${hooks}/;
    on_publish_done ${hooks}/;
    on_record_done ${hooks}/;
    application live { live on; record all; record_path ${dir}; record_unique on; }
    application live/inst { live on; record all; record_path ${dir}; record_unique on; }
    application refuse { live on; }
    ${pushTo ? `application relay { live on; push ${pushTo}; }` : ''}
  }
}
`
}
