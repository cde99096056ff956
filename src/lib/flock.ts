import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { openLibc } from './libc.ts'

/** flock(2): exclusive, and an answer instead of waiting. */
const LOCK_EX = 2
const LOCK_NB = 4

export type FileLock = { ok: true; release(): void } | { ok: false; holderPid: number | null }

/**
 * Locks a file for as long as this process lives: the kernel lets go of it however the process ends. The file holds the
 * process id of its holder. Children do not inherit it (Bun opens files close-on-exec).
 */
export function lockFile(path: string): FileLock {
  const fd = openSync(path, 'a+', 0o600)
  const { flock } = openLibc({ flock: { args: ['int', 'int'], returns: 'int' } })
  if (flock(fd, LOCK_EX | LOCK_NB) !== 0) {
    const holderPid = Number.parseInt(readFileSync(path, 'utf8'), 10)
    closeSync(fd)
    return { ok: false, holderPid: Number.isNaN(holderPid) ? null : holderPid }
  }
  ftruncateSync(fd)
  writeSync(fd, `${process.pid}\n`)
  return { ok: true, release: () => closeSync(fd) }
}
