import { readdirSync, readFileSync } from 'node:fs'

/** A text file below /proc, or null when its process is gone. */
export function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // The process ended between two looks, which is an answer too.
    return null
  }
}

export type Proc = { pid: number; command: string; environ: string }

/** Every living process whose environment holds `entry` (such as `WEIR_CHILD=...`); zombies have none. */
export function processesWith(entry: string): Proc[] {
  const found: Proc[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const environ = readProc(`/proc/${name}/environ`)
    if (!environ?.split('\0').includes(entry)) continue
    const command = (readProc(`/proc/${name}/cmdline`) ?? '').replaceAll('\0', ' ').trim()
    found.push({ pid: Number(name), command, environ })
  }
  return found
}

/** Processor seconds (user and system) a process has used so far (proc(5): fields 14 and 15 of stat, in ticks of 10 ms). */
export function cpuSeconds(pid: number): number {
  const stat = readProc(`/proc/${pid}/stat`)
  if (!stat) return 0
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Resident and anonymous memory in bytes (proc(5): VmRSS and RssAnon of status). */
export function memoryBytes(pid: number): { rss: number; anonymous: number } {
  const status = readProc(`/proc/${pid}/status`) ?? ''
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
  return { rss: kib('VmRSS') * 1024, anonymous: kib('RssAnon') * 1024 }
}

export type Program = AsyncDisposable & {
  pid: number
  /** The last lines of its standard error, at most 200. */
  lines: string[]
  exited: Promise<number>
  kill(signal: NodeJS.Signals): void
  stop(): Promise<void>
}

/** A peer or feed: a program that dies with the test run, whatever happens to that. Its output can go to a file. */
export function startProgram(command: string[], o: { cwd?: string; stdoutPath?: string } = {}): Program {
  const child = Bun.spawn(['setpriv', '--pdeathsig', 'KILL', '--', ...command], {
    stdin: 'ignore',
    stdout: o.stdoutPath ? Bun.file(o.stdoutPath) : 'ignore',
    stderr: 'pipe',
    ...(o.cwd ? { cwd: o.cwd } : {}),
  })
  const lines: string[] = []
  const drained = collectLines(child.stderr, (line) => {
    lines.push(line)
    if (lines.length > 200) lines.shift()
  })
  const stop = async () => {
    child.kill('SIGTERM')
    const hard = setTimeout(() => child.kill('SIGKILL'), 2_000)
    await Promise.all([child.exited, drained])
    clearTimeout(hard)
  }
  return {
    pid: child.pid,
    lines,
    exited: child.exited,
    kill: (signal) => child.kill(signal),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Calls `take` with each whole line of a stream until it ends. */
export async function collectLines(stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n|\r/)
    rest = parts.pop() ?? ''
    for (const line of parts) take(line)
  }
  if (rest) take(rest)
}
