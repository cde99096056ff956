import type { Clock } from '../lib/clock.ts'
import { parseLogLine } from './ffmpeg/log-line.ts'
import { createProgressParser, type Progress } from './ffmpeg/progress.ts'
import { createLineSplitter } from './lines.ts'
import type { LogLine } from './actual.ts'
import type { Sink } from './program/program.ts'
import { openSecretFd } from './secret-fd.ts'
import { spawnChild } from './spawn.ts'

const TERM_AFTER_MS = 300
const KILL_AFTER_TERM_MS = 1_500
/** What a dead child's pipes may still hold is waited for this long. */
const DRAIN_MS = 250
const LAST_LINES = 20
/** Longest line taken from a child; the log ring cuts it shorter still, after the mask. */
const MAX_RAW_LINE = 8_192
/** A child that shouts louder than this is left waiting until the second is over. */
const STDERR_BYTES_PER_SECOND = 1024 * 1024

export type ProcessExit = {
  /** Null where a signal ended it. */
  code: number | null
  signal: string | null
  /** The SIGKILL was ours. */
  forced: boolean
  ranMs: number
  /** Its last lines, masked, oldest first. */
  lines: string[]
}

export type ChildProcess = Sink & {
  readonly pid: number
  /** Asks it to leave: end of its stdin, SIGTERM 300 ms later, SIGKILL 1.5 s after that. Calls beyond the first do nothing. */
  stop(): void
  /** SIGKILL now: the only thing that a blocked FFmpeg obeys. */
  kill(): void
  /** Settles once the child is reaped and its last words are read; never rejects. */
  readonly exited: Promise<ProcessExit>
}

export type ProcessRequest = {
  clock: Clock
  argv: readonly [string, ...string[]]
  instance: string
  /** What the child reads from descriptor 3. */
  secret: string | null
  /** As `SpawnRequest`; false if left out. */
  niced?: boolean
  /** As `SpawnRequest`; nothing if left out. */
  env?: Record<string, string>
  /** Without a stdin the stop begins with SIGTERM. */
  stdin: 'pipe' | 'ignore'
  /** `progress`: FFmpeg's `-progress pipe:1` as blocks. `data`: bytes as they come. */
  stdout: { kind: 'progress'; onProgress(block: Progress): void } | { kind: 'data'; onData(chunk: Uint8Array): void }
  mask(line: string): string
  onLine(level: LogLine['level'], text: string): void
}

/** Starts one child and looks after its pipes until it is gone. Throws when it cannot be started at all. */
export function startProcess(request: ProcessRequest): ChildProcess {
  const { clock } = request
  const secret = request.secret === null ? null : openSecretFd(request.secret)
  let child: ReturnType<typeof spawnChild>
  try {
    child = spawnChild({
      argv: request.argv,
      instance: request.instance,
      stdin: request.stdin,
      stdout: 'pipe',
      secretFd: secret?.fd ?? null,
      ...(request.niced ? { niced: true } : {}),
      ...(request.env ? { env: request.env } : {}),
    })
  } finally {
    secret?.close()
  }
  const startedAtMs = clock.now()
  const stdin = typeof child.stdin === 'object' ? child.stdin : null
  let open = true
  let stopping = false
  let forced = false
  let cancelEscalation: (() => void) | null = null

  const lines: string[] = []
  const stderr = createLineSplitter(MAX_RAW_LINE, (raw) => {
    const { level, text } = parseLogLine(request.mask(raw))
    if (!text) return
    lines.push(text.slice(0, 1_000))
    if (lines.length > LAST_LINES) lines.shift()
    request.onLine(level, text)
  })
  const drained = Promise.all([
    pump(child.stderr, stderr, pace(clock, STDERR_BYTES_PER_SECOND)),
    pump(child.stdout as ReadableStream<Uint8Array>, toReader(request.stdout), null),
  ]).catch((cause) => {
    // Whoever reads it failed, and nobody else will: the child goes, and its end is told as any other.
    request.onLine('error', `what it wrote could not be taken: ${cause instanceof Error ? cause.message : cause}`)
    kill()
  })

  function closeStdin() {
    if (!open) return
    open = false
    // Thrown or rejected, it means that the child is gone already, which `exited` tells.
    try {
      ignoreRejection(stdin?.end())
    } catch {
      return
    }
  }

  function kill() {
    forced = true
    child.kill('SIGKILL')
  }

  const exited = child.exited.then(async () => {
    const ranMs = clock.now() - startedAtMs
    cancelEscalation?.()
    closeStdin()
    await Promise.race([drained, new Promise<void>((resolve) => clock.after(DRAIN_MS, resolve))])
    const signal = child.signalCode === null ? null : String(child.signalCode)
    return {
      code: signal ? null : child.exitCode,
      signal,
      forced: forced && signal === 'SIGKILL',
      ranMs,
      lines: [...lines],
    }
  })

  return {
    pid: child.pid,
    exited,
    write(chunk) {
      if (!open || !stdin) throw new Error('the child takes no more')
      const written = stdin.write(chunk)
      const flushed = stdin.flush()
      const pending = flushed instanceof Promise ? flushed : written instanceof Promise ? written : null
      // A dead child rejects both; the caller hears it from the one it is given, the other must not go unhandled.
      ignoreRejection(written)
      ignoreRejection(flushed)
      return pending
    },
    stop() {
      if (stopping) return
      stopping = true
      closeStdin()
      const term = () => {
        child.kill('SIGTERM')
        cancelEscalation = clock.after(KILL_AFTER_TERM_MS, kill)
      }
      if (stdin) cancelEscalation = clock.after(TERM_AFTER_MS, term)
      else term()
    },
    kill,
  }
}

/** For promises whose failure is told elsewhere. */
function ignoreRejection(value: unknown) {
  if (value instanceof Promise) value.catch(() => undefined)
}

type Reader = { push(bytes: Uint8Array): void; end(): void }

function toReader(stdout: ProcessRequest['stdout']): Reader {
  if (stdout.kind === 'data') return { push: stdout.onData, end: () => undefined }
  return createLineSplitter(MAX_RAW_LINE, createProgressParser(stdout.onProgress))
}

async function pump(
  stream: ReadableStream<Uint8Array>,
  reader: Reader,
  wait: ((bytes: number) => Promise<void> | null) | null,
) {
  for await (const chunk of stream) {
    reader.push(chunk)
    const pause = wait?.(chunk.length)
    if (pause) await pause
  }
  reader.end()
}

/** Lets `limit` bytes a second pass; the answer is what to wait for, or null. */
function pace(clock: Clock, limit: number): (bytes: number) => Promise<void> | null {
  let windowEndMs = 0
  let used = 0
  return (bytes) => {
    const nowMs = clock.now()
    if (nowMs >= windowEndMs) {
      windowEndMs = nowMs + 1_000
      used = 0
    }
    used += bytes
    if (used <= limit) return null
    return new Promise((resolve) => clock.after(windowEndMs - nowMs, resolve))
  }
}
