import { resolve } from 'node:path'

/** Where programs usually are; a server may be started with less. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * The absolute path of a program: a name is looked for on this process's PATH (or the one given), then in the system's
 * own directories. Null where there is none that may be run.
 */
export function findProgram(name: string, path?: string): string | null {
  const found = Bun.which(name, path === undefined ? {} : { PATH: path }) ?? Bun.which(name, { PATH: SYSTEM_PATH })
  return found === null ? null : resolve(found)
}

/** This program as a command: the one binary, or Bun with the main file of the tree. */
export function thisProgram(): [string, ...string[]] {
  const isBinary = import.meta.dir.startsWith('/$bunfs/')
  return isBinary ? [process.execPath] : [process.execPath, resolve(import.meta.dir, '../main.ts')]
}
