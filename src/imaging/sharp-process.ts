import type { Clock } from '../lib/clock.ts'
import { thisProgram } from '../lib/program.ts'
import { createLineSplitter } from '../media/lines.ts'
import { readProcSample } from '../media/proc.ts'
import { type ProcessExit, startProcess } from '../media/process.ts'
import { type FromChild, fromChild, type ToChild } from './protocol.ts'

export type SharpProcess = {
  readonly pid: number
  /** Once it has said that it is ready. */
  send(message: ToChild): void
  /** Memory of its own, bytes; 0 when it is gone. */
  memoryBytes(): number
  /** Asks it to leave. */
  stop(): void
  kill(): void
  readonly exited: Promise<ProcessExit>
}

const MAX_LINE = 65_536
/** glibc keeps an arena for each thread, and what libvips frees in it; two cost nothing (measured: a quarter less memory). */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '4' }

/** Starts the child that decodes: `weir imaging`, another life of this very program. Throws when it cannot be started. */
export function startSharpProcess(deps: {
  clock: Clock
  instance: string
  cacheDir: string
  onMessage(message: FromChild): void
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string): void
}): SharpProcess {
  // What is no message rejects the reader, and the child is ended as one that has lost its mind.
  const lines = createLineSplitter(MAX_LINE, (line) => deps.onMessage(fromChild.parse(JSON.parse(line))))
  const child = startProcess({
    clock: deps.clock,
    argv: [...thisProgram(), 'imaging'],
    instance: deps.instance,
    secret: null,
    env: { ...ENVIRONMENT, CACHE_DIRECTORY: deps.cacheDir },
    stdin: 'pipe',
    stdout: { kind: 'data', onData: lines.push },
    mask: (line) => line,
    onLine: (level, text) => deps.log(level === 'warning' ? 'warn' : level, text),
  })
  return {
    pid: child.pid,
    send(message) {
      try {
        child.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`))?.catch(() => undefined)
      } catch {
        // It is gone already, which `exited` tells.
      }
    },
    memoryBytes: () => readProcSample(child.pid)?.memoryBytes ?? 0,
    stop: child.stop,
    kill: child.kill,
    exited: child.exited,
  }
}
