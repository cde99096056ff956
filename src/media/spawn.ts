import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { libc } from './libc.ts'

const MARKER = 'WEIR_CHILD'
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const WNOHANG = 1
const SIGKILL = 'SIGKILL'

export type SpawnRequest = {
  /** Program and arguments; there is no shell, so every argument arrives as it stands. */
  argv: readonly [string, ...string[]]
  /** Marks the child as ours (`WEIR_CHILD`), for the sweep at boot. */
  instance: string
  stdin: 'pipe' | 'ignore'
  stdout: 'pipe' | 'ignore'
  /** Becomes descriptor 3 of the child; stays open here, the caller closes it. */
  secretFd: number | null
  /** Steps back behind the other children when the processor is short (nice(1)): for work that may be late. */
  niced?: boolean
  /** Names in its environment beside the four. */
  env?: Record<string, string>
}

const NICE = ['nice', '-n', '10']

let setpriv: string | null | undefined
let warned = false

/**
 * Where setpriv(1) is, which binds a child's life to the thread that started it; null where it is missing or, as
 * BusyBox's, cannot do that. Looked for once.
 */
export function findSetpriv(): string | null {
  if (setpriv !== undefined) return setpriv
  setpriv = Bun.which('setpriv', { PATH })
  if (setpriv && Bun.spawnSync([...guarded(setpriv), 'true'], { env: { PATH } }).exitCode !== 0) setpriv = null
  return setpriv
}

function guarded(path: string): string[] {
  return [path, '--pdeathsig', 'KILL', '--']
}

/** What to tell people where setpriv is missing, once for each thread; null otherwise. */
export function takeGuardWarning(): string | null {
  if (warned || findSetpriv()) return null
  warned = true
  return 'setpriv of util-linux is missing: a crash of Weir may leave an FFmpeg behind until the next start.'
}

/**
 * Starts a program and nothing else: no shell, an environment of four names and those asked for, and a parent-death signal, so that the
 * child goes when the thread that called this ends, however it ends. Throws when the program cannot be started.
 */
export function spawnChild(request: SpawnRequest) {
  const [name, ...args] = request.argv
  // Found here because setpriv would start, fail and exit like any child, and because the child begins in `/`.
  const program = Bun.which(name, { PATH }) ?? Bun.which(name)
  if (!program) throw new Error(`${name} is not a program`)
  const guard = findSetpriv()
  // Both become the program itself (exec), so pid and parent-death signal are its own.
  const argv = [...(guard ? guarded(guard) : []), ...(request.niced ? NICE : []), resolve(program), ...args]
  return Bun.spawn(argv, {
    stdio: [request.stdin, request.stdout, 'pipe', ...(request.secretFd === null ? [] : [request.secretFd])],
    env: { ...request.env, PATH, HOME: '/', LANG: 'C.UTF-8', [MARKER]: request.instance },
    cwd: '/',
  })
}

/**
 * Kills what an earlier life of this instance left behind: every process that carries its marker, this one excepted.
 * Answers their pids. Processes of other users cannot be read and are skipped; they cannot be ours.
 */
export function reapByMarker(instance: string): number[] {
  const wanted = `${MARKER}=${instance}`
  const killed: number[] = []
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    if (!environmentOf(pid).includes(wanted)) continue
    if (signal(pid)) killed.push(pid)
  }
  return killed
}

/**
 * Collects children of this process that have ended but that nobody waits for, such as those of a dead worker thread.
 * Answers those that are gone now; the others still run.
 */
export function reapPids(pids: Iterable<number>): number[] {
  const gone: number[] = []
  // waitpid answers 0 while the child runs, its pid once collected, -1 when it is no child of ours (any more).
  for (const pid of pids) if (pid > 0 && libc().waitpid(pid, null, WNOHANG) !== 0) gone.push(pid)
  return gone
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
  } catch {
    // Gone since the listing, a kernel thread, or not ours to read.
    return []
  }
}

function signal(pid: number): boolean {
  try {
    return process.kill(pid, SIGKILL)
  } catch {
    // It ended by itself in the meantime.
    return false
  }
}
