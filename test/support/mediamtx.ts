import { accessSync, constants, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freeTcpPort, freeUdpPort } from './ports.ts'
import { type Program, startProgram } from './processes.ts'
import { tempDir } from './temp.ts'
import { eventually } from './waiting.ts'

/** A path as MediaMTX's control API shows it (`/v3/paths/get`), as far as it is looked at here. */
export type MediamtxPath = {
  name: string
  ready: boolean
  source: { type: string; id: string } | null
  tracks: string[]
  inboundBytes: number
}

type Kind = 'rtmpconns' | 'srtconns' | 'rtspsessions'

export type Mediamtx = AsyncDisposable & {
  rtmp: number
  srt: number
  rtsp: number
  hls: number
  path(name: string): Promise<MediamtxPath | null>
  /** Resolves when somebody publishes there, and the tracks are known. */
  ready(name: string, matches?: (path: MediamtxPath) => boolean, deadlineMs?: number): Promise<MediamtxPath>
  /** Who has published to the path, each connection that was ever seen at a look. */
  publishers(kind: Kind, path: string): Promise<string[]>
  /** Puts the publisher of a path out. */
  kick(kind: Kind, path: string): Promise<void>
  /** What MediaMTX gives whoever plays the path by RTMP, from a keyframe on: written to a file by FFmpeg. */
  play(path: string): Promise<Recording>
  kill(): Promise<void>
  /** On the same ports, knowing nothing of before. */
  start(): Promise<void>
  lines(): string[]
}

export type Recording = {
  path: string
  received(bytes: number, deadlineMs?: number): Promise<void>
  /** Ends it in order and answers the path. */
  end(): Promise<string>
}

/** The program, or null where this machine has none. */
export function findMediamtx(): string | null {
  const given = process.env['MEDIAMTX_PATH']
  if (!given) return Bun.which('mediamtx')
  accessSync(given, constants.X_OK)
  return given
}

/** A real MediaMTX on the loopback that takes and gives any path by RTMP, SRT, RTSP and HLS; `paths` are settings of single ones. */
export async function startMediamtx(o: { paths?: Record<string, Record<string, unknown>> } = {}): Promise<Mediamtx> {
  const program = findMediamtx()
  if (!program) throw new Error('there is no MediaMTX')
  const [api, rtmp, rtsp, hls] = await Promise.all([freeTcpPort(), freeTcpPort(), freeTcpPort(), freeTcpPort()])
  const srt = await freeUdpPort()
  const file = join(tempDir('mediamtx'), 'mediamtx.yml')
  const on = (name: string, port: number) => ({ [name]: true, [`${name}Address`]: `127.0.0.1:${port}` })
  writeFileSync(
    file,
    // YAML takes JSON. What is left out would listen on every interface.
    JSON.stringify({
      ...{ logLevel: 'info', logDestinations: ['stdout'] },
      ...{ ...on('api', api), ...on('rtmp', rtmp), ...on('srt', srt), ...on('rtsp', rtsp), ...on('hls', hls) },
      ...{ rtspTransports: ['tcp'], metrics: false, pprof: false, playback: false, webrtc: false, moq: false },
      paths: { ...o.paths, all_others: {} },
    }),
  )
  const base = `http://127.0.0.1:${api}/v3`
  let running: Program | null = null

  async function ask<T>(method: string, path: string): Promise<T | null> {
    const response = await fetch(base + path, { method })
    const text = await response.text()
    if (response.status === 404) return null
    if (!response.ok) throw new Error(`MediaMTX answered ${response.status} to ${path}: ${text}`)
    return JSON.parse(text) as T
  }

  async function start(): Promise<void> {
    const child = startProgram(['sh', '-c', 'exec "$0" "$1" >&2', program as string, file])
    running = child
    const ended = child.exited.then(() => Promise.reject(new Error(`MediaMTX ended: ${child.lines.join(' | ')}`)))
    ended.catch(() => undefined)
    await Promise.race([ended, eventually(10_000, 'MediaMTX answers', () => ask('GET', '/info').catch(() => null))])
  }

  const path = (name: string) => ask<MediamtxPath>('GET', `/paths/get/${name}`)

  async function publishers(kind: Kind, name: string): Promise<string[]> {
    type List = { items: { id: string; path: string; state: string }[] }
    const list = await ask<List>('GET', `/${kind}/list?itemsPerPage=1000`)
    return (list?.items ?? []).filter((it) => it.path === name && it.state === 'publish').map(({ id }) => id)
  }

  await start()
  return {
    ...{ rtmp, srt, rtsp, hls, path, publishers, start },
    ready: (name, matches = () => true, deadlineMs = 30_000) =>
      eventually(deadlineMs, `MediaMTX has ${name}`, async () => {
        const now = await path(name)
        return now?.ready && matches(now) ? now : null
      }),
    async kick(kind, name) {
      const [id, ...others] = await publishers(kind, name)
      if (!id || others.length > 0) throw new Error(`not one publisher of ${name}`)
      await ask('POST', `/${kind}/kick/${id}`)
    },
    async play(name) {
      const file = join(tempDir('played'), 'played.flv')
      const player = startProgram([
        ...['ffmpeg', '-hide_banner', '-nostdin', '-v', 'error', '-i', `rtmp://127.0.0.1:${rtmp}/${name}`],
        // Of a group that has begun FFmpeg copies nothing; what it copies is written at once.
        ...['-map', '0', '-c', 'copy', '-flush_packets', '1', '-f', 'flv', file],
      ])
      const received = async (bytes: number, deadlineMs = 30_000) => {
        const target = Bun.file(file).size + bytes
        await eventually(
          deadlineMs,
          `${bytes} more bytes of ${name}: ${player.lines}`,
          () => Bun.file(file).size >= target,
        )
      }
      await received(1)
      return {
        path: file,
        received,
        async end() {
          await player.stop()
          return file
        },
      }
    },
    async kill() {
      running?.kill('SIGKILL')
      await running?.exited
    },
    lines: () => running?.lines ?? [],
    async [Symbol.asyncDispose]() {
      await running?.stop()
    },
  }
}
