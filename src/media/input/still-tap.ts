import type { Clock } from '../../lib/clock.ts'
import { PICTURE_END, type StillShape, stillArguments } from '../ffmpeg/still.ts'
import { createJpegSplitter } from './jpeg-splitter.ts'
import { type ChildProcess, startProcess } from '../process.ts'
import type { Gate } from '../program/program.ts'
import type { LogLine } from '../actual.ts'
import type { Emit, WorkerConfig } from '../protocol.ts'

export type StillTap = {
  readonly shape: StillShape
  /** One keyframe as raw elementary stream. While FFmpeg is busy with an earlier one it is left out. */
  feed(picture: Uint8Array): void
  readonly ended: boolean
  close(): Promise<void>
}

/** One FFmpeg that makes JPEGs of keyframes: 2 ms each, against 68 for an FFmpeg per picture (measured). */
export function createStillTap(
  shape: StillShape,
  deps: {
    config: WorkerConfig
    clock: Clock
    gate: Gate
    emit: Emit
    onJpeg(jpeg: Uint8Array): void
    note(level: LogLine['level'], text: string): void
  },
): StillTap {
  const { clock, config } = deps
  const leaving = new AbortController()
  let child: ChildProcess | null = null
  let first: Uint8Array | null = null
  let busy = false
  let ended = false

  function write(picture: Uint8Array): void {
    if (busy || !child || ended) return
    const end = PICTURE_END[shape.codec]
    const bytes = Buffer.concat(Array.from({ length: shape.copies }, () => [picture, end]).flat())
    try {
      const full = child.write(bytes)
      if (!full) return
      busy = true
      full.then(
        () => {
          busy = false
        },
        () => undefined,
      )
    } catch {
      // The child has just gone; `run` hears of it and says so.
      ended = true
    }
  }

  async function run(): Promise<void> {
    try {
      await deps.gate(0, leaving.signal)
    } catch {
      // Closed while it waited for its turn: nothing was started.
      return
    }
    child = startProcess({
      clock,
      argv: [config.ffmpegPath, ...stillArguments(shape)],
      instance: config.instance,
      secret: null,
      stdin: 'pipe',
      stdout: { kind: 'data', onData: createJpegSplitter(deps.onJpeg) },
      mask: (line) => line,
      // What it says of its last, cut-off picture at every end helps nobody; an early end is told below.
      onLine: () => undefined,
    })
    deps.emit('child.spawned', { pid: child.pid })
    if (first) write(first)
    const { code, signal, lines } = await child.exited
    deps.emit('child.reaped', { pid: child.pid })
    if (!leaving.signal.aborted)
      deps.note('warning', `the FFmpeg that makes stills ended (${signal ?? code}): ${lines.at(-1) ?? 'no words'}`)
  }
  const done = run()
    .catch((error: Error) => deps.note('error', `no stills: ${error.message}`))
    .finally(() => {
      ended = true
    })

  return {
    shape,
    get ended() {
      return ended
    },
    feed(picture) {
      if (child) write(picture)
      else first = picture
    },
    close() {
      leaving.abort()
      child?.stop()
      return done
    },
  }
}
