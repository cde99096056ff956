import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fixture } from './fixtures.ts'
import { freeTcpPort } from './ports.ts'
import { type Program, startProgram } from './processes.ts'
import { eventually } from './waiting.ts'

/** Debian's own Python: another one in the PATH would not have the bindings. */
const PYTHON = '/usr/bin/python3'
const SCRIPT = join(import.meta.dir, '../fixtures/children/rtsp-server.py')

export type RtspServer = AsyncDisposable & { port: number; program: Program; start(): Promise<void> }
export type RtspCarries = 'both' | 'video' | 'audio' | 'hevc'

export function hasRtspServer(): boolean {
  if (!existsSync(PYTHON)) return false
  const probe = `import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer`
  return Bun.spawnSync([PYTHON, '-c', probe], { stderr: 'ignore' }).exitCode === 0
}

/** GStreamer's RTSP server: plays a fixture at `/live`; `auth` wants the user `viewer` with the password `p@ss:w/d`. */
export async function startRtspServer(
  o: { carries?: RtspCarries; auth?: 'basic' | 'digest'; tls?: { certificate: string; key: string } } = {},
): Promise<RtspServer> {
  const port = await freeTcpPort()
  const tls = o.tls ? [o.tls.certificate, o.tls.key] : []
  const command = [PYTHON, SCRIPT, String(port), await pipeline(o.carries ?? 'both'), o.auth ?? 'none', ...tls]
  const server = {
    port,
    program: startProgram(command),
    async start() {
      server.program = startProgram(command)
      await listens(server.program)
    },
    async [Symbol.asyncDispose]() {
      await server.program.stop()
    },
  }
  await listens(server.program)
  return server
}

async function listens(program: Program): Promise<void> {
  await eventually(20_000, `the RTSP server listens: ${program.lines.join(' | ')}`, () =>
    program.lines.some((line) => line.includes('listening')),
  )
}

async function pipeline(carries: RtspCarries): Promise<string> {
  const demux = `filesrc location=${await fixture('main')} ! tsdemux name=d`
  switch (carries) {
    case 'both':
      return `( ${demux} d. ! queue ! h264parse ! rtph264pay name=pay0 pt=96 d. ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97 )`
    case 'video':
      return `( ${demux} d. ! queue ! h264parse ! rtph264pay name=pay0 pt=96 )`
    case 'hevc':
      return `( filesrc location=${await fixture('hevc')} ! tsdemux name=d d. ! queue ! h265parse ! rtph265pay name=pay0 pt=96 d. ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97 )`
    case 'audio':
      return `( ${demux} d. ! queue ! aacparse ! rtpmp4gpay name=pay0 pt=97 )`
  }
}
