import { backoffDelayMs } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import { thisProgram } from '../../lib/program.ts'
import type { LogLine } from '../actual.ts'
import { type ChildProcess, startProcess } from '../process.ts'

export type SrtChild = {
  /** Asks it to leave; resolves when it is gone. */
  close(): Promise<void>
}

/** A door that dies is back at once, for callers give up after 3 s (libsrt's connect timeout); one that goes on dying waits. */
const RETRY = { delayMs: 100, maxDelayMs: 10_000 }
const HEALTHY_MS = 60_000

/** Keeps the SRT door's process running: `weir srt-door`, another life of this very program. */
export function startSrtChild(deps: {
  clock: Clock
  instance: string
  runDir: string
  spawned(pid: number): void
  reaped(pid: number): void
  log(level: LogLine['level'], text: string): void
  /** Names of the library instead of the usual ones; for tests. */
  libraries?: string[]
}): SrtChild {
  const { clock } = deps
  let child: ChildProcess | null = null
  let attempt = 0
  let closing = false
  let wake: (() => void) | null = null

  async function run(): Promise<void> {
    while (!closing) {
      const ranMs = await live()
      if (closing) return
      attempt = ranMs > HEALTHY_MS ? 1 : attempt + 1
      const delayMs = backoffDelayMs(attempt, RETRY)
      await new Promise<void>((done) => {
        wake = done
        clock.after(delayMs, done)
      })
    }
  }

  /** One life of the process; how long it was. */
  async function live(): Promise<number> {
    try {
      child = startProcess({
        clock,
        argv: [...thisProgram(), 'srt-door'],
        instance: deps.instance,
        secret: null,
        stdin: 'pipe',
        stdout: { kind: 'data', onData: () => undefined },
        mask: (line) => line,
        onLine: deps.log,
      })
    } catch (error) {
      deps.log('error', `the SRT door could not be started: ${(error as Error).message}`)
      return 0
    }
    const { pid, exited } = child
    deps.spawned(pid)
    deps.log('info', `the SRT door started as process ${pid}`)
    const { runDir, libraries } = deps
    try {
      child.write(new TextEncoder().encode(`${JSON.stringify({ runDir, libraries })}\n`))?.catch(() => undefined)
    } catch {
      // It is gone already, which `exited` tells.
    }
    const { code, signal, ranMs } = await exited
    child = null
    deps.reaped(pid)
    if (!closing) deps.log('error', `the SRT door ended by itself: ${signal ?? `code ${code}`}`)
    return ranMs
  }
  const done = run()

  return {
    close() {
      closing = true
      child?.stop()
      wake?.()
      return done
    },
  }
}
