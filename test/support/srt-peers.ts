import { join } from 'node:path'
import { fixture } from './fixtures.ts'
import { type Program, startProgram } from './processes.ts'
import type { Input } from './resources.ts'
import { tempDir } from './temp.ts'
import { eventually, within } from './waiting.ts'
import type { Weir } from './weir.ts'

type Key = { port: number; host?: string; streamId?: string; passphrase?: string }

/** An FFmpeg that publishes the main fixture to an SRT listener in real time, round and round. */
export async function startSrtPublisher(o: Key): Promise<Program> {
  const path = await fixture('main')
  const source = ['-re', '-stream_loop', '-1', '-i', path, '-map', '0', '-c', 'copy', '-f', 'mpegts']
  const options = [
    ...(o.streamId === undefined ? [] : ['-srt_streamid', o.streamId]),
    ...(o.passphrase === undefined ? [] : ['-passphrase', o.passphrase, '-pbkeylen', '16']),
  ]
  const address = `srt://127.0.0.1:${o.port}?pkt_size=1316&latency=200000`
  return startProgram(['ffmpeg', '-hide_banner', '-nostdin', '-v', 'error', ...source, ...options, address])
}

export type SrtReceiver = AsyncDisposable & {
  program: Program
  /** What has arrived so far. */
  path: string
  sizeBytes(): number
  received(bytes: number, deadlineMs?: number): Promise<void>
}

/**
 * A real SRT caller (srt-live-transmit) that writes what it gets to a file. With a latency of 2 s, so that it loses nothing
 * on a machine that is busy.
 */
export function startSrtReceiver(o: Key & { latencyMs?: number }): SrtReceiver {
  const path = join(tempDir('srt'), 'received.ts')
  const streamId = o.streamId === undefined ? '' : `&streamid=${o.streamId}`
  const secret = o.passphrase === undefined ? '' : `&passphrase=${o.passphrase}`
  const address = `srt://${o.host ?? '127.0.0.1'}:${o.port}?mode=caller&latency=${o.latencyMs ?? 2_000}${streamId}${secret}`
  const program = startProgram(['srt-live-transmit', '-v', '-a', 'no', address, 'file://con'], { stdoutPath: path })
  const sizeBytes = () => Bun.file(path).size
  return {
    program,
    path,
    sizeBytes,
    async received(bytes, deadlineMs = 30_000) {
      const target = sizeBytes() + bytes
      await eventually(deadlineMs, `${bytes} more bytes over SRT`, () => sizeBytes() >= target)
    },
    [Symbol.asyncDispose]: program.stop,
  }
}

/** Resolves when a peer that was not let in has left by itself. */
export async function leaves(program: Program): Promise<number> {
  return within(20_000, 'the peer leaves', program.exited)
}

/** Resolves when the log of an input holds such a line; answers it. */
export async function logLine(weir: Weir, input: Input, pattern: RegExp): Promise<string> {
  type Logs = { lines: { text: string }[] }
  const find = async () => {
    const { lines } = await weir.ok<Logs>('GET', `/api/inputs/${input.id}/logs`)
    return lines.map(({ text }) => text).find((text) => pattern.test(text))
  }
  return eventually(20_000, `a line like ${pattern}`, find)
}

/** The SRT door's process of this server. */
export function doorPid(weir: Weir): number | undefined {
  return weir.children().find(({ command }) => command.endsWith('srt-door'))?.pid
}
