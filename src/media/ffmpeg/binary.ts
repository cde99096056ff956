import type { Clock } from '../../lib/clock.ts'
import { createLineSplitter } from '../lines.ts'
import { startProcess } from '../process.ts'

export type FfmpegBinary = {
  /** As FFmpeg names itself: `5.1.9-0+deb12u1`. */
  version: string
  /** Protocols it can write to: `udp`, `srt`, `rtmps`... */
  protocols: string[]
}

/** It answers in a tenth of a second; many starts at once on a small machine take longer. */
const DEADLINE_MS = 10_000
const MAX_LINES = 2_000

/** Asks an FFmpeg what it is and what it can write to. Rejects when it is missing, hangs, or is no FFmpeg. */
export async function inspectFfmpeg(deps: {
  clock: Clock
  ffmpegPath: string
  instance: string
}): Promise<FfmpegBinary> {
  const [about, protocols] = await Promise.all([ask(deps, ['-version']), ask(deps, ['-hide_banner', '-protocols'])])
  const version = /^ffmpeg version (\S+)/.exec(about[0] ?? '')?.[1]
  if (!version) throw new Error(`${deps.ffmpegPath} does not answer as FFmpeg does`)
  const output = protocols.indexOf('Output:')
  return { version, protocols: output < 0 ? [] : protocols.slice(output + 1).map((line) => line.trim()) }
}

async function ask(deps: { clock: Clock; ffmpegPath: string; instance: string }, args: string[]): Promise<string[]> {
  const lines: string[] = []
  const splitter = createLineSplitter(1_000, (line) => {
    if (lines.length < MAX_LINES) lines.push(line)
  })
  const child = startProcess({
    clock: deps.clock,
    argv: [deps.ffmpegPath, ...args],
    instance: deps.instance,
    secret: null,
    stdin: 'ignore',
    stdout: { kind: 'data', onData: splitter.push },
    mask: (line) => line,
    onLine: () => undefined,
  })
  const cancel = deps.clock.after(DEADLINE_MS, child.kill)
  const exit = await child.exited
  cancel()
  splitter.end()
  if (exit.code !== 0) throw new Error(`${deps.ffmpegPath} ${args.join(' ')} ended with ${exit.signal ?? exit.code}`)
  return lines
}
