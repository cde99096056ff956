import type { Clock } from '../../lib/clock.ts'
import type { ChildExit } from '../actual.ts'
import type { FeedEvents, FeedSource } from './feed-source.ts'
import type { IngestCommand } from '../ffmpeg/ingest.ts'
import { classifyIngestExit, type Verdict } from '../ffmpeg/ingest-exits.ts'
import { type ChildProcess, type ProcessExit, startProcess } from '../process.ts'
import type { Gate } from '../program/program.ts'
import type { Emit, WorkerConfig } from '../protocol.ts'
import { awaitWay, type Peer } from '../way.ts'
import { createHearing } from './hearing.ts'

const WATCH_MS = 500
/** At its end FFmpeg writes what it held back; a pause before that counts as silence too. */
const LAST_WORDS_MS = 1_000

/** A feed that an FFmpeg of ours brings in, and which may be fed itself. */
export type Ingest = FeedSource & {
  /**
   * What FFmpeg reads from its stdin (`stdin: 'pipe'` only). A promise says that it is full, or not started yet: wait for it
   * before the next. Bytes for a child that is gone are dropped; its end is told by `exited`.
   */
  write(bytes: Uint8Array): Promise<unknown> | null
  /** No more will be written: FFmpeg hands out what it still holds and ends. */
  end(): void
}

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
  /** Whom FFmpeg is to call, none where it calls nobody: found before each start; where nobody may go, nothing starts. */
  peer?: Peer
  /**
   * The command, or who makes it once it is this child's turn: a verdict says why there is none, and it may throw for settings
   * that make none. `address`: of the peer.
   */
  command: IngestCommand | ((signal: AbortSignal, address: string) => IngestCommand | Promise<IngestCommand | Verdict>)
  stdin: 'pipe' | 'ignore'
}): Ingest {
  const { clock, config, events } = deps
  const leaving = new AbortController()
  let child: ChildProcess | null = null
  let silentSinceMs = clock.now()
  /** The last pause worth the name. */
  let pause = { lengthMs: 0, endedMs: 0 }
  let hung = false
  let hasGiven = false
  let ended = false
  let silenceLimitMs = Number.POSITIVE_INFINITY
  let hear = createHearing(clock.now())
  const { promise: started, resolve: start } = Promise.withResolvers<void>()

  function take(bytes: Uint8Array): void {
    // What is read from the pipe of a child whose end was told already.
    if (!child) return
    const nowMs = clock.now()
    if (nowMs - silentSinceMs > LAST_WORDS_MS) pause = { lengthMs: nowMs - silentSinceMs, endedMs: nowMs }
    silentSinceMs = nowMs
    if (!hasGiven) {
      hasGiven = true
      events.opened({ processId: child.pid, receiveBufferBytes: null })
    }
    events.data(bytes, nowMs, false)
  }

  /** From spawn to the first bytes, and later between any two: an FFmpeg that is silent longer will not come back. */
  function watch(): void {
    const nowMs = clock.now()
    if (nowMs - Math.max(silentSinceMs, hear(nowMs)) < silenceLimitMs) return
    hung = true
    child?.kill()
  }

  function failed(verdict: Verdict, note: string): void {
    start()
    if (leaving.signal.aborted) return
    events.note('error', note)
    events.exited(verdict.words, toExit(verdict, null))
  }

  function toExit({ class: kind }: Verdict, exit: ProcessExit | null): Omit<ChildExit, 'next'> {
    return {
      class: kind,
      code: exit?.code ?? null,
      signal: exit?.signal ?? null,
      forced: exit?.forced ?? false,
      at: clock.wall(),
      ranSeconds: (exit?.ranMs ?? 0) / 1000,
      lines: exit?.lines ?? [],
    }
  }

  async function run(): Promise<void> {
    let address = ''
    try {
      await deps.gate(deps.lastFailedAt, leaving.signal)
      if (deps.peer) {
        const blocked = (words: string, retryAt: number) => events.blocked('input.refused_address', words, retryAt)
        const way = await awaitWay(deps.peer, { clock, signal: leaving.signal, blocked })
        if (way.is === 'unknown') return failed({ class: 'dns', words: way.words }, way.words)
        address = way.address
      }
    } catch {
      // Closed while it waited for its turn: nothing was started.
      return start()
    }
    let command: IngestCommand
    try {
      const found = typeof deps.command === 'function' ? await deps.command(leaving.signal, address) : deps.command
      if ('class' in found) return failed(found, found.words)
      command = found
    } catch (cause) {
      const words = `This input cannot be started: ${cause instanceof Error ? cause.message : 'its settings are wrong'}.`
      return failed({ class: 'unknown', words }, words)
    }
    if (leaving.signal.aborted) return start()
    silenceLimitMs = command.silenceLimitMs
    try {
      child = startProcess({
        clock,
        argv: [config.ffmpegPath, ...command.args],
        instance: config.instance,
        secret: command.secret,
        stdin: deps.stdin,
        stdout: { kind: 'data', onData: take },
        mask: command.mask,
        onLine: events.log,
      })
    } catch (cause) {
      const verdict: Verdict = { class: 'unknown', words: 'FFmpeg could not be started. Is it installed?' }
      return failed(verdict, `FFmpeg could not be started: ${cause instanceof Error ? cause.message : cause}`)
    }
    const { pid } = child
    deps.emit('child.spawned', { pid })
    events.note('info', `FFmpeg started as process ${pid}`)
    events.child(pid)
    silentSinceMs = clock.now()
    hear = createHearing(clock.now())
    const stopWatch = clock.every(WATCH_MS, watch)
    start()
    if (ended) child.stop()
    const exit = await child.exited
    child = null
    stopWatch()
    deps.emit('child.reaped', { pid })
    events.note('info', `FFmpeg ended: ${exit.signal ?? `code ${exit.code}`} after ${Math.round(exit.ranMs / 1000)} s`)
    if (leaving.signal.aborted) return
    events.child(null)
    const pausedMs = clock.now() - pause.endedMs < LAST_WORDS_MS ? pause.lengthMs : 0
    const silentMs = clock.now() - silentSinceMs + pausedMs
    const { goodbye, ...verdict } = classifyIngestExit({ kind: command.kind, ...exit, hasGiven, hung, silentMs })
    if (goodbye) events.goodbye(verdict.words)
    events.exited(verdict.words, toExit(verdict, exit))
  }
  const done = run()

  function write(bytes: Uint8Array): Promise<unknown> | null {
    if (!child) return leaving.signal.aborted || ended ? null : started.then(() => (child ? write(bytes) : undefined))
    try {
      // A child that died takes nothing more; that is told by its exit, not by each write.
      return child.write(bytes)?.catch(() => undefined) ?? null
    } catch {
      return null
    }
  }

  return {
    sender: () => null,
    other: () => null,
    write,
    end() {
      ended = true
      child?.stop()
    },
    close() {
      leaving.abort()
      child?.stop()
      return done
    },
  }
}
