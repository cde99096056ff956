import type { Clock } from '../lib/clock.ts'
import type { FeedEvents, FeedSource } from './feed-source.ts'
import { testSourceArguments } from './ffmpeg/ingest.ts'
import { type ChildProcess, startProcess } from './process.ts'
import type { Emit, WorkerConfig } from './protocol.ts'
import type { Gate } from './program.ts'

/** From spawn to the first bytes, and later between any two: an FFmpeg that is silent longer will not come back. */
const SILENCE_LIMIT_MS = 10_000
const WATCH_MS = 500

/**
 * A feed that an FFmpeg of ours brings in as one transport stream on its stdout. One life of one child: when it ends the
 * input decides what comes next.
 */
export function createIngest(deps: {
  config: WorkerConfig
  clock: Clock
  gate: Gate
  emit: Emit
  events: FeedEvents
  /** Wall clock of this input's last failure, 0 = none; decides its place at the spawn gate. */
  lastFailedAt: number
}): FeedSource {
  const { clock, config, events } = deps
  const leaving = new AbortController()
  let child: ChildProcess | null = null
  let silentSinceMs = clock.now()
  let hung = false
  let stopWatch: (() => void) | null = null

  function watch(): void {
    if (clock.now() - silentSinceMs < SILENCE_LIMIT_MS) return
    hung = true
    child?.kill()
  }

  async function run(): Promise<void> {
    try {
      await deps.gate(deps.lastFailedAt, leaving.signal)
    } catch {
      // Closed while it waited for its turn: nothing was started.
      return
    }
    try {
      child = startProcess({
        clock,
        argv: [config.ffmpegPath, ...testSourceArguments()],
        instance: config.instance,
        secret: null,
        stdin: 'ignore',
        stdout: {
          kind: 'data',
          onData(bytes) {
            silentSinceMs = clock.now()
            events.data(bytes, silentSinceMs, false)
          },
        },
        mask: (line) => line,
        onLine: events.log,
      })
    } catch (error) {
      events.note('error', `FFmpeg could not be started: ${(error as Error).message}`)
      return events.exited('FFmpeg could not be started. Is it installed?', {
        class: 'unknown',
        code: null,
        signal: null,
        forced: false,
        at: clock.wall(),
        ranSeconds: 0,
        lines: [],
      })
    }
    const { pid } = child
    deps.emit('child.spawned', { pid })
    events.note('info', `FFmpeg started as process ${pid}`)
    silentSinceMs = clock.now()
    stopWatch = clock.every(WATCH_MS, watch)
    events.opened({ processId: pid, receiveBufferBytes: null })
    const { code, signal, forced, ranMs, lines } = await child.exited
    stopWatch?.()
    deps.emit('child.reaped', { pid })
    events.note('info', `FFmpeg ended: ${signal ?? `code ${code}`} after ${Math.round(ranMs / 1000)} s`)
    if (leaving.signal.aborted) return
    events.exited(hung ? `FFmpeg gave nothing for ${SILENCE_LIMIT_MS / 1000} s.` : 'FFmpeg ended by itself.', {
      class: hung ? 'hung' : signal ? 'killed' : 'unknown',
      code,
      signal,
      forced,
      at: clock.wall(),
      ranSeconds: ranMs / 1000,
      lines,
    })
  }
  const done = run()

  return {
    sender: () => null,
    other: () => null,
    close() {
      leaving.abort()
      child?.stop()
      return done
    },
  }
}
